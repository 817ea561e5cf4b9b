#include "options.h"

namespace cli {
namespace {

constexpr std::string_view kTimeHelp = "a time: 2025-11-15, \"2025-11-15 10:30\", RFC 3339, today, yesterday, \"3 days ago\"";

constexpr OptionSpec kGlobal[] = {
    {"--db",
     "FILE",
     "the store [env CODITECT_MEMORY_DB; default $XDG_DATA_HOME/coditect/memory.db]",
     &Options::db,
     {},
     ValueHint::kFile},
    {"--format", "FORMAT", "table (default), json, jsonl or csv; some verbs also markdown, `report` html", &Options::format,
     "table json jsonl csv markdown html"},
    {"--quiet,-q", {}, "no progress, summaries or hints", &Options::quiet},
    {"--no-color", {}, "no colours [env NO_COLOR]", &Options::no_color},
    {"--utc", {}, "days and shown times in UTC, not in the local zone", &Options::utc},
    {"--tz", "ZONE", "the local zone, such as Europe/Berlin [default: the system's, or env TZ]", &Options::tz},
    {"--width", "COLUMNS", "width of tables [default: the terminal's, or 100]", &Options::width},
};

constexpr OptionSpec kProject = {"--project", "NAME", "of this project: its full path or last path component", &Options::project};
constexpr OptionSpec kSince = {"--since", "TIME", kTimeHelp, &Options::since};
constexpr OptionSpec kUntil = {"--until", "TIME", "the same; a day, month … is taken whole", &Options::until};
constexpr OptionSpec kDate = {"--date", "RANGE", "a day or range: week, \"last month\", 2025-11-15..2025-11-17", &Options::date};

constexpr OptionSpec kFilter[] = {
    kProject,
    {"--session", "ID", "of this session: its id or the first characters of it (at least 4)", &Options::session},
    {"--component", "NAME", "logged by this component, such as Hooks or LSP", &Options::component},
    {"--level", "LEVEL", "DEBUG, INFO, WARN or ERROR", &Options::level, "DEBUG INFO WARN ERROR"},
    {"--role", "ROLE", "said by user, assistant, …", &Options::role},
    {"--source-type", "TYPE", "history, debug, file-history, todos, checkpoint, …", &Options::source_type},
    kSince,
    kUntil,
    kDate,
    // The last one, because no field of the query language says it.
    {"--run", "RUN", "added by this extraction run (see `memory ingest runs`)", &Options::run},
};

constexpr OptionSpec kSessionFilter[] = {kProject, kSince, kUntil, kDate};

constexpr OptionSpec kPage[] = {
    {"--limit", "N", "at most N rows, 0 = all [default 20]", &Options::limit},
    {"--after", "POSITION", "the next page: the position that the last page ended with", &Options::after},
};

}  // namespace

std::span<const OptionSpec> global_options() { return kGlobal; }
std::span<const OptionSpec> filter_options() { return kFilter; }
std::span<const OptionSpec> query_filter_options() { return std::span(kFilter).first(std::size(kFilter) - 1); }
std::span<const OptionSpec> session_filter_options() { return kSessionFilter; }
std::span<const OptionSpec> page_options() { return kPage; }

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) pieces.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return pieces;
}

}  // namespace cli
