#include "sqlite/function.h"

#include <memory>
#include <new>

#include "sqlite/api.h"

namespace cmem::sqlite {
namespace {

void call(sqlite3_context* context, int, sqlite3_value** arguments) {
  if (sqlite3_value_type(arguments[0]) == SQLITE_NULL) return;
  try {
    const auto* function = static_cast<const IdFunction*>(sqlite3_user_data(context));
    const auto value = (*function)(sqlite3_value_int64(arguments[0]));
    if (!value) {
      sqlite3_result_error(context, value.error().text.c_str(), -1);
    } else if (*value) {
      sqlite3_result_text64(context, (*value)->data(), (*value)->size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    }
  } catch (const std::bad_alloc&) {
    sqlite3_result_error_nomem(context);
  } catch (...) {
    sqlite3_result_error(context, "a defect of the library in a SQL function; please report it", -1);
  }
}

void destroy(void* function) { delete static_cast<IdFunction*>(function); }

}  // namespace

Status define_id_function(Connection& db, const char* name, IdFunction function) {
  auto owned = std::make_unique<IdFunction>(std::move(function));
  // Deterministic for the planner: a message's content never changes. SQLite destroys the function also when this call fails.
  const int code = sqlite3_create_function_v2(db.raw(), name, 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, owned.release(), call, nullptr,
                                              nullptr, destroy);
  if (code != SQLITE_OK) return Unexpected(db.last_error("cannot define a SQL function"));
  return {};
}

bool is_read_only(const Statement& statement) noexcept { return sqlite3_stmt_readonly(statement.raw()) != 0; }

bool is_one_statement(Connection& db, std::string_view sql) noexcept {
  bool seen = false;
  while (!sql.empty()) {
    sqlite3_stmt* statement = nullptr;
    const char* tail = nullptr;
    const int code = sqlite3_prepare_v2(db.raw(), sql.data(), static_cast<int>(sql.size()), &statement, &tail);
    const bool is_statement = code != SQLITE_OK || statement != nullptr;
    sqlite3_finalize(statement);
    if (is_statement && seen) return false;
    if (code != SQLITE_OK || tail == nullptr || tail <= sql.data()) return true;
    seen = seen || is_statement;
    sql.remove_prefix(static_cast<std::size_t>(tail - sql.data()));
  }
  return true;
}

void forbid_attach(Connection& db) noexcept { sqlite3_limit(db.raw(), SQLITE_LIMIT_ATTACHED, 0); }

}  // namespace cmem::sqlite
