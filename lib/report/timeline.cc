#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "export/session_titles.h"
#include "report/cell_text.h"
#include "report/reports.h"
#include "report/work_cells.h"
#include "store/file_versions.h"
#include "store/message_filter.h"
#include "store/schema.h"

namespace cmem {
namespace {

constexpr std::size_t kComponentsNamed = 5;
// Finding titles takes a scan, and a text block for each. Of more sessions than these nobody reads the titles in one answer.
constexpr std::size_t kTitlesOfPeriod = 12;
constexpr std::size_t kTitlesOfReport = 300;
constexpr std::size_t kEmptyPeriodsCounted = 10'000;

constexpr std::array kColumns{
    ReportColumn{"period", CellType::kText, "", "2025-11-15, 2025-11-15T10, 2025-W46, 2025-11: what time expressions understand"},
    ReportColumn{"messages", CellType::kInt, "messages", "from all sources"},
    ReportColumn{"sessions", CellType::kInt, "sessions", "that have a message in the period"},
    ReportColumn{"active", CellType::kInt, "ms",
                 "in which somebody was active in any session: gaps between its consecutive messages, each capped at the pause; "
                 "sessions at the same time count once"},
    ReportColumn{"prompts", CellType::kInt, "messages",
                 "what was typed: lines of the history; in no session, or one without history, what has the role user"},
    ReportColumn{"errors", CellType::kInt, "messages", "of the level ERROR"},
    ReportColumn{"first", CellType::kTime, "", "the first message of the period"},
    ReportColumn{"last", CellType::kTime, "", "the last message of the period"},
    ReportColumn{"projects", CellType::kInt, "projects", "that are known and have a message"},
    ReportColumn{
        "project_names", CellType::kText, "",
        "with commas between them, most messages first: the last part of the path, or the path where others have that too"},
    ReportColumn{"components", CellType::kText, "", "parts and tools with commas between them, most messages first, at most 5"},
    ReportColumn{"titles", CellType::kText, "", "of the sessions, with \" · \" between them, most messages first, at most 12"},
    ReportColumn{
        "files", CellType::kText, "",
        "of which an agent saved a version, by path, with commas between them; \"@\" and a name where no source has the path"},
};

struct Sums : WorkSums {
  std::map<std::uint32_t, std::int64_t> projects, components, sessions;  // their messages
  std::set<std::string> files;
};

// Ids other than 0, most messages first.
std::vector<std::uint32_t> ranked(const std::map<std::uint32_t, std::int64_t>& messages, const Names& names) {
  std::vector<std::uint32_t> ids;
  for (const auto& [id, count] : messages)
    if (id != 0) ids.push_back(id);
  std::sort(ids.begin(), ids.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::tuple(-messages.at(a), name_of(names, a)) < std::tuple(-messages.at(b), name_of(names, b));
  });
  return ids;
}

// Paths become their last parts where only one path ends so.
void shorten(Names& paths) {
  std::unordered_map<std::string, int> ends;
  for (const auto& [id, path] : paths) ++ends[std::string(last_path_component(path))];
  for (auto& [id, path] : paths)
    if (std::string end(last_path_component(path)); ends[end] == 1) path = std::move(end);
}

// Time in which there is a span, whichever: overlapping ones become one.
std::vector<ActiveSpan> united(std::vector<ActiveSpan> spans) {
  std::sort(spans.begin(), spans.end(), [](const ActiveSpan& a, const ActiveSpan& b) { return a.from_ms < b.from_ms; });
  std::vector<ActiveSpan> out;
  for (const ActiveSpan& span : spans) {
    if (out.empty() || span.from_ms > out.back().until_ms)
      out.push_back({0, span.from_ms, span.until_ms});
    else
      out.back().until_ms = std::max(out.back().until_ms, span.until_ms);
  }
  return out;
}

class Timeline {
 public:
  Timeline(Store& store, const ReportOptions& options)
      : store_(store), options_(options), unit_(options.by.value_or(TimeUnit::kDay)), periods_(unit_, options.zone) {}

  Result<ReportTable> make() {
    CMEM_ASSIGN_OR_RETURN(const Work work, read_work(store_, options_));
    count(work);
    CMEM_TRY(read_all_names());
    CMEM_TRY(find_titles());
    CMEM_TRY(find_files());
    for (const auto& [period, sums] : sums_) table_.rows.push_back(row(period, sums));
    add_notes(work);
    return std::move(table_);
  }

 private:
  void count(const Work& work) {
    std::vector<SessionPart> parts;
    for (const WorkCell& cell : work.cells) {
      if (cell.session != 0) parts.push_back({0, cell.session, cell.part, cell.first_ms, cell.last_ms});
      if (cell.is_in(options_)) add(sums_[periods_.of(cell.quarter).from_ms], cell);
    }
    for_each_active_period(united(find_active_spans(std::move(parts), options_.pause_ms)), options_, periods_,
                           [this](std::uint32_t, const TimeBucket& period, std::int64_t active_ms) {
                             // A pause may reach into a period without a message: it is of the row before.
                             const auto sums = sums_.upper_bound(period.from_ms);
                             if (sums != sums_.begin()) std::prev(sums)->second.active_ms += active_ms;
                           });
  }

  static void add(Sums& sums, const WorkCell& cell) {
    sums.WorkSums::add(cell);
    sums.projects[cell.project] += cell.messages;
    sums.components[cell.component] += cell.messages;
    sums.sessions[cell.session] += cell.messages;
  }

