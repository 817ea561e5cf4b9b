// The small tables: projects, sessions, components, runs and the quarantine. Each is one SQL statement with typed columns.
#include <algorithm>

#include "capi/filter.h"
#include "capi/options.h"
#include "capi/read_table.h"
#include "export/session_titles.h"
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
    "max(c.last_ms) AS last_ms, s.id FROM main.session s LEFT JOIN main.project p ON p.id = s.project_id LEFT JOIN main.context c "
    "ON "
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
  return {{"session", CMEM_TYPE_TEXT}, {"project", CMEM_TYPE_TEXT}, {"messages", CMEM_TYPE_INT}, {"errors", CMEM_TYPE_INT},
          {"first", CMEM_TYPE_TIME},   {"last", CMEM_TYPE_TIME},    {"title", CMEM_TYPE_TEXT}};
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

// Titles are looked for last, and only for the sessions that are given.
Status add_titles(Store& store, std::vector<Row>& rows, const std::vector<std::int64_t>& session_ids) {
  CMEM_ASSIGN_OR_RETURN(auto reader, store.message_reader());
  CMEM_ASSIGN_OR_RETURN(auto titles, find_session_titles(store, reader, session_ids));
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].push_back(Cell::name(std::move(titles[session_ids[i]])));
  return {};
}

Result<std::unique_ptr<Table>> list_sessions(Store& store, sqlite::Statement& statement, std::uint64_t limit) {
  std::vector<Row> rows;
  std::vector<std::int64_t> ids;
  std::int64_t total = 0;
  auto columns = session_columns();
  const int id_column = static_cast<int>(columns.size()) - 1;  // where the table has the title
  for (;; ++total) {
    CMEM_ASSIGN_OR_RETURN(const bool found, statement.step());
    if (!found) break;
    if (limit != 0 && rows.size() == limit) continue;
    rows.push_back(read_cells(statement, std::span(columns).first(static_cast<std::size_t>(id_column))));
    ids.push_back(statement.column_int(id_column));
  }
  CMEM_TRY(add_titles(store, rows, ids));
  auto table = std::make_unique<ReadyTable>(std::move(columns));
  table->set_total(total);
  for (Row& row : rows) table->add(std::move(row));
  return std::unique_ptr<Table>(std::move(table));
}

Result<std::unique_ptr<Table>> read_sessions(Store& store, const MessageFilter& filter, std::uint64_t limit) {
  sqlite::Connection& db = store.reader();
  CMEM_ASSIGN_OR_RETURN(auto statement, db.prepare(kSessions));
  CMEM_TRY(bind_project_and_time(db, statement, filter, "sessions"));
  return list_sessions(store, statement, limit);
}

// A run whose process is gone was interrupted, also if no later load has noted that yet.
void show_interruption(Row& row, const sqlite::Statement& statement) {
  constexpr std::size_t kStatus = 3;
  constexpr int kProcess = 17;
  if (row[kStatus].text == kRunRunning && !is_alive(statement.column_text(kProcess))) row[kStatus].text = kRunInterrupted;
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
  return table_call(out, store, err, [&](sqlite::Connection&) -> Result<std::unique_ptr<Table>> {
    CMEM_ASSIGN_OR_RETURN(const auto message_filter, read_filter(filter));
    return read_sessions(*store->store, message_filter, limit);
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
