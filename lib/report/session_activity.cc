#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "export/session_titles.h"
#include "report/reports.h"
#include "report/work_cells.h"

namespace cmem {
namespace {

constexpr std::array kColumns{
    ReportColumn{"session", CellType::kText, "", "its id"},
    ReportColumn{"project", CellType::kText, "",
                 "full path, of several that with most messages, then the lesser; empty: of no known project"},
    ReportColumn{"title", CellType::kText, "", "given by somebody, by the agent, by a summary, or the first prompt"},
    ReportColumn{"messages", CellType::kInt, "messages", "from all sources"},
    ReportColumn{"active", CellType::kInt, "ms", "gaps between consecutive messages, each capped at the pause"},
    ReportColumn{"prompts", CellType::kInt, "messages",
                 "what was typed: lines of the history, or without history what has the role user"},
    ReportColumn{"errors", CellType::kInt, "messages", "of the level ERROR"},
    ReportColumn{"first", CellType::kTime, "", "its first message in the range"},
    ReportColumn{"last", CellType::kTime, "", "its last message in the range"},
};

struct Sums : WorkSums {
  std::map<std::uint32_t, std::int64_t> projects;  // their messages
};

using Sessions = std::map<std::uint32_t, Sums>;

void add(Sums& sums, const WorkCell& cell) {
  sums.WorkSums::add(cell);
  sums.projects[cell.project] += cell.messages;
}

Sessions count(const Work& work, const ReportOptions& options) {
  Sessions sessions;
  std::vector<SessionPart> parts;
  for (const WorkCell& cell : work.cells) {
    if (cell.session == 0) continue;
    parts.push_back({cell.session, cell.session, cell.part, cell.first_ms, cell.last_ms});
    if (cell.is_in(options)) add(sessions[cell.session], cell);
  }
  for (const ActiveSpan& span : find_active_spans(std::move(parts), options.pause_ms)) {
    const std::int64_t active_ms = std::min(span.until_ms, options.until_ms) - std::max(span.from_ms, options.from_ms);
    if (const auto sums = sessions.find(span.group); active_ms > 0 && sums != sessions.end()) sums->second.active_ms += active_ms;
  }
  return sessions;
}

// The lesser path of two with as many.
std::string_view main_project(const Sums& sums, const Names& paths) {
  const auto rank = [&](const auto& project) { return std::tuple(-project.second, name_of(paths, project.first)); };
  return name_of(paths, std::min_element(sums.projects.begin(), sums.projects.end(), [&](const auto& a, const auto& b) {
                          return rank(a) < rank(b);
                        })->first);
}

Result<ReportTable> make(Store& store, const ReportOptions& options) {
  CMEM_ASSIGN_OR_RETURN(const Work work, read_work(store, options));
  const Sessions sessions = count(work, options);
  CMEM_ASSIGN_OR_RETURN(const auto names, read_names(store.reader(), "session", "external_id"));
  CMEM_ASSIGN_OR_RETURN(const auto projects, read_names(store.reader(), "project", "path"));
  std::vector<std::int64_t> ids;
  for (const auto& [id, sums] : sessions) ids.push_back(id);
  const auto sums_of = [&](std::int64_t id) -> const Sums& { return sessions.at(static_cast<std::uint32_t>(id)); };
  const auto rank = [&](std::int64_t id) {
    return std::tuple(-sums_of(id).active_ms, -sums_of(id).messages, name_of(names, static_cast<std::uint32_t>(id)));
  };
  std::sort(ids.begin(), ids.end(), [&](std::int64_t a, std::int64_t b) { return rank(a) < rank(b); });
  ReportTable table{kColumns, {}, {}};
  if (options.limit != 0 && ids.size() > options.limit) {
    table.notes.push_back(fmt::format("{} of {} sessions are shown.", options.limit, ids.size()));
    ids.resize(options.limit);
  }
  CMEM_ASSIGN_OR_RETURN(auto reader, store.message_reader());
  CMEM_ASSIGN_OR_RETURN(auto titles, find_session_titles(store, reader, ids));
  for (const std::int64_t id : ids) {
    const Sums& sums = sums_of(id);
    table.rows.push_back({name_cell(name_of(names, static_cast<std::uint32_t>(id))), name_cell(main_project(sums, projects)),
                          name_cell(titles[id]), sums.messages, sums.active_ms, sums.prompts, sums.errors, time_cell(sums.first_ms),
                          time_cell(sums.last_ms)});
  }
  return table;
}

}  // namespace

const Report kSessionActivity{"session-activity", "Session activity", "Which sessions were there, what about, and for how long?",
                              kColumns, make};

}  // namespace cmem
