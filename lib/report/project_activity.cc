#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "report/cell_text.h"
#include "report/reports.h"
#include "report/work_cells.h"
#include "store/schema.h"

namespace cmem {
namespace {

constexpr std::array kColumns{
    ReportColumn{"project", CellType::kText, "", "full path; empty: messages of no known project"},
    ReportColumn{"period", CellType::kText, "", "2025-W46, 2025-11-15, 2025-11: what time expressions understand"},
    ReportColumn{"messages", CellType::kInt, "messages", "from all sources"},
    ReportColumn{"sessions", CellType::kInt, "sessions", "that have a message in the period"},
    ReportColumn{"active", CellType::kInt, "ms", "gaps between consecutive messages of a session, each capped at the pause"},
    ReportColumn{"prompts", CellType::kInt, "messages",
                 "what was typed: lines of the history; in no session, or one without history, what has the role user"},
    ReportColumn{"errors", CellType::kInt, "messages", "of the level ERROR"},
    ReportColumn{"error_rate", CellType::kReal, "%", "errors of messages"},
    ReportColumn{"first", CellType::kTime, "", "the first message of the period"},
    ReportColumn{"last", CellType::kTime, "", "the last message of the period"},
    ReportColumn{"days", CellType::kInt, "days", "that have a message"},
    ReportColumn{"tokens", CellType::kInt, "tokens", "all kinds, each reply once; empty: no reply says"},
    ReportColumn{"change", CellType::kReal, "%",
                 "messages of the whole period against those of the whole period before; empty: it had none"},
};

struct Sums : WorkSums {
  std::optional<std::int64_t> tokens;
  std::set<std::uint32_t> sessions;
  std::set<std::int64_t> days;
};

class ProjectActivity {
 public:
  ProjectActivity(Store& store, const ReportOptions& options)
      : store_(store),
        options_(options),
        periods_(options.by.value_or(TimeUnit::kWeek), options.zone),
        days_(TimeUnit::kDay, options.zone) {}

  Result<ReportTable> make() {
    CMEM_ASSIGN_OR_RETURN(const Work work, read_work(store_, options_));
    count(work);
    CMEM_TRY(count_tokens(work));
    CMEM_ASSIGN_OR_RETURN(const auto names, read_names(store_.reader(), "project", "path"));
    ReportTable table{kColumns, {}, {}};
    for (const auto& [project, period] : in_order(names)) table.rows.push_back(row(names, project, period));
    table.notes.push_back(pause_note(options_));
    if (const std::int64_t without_time = work.without_time(); without_time > 0)
      table.notes.push_back(fmt::format("{} no known time, and so no period.", count_has(without_time, "message")));
    return table;
  }

 private:
  using Key = std::pair<std::uint32_t, std::int64_t>;  // project, begin of the period

  void count(const Work& work) {
    std::vector<SessionPart> parts;
    for (const WorkCell& cell : work.cells) {
      const std::int64_t period = periods_.of(cell.quarter).from_ms;
      whole_periods_[{cell.project, period}] += cell.messages;
      if (cell.session != 0) parts.push_back({cell.project, cell.session, cell.part, cell.first_ms, cell.last_ms});
      if (cell.is_in(options_)) add(sums_[{cell.project, period}], cell);
    }
    for_each_active_period(find_active_spans(std::move(parts), options_.pause_ms), options_, periods_,
                           [this](std::uint32_t project, const TimeBucket& period, std::int64_t active_ms) {
                             // A pause may reach into a period without a message: it is of the row before.
                             auto sums = sums_.upper_bound({project, period.from_ms});
                             if (sums == sums_.begin() || (--sums)->first.first != project) return;
                             sums->second.active_ms += active_ms;
                           });
  }

  void add(Sums& sums, const WorkCell& cell) {
    sums.WorkSums::add(cell);
    if (cell.session != 0) sums.sessions.insert(cell.session);
    sums.days.insert(days_.of(cell.quarter).from_ms);
  }

  Status count_tokens(const Work& work) {
    CMEM_ASSIGN_OR_RETURN(const bool has_usages, knows_homes(store_.reader()));
    if (!has_usages) return {};
    std::unordered_map<std::uint32_t, std::uint32_t> projects;  // by context
    for (const WorkCell& cell : work.cells) projects.emplace(cell.context, cell.project);
    // CROSS JOIN: the replies first, of which there may be few, not all messages.
    CMEM_ASSIGN_OR_RETURN(
        auto rows,
        store_.reader().prepare("SELECT m.context_id, m.time_ms, u.input + u.output + u.cache_creation + u.cache_read FROM "
                                "main.token_usage u CROSS JOIN main.message m ON m.id = u.message_id WHERE m.time_ms IS NOT NULL"));
    while (true) {
      CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
      if (!row) return {};
      const auto project = projects.find(static_cast<std::uint32_t>(rows.column_int(0)));
      const std::int64_t time_ms = rows.column_int(1);
      if (project == projects.end() || time_ms < options_.from_ms || time_ms >= options_.until_ms) continue;
      auto& tokens = sums_[{project->second, periods_.of(floor_div(time_ms, kQuarterMs)).from_ms}].tokens;
      tokens = tokens.value_or(0) + rows.column_int(2);
    }
  }

  // Projects by their messages, most first and the unknown one last; in a project periods as they came.
  [[nodiscard]] std::vector<Key> in_order(const Names& names) const {
    std::map<std::uint32_t, std::int64_t> totals;
    for (const auto& [key, sums] : sums_) totals[key.first] += sums.messages;
    std::vector<Key> keys;
    for (const auto& [key, sums] : sums_) keys.push_back(key);
    const auto rank = [&](const Key& key) {
      return std::tuple(key.first == 0, -totals[key.first], name_of(names, key.first), key.second);
    };
    std::sort(keys.begin(), keys.end(), [&](const Key& a, const Key& b) { return rank(a) < rank(b); });
    return keys;
  }

  [[nodiscard]] ReportCell change(std::uint32_t project, std::int64_t period) {
    const std::int64_t before_ms = periods_.of(floor_div(period - 1, kQuarterMs)).from_ms;
    const auto before = whole_periods_.find({project, before_ms});
    if (before == whole_periods_.end()) return {};
    return percent_cell(whole_periods_[{project, period}] - before->second, before->second);
  }

  ReportRow row(const Names& names, std::uint32_t project, std::int64_t period) {
    const Sums& sums = sums_.at({project, period});
    const auto count = [](std::size_t number) { return ReportCell(static_cast<std::int64_t>(number)); };
    return {name_cell(name_of(names, project)),
            periods_.name(period),
            sums.messages,
            count(sums.sessions.size()),
            sums.active_ms,
            sums.prompts,
            sums.errors,
            percent_cell(sums.errors, sums.messages),
            time_cell(sums.first_ms),
            time_cell(sums.last_ms),
            count(sums.days.size()),
            sums.tokens ? ReportCell(*sums.tokens) : ReportCell(),
            change(project, period)};
  }

  Store& store_;
  const ReportOptions& options_;
  Periods periods_;
  Periods days_;
  std::map<Key, Sums> sums_;
  std::map<Key, std::int64_t> whole_periods_;  // messages, also outside the range
};

Result<ReportTable> make(Store& store, const ReportOptions& options) { return ProjectActivity(store, options).make(); }

}  // namespace

const Report kProjectActivity{"project-activity", "Project activity", "How much was worked on which project, week by week?",
                              kColumns, make};

}  // namespace cmem
