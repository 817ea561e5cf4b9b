#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "base/utf8.h"
#include "report/cell_text.h"
#include "report/reports.h"
#include "report/work_cells.h"
#include "store/error_log.h"
#include "store/schema.h"

namespace cmem {
namespace {

constexpr std::int64_t kQuietMs = 600'000;
constexpr std::size_t kSampleBytes = 200;

constexpr std::array kColumns{
    ReportColumn{"template", CellType::kText, "", "the first line without what varies: numbers, times, paths, ids, quoted texts"},
    ReportColumn{"level_inside", CellType::kText, "",
                 "what the line says of itself, where it is another program's; empty: nothing"},
    ReportColumn{"errors", CellType::kInt, "messages", "of the level ERROR with this template"},
    ReportColumn{"component", CellType::kText, "", "that logged most of them, of several the lesser name; empty: none"},
    ReportColumn{"components", CellType::kInt, "components", "that logged any"},
    ReportColumn{"projects", CellType::kInt, "projects", "where it was met"},
    ReportColumn{"sessions", CellType::kInt, "sessions", "where it was met"},
    ReportColumn{"first", CellType::kTime, "", "the first such error"},
    ReportColumn{"last", CellType::kTime, "", "the last such error"},
    ReportColumn{"days", CellType::kInt, "days", "that have one"},
    ReportColumn{"open", CellType::kInt, "sessions", "that ended less than 10 minutes after their last such error"},
    ReportColumn{"closed", CellType::kInt, "sessions", "that went on for 10 minutes or more without it"},
    ReportColumn{"median_resolution", CellType::kInt, "ms",
                 "of closed sessions: from their first such error to their last; empty: none is closed"},
    ReportColumn{"p90_resolution", CellType::kInt, "ms", "that nine of ten closed sessions did not exceed"},
    ReportColumn{"sample_id", CellType::kInt, "", "the newest such message"},
    ReportColumn{"sample", CellType::kText, "",
                 "its first line that is not blank, at most 200 bytes of it; with … if its text goes on"},
};

struct Span {
  std::int64_t first_ms = kNoTime, last_ms = kNoTime;

  void add(std::int64_t time_ms) {
    if (time_ms == kNoTime) return;
    first_ms = first_ms == kNoTime ? time_ms : std::min(first_ms, time_ms);
    last_ms = std::max(last_ms, time_ms);
  }
};

struct Sums {
  std::int64_t errors = 0;
  std::map<std::uint32_t, std::int64_t> components;  // errors of each
  std::set<std::uint32_t> projects;
  std::map<std::uint32_t, Span> sessions;
  std::set<std::int64_t> days;
  Span span;
  LoggedError newest;
};

struct Resolution {
  std::int64_t open = 0;
  std::vector<std::int64_t> closed_ms;  // rising
};

// The nearest rank.
ReportCell percentile_cell(const std::vector<std::int64_t>& rising, std::size_t percent) {
  if (rising.empty()) return {};
  return rising[(rising.size() * percent + 99) / 100 - 1];
}

class ErrorAnalysis {
 public:
  ErrorAnalysis(Store& store, const ReportOptions& options)
      : store_(store), options_(options), days_(TimeUnit::kDay, options.zone) {}

  Result<ReportTable> make() {
    CMEM_TRY(check_names(store_, options_));
    CMEM_ASSIGN_OR_RETURN(const bool has_log, has_report_tables(store_.reader()));
    CMEM_ASSIGN_OR_RETURN(log_, has_log ? read_error_log(store_.reader()) : scan_error_log(store_.reader()));
    CMEM_TRY(count());
    CMEM_TRY(read_session_ends());
    CMEM_ASSIGN_OR_RETURN(names_, read_names(store_.reader(), "component", "name"));
    ReportTable table{kColumns, {}, {}};
    const std::vector<std::size_t> order = in_order();
    CMEM_ASSIGN_OR_RETURN(auto reader, store_.message_reader());
    for (const std::size_t place : order) {
      if (options_.limit != 0 && table.rows.size() == options_.limit) {
        table.notes.push_back(fmt::format("{} of {} templates are shown.", options_.limit, order.size()));
        break;
      }
      CMEM_ASSIGN_OR_RETURN(auto added, row(reader, log_.templates[place], sums_[place]));
      table.rows.push_back(std::move(added));
    }
    add_notes(table.notes);
    return table;
  }

 private:
  Status count() {
    CMEM_TRY(store_.contexts().refresh(store_.reader()));
    CMEM_ASSIGN_OR_RETURN(const auto filter, ResolvedFilter::resolve(store_.reader(), store_.contexts(), options_.filter()));
    sums_.resize(log_.templates.size());
    for (const LoggedError& error : log_.errors)
      if (filter.passes_context(static_cast<std::uint32_t>(error.context_id)) && is_in_range(error)) add(error);
    return {};
  }

  [[nodiscard]] bool is_in_range(const LoggedError& error) {
    const bool is_open = options_.from_ms == TimeRange::kOpenFrom && options_.until_ms == TimeRange::kOpenUntil;
    if (error.time_ms != kNoTime) return error.time_ms >= options_.from_ms && error.time_ms < options_.until_ms;
    ++without_time_;
    return is_open;
  }

