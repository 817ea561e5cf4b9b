// The small tables: projects, sessions, components, runs and the quarantine. Each is one SQL statement with typed columns.
#include <algorithm>
#include <mutex>

#include "capi/filter.h"
#include "capi/guard.h"
#include "capi/handles.h"
#include "capi/options.h"
#include "sqlite/transaction.h"
#include "store/message_filter.h"
#include "store/runs.h"

namespace cmem {
namespace {

constexpr const char* kProjects =
    "SELECT p.path AS project, p.path, coalesce(sum(c.messages), 0) AS messages, count(DISTINCT c.session_id), min(c.first_ms), "
    "max(c.last_ms) "
    "FROM main.project p LEFT JOIN (SELECT c.*, coalesce(c.project_id, s.project_id) AS effective_id FROM main.context c "
    "LEFT JOIN main.session s ON s.id = c.session_id) c ON c.effective_id = p.id GROUP BY p.id ORDER BY messages DESC, p.path";

// ?1 project id or NULL; ?2, ?3 the time range.
constexpr const char* kSessions =
    "SELECT s.external_id, p.path, coalesce(sum(c.messages), 0), coalesce(sum(CASE WHEN c.level = 4 THEN c.messages END), 0), "
    "min(c.first_ms), "
    "max(c.last_ms) AS last_ms FROM main.session s LEFT JOIN main.project p ON p.id = s.project_id LEFT JOIN main.context c ON "
    "c.session_id = s.id "
    "WHERE ?1 IS NULL OR coalesce(c.project_id, s.project_id) = ?1 GROUP BY s.id "
    "HAVING (?2 IS NULL OR (max(c.last_ms) >= ?2 AND min(c.first_ms) < ?3)) ORDER BY last_ms DESC NULLS LAST, s.external_id";

constexpr const char* kComponents =
    "SELECT k.name, sum(c.messages) AS messages, coalesce(sum(CASE WHEN c.level = 4 THEN c.messages END), 0), count(DISTINCT "
    "c.session_id), "
    "min(c.first_ms), max(c.last_ms) FROM main.component k JOIN main.context c ON c.component_id = k.id GROUP BY k.id ORDER BY "
    "messages DESC, k.name";

constexpr const char* kRuns =
    "SELECT r.id, r.started_ms, (coalesce(r.finished_ms, r.started_ms) - r.started_ms) / 1000.0, r.status, r.source, "
    "r.source_bytes, "
    "r.sha256_before, r.sha256_after, r.records_read, r.messages_new, r.duplicates, r.known_skipped, r.rejected, "
    "r.hash_mismatches, "
    "(SELECT min(first_message_id) FROM main.run_messages m WHERE m.run_id = r.id), "
    "(SELECT max(last_message_id) FROM main.run_messages m WHERE m.run_id = r.id), "
    "r.writer_version, r.process FROM main.run r ORDER BY r.id DESC";

constexpr const char* kRejected =
    "SELECT q.run_id, r.source, q.line, q.byte_offset, q.byte_length, q.reason, q.excerpt FROM main.rejected_record q JOIN "
    "main.run r ON r.id = q.run_id "
    "WHERE ?1 = 0 OR q.run_id = ?1 ORDER BY q.run_id, q.byte_offset, q.seq";

std::vector<Column> project_columns() {
  return {{"project", CMEM_TYPE_TEXT}, {"path", CMEM_TYPE_TEXT},  {"messages", CMEM_TYPE_INT},
          {"sessions", CMEM_TYPE_INT}, {"first", CMEM_TYPE_TIME}, {"last", CMEM_TYPE_TIME}};
}

std::vector<Column> session_columns() {
  return {{"session", CMEM_TYPE_TEXT}, {"project", CMEM_TYPE_TEXT}, {"messages", CMEM_TYPE_INT},
          {"errors", CMEM_TYPE_INT},   {"first", CMEM_TYPE_TIME},   {"last", CMEM_TYPE_TIME}};
}

std::vector<Column> component_columns() {
  return {{"component", CMEM_TYPE_TEXT}, {"messages", CMEM_TYPE_INT}, {"errors", CMEM_TYPE_INT},
          {"sessions", CMEM_TYPE_INT},   {"first", CMEM_TYPE_TIME},   {"last", CMEM_TYPE_TIME}};
}

std::vector<Column> run_columns() {
  return {{"run", CMEM_TYPE_INT},
          {"started", CMEM_TYPE_TIME},
          {"seconds", CMEM_TYPE_REAL},
          {"status", CMEM_TYPE_TEXT},
          {"source", CMEM_TYPE_TEXT},
          {"bytes", CMEM_TYPE_INT},
          {"sha256_before", CMEM_TYPE_TEXT},
          {"sha256_after", CMEM_TYPE_TEXT},
          {"read", CMEM_TYPE_INT},
          {"new", CMEM_TYPE_INT},
          {"duplicate", CMEM_TYPE_INT},
          {"known", CMEM_TYPE_INT},
          {"rejected", CMEM_TYPE_INT},
          {"hash_mismatches", CMEM_TYPE_INT},
          {"first_message", CMEM_TYPE_INT},
          {"last_message", CMEM_TYPE_INT},
          {"writer_version", CMEM_TYPE_TEXT}};
}

std::vector<Column> rejected_columns() {
  return {{"run", CMEM_TYPE_INT},    {"source", CMEM_TYPE_TEXT}, {"line", CMEM_TYPE_INT},     {"offset", CMEM_TYPE_INT},
          {"length", CMEM_TYPE_INT}, {"reason", CMEM_TYPE_TEXT}, {"excerpt", CMEM_TYPE_BYTES}};
}

Cell cell_of(const sqlite::Statement& row, int column, std::int32_t type) {
  if (row.column_is_null(column)) return Cell::null();
  switch (type) {
    case CMEM_TYPE_INT:
      return Cell::number(row.column_int(column));
    case CMEM_TYPE_TIME:
      return Cell::time(row.column_int(column));
    case CMEM_TYPE_REAL:
      return Cell::real_number(row.column_real(column));
    case CMEM_TYPE_BYTES: {
      const auto blob = row.column_blob(column);
      return Cell::bytes(std::string(reinterpret_cast<const char*>(blob.data()), blob.size()));
    }
    default:
      return Cell::string(std::string(row.column_text(column)));
  }
}

// Runs a bound statement to its end. `finish` may change each row.
template <typename Finish>
Result<std::unique_ptr<Table>> read_table(sqlite::Statement& statement, std::vector<Column> columns, Finish&& finish) {
  auto table = std::make_unique<ReadyTable>(std::move(columns));
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool found, statement.step());
    if (!found) return std::unique_ptr<Table>(std::move(table));
    Row row;
    for (std::size_t i = 0; i < table->columns().size(); ++i)
      row.push_back(cell_of(statement, static_cast<int>(i), table->columns()[i].type));
    finish(row, statement);
    table->add(std::move(row));
  }
}

