// `memory file`: the versions of files that an agent saved before it changed them.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <vector>

#include "context.h"
#include "diff.h"
#include "failure.h"
#include "listing.h"
#include "questions.h"
#include "text.h"

namespace cli {
namespace {

constexpr std::size_t kNameDigits = 16;

struct Version {
  std::int64_t id = 0;
  std::int64_t number = 0;
  std::int64_t time_ms = 0;
  std::string sessions;
};

// "PATH", or "PATH@v3".
struct Asked {
  std::string file;  // as the store knows it
  std::string shown;
  std::optional<std::int64_t> number;
};

bool is_name(std::string_view text) {
  return text.size() == kNameDigits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Of Windows too: homes come from other machines.
bool is_absolute(std::string_view path) {
  return path.starts_with('/') || path.starts_with("\\\\") ||
         (path.size() > 2 && path[1] == ':' && (path[2] == '\\' || path[2] == '/'));
}

// "v3" or "3".
std::optional<std::int64_t> version_number(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

Asked asked_file(const std::string& argument) {
  Asked asked;
  asked.shown = argument;
  if (const std::size_t mark = argument.rfind("@v"); mark != std::string::npos) {
    asked.number = version_number(std::string_view(argument).substr(mark + 1));
    if (asked.number) asked.shown.resize(mark);
  }
  const bool as_it_is = is_name(asked.shown) || is_absolute(asked.shown);
  asked.file = as_it_is ? asked.shown : std::filesystem::absolute(asked.shown).lexically_normal().string();
  return asked;
}

Failure unknown_file(const Asked& asked) {
  return {CMEM_E_NOT_FOUND, fmt::format("no versions of {} are kept", asked.file),
          "memory file list shows the files that have some"};
}

// From the first to the last.
std::vector<Version> versions_of(const Context& context, const Asked& asked) {
  std::vector<Version> versions;
  coditect::Cursor rows = context.store.file_versions(asked.file, coditect::Filter().session(context.options.session));
  while (const coditect::Row* row = rows.next())
    versions.push_back(
        {(*row)["id"].integer(), (*row)["version"].integer(), (*row)["time"].time_ms(), std::string((*row)["sessions"].text())});
  if (versions.empty()) throw unknown_file(asked);
  return versions;
}

// Sessions count their versions for themselves.
const Version& version_with(const std::vector<Version>& versions, const Asked& asked, std::int64_t number) {
  const auto has_number = [number](const Version& version) { return version.number == number; };
  const auto found = std::ranges::find_if(versions, has_number);
  if (found == versions.end())
    throw Failure(CMEM_E_NOT_FOUND, fmt::format("{} has no version {}", asked.shown, number),
                  fmt::format("memory file log '{}' shows them", asked.shown));
  if (std::ranges::count_if(versions, has_number) > 1)
    throw Failure(CMEM_E_AMBIGUOUS, fmt::format("several sessions have a version {} of {}", number, asked.shown),
                  fmt::format("choose one with --session, such as {}", found->sessions.substr(0, found->sessions.find(','))));
  return *found;
}

const Version& chosen_version(const Context& context, const std::vector<Version>& versions, const Asked& asked) {
  if (asked.number) return version_with(versions, asked, *asked.number);
  if (context.options.at.empty()) return versions.back();
  const std::int64_t until_ms = coditect::parse_time_range(context.options.at, context.options.utc).until_ms;
  const auto next = std::ranges::find_if(versions, [until_ms](const Version& version) { return version.time_ms >= until_ms; });
  if (next == versions.begin())
    throw Failure(CMEM_E_NOT_FOUND, fmt::format("{} has no version of that time or before", asked.shown),
                  fmt::format("memory file log '{}' shows them", asked.shown));
  return *(next - 1);
}

void check_format(const Context& context) {
  if (context.format == Format::kTable) return;
  throw Failure(CMEM_E_INVALID, fmt::format("{} writes the file itself", context.command.name),
                "for the list of versions: memory file log PATH --format " + context.options.format);
}

// The two that are compared: those that are named, else the last two.
std::pair<Version, Version> compared(const Context& context, const std::vector<Version>& versions, const Asked& asked) {
  const std::vector<std::string>& names = context.options.arguments;
  if (names.empty() && !asked.number) {
    if (versions.size() > 1) return {versions[versions.size() - 2], versions.back()};
    throw Failure(CMEM_E_NOT_FOUND, fmt::format("{} has one version only", asked.shown), "memory file show prints it");
  }
  std::vector<Version> chosen;
  if (asked.number) chosen.push_back(version_with(versions, asked, *asked.number));
  for (const std::string& name : names) {
    const auto number = version_number(name);
    if (!number) throw Failure(CMEM_E_INVALID, fmt::format("\"{}\" is no version", name), "versions are called v1, v2, ...");
    chosen.push_back(version_with(versions, asked, *number));
  }
  if (chosen.size() == 1) chosen.push_back(versions.back());
  if (chosen.size() == 2) return {chosen[0], chosen[1]};
  throw Failure(CMEM_E_INVALID, "two versions are compared", "memory file diff PATH v1 v3");
}

// To a terminal, where contents must not steer it; a pipe gets the bytes.
void print_diff(Context& context, std::string_view diff) {
  if (!context.terminal.is_terminal()) return context.out.write(diff);
  while (!diff.empty()) {
    const std::size_t end = std::min(diff.find('\n'), diff.size());
    const std::string_view line = diff.substr(0, end);
    const Style style = line.starts_with("@@")  ? Style::kDim
                        : line.starts_with('+') ? Style::kGreen
                        : line.starts_with('-') ? Style::kRed
                                                : Style::kPlain;
    std::string text;
    for (const std::string& piece : wrap(line, context.terminal.width())) text += context.terminal.paint(style, piece) + "\n";
    context.out.write(text.empty() ? "\n" : text);
    diff.remove_prefix(std::min(end + 1, diff.size()));
  }
}

}  // namespace

int run_file_list(Context& context) {
  coditect::Cursor files =
      context.store.files(coditect::Filter().project(context.options.project).session(context.options.session));
  return print_listing(context, files, {{}, "no saved versions of files", limit_of(context.options)});
}

int run_file_log(Context& context) {
  constexpr std::string_view kColumns[] = {"version", "time", "bytes", "sessions"};
  const Asked asked = asked_file(context.options.argument);
  coditect::Cursor versions = context.store.file_versions(asked.file, coditect::Filter().session(context.options.session));
  return print_listing(context, versions,
                       {kColumns, "no versions of this file are kept; memory file list shows those that have some"});
}

int run_file_show(Context& context) {
  check_format(context);
  const Asked asked = asked_file(context.options.argument);
  const std::vector<Version> versions = versions_of(context, asked);
  context.out.write(context.store.read_file(chosen_version(context, versions, asked).id));
  return kExitOk;
}

int run_file_diff(Context& context) {
  check_format(context);
  const Asked asked = asked_file(context.options.argument);
  const std::vector<Version> versions = versions_of(context, asked);
  const auto [before, after] = compared(context, versions, asked);
  const std::string old_bytes = context.store.read_file(before.id);
  const std::string new_bytes = context.store.read_file(after.id);
  const std::string old_name = fmt::format("{}@v{}", asked.shown, before.number);
  const std::string new_name = fmt::format("{}@v{}", asked.shown, after.number);
  if (old_bytes == new_bytes) {
    context.note(fmt::format("{} and {} are the same", old_name, new_name));
  } else if (is_binary(old_bytes) || is_binary(new_bytes)) {
    context.out.write(fmt::format("Binary files {} and {} differ\n", old_name, new_name));
  } else {
    print_diff(context, unified_diff(old_bytes, new_bytes, old_name, new_name));
  }
  return kExitOk;
}

}  // namespace cli
