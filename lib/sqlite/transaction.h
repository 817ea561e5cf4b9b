// A transaction that rolls back unless committed. Nothing else on the connection may begin or end one meanwhile.
#pragma once
#include <memory>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "sqlite/connection.h"

namespace cmem::sqlite {

class Transaction {
 public:
  // For writing. Waits a little for a writer outside our own lock file (base/lock_file.h), then kBusy.
  static Result<Transaction> begin_immediate(Connection& connection);
  // All reads until its end see the state of this moment.
  static Result<Transaction> begin_read(Connection& connection);

  Transaction(Transaction&& other) noexcept : handle_(std::move(other.handle_)) {}
  Transaction& operator=(Transaction&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Transaction() { rollback(); }

  // After a failed commit nothing is stored; the transaction rolls back when it dies.
  Status commit();
  void rollback() noexcept;

 private:
  static Result<Transaction> begin(Connection& connection, std::string_view sql);
  explicit Transaction(std::shared_ptr<Handle> handle) noexcept : handle_(std::move(handle)) {}

  // Empty once the transaction has ended.
  std::shared_ptr<Handle> handle_;
};

}  // namespace cmem::sqlite