Result<std::unique_ptr<Table>> read_table(sqlite::Statement& statement, std::vector<Column> columns) {
  return read_table(statement, std::move(columns), [](Row&, const sqlite::Statement&) {});
}

// Keeps the first `limit` rows; the total stays that of all. These tables are small: one row a session or a run.
template <typename Keep>
Result<std::unique_ptr<Table>> limit_table(Result<std::unique_ptr<Table>> table, std::uint64_t limit, Keep&& columns) {
  if (!table || limit == 0) return table;
  auto limited = std::make_unique<ReadyTable>(columns());
  limited->set_total((*table)->total());
  Row row;
  for (std::uint64_t i = 0; i < limit; ++i) {
    CMEM_ASSIGN_OR_RETURN(const bool found, (*table)->next(row));
    if (!found) break;
    limited->add(std::move(row));
    row = {};
  }
  return std::unique_ptr<Table>(std::move(limited));
}

// A filter of sessions, as read_filter() makes it: only project and time range mean something there.
Status only_project_and_time(const MessageFilter& filter) {
  const bool projects_only =
      std::ranges::all_of(filter.names, [](const NameConstraint& constraint) { return constraint.field == FilterField::kProject; });
  if (projects_only && filter.run_id == 0) return {};
  return Unexpected(Code::kInvalid, "sessions can be filtered by project and time only");
}

