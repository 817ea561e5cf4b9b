#include "sqlite/handle.h"

#include "sqlite/api.h"
#include "sqlite/error_map.h"

namespace cmem::sqlite {

Handle::~Handle() {
  if (owned) sqlite3_close_v2(db);
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
