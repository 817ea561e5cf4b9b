// The rollup with what its contexts say, as reports count it.
#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <numeric>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/wall_time.h"
#include "report/report.h"
#include "store/activity.h"

namespace cmem {

// A cell of the rollup: messages of one context in a quarter of an hour, or in a part of one. Ids are 0 where there is none.
struct WorkCell {
  std::int64_t quarter = 0;
  std::int64_t part = 0;  // of the time: the quarter, or, for pauses below one, a part of it that is no longer than the pause
  std::int64_t messages = 0;
  std::int64_t first_ms = kNoTime;
  std::int64_t last_ms = kNoTime;
  std::uint32_t context = 0;
  std::uint32_t project = 0;
  std::uint32_t session = 0;
  std::uint32_t component = 0;
  Level level = Level::kNone;
  bool is_transcript = false;  // of a transcript or rollout: its component is a tool
  bool is_prompt = false;  // what somebody typed: a line of the history, or, where there is none of the session, a user's record

  [[nodiscard]] bool is_in(const ReportOptions& options) const {
    const std::int64_t from_ms = quarter * kQuarterMs;
    return from_ms >= options.from_ms && from_ms < options.until_ms;
  }
};

// What cells have in all; reports add what else they count.
struct WorkSums {
  std::int64_t messages = 0;
  std::int64_t prompts = 0;
  std::int64_t errors = 0;
  std::int64_t active_ms = 0;  // for the report to add: it is that of sessions, not of cells
  std::int64_t first_ms = kNoTime;
  std::int64_t last_ms = kNoTime;

  void add(const WorkCell& cell) {
    messages += cell.messages;
    if (cell.is_prompt) prompts += cell.messages;
    if (cell.level == Level::kError) errors += cell.messages;
    if (first_ms == kNoTime || (cell.first_ms != kNoTime && cell.first_ms < first_ms)) first_ms = cell.first_ms;
    last_ms = std::max(last_ms, cell.last_ms);  // kNoTime is before all times
  }
};

struct Work {
  std::vector<WorkCell> cells;     // of the filter, of all times: what is beside the range tells who was active in it
  std::vector<WorkCell> timeless;  // of each context its messages without a time; they are in no cell

  [[nodiscard]] std::int64_t without_time() const {
    return std::accumulate(timeless.begin(), timeless.end(), std::int64_t{0},
                           [](std::int64_t sum, const WorkCell& cell) { return sum + cell.messages; });
  }
};

// kNotFound: no such project, component or session; kAmbiguous. A name that nothing has is more likely a slip than a question.
Status check_names(Store& store, const ReportOptions& options);

// In the caller's read transaction. Errors as of check_names().
Result<Work> read_work(Store& store, const ReportOptions& options);
// Of another filter than that of the options.
Result<Work> read_work(Store& store, const ReportOptions& options, const MessageFilter& filter);

// Finds the day, week … of a quarter; the calendar is asked once for each. The messages of a quarter are of one period.
class Periods {
 public:
  Periods(TimeUnit unit, Zone zone) : unit_(unit), zone_(zone) {}
  // Valid as long as this object.
  const TimeBucket& of(std::int64_t quarter);
  [[nodiscard]] std::string name(std::int64_t from_ms) const { return bucket_name(from_ms, unit_, zone_); }

 private:
  TimeUnit unit_;
  Zone zone_;
  std::map<std::int64_t, TimeBucket> buckets_;  // by end
  const TimeBucket* last_ = nullptr;
};

// For how long somebody was active in a session: the gaps between its consecutive messages, each at most `pause_ms` long. A gap
// lies in time: one over midnight is of both days. `group` tells apart what is counted apart.
struct ActiveSpan {
  std::uint32_t group = 0;
  std::int64_t from_ms = 0;
  std::int64_t until_ms = 0;
};

// Messages of a session that are no further apart than a pause.
struct SessionPart {
  std::uint32_t group = 0;
  std::uint32_t session = 0;
  std::int64_t part = 0;  // of a WorkCell
  std::int64_t first_ms = 0;
  std::int64_t last_ms = 0;
};

// `parts`: in any order, several of one part of the time too. Spans by group and session, rising in each session.
std::vector<ActiveSpan> find_active_spans(std::vector<SessionPart> parts, std::int64_t pause_ms);

// Calls add(group, period, ms) for the parts of the spans within the range of `options`.
template <typename Add>
void for_each_active_period(const std::vector<ActiveSpan>& spans, const ReportOptions& options, Periods& periods, Add&& add) {
  for (const ActiveSpan& span : spans) {
    const std::int64_t until_ms = std::min(span.until_ms, options.until_ms);
    for (std::int64_t at = std::max(span.from_ms, options.from_ms); at < until_ms;) {
      const TimeBucket& period = periods.of(floor_div(at, kQuarterMs));
      const std::int64_t end_ms = std::min(until_ms, period.until_ms);
      add(span.group, period, end_ms - at);
      at = end_ms;
    }
  }
}

// The note on what activity is.
std::string pause_note(const ReportOptions& options);

// By id.
using Names = std::unordered_map<std::uint32_t, std::string>;
// Those of a table such as "project" with its column "path".
Result<Names> read_names(sqlite::Connection& db, std::string_view table, std::string_view column);
inline std::string_view name_of(const Names& names, std::uint32_t id) {
  const auto found = names.find(id);
  return found == names.end() ? std::string_view() : found->second;
}

// Of 100; empty if there is no whole.
inline ReportCell percent_cell(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? ReportCell() : ReportCell(100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

}  // namespace cmem
