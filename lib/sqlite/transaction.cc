#include "sqlite/transaction.h"

#include <fmt/format.h>

#include "sqlite/api.h"

namespace cmem::sqlite {

Result<Transaction> Transaction::begin_immediate(Connection& connection) {
  if (connection.write_failed()) {
    return Unexpected(Code::kIo, fmt::format("cannot write to {}: an earlier write failed; check the disk and open the store again",
                                             connection.path()));
  }
  CMEM_TRY(connection.exec("BEGIN IMMEDIATE"));
  return Transaction(connection.handle());
}

Result<Transaction> Transaction::begin_read(Connection& connection) {
  CMEM_TRY(connection.exec("BEGIN"));
  Transaction transaction(connection.handle());
  // BEGIN alone takes no snapshot; the first read does.
  CMEM_TRY(connection.query_int("PRAGMA schema_version"));
  return transaction;
}

Status Transaction::commit() {
  if (!handle_) return Unexpected(Code::kInternal, "cannot commit: the transaction has ended; please report this");
  const int code = sqlite3_exec(handle_->db, "COMMIT", nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return Unexpected(handle_->error(code, "cannot commit"));
  handle_.reset();
  return {};
}

void Transaction::rollback() noexcept {
  if (!handle_) return;
  // SQLite itself rolls back after some errors (disk full, I/O): then there is nothing left to do.
  if (sqlite3_get_autocommit(handle_->db) == 0) sqlite3_exec(handle_->db, "ROLLBACK", nullptr, nullptr, nullptr);
  handle_.reset();
}

}  // namespace cmem::sqlite
