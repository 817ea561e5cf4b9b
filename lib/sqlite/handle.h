// A sqlite3* and what its statements, transactions and connection share. Shared ownership makes every closing order legal.
#pragma once
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace cmem::sqlite {

struct Handle {
  sqlite3* db = nullptr;
  bool owned = false;
  // Set once a write or fsync failed; see is_write_failure().
  bool write_failed = false;
  bool deadline_passed = false;
  std::chrono::steady_clock::time_point deadline{};
  std::string path;

  Handle();
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle();

  // Statements are kept when nobody uses them any more: to prepare one costs more than most questions take to run.
  // nullptr: none with this text is kept.
  sqlite3_stmt* take_idle(std::string_view sql) noexcept;
  void keep_idle(sqlite3_stmt* stmt) noexcept;

  // Runs one statement and throws its rows away. SQLite's code.
  int run(std::string_view sql) noexcept;

  // The error of the last call that failed on `db` with result `code`. Also notes a failed write.
  [[nodiscard]] Error error(int code, std::string_view operation);

 private:
  std::vector<sqlite3_stmt*> idle_;  // reset, without bindings; the one that was used last is at the end
};

}  // namespace cmem::sqlite
