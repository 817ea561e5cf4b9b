#include "sqlite/handle.h"

#include <algorithm>
#include <iterator>

#include "sqlite/api.h"
#include "sqlite/error_map.h"

namespace cmem::sqlite {

namespace {

constexpr std::size_t kMaxIdle = 32;

}  // namespace

// Room is made here, so that keep_idle() cannot fail.
Handle::Handle() { idle_.reserve(kMaxIdle); }

Handle::~Handle() {
  for (sqlite3_stmt* const stmt : idle_) sqlite3_finalize(stmt);
  if (owned) sqlite3_close_v2(db);
}

sqlite3_stmt* Handle::take_idle(std::string_view sql) noexcept {
  const auto found = std::find_if(idle_.rbegin(), idle_.rend(), [&](sqlite3_stmt* stmt) { return sqlite3_sql(stmt) == sql; });
  if (found == idle_.rend()) return nullptr;
  sqlite3_stmt* const stmt = *found;
  idle_.erase(std::next(found).base());
  return stmt;
}

void Handle::keep_idle(sqlite3_stmt* stmt) noexcept {
  // A connection of somebody else may be closed any time, which fails while it has statements.
  if (!owned) {
    sqlite3_finalize(stmt);
    return;
  }
  sqlite3_reset(stmt);
  sqlite3_clear_bindings(stmt);
  if (idle_.size() == kMaxIdle) {
    sqlite3_finalize(idle_.front());
    idle_.erase(idle_.begin());
  }
  idle_.push_back(stmt);
}

int Handle::run(std::string_view sql) noexcept {
  sqlite3_stmt* stmt = take_idle(sql);
  if (stmt == nullptr) {
    const int code = sqlite3_prepare_v3(db, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &stmt, nullptr);
    if (code != SQLITE_OK) return code;
  }
  int code = SQLITE_ROW;
  while (code == SQLITE_ROW) code = sqlite3_step(stmt);
  // To reset it, as this does, keeps the message of a failure.
  keep_idle(stmt);
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

Error Handle::error(int code, std::string_view operation) {
  Failure failure;
  const bool is_latest = (sqlite3_extended_errcode(db) & 0xff) == (code & 0xff);
  failure.extended_code = is_latest ? sqlite3_extended_errcode(db) : code;
  failure.message = is_latest ? sqlite3_errmsg(db) : sqlite3_errstr(code);
  const int primary = code & 0xff;
  if (is_latest && (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN)) failure.system_errno = sqlite3_system_errno(db);
  failure.deadline_passed = deadline_passed;
  failure.path = path;
  if (is_write_failure(failure.extended_code)) write_failed = true;
  return map_error(failure, operation);
}

}  // namespace cmem::sqlite
