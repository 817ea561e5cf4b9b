// Translates SQLite's result codes into ours.
#pragma once
#include <string_view>

#include "base/error.h"

namespace cmem::sqlite {

// What SQLite said about a failed call. `system_errno` is 0 if no system call failed.
struct Failure {
  int extended_code = 0;
  int system_errno = 0;
  bool deadline_passed = false;
  std::string_view message;
  std::string_view path;
};

// `operation` says what was tried, in words: "cannot commit". The error's detail is the extended code.
[[nodiscard]] Error map_error(const Failure& failure, std::string_view operation);

// True if the write may have reached the disk in part or not at all: the system may have dropped dirty pages (a failed
// fsync marks them clean), so nothing may be written through this connection again.
[[nodiscard]] bool is_write_failure(int extended_code) noexcept;

}  // namespace cmem::sqlite