  Status read_all_names() {
    CMEM_ASSIGN_OR_RETURN(projects_, read_names(store_.reader(), "project", "path"));
    CMEM_ASSIGN_OR_RETURN(components_, read_names(store_.reader(), "component", "name"));
    CMEM_ASSIGN_OR_RETURN(sessions_, read_names(store_.reader(), "session", "external_id"));
    shorten(projects_);
    return {};
  }

  [[nodiscard]] std::vector<std::uint32_t> titled_sessions(const Sums& sums) const {
    auto ids = ranked(sums.sessions, sessions_);
    ids.resize(std::min(ids.size(), kTitlesOfPeriod));
    return ids;
  }

  Status find_titles() {
    std::set<std::int64_t> sessions;
    for (const auto& [period, sums] : sums_)
      for (const std::uint32_t id : titled_sessions(sums)) sessions.insert(id);
    untitled_ = sessions.size() > kTitlesOfReport ? sessions.size() : 0;
    const std::vector<std::int64_t> wanted(sessions.begin(), untitled_ > 0 ? sessions.begin() : sessions.end());
    if (wanted.empty()) return {};
    CMEM_ASSIGN_OR_RETURN(auto reader, store_.message_reader());
    CMEM_ASSIGN_OR_RETURN(titles_, find_session_titles(store_, reader, wanted));
    return {};
  }

  Status find_files() {
    CMEM_ASSIGN_OR_RETURN(const bool has_files, knows_homes(store_.reader()));
    if (!has_files) return {};
    FileVersionFilter filter;
    if (!options_.project.empty()) {
      CMEM_ASSIGN_OR_RETURN(filter.project_id, resolve_project(store_.reader(), options_.project));
    }
    CMEM_ASSIGN_OR_RETURN(const auto versions, list_file_versions(store_.reader(), filter));
    for (const FileVersion& version : versions) {
      if (version.time_ms == kNoTime || version.time_ms < options_.from_ms || version.time_ms >= options_.until_ms) continue;
      const auto sums = sums_.find(periods_.of(floor_div(version.time_ms, kQuarterMs)).from_ms);
      if (sums == sums_.end()) continue;
      CMEM_ASSIGN_OR_RETURN(std::string path, tracked_path_of(store_.reader(), version.name));
      sums->second.files.insert(path.empty() ? "@" + version.name : std::move(path));
    }
    return {};
  }

  ReportRow row(std::int64_t period, const Sums& sums) {
    const auto named = [](const std::vector<std::uint32_t>& ids, const Names& names, std::size_t limit) {
      std::vector<std::string_view> list;
      for (const std::uint32_t id : ids)
        if (list.size() < limit) list.push_back(name_of(names, id));
      return name_cell(fmt::format("{}", fmt::join(list, ", ")));
    };
    const auto projects = ranked(sums.projects, projects_);
    const auto no_session = static_cast<std::int64_t>(sums.sessions.count(0));
    return {periods_.name(period),
            sums.messages,
            static_cast<std::int64_t>(sums.sessions.size()) - no_session,
            sums.active_ms,
            sums.prompts,
            sums.errors,
            time_cell(sums.first_ms),
            time_cell(sums.last_ms),
            static_cast<std::int64_t>(projects.size()),
            named(projects, projects_, projects.size()),
            named(ranked(sums.components, components_), components_, kComponentsNamed),
            titles(sums),
            name_cell(fmt::format("{}", fmt::join(sums.files, ", ")))};
  }

  [[nodiscard]] ReportCell titles(const Sums& sums) const {
    std::vector<std::string_view> list;
    for (const std::uint32_t id : titled_sessions(sums)) {
      const auto title = titles_.find(id);
      if (title != titles_.end() && std::find(list.begin(), list.end(), title->second) == list.end()) list.push_back(title->second);
    }
    return name_cell(fmt::format("{}", fmt::join(list, " · ")));
  }

  void add_notes(const Work& work) {
    table_.notes.push_back(pause_note(options_));
    if (const std::int64_t without_time = work.without_time(); without_time > 0)
      table_.notes.push_back(fmt::format("{} no known time, and so no period.", count_has(without_time, "message")));
    if (untitled_ > 0)
      table_.notes.push_back(
          fmt::format("The range has {} sessions to name; titles are told of ranges with at most {}.", untitled_, kTitlesOfReport));
    if (sums_.size() < 2) return;
    TimeCounter counter(unit_, options_.zone);
    std::vector<std::int64_t> begins;
    for (const auto& [period, sums] : sums_) begins.push_back(sums.first_ms);
    counter.add(std::span<const std::int64_t>(begins), [](std::int64_t time_ms) { return time_ms; });
    const auto all = counter.buckets_without_gaps(kEmptyPeriodsCounted + sums_.size());
    if (!all)
      table_.notes.push_back(fmt::format("Periods without messages are left out; they are more than {}.", kEmptyPeriodsCounted));
    else if (all->size() > sums_.size())
      table_.notes.push_back(fmt::format("{} periods without messages between them are left out.", all->size() - sums_.size()));
  }

  Store& store_;
  const ReportOptions& options_;
  TimeUnit unit_;
  Periods periods_;
  std::map<std::int64_t, Sums> sums_;  // by begin of the period
  Names projects_, components_, sessions_;
  std::unordered_map<std::int64_t, std::string> titles_;
  std::size_t untitled_ = 0;  // sessions, if they are more than kTitlesOfReport
  ReportTable table_{kColumns, {}, {}};
};

Result<ReportTable> make(Store& store, const ReportOptions& options) { return Timeline(store, options).make(); }

}  // namespace

const Report kTimeline{"timeline", "Timeline", "What happened when: which projects, sessions and files, day by day?", kColumns,
                       make};

}  // namespace cmem
