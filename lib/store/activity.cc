#include "store/activity.h"

#include <algorithm>
#include <string>

#include "base/wall_time.h"
#include "store/store.h"

namespace cmem {
namespace {

constexpr const char* kUpsert =
    "INSERT INTO main.activity VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(context_id, quarter) DO UPDATE SET messages = messages + "
    "excluded.messages, first_ms = min(first_ms, excluded.first_ms), last_ms = max(last_ms, excluded.last_ms)";

// Integer division of SQL goes towards zero, the quarter of a time before 1970 does not.
constexpr const char* kFromRows =
    "SELECT context_id, quarter, count(*), min(time_ms) - quarter * 900000, max(time_ms) - quarter * 900000 FROM "
    "(SELECT context_id, time_ms, (time_ms - (time_ms % 900000 + 900000) % 900000) / 900000 AS quarter FROM main.message "
    "WHERE time_ms IS NOT NULL) GROUP BY context_id, quarter";
static_assert(kQuarterMs == 900000);

void add_to(ActivityCell& cell, std::int64_t time_ms) {
  cell.first_ms = cell.messages == 0 ? time_ms : std::min(cell.first_ms, time_ms);
  cell.last_ms = cell.messages == 0 ? time_ms : std::max(cell.last_ms, time_ms);
  ++cell.messages;
}

Status bind_cell(sqlite::Statement& statement, const ActivityCell& cell) {
  const std::int64_t begin_ms = cell.quarter * kQuarterMs;
  CMEM_TRY(statement.bind(1, cell.context_id));
  CMEM_TRY(statement.bind(2, cell.quarter));
  CMEM_TRY(statement.bind(3, cell.messages));
  CMEM_TRY(statement.bind(4, cell.first_ms - begin_ms));
  return statement.bind(5, cell.last_ms - begin_ms);
}

}  // namespace

void ActivityWriter::add(std::int64_t time_ms, std::int64_t context_id) {
  if (time_ms == kNoTime) return;
  const std::int64_t quarter = floor_div(time_ms, kQuarterMs);
  if (!last_ || last_->context_id != context_id || last_->quarter != quarter) {
    last_ = &cells_[{context_id, quarter}];
    last_->context_id = context_id;
    last_->quarter = quarter;
  }
  add_to(*last_, time_ms);
}

// In the order of the table, which is quicker, and leaves the same file whatever the hash function.
Status ActivityWriter::flush(sqlite::Connection& db) {
  if (cells_.empty()) return {};
  std::vector<ActivityCell> cells;
  cells.reserve(cells_.size());
  for (const auto& [place, cell] : cells_) cells.push_back(cell);
  std::sort(cells.begin(), cells.end(), [](const ActivityCell& a, const ActivityCell& b) {
    return a.context_id != b.context_id ? a.context_id < b.context_id : a.quarter < b.quarter;
  });
  if (!upsert_) {
    CMEM_ASSIGN_OR_RETURN(upsert_, db.prepare(kUpsert));
  }
  for (const ActivityCell& cell : cells) {
    CMEM_TRY(bind_cell(*upsert_, cell));
    CMEM_TRY(upsert_->run());
  }
  reset();
  return {};
}

void ActivityWriter::reset() {
  cells_.clear();
  last_ = nullptr;
}

Status take_out_of_activity(sqlite::Connection& db, std::int64_t context_id, std::int64_t time_ms) {
  if (time_ms == kNoTime) return {};
  CMEM_ASSIGN_OR_RETURN(auto update,
                        db.prepare("UPDATE main.activity SET messages = messages - 1 WHERE context_id = ?1 AND quarter = ?2"));
  CMEM_TRY(update.bind(1, context_id));
  CMEM_TRY(update.bind(2, floor_div(time_ms, kQuarterMs)));
  return update.run();
}

void add_to_activity(ActivityCell& cell, std::int64_t time_ms) {
  if (time_ms != kNoTime && floor_div(time_ms, kQuarterMs) == cell.quarter) add_to(cell, time_ms);
}

Status write_activity(sqlite::Connection& db, const ActivityCell& cell) {
  CMEM_ASSIGN_OR_RETURN(auto remove, db.prepare("DELETE FROM main.activity WHERE context_id = ?1 AND quarter = ?2"));
  CMEM_TRY(remove.bind(1, cell.context_id));
  CMEM_TRY(remove.bind(2, cell.quarter));
  CMEM_TRY(remove.run());
  if (cell.messages == 0) return {};
  CMEM_ASSIGN_OR_RETURN(auto insert, db.prepare(kUpsert));
  CMEM_TRY(bind_cell(insert, cell));
  return insert.run();
}

namespace {

Status append_cells(sqlite::Statement& rows, std::vector<ActivityCell>& cells) {
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) return {};
    const std::int64_t begin_ms = rows.column_int(1) * kQuarterMs;
    cells.push_back(
        {rows.column_int(0), rows.column_int(1), rows.column_int(2), begin_ms + rows.column_int(3), begin_ms + rows.column_int(4)});
  }
}

}  // namespace