Result<std::unique_ptr<Table>> read_sessions(sqlite::Connection& db, const MessageFilter& filter, std::uint64_t limit) {
  CMEM_TRY(only_project_and_time(filter));
  CMEM_ASSIGN_OR_RETURN(auto statement, db.prepare(kSessions));
  CMEM_TRY(statement.bind_null(1));
  CMEM_TRY(statement.bind_null(2));
  CMEM_TRY(statement.bind_null(3));
  for (const NameConstraint& constraint : filter.names) {
    CMEM_ASSIGN_OR_RETURN(const auto project_id, resolve_project(db, constraint.values.front()));
    CMEM_TRY(statement.bind(1, project_id));
  }
  for (const NumberConstraint& constraint : filter.times) {
    if (constraint.intervals.front() == Interval()) continue;
    CMEM_TRY(statement.bind(2, constraint.intervals.front().begin));
    CMEM_TRY(statement.bind(3, constraint.intervals.front().end));
  }
  return limit_table(read_table(statement, session_columns()), limit, session_columns);
}

// A run whose process is gone was interrupted, also if no later load has noted that yet.
void show_interruption(Row& row, const sqlite::Statement& statement) {
  constexpr std::size_t kStatus = 3;
  constexpr int kProcess = 17;
  if (row[kStatus].text == kRunRunning && !is_alive(statement.column_text(kProcess))) row[kStatus].text = kRunInterrupted;
}

// The common body of the calls below.
template <typename Read>
cmem_status table_call(cmem_cursor** out, cmem_store* store, cmem_error* err, Read&& read) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(check_call(out, store));
    const std::lock_guard lock(store->store->read_mutex());
    CMEM_ASSIGN_OR_RETURN(auto transaction, store->store->begin_read());
    Result<std::unique_ptr<Table>> table = read(store->store->reader());
    if (!table) return Unexpected(std::move(table).error());
    return give_cursor(out, std::move(*table));
  });
}

}  // namespace
}  // namespace cmem

using namespace cmem;

cmem_status cmem_projects(cmem_cursor** out, cmem_store* store, cmem_error* err) {
  return table_call(out, store, err, [](sqlite::Connection& db) -> Result<std::unique_ptr<Table>> {
    CMEM_ASSIGN_OR_RETURN(auto statement, db.prepare(kProjects));
    return read_table(statement, project_columns(),
                      [](Row& row, const sqlite::Statement&) { row[0].text = last_path_component(row[1].text); });
  });
}

cmem_status cmem_sessions(cmem_cursor** out, cmem_store* store, const cmem_filter* filter, uint64_t limit, cmem_error* err) {
  return table_call(out, store, err, [&](sqlite::Connection& db) -> Result<std::unique_ptr<Table>> {
    CMEM_ASSIGN_OR_RETURN(const auto message_filter, read_filter(filter));
    return read_sessions(db, message_filter, limit);
  });
}

cmem_status cmem_components(cmem_cursor** out, cmem_store* store, cmem_error* err) {
  return table_call(out, store, err, [](sqlite::Connection& db) -> Result<std::unique_ptr<Table>> {
    CMEM_ASSIGN_OR_RETURN(auto statement, db.prepare(kComponents));
    return read_table(statement, component_columns());
  });
}

cmem_status cmem_runs(cmem_cursor** out, cmem_store* store, uint64_t limit, cmem_error* err) {
  return table_call(out, store, err, [&](sqlite::Connection& db) -> Result<std::unique_ptr<Table>> {
    CMEM_ASSIGN_OR_RETURN(auto statement, db.prepare(kRuns));
    return limit_table(read_table(statement, run_columns(), show_interruption), limit, run_columns);
  });
}

cmem_status cmem_rejected(cmem_cursor** out, cmem_store* store, int64_t run_id, cmem_error* err) {
  return table_call(out, store, err, [&](sqlite::Connection& db) -> Result<std::unique_ptr<Table>> {
    CMEM_ASSIGN_OR_RETURN(auto statement, db.prepare(kRejected));
    CMEM_TRY(statement.bind(1, run_id));
    return read_table(statement, rejected_columns());
  });
}
