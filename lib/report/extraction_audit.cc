#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "report/reports.h"
#include "store/runs.h"
#include "store/schema.h"

namespace cmem {
namespace {

constexpr std::array kColumns{
    ReportColumn{"run", CellType::kInt, "", "its number, as in `memory ingest runs`"},
    ReportColumn{"source", CellType::kText, "", "the file or home that was loaded"},
    ReportColumn{"verdict", CellType::kText, "",
                 "whether new = in_store + forgotten + replaced: if not, DAMAGED and by how many; else how the load went"},
    ReportColumn{"started", CellType::kTime, "", "when the load began"},
    ReportColumn{"duration", CellType::kInt, "ms", "empty: it has not ended, or nobody saw its end"},
    ReportColumn{"rate", CellType::kReal, "records/s", "records read; empty: no duration is known"},
    ReportColumn{"read", CellType::kInt, "records", "all that were read: new, duplicate, known or rejected"},
    ReportColumn{"new", CellType::kInt, "messages", "that the load brought"},
    ReportColumn{"duplicates", CellType::kInt, "records", "that were in the store already"},
    ReportColumn{"known", CellType::kInt, "records", "left out because their hash was on a list"},
    ReportColumn{"rejected", CellType::kInt, "records", "that could not be read; they are in the quarantine"},
    ReportColumn{"hash_mismatches", CellType::kInt, "records", "whose own hash is not that of their text; they were loaded"},
    ReportColumn{"checksum", CellType::kText, "",
                 "of the source before and after: equal or changed; empty: none was made, as of a home that is in use"},
    ReportColumn{"in_store", CellType::kInt, "messages", "of the load that are still there, counted anew"},
    ReportColumn{"forgotten", CellType::kInt, "messages", "of the load that left a tombstone"},
    ReportColumn{"replaced", CellType::kInt, "messages", "of the load that a later one has as a whole: a log's event went on"},
    ReportColumn{"status", CellType::kText, "", "running, complete, interrupted or source-changed"},
};

// {0}: messages in a range of ids that a run has given; {1}: tombstones. The ranges are gone through once, not once a run.
constexpr std::string_view kRuns =
    "WITH counted AS (SELECT b.run_id, sum({0}) AS in_store, sum({1}) AS forgotten FROM main.run_messages b GROUP BY b.run_id) "
    "SELECT r.id, r.source, r.started_ms, r.finished_ms, r.records_read, r.messages_new, r.duplicates, r.known_skipped, "
    "r.rejected, r.hash_mismatches, r.sha256_before, r.sha256_after, r.status, r.process, coalesce(c.in_store, 0), "
    "coalesce(c.forgotten, 0) FROM main.run r LEFT JOIN counted c ON c.run_id = r.id "
    "WHERE r.started_ms >= ?1 AND r.started_ms < ?2 ORDER BY r.id DESC LIMIT ?3";

// How many rows of a table are in the range.
std::string rows_in_range(std::string_view table) {
  return fmt::format("(SELECT count(*) FROM main.{} m WHERE m.id BETWEEN b.first_message_id AND b.last_message_id)", table);
}

// Messages are counted in their own table, and not in what is derived from it: that is what an audit is for.
struct IdCounts {
  bool is_whole = false;     // every id that was ever given is that of a message, a copy or a tombstone
  bool has_counted = false;  // there are as many messages as the store says: none was lost without its knowing
};

Result<IdCounts> count_ids(sqlite::Connection& db, bool has_homes) {
  const std::string others = has_homes ? "(SELECT count(*) FROM main.record_copy) + (SELECT count(*) FROM main.tombstone)" : "0";
  CMEM_ASSIGN_OR_RETURN(auto row,
                        db.prepare("SELECT next_message_id, messages, (SELECT count(*) FROM main.message), (SELECT max(id) FROM "
                                   "main.message), " +
                                   others + " FROM main.commit_clock"));
  CMEM_ASSIGN_OR_RETURN(const bool found, row.step());
  if (!found) return Unexpected(Code::kCorrupt, "commit_clock: its row is missing");
  const std::int64_t messages = row.column_int(2);
  return IdCounts{row.column_int(3) < row.column_int(0) && row.column_int(0) - 1 == messages + row.column_int(4),
                  messages == row.column_int(1)};
}

// If no id is missing, the few copies and tombstones in a range tell how many messages are; else they are counted.
std::string count_in_store(const IdCounts& ids, bool has_homes) {
  if (!ids.is_whole) return rows_in_range("message");
  const std::string all = "b.last_message_id - b.first_message_id + 1";
  return has_homes ? all + " - " + rows_in_range("record_copy") + " - " + rows_in_range("tombstone") : all;
}

struct Run {
  std::int64_t id = 0, started_ms = 0;
  std::optional<std::int64_t> duration_ms;
  RunCounts counts;
  std::string source, before, after, status;
  std::int64_t in_store = 0, forgotten = 0, replaced = 0;

