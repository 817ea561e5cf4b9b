// Small tables that are SQL statements with typed columns.
#pragma once
#include <algorithm>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "capi/guard.h"
#include "capi/handles.h"
#include "store/message_filter.h"

namespace cmem {

inline Cell cell_of(const sqlite::Statement& row, int column, std::int32_t type) {
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

// The first cells of the row that the statement stands at.
inline Row read_cells(const sqlite::Statement& row, std::span<const Column> columns) {
  Row cells;
  for (std::size_t i = 0; i < columns.size(); ++i) cells.push_back(cell_of(row, static_cast<int>(i), columns[i].type));
  return cells;
}

// Runs a bound statement to its end. `finish` may change each row.
template <typename Finish>
Result<std::unique_ptr<Table>> read_table(sqlite::Statement& statement, std::vector<Column> columns, Finish&& finish) {
  auto table = std::make_unique<ReadyTable>(std::move(columns));
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool found, statement.step());
    if (!found) return std::unique_ptr<Table>(std::move(table));
    Row row = read_cells(statement, table->columns());
    finish(row, statement);
    table->add(std::move(row));
  }
}

inline Result<std::unique_ptr<Table>> read_table(sqlite::Statement& statement, std::vector<Column> columns) {
  return read_table(statement, std::move(columns), [](Row&, const sqlite::Statement&) {});
}

// Binds ?1, the project's id or NULL, and ?2 and ?3, the time range or NULLs, from a filter as read_filter() makes it. kInvalid: it
// asks for more. `rows` says what of.
inline Status bind_project_and_time(sqlite::Connection& db, sqlite::Statement& statement, const MessageFilter& filter,
                                    std::string_view rows) {
  const bool projects_only =
      std::ranges::all_of(filter.names, [](const NameConstraint& constraint) { return constraint.field == FilterField::kProject; });
  if (!projects_only || filter.run_id != 0)
    return Unexpected(Code::kInvalid, std::string(rows) + " can be filtered by project and time only");
  for (const int parameter : {1, 2, 3}) CMEM_TRY(statement.bind_null(parameter));
  for (const NameConstraint& constraint : filter.names) {
    CMEM_ASSIGN_OR_RETURN(const auto project_id, resolve_project(db, constraint.values.front()));
    CMEM_TRY(statement.bind(1, project_id));
  }
  for (const NumberConstraint& constraint : filter.times) {
    if (constraint.intervals.front() == Interval()) continue;
    CMEM_TRY(statement.bind(2, constraint.intervals.front().begin));
    CMEM_TRY(statement.bind(3, constraint.intervals.front().end));
  }
  return {};
}

// The body of a call that gives a table of one read transaction.
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

}  // namespace cmem