Result<std::vector<ActivityCell>> read_activity(sqlite::Connection& db) {
  std::vector<ActivityCell> cells;
  CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare("SELECT context_id, quarter, messages, first_ms, last_ms FROM main.activity "
                                              "ORDER BY context_id, quarter"));
  CMEM_TRY(append_cells(rows, cells));
  return cells;
}

Result<std::vector<ActivityCell>> read_activity(sqlite::Connection& db, const std::vector<std::int64_t>& context_ids) {
  std::vector<ActivityCell> cells;
  CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare("SELECT context_id, quarter, messages, first_ms, last_ms FROM main.activity "
                                              "WHERE context_id = ?1 ORDER BY quarter"));
  for (const std::int64_t id : context_ids) {
    CMEM_TRY(rows.bind(1, id));
    CMEM_TRY(append_cells(rows, cells));
    rows.reset();
  }
  return cells;
}

Result<std::vector<ActivityCell>> scan_activity(Store& store, std::int64_t parts_per_quarter) {
  struct Place {
    std::int64_t context_id;
    std::int64_t time_ms;
  };
  std::vector<Place> places;
  CMEM_ASSIGN_OR_RETURN(const auto spans, store.doc_values().spans(store.reader()));
  for (const SegmentSpan& span : spans) {
    CMEM_ASSIGN_OR_RETURN(const auto segment, store.doc_values().read(store.reader(), span));
    for (std::size_t i = 0; i < segment->size(); ++i)
      if (segment->context_id(i) != 0 && segment->time_ms(i) != kNoTime)
        places.push_back({segment->context_id(i), segment->time_ms(i)});
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return a.context_id != b.context_id ? a.context_id < b.context_id : a.time_ms < b.time_ms;
  });
  std::vector<ActivityCell> cells;
  for (const Place& place : places) {
    const std::int64_t quarter = floor_div(place.time_ms * parts_per_quarter, kQuarterMs);
    if (cells.empty() || cells.back().context_id != place.context_id || cells.back().quarter != quarter)
      cells.push_back({place.context_id, quarter, 0, 0, 0});
    add_to(cells.back(), place.time_ms);
  }
  return cells;
}

Status fill_activity(sqlite::Connection& db) { return db.exec(std::string("INSERT INTO main.activity ") + kFromRows); }

Result<std::int64_t> count_wrong_activity(sqlite::Connection& db) {
  const std::string from_rows = kFromRows;
  return db.query_int("SELECT (SELECT count(*) FROM (SELECT * FROM main.activity EXCEPT " + from_rows +
                      ")) + (SELECT count(*) FROM (" + from_rows + " EXCEPT SELECT * FROM main.activity))");
}

}  // namespace cmem
