#include "sqlite/transaction.h"

#include <fmt/format.h>

#include "sqlite/api.h"

namespace cmem::sqlite {

namespace {

Status run(Handle& handle, std::string_view sql) {
  const int code = handle.run(sql);
  if (code == SQLITE_OK) return {};
  return Unexpected(handle.error(code, fmt::format("cannot run SQL ({})", sql)));
}

}  // namespace

Result<Transaction> Transaction::begin(Connection& connection, std::string_view sql) {
  CMEM_TRY(run(*connection.handle(), sql));
  return Transaction(connection.handle());
}

Result<Transaction> Transaction::begin_immediate(Connection& connection) {
  if (connection.write_failed()) {
    return Unexpected(Code::kIo, fmt::format("cannot write to {}: an earlier write failed; check the disk and open the store again",
                                             connection.path()));
  }
  return begin(connection, "BEGIN IMMEDIATE");
}

Result<Transaction> Transaction::begin_read(Connection& connection) {
  CMEM_ASSIGN_OR_RETURN(auto transaction, begin(connection, "BEGIN"));
  // BEGIN alone takes no snapshot; the first read does.
  CMEM_TRY(run(*connection.handle(), "PRAGMA schema_version"));
  return transaction;
}

Status Transaction::commit() {
  if (!handle_) return Unexpected(Code::kInternal, "cannot commit: the transaction has ended; please report this");
  const int code = handle_->run("COMMIT");
  if (code != SQLITE_OK) return Unexpected(handle_->error(code, "cannot commit"));
  handle_.reset();
  return {};
}

void Transaction::rollback() noexcept {
  if (!handle_) return;
  // SQLite itself rolls back after some errors (disk full, I/O): then there is nothing left to do.
  if (sqlite3_get_autocommit(handle_->db) == 0) handle_->run("ROLLBACK");
  handle_.reset();
}

}  // namespace cmem::sqlite
