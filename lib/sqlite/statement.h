// A prepared statement. Made by Connection::prepare; may outlive the Connection object. One thread at a time.
//
// Parameters count from 1, columns from 0, as in SQLite. Views of a column are valid until the next step, run, reset or
// the statement's end. The success path of bind and step is inline and allocates nothing; an error's text is built only
// on failure.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "sqlite/handle.h"

struct sqlite3_stmt;

namespace cmem::sqlite {

class Statement {
 public:
  // Without a statement; only to be assigned to.
  Statement() = default;
  Statement(std::shared_ptr<Handle> handle, sqlite3_stmt* stmt) noexcept : handle_(std::move(handle)), stmt_(stmt) {}
  Statement(Statement&& other) noexcept : handle_(std::move(other.handle_)), stmt_(std::exchange(other.stmt_, nullptr)) {}
  Statement& operator=(Statement&& other) noexcept {
    std::swap(handle_, other.handle_);
    std::swap(stmt_, other.stmt_);
    return *this;
  }
  ~Statement() {
    if (stmt_ != nullptr) release();
  }

  // Binding after a step needs reset() first; run() does that itself.
  Status bind(int index, std::int64_t value) { return check(bind_int_code(index, value), kBinding); }
  Status bind_null(int index) { return check(bind_null_code(index), kBinding); }
  Status bind_real(int index, double value) { return check(bind_real_code(index, value), kBinding); }
  // An empty text or blob is stored as such, never as NULL.
  Status bind_text(int index, std::string_view text) { return check(bind_text_code(index, text, true), kBinding); }
  Status bind_blob(int index, std::span<const std::byte> blob) { return check(bind_blob_code(index, blob, true), kBinding); }
  // Without a copy: the caller keeps the bytes unchanged until they are bound anew or the statement ends.
  Status bind_text_static(int index, std::string_view text) { return check(bind_text_code(index, text, false), kBinding); }
  Status bind_blob_static(int index, std::span<const std::byte> blob) {
    return check(bind_blob_code(index, blob, false), kBinding);
  }

  // True: a row is ready. False: done.
  Result<bool> step() {
    const int code = step_code();
    if (code == kRow) return true;
    if (code == kDone) return false;
    return Unexpected(error(code, kRunning));
  }
  // Steps to the end and resets; the bindings stay. For statements whose rows nobody wants.
  Status run() { return check(run_code(), kRunning); }
  void reset() noexcept;

  [[nodiscard]] int column_count() const noexcept;
  [[nodiscard]] std::string_view column_name(int column) const noexcept;
  // SQLITE_INTEGER 1, SQLITE_FLOAT 2, SQLITE_TEXT 3, SQLITE_BLOB 4, SQLITE_NULL 5.
  [[nodiscard]] int column_type(int column) const noexcept;
  [[nodiscard]] bool column_is_null(int column) const noexcept { return column_type(column) == kNullType; }
  [[nodiscard]] std::int64_t column_int(int column) const noexcept;
  [[nodiscard]] double column_real(int column) const noexcept;
  [[nodiscard]] std::string_view column_text(int column) const noexcept;
  [[nodiscard]] std::span<const std::byte> column_blob(int column) const noexcept;

  [[nodiscard]] sqlite3_stmt* raw() const noexcept { return stmt_; }

 private:
  // SQLite's values, checked in statement.cc: this header does not see sqlite3.h.
  static constexpr int kRow = 100;
  static constexpr int kDone = 101;
  static constexpr int kNullType = 5;
  static constexpr const char* kBinding = "cannot bind a parameter";
  static constexpr const char* kRunning = "cannot run a statement";

  int bind_int_code(int index, std::int64_t value) noexcept;
  int bind_null_code(int index) noexcept;
  int bind_real_code(int index, double value) noexcept;
  int bind_text_code(int index, std::string_view text, bool copy) noexcept;
  int bind_blob_code(int index, std::span<const std::byte> blob, bool copy) noexcept;
  int step_code() noexcept;
  int run_code() noexcept;
  void release() noexcept;
  [[nodiscard]] Error error(int code, const char* operation);
  Status check(int code, const char* operation) {
    if (code == 0) [[likely]]
      return {};
    return Unexpected(error(code, operation));
  }

  std::shared_ptr<Handle> handle_;
  sqlite3_stmt* stmt_ = nullptr;
};

}  // namespace cmem::sqlite
