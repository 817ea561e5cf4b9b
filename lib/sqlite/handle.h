// A sqlite3* and what its statements, transactions and connection share. Shared ownership makes every closing order legal.
#pragma once
#include <chrono>
#include <string>
#include <string_view>

#include "base/error.h"

struct sqlite3;

namespace cmem::sqlite {

struct Handle {
  sqlite3* db = nullptr;
  bool owned = false;
  // Set once a write or fsync failed; see is_write_failure().
  bool write_failed = false;
  bool deadline_passed = false;
  std::chrono::steady_clock::time_point deadline{};
  std::string path;

  Handle() = default;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle();

  // The error of the last call that failed on `db` with result `code`. Also notes a failed write.
  [[nodiscard]] Error error(int code, std::string_view operation);
};

}  // namespace cmem::sqlite
