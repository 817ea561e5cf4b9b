// Activity: a derived rollup of the message rows. For each context and each quarter of an hour that has messages of it: how many,
// and the times of the first and the last. What a context says (project, session, component, level, role, source) is what reports
// count by, and clocks of all zones are whole quarters apart, so that reports on days, weeks and hours need no message row. Within
// a quarter no two messages are further apart than people pause, so that it also tells how long somebody was active.
//
// Row of activity: context_id, quarter (kQuarterMs since the Unix epoch), messages, and first_ms and last_ms from its beginning.
// Messages without a time are not in it; context.without_time counts them.
#pragma once
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/terms.h"
#include "sqlite/connection.h"
#include "sqlite/statement.h"

namespace cmem {

class Store;

inline constexpr std::int64_t kQuarterMs = 900'000;

struct ActivityCell {
  std::int64_t context_id = 0;
  std::int64_t quarter = 0;
  std::int64_t messages = 0;
  std::int64_t first_ms = 0;
  std::int64_t last_ms = 0;
  friend bool operator==(const ActivityCell&, const ActivityCell&) = default;
};

// For a writer, in its transaction. Like its other parts: flush() before the commit, reset() after a rollback.
class ActivityWriter {
 public:
  void add(std::int64_t time_ms, std::int64_t context_id);
  Status flush(sqlite::Connection& db);
  void reset();

 private:
  struct Place {
    std::int64_t context_id = 0;
    std::int64_t quarter = 0;
    friend bool operator==(const Place&, const Place&) = default;
  };
  struct PlaceHash {
    std::size_t operator()(const Place& place) const {
      return static_cast<std::size_t>(place.quarter ^ (place.context_id * 0x9E3779B97F4A7C15LL));
    }
  };
  std::unordered_map<Place, ActivityCell, PlaceHash> cells_;
  ActivityCell* last_ = nullptr;  // most messages are of the cell of the one before
  std::optional<sqlite::Statement> upsert_;
};

// A message is gone. Its cell may then begin too early or end too late, until another message of that time and context is added, or
// write_activity() writes the cell.
Status take_out_of_activity(sqlite::Connection& db, std::int64_t context_id, std::int64_t time_ms);
// Counts a time if it lies in the cell's quarter.
void add_to_activity(ActivityCell& cell, std::int64_t time_ms);
// Replaces the cell; one without messages is removed.
Status write_activity(sqlite::Connection& db, const ActivityCell& cell);

// By context, then by quarter.
Result<std::vector<ActivityCell>> read_activity(sqlite::Connection& db);
// Of these contexts, in their order.
Result<std::vector<ActivityCell>> read_activity(sqlite::Connection& db, const std::vector<std::int64_t>& context_ids);
// The same from the doc values: for stores of a format without the rollup, and, with more than one part a quarter, finer: `quarter`
// is then the part, from the Unix epoch. In the caller's read transaction.
Result<std::vector<ActivityCell>> scan_activity(Store& store, std::int64_t parts_per_quarter);
// Makes the rollup from the rows by SQL, into the empty table.
Status fill_activity(sqlite::Connection& db);
// How many cells differ from the rows.
Result<std::int64_t> count_wrong_activity(sqlite::Connection& db);

}  // namespace cmem
