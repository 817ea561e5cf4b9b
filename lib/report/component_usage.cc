#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "report/cell_text.h"
#include "report/reports.h"
#include "report/work_cells.h"

namespace cmem {
namespace {

constexpr std::array kColumns{
    ReportColumn{"component", CellType::kText, "",
                 "of a debug log (Hooks, LSP, MCP …), or a tool (Bash, Edit …); empty: messages of none"},
    ReportColumn{"kind", CellType::kText, "", "component or tool: a tool is named by transcripts"},
    ReportColumn{"occurrences", CellType::kInt, "messages", "messages of it"},
    ReportColumn{"share", CellType::kReal, "%", "of all messages of the range that pass the filter"},
    ReportColumn{"sessions", CellType::kInt, "sessions", "that have such a message"},
    ReportColumn{"days", CellType::kInt, "days", "that have such a message"},
    ReportColumn{"errors", CellType::kInt, "messages", "of the level ERROR"},
    ReportColumn{"error_rate", CellType::kReal, "%", "errors of its messages"},
    ReportColumn{"trend", CellType::kReal, "%",
                 "second half of the quarters of an hour from that of the first message of the range to that of the last, with the "
                 "middle one, "
                 "against the first half; empty: that had none"},
    ReportColumn{"first", CellType::kTime, "", "its first message"},
    ReportColumn{"last", CellType::kTime, "", "its last message"},
};

struct Sums : WorkSums {
  bool is_tool = false;
  std::int64_t first_half = 0;
  std::set<std::uint32_t> sessions;
  std::set<std::int64_t> days;
};

struct Usage {
  std::map<std::uint32_t, Sums> components;
  std::int64_t messages = 0;
};

Usage count(const Work& work, const ReportOptions& options) {
  std::int64_t begin = INT64_MAX;
  std::int64_t end = INT64_MIN;
  for (const WorkCell& cell : work.cells) {
    if (!cell.is_in(options)) continue;
    begin = std::min(begin, cell.quarter);
    end = std::max(end, cell.quarter + 1);
  }
  Usage usage;
  Periods days(TimeUnit::kDay, options.zone);
  for (const WorkCell& cell : work.cells) {
    if (!cell.is_in(options)) continue;
    Sums& sums = usage.components[cell.component];
    usage.messages += cell.messages;
    sums.is_tool = sums.is_tool || cell.is_transcript;
    sums.add(cell);
    if (2 * cell.quarter + 1 < begin + end) sums.first_half += cell.messages;
    if (cell.session != 0) sums.sessions.insert(cell.session);
    sums.days.insert(days.of(cell.quarter).from_ms);
  }
  return usage;
}

Result<ReportTable> make(Store& store, const ReportOptions& options) {
  CMEM_ASSIGN_OR_RETURN(const Work work, read_work(store, options));
  const Usage usage = count(work, options);
  CMEM_ASSIGN_OR_RETURN(const auto names, read_names(store.reader(), "component", "name"));
  using Entry = std::pair<std::uint32_t, Sums>;
  std::vector<Entry> entries(usage.components.begin(), usage.components.end());
  std::stable_sort(entries.begin(), entries.end(), [&](const Entry& a, const Entry& b) {
    return std::tuple(a.first == 0, -a.second.messages, name_of(names, a.first)) <
           std::tuple(b.first == 0, -b.second.messages, name_of(names, b.first));
  });
  ReportTable table{kColumns, {}, {}};
  for (const auto& [component, sums] : entries) {
    if (options.limit != 0 && table.rows.size() == options.limit) {
      table.notes.push_back(fmt::format("{} of {} components are shown.", options.limit, entries.size()));
      break;
    }
    table.rows.push_back(
        {name_cell(name_of(names, component)),
         name_cell(component == 0 ? ""
                   : sums.is_tool ? "tool"
                                  : "component"),
         sums.messages, percent_cell(sums.messages, usage.messages), static_cast<std::int64_t>(sums.sessions.size()),
         static_cast<std::int64_t>(sums.days.size()), sums.errors, percent_cell(sums.errors, sums.messages),
         percent_cell(sums.messages - 2 * sums.first_half, sums.first_half), time_cell(sums.first_ms), time_cell(sums.last_ms)});
  }
  if (const std::int64_t without_time = work.without_time(); without_time > 0)
    table.notes.push_back(fmt::format("{} no known time: not counted here.", count_has(without_time, "message")));
  return table;
}

}  // namespace

const Report kComponentUsage{"component-usage", "Component usage",
                             "Which parts and tools were used, how often, and how often did they fail?", kColumns, make};

}  // namespace cmem