  void add(const LoggedError& error) {
    Sums& sums = sums_[static_cast<std::size_t>(error.template_id - 1)];
    const auto value = [&](FilterField field) {
      return static_cast<std::uint32_t>(store_.contexts().value(field, static_cast<std::size_t>(error.context_id)));
    };
    ++sums.errors;
    if (const auto component = value(FilterField::kComponent)) ++sums.components[component];
    if (const auto project = value(FilterField::kProject)) sums.projects.insert(project);
    if (const auto session = value(FilterField::kSession)) {
      sums.sessions[session].add(error.time_ms);
    } else {
      ++without_session_;
    }
    if (error.time_ms != kNoTime) sums.days.insert(days_.of(floor_div(error.time_ms, kQuarterMs)).from_ms);
    sums.span.add(error.time_ms);
    if (std::tuple(error.time_ms, error.message_id) >= std::tuple(sums.newest.time_ms, sums.newest.message_id)) sums.newest = error;
  }

  // Of all levels and times: a session goes on, whatever the report is about.
  Status read_session_ends() {
    CMEM_ASSIGN_OR_RETURN(auto rows,
                          store_.reader().prepare("SELECT session_id, max(last_ms) FROM main.context WHERE session_id IS "
                                                  "NOT NULL AND last_ms IS NOT NULL GROUP BY session_id"));
    while (true) {
      CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
      if (!row) return {};
      session_ends_.emplace(static_cast<std::uint32_t>(rows.column_int(0)), rows.column_int(1));
    }
  }

  // By their errors, most first.
  [[nodiscard]] std::vector<std::size_t> in_order() const {
    std::vector<std::size_t> places;
    for (std::size_t place = 0; place < sums_.size(); ++place)
      if (sums_[place].errors > 0) places.push_back(place);
    const auto key = [&](std::size_t place) {
      const ErrorTemplate& found = log_.templates[place];
      return std::tuple(-sums_[place].errors, std::string_view(found.text), found.level_inside);
    };
    std::sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
    return places;
  }

  [[nodiscard]] Resolution resolve(const Sums& sums) const {
    Resolution resolution;
    for (const auto& [session, span] : sums.sessions) {
      if (span.last_ms == kNoTime) continue;
      const auto end = session_ends_.find(session);
      const bool is_closed = end != session_ends_.end() && end->second - span.last_ms >= kQuietMs;
      if (is_closed) resolution.closed_ms.push_back(span.last_ms - span.first_ms);
      if (!is_closed) ++resolution.open;
    }
    std::sort(resolution.closed_ms.begin(), resolution.closed_ms.end());
    return resolution;
  }

  // The lesser name of two with as many.
  [[nodiscard]] std::string_view main_component(const Sums& sums) const {
    std::string_view name;
    std::int64_t most = 0;
    for (const auto& [component, errors] : sums.components) {
      const std::string_view other = name_of(names_, component);
      if (errors < most || (errors == most && other > name)) continue;
      name = other;
      most = errors;
    }
    return name;
  }

  static Result<std::string> sample_of(MessageReader& reader, std::int64_t message_id) {
    CMEM_ASSIGN_OR_RETURN(const MessageRow message, reader.read_listed(message_id));
    CMEM_ASSIGN_OR_RETURN(std::string_view text, reader.text(message));
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    const std::string_view line = text.substr(0, text.find('\n'));
    const std::string_view begin = utf8_truncate(line, kSampleBytes);
    return std::string(begin) + (begin.size() < text.size() ? "…" : "");
  }

  Result<ReportRow> row(MessageReader& reader, const ErrorTemplate& found, const Sums& sums) {
    const auto count = [](std::size_t number) { return ReportCell(static_cast<std::int64_t>(number)); };
    const Resolution resolution = resolve(sums);
    CMEM_ASSIGN_OR_RETURN(auto sample, sample_of(reader, sums.newest.message_id));
    if (found.level_inside != Level::kNone && found.level_inside != Level::kError) said_otherwise_ += sums.errors;
    return ReportRow{found.text,
                     name_cell(to_string(found.level_inside)),
                     sums.errors,
                     name_cell(main_component(sums)),
                     count(sums.components.size()),
                     count(sums.projects.size()),
                     count(sums.sessions.size()),
                     time_cell(sums.span.first_ms),
                     time_cell(sums.span.last_ms),
                     count(sums.days.size()),
                     resolution.open,
                     count(resolution.closed_ms.size()),
                     percentile_cell(resolution.closed_ms, 50),
                     percentile_cell(resolution.closed_ms, 90),
                     sums.newest.message_id,
                     std::move(sample)};
  }

  void add_notes(std::vector<std::string>& notes) const {
    notes.emplace_back(
        "An error is resolved in a session that went on for 10 minutes or more after the last one of its template; the time is "
        "from "
        "the first to the last.");
    if (said_otherwise_ > 0)
      notes.push_back(fmt::format("{} of the errors shown are lines of other programs that state a lower level.", said_otherwise_));
    if (without_session_ > 0)
      notes.push_back(fmt::format("{} errors are of no known session, so neither open nor closed.", without_session_));
    if (without_time_ > 0)
      notes.push_back(fmt::format("{} no known time; only a report on all times counts such.", count_has(without_time_, "error")));
  }

  Store& store_;
  const ReportOptions& options_;
  Periods days_;
  ErrorLog log_;
  std::vector<Sums> sums_;  // by place in log_.templates
  std::unordered_map<std::uint32_t, std::int64_t> session_ends_;
  Names names_;
  std::int64_t without_time_ = 0;
  std::int64_t without_session_ = 0;
  std::int64_t said_otherwise_ = 0;
};

Result<ReportTable> make(Store& store, const ReportOptions& options) { return ErrorAnalysis(store, options).make(); }

}  // namespace

const Report kErrorAnalysis{"error-analysis", "Error analysis",
                            "Which errors came how often, where, and how long did it take until they were gone?", kColumns, make};

}  // namespace cmem