  [[nodiscard]] bool has_checksums() const { return !before.empty() && !after.empty(); }
};

Run read_run(const sqlite::Statement& row, const IdCounts& ids) {
  Run run;
  run.id = row.column_int(0);
  run.source = row.column_text(1);
  run.started_ms = row.column_int(2);
  if (!row.column_is_null(3)) run.duration_ms = row.column_int(3) - run.started_ms;
  run.counts = {row.column_int(4), row.column_int(5), row.column_int(6), row.column_int(7), row.column_int(8), row.column_int(9)};
  run.before = row.column_text(10);
  run.after = row.column_text(11);
  run.status = row.column_text(12);
  // Its process may be gone without a later load having noted that.
  if (run.status == kRunRunning && !is_alive(row.column_text(13))) run.status = kRunInterrupted;
  run.in_store = row.column_int(14);
  run.forgotten = row.column_int(15);
  // An event of a log that went on after it was loaded is a new message: the store takes the old one out, and counts that.
  if (ids.has_counted) run.replaced = std::max<std::int64_t>(0, run.counts.messages_new - run.in_store - run.forgotten);
  return run;
}

std::int64_t missing_of(const Run& run) { return run.counts.messages_new - run.in_store - run.forgotten - run.replaced; }

std::string verdict_of(const Run& run) {
  const std::int64_t missing = missing_of(run);
  if (missing > 0) return fmt::format("DAMAGED: {} of {} messages are missing", missing, run.counts.messages_new);
  if (missing < 0) return fmt::format("DAMAGED: {} messages more than the load brought", -missing);
  std::string verdict(kRunComplete);
  if (run.status == kRunSourceChanged || (run.has_checksums() && run.before != run.after))
    verdict = "source changed while read";
  else if (run.status != kRunComplete)
    verdict = run.status;
  if (run.forgotten > 0) verdict = (verdict == kRunComplete ? "" : verdict + ", ") + fmt::format("{} forgotten", run.forgotten);
  return verdict;
}

ReportRow row_of(const Run& run) {
  const RunCounts& counts = run.counts;
  ReportCell rate;
  if (run.duration_ms.value_or(0) > 0)
    rate = 1000.0 * static_cast<double>(counts.records_read) / static_cast<double>(*run.duration_ms);
  return {run.id,
          run.source,
          verdict_of(run),
          time_cell(run.started_ms),
          run.duration_ms ? ReportCell(*run.duration_ms) : ReportCell(),
          rate,
          counts.records_read,
          counts.messages_new,
          counts.duplicates,
          counts.known_skipped,
          counts.rejected,
          counts.hash_mismatches,
          name_cell(!run.has_checksums()      ? ""
                    : run.before == run.after ? "equal"
                                              : "changed"),
          run.in_store,
          run.forgotten,
          run.replaced,
          run.status};
}

// The phases of an extraction, 1 to 7, of which the store has no message.
Status note_gaps(sqlite::Connection& db, ReportTable& table) {
  CMEM_ASSIGN_OR_RETURN(
      auto rows, db.prepare("SELECT t.phase, t.name, min(t.id) FROM main.source_type t WHERE t.phase BETWEEN 1 AND 7 AND t.phase "
                            "NOT IN (SELECT phase FROM main.source_type WHERE id IN (SELECT source_type FROM main.context WHERE "
                            "messages > 0)) GROUP BY t.phase ORDER BY t.phase"));
  std::vector<std::string> gaps;
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) break;
    gaps.push_back(fmt::format("{} ({})", rows.column_int(0), rows.column_text(1)));
  }
  table.notes.push_back(gaps.empty() ? std::string("All phases from 1 to 7 have messages.")
                                     : fmt::format("No load has brought messages of the phases {}.", fmt::join(gaps, ", ")));
  return {};
}

Result<ReportTable> make(Store& store, const ReportOptions& options) {
  sqlite::Connection& db = store.reader();
  CMEM_ASSIGN_OR_RETURN(const bool has_homes, knows_homes(db));
  CMEM_ASSIGN_OR_RETURN(const IdCounts ids, count_ids(db, has_homes));
  const std::string forgotten = has_homes ? rows_in_range("tombstone") : "0";
  CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare(fmt::format(kRuns, count_in_store(ids, has_homes), forgotten)));
  CMEM_TRY(rows.bind(1, options.from_ms));
  CMEM_TRY(rows.bind(2, options.until_ms));
  CMEM_TRY(rows.bind(3, options.limit == 0 ? -1 : static_cast<std::int64_t>(std::min<std::uint64_t>(options.limit, INT64_MAX))));
  ReportTable table{kColumns, {}, {}};
  std::int64_t damaged = 0;
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool found, rows.step());
    if (!found) break;
    const Run run = read_run(rows, ids);
    damaged += missing_of(run) != 0 ? 1 : 0;
    table.rows.push_back(row_of(run));
  }
  const std::size_t loads = table.rows.size();
  table.notes.push_back(damaged > 0  ? fmt::format("The counts of {} of {} loads do not match the store.", damaged, loads)
                        : loads == 1 ? "The counts of the load match the store."
                                     : fmt::format("The counts of all {} loads match the store.", loads));
  CMEM_TRY(note_gaps(db, table));
  if (!options.filter().names.empty())
    table.notes.push_back("A load is of no project, session or component: all loads of the range are shown.");
  return table;
}

}  // namespace

const Report kExtractionAudit{"extraction-audit", "Extraction audit",
                              "What was loaded from where, and is all of it still in the store?", kColumns, make};

}  // namespace cmem
