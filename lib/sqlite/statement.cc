#include "sqlite/statement.h"

#include <fmt/format.h>

#include "sqlite/api.h"

namespace cmem::sqlite {
namespace {

// SQLite takes a null pointer for NULL, so an empty view without storage needs some address.
constexpr const char* kEmpty = "";
constexpr std::size_t kMaxSqlInError = 120;

}  // namespace

int Statement::bind_int_code(int index, std::int64_t value) noexcept { return sqlite3_bind_int64(stmt_, index, value); }
int Statement::bind_null_code(int index) noexcept { return sqlite3_bind_null(stmt_, index); }
int Statement::bind_real_code(int index, double value) noexcept { return sqlite3_bind_double(stmt_, index, value); }

int Statement::bind_text_code(int index, std::string_view text, bool copy) noexcept {
  const char* data = text.data() != nullptr ? text.data() : kEmpty;
  return sqlite3_bind_text64(stmt_, index, data, text.size(), copy ? SQLITE_TRANSIENT : SQLITE_STATIC, SQLITE_UTF8);
}

int Statement::bind_blob_code(int index, std::span<const std::byte> blob, bool copy) noexcept {
  const void* data = blob.data() != nullptr ? static_cast<const void*>(blob.data()) : kEmpty;
  return sqlite3_bind_blob64(stmt_, index, data, blob.size(), copy ? SQLITE_TRANSIENT : SQLITE_STATIC);
}

int Statement::step_code() noexcept {
  static_assert(kRow == SQLITE_ROW && kDone == SQLITE_DONE && kNullType == SQLITE_NULL && SQLITE_OK == 0);
  return sqlite3_step(stmt_);
}

int Statement::run_code() noexcept {
  int code = sqlite3_step(stmt_);
  while (code == SQLITE_ROW) code = sqlite3_step(stmt_);
  // After a failed step, reset returns that failure again and keeps the connection's message.
  const int reset_code = sqlite3_reset(stmt_);
  return code == SQLITE_DONE ? reset_code : code;
}

void Statement::reset() noexcept { sqlite3_reset(stmt_); }
void Statement::release() noexcept { handle_->keep_idle(stmt_); }

Error Statement::error(int code, const char* operation) {
  if (stmt_ == nullptr) return {Code::kInternal, fmt::format("{}: the statement is empty", operation), code};
  const char* sql = sqlite3_sql(stmt_);
  const std::string_view shown = sql != nullptr ? std::string_view(sql).substr(0, kMaxSqlInError) : std::string_view();
  return handle_->error(code, fmt::format("{} ({})", operation, shown));
}

int Statement::column_count() const noexcept { return sqlite3_column_count(stmt_); }

std::string_view Statement::column_name(int column) const noexcept {
  const char* name = sqlite3_column_name(stmt_, column);
  return name != nullptr ? name : kEmpty;
}

int Statement::column_type(int column) const noexcept { return sqlite3_column_type(stmt_, column); }
std::int64_t Statement::column_int(int column) const noexcept { return sqlite3_column_int64(stmt_, column); }
double Statement::column_real(int column) const noexcept { return sqlite3_column_double(stmt_, column); }

std::string_view Statement::column_text(int column) const noexcept {
  // The text first: asking for it may convert the value, which changes the byte count.
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(stmt_, column));
  const int size_bytes = sqlite3_column_bytes(stmt_, column);
  return text != nullptr ? std::string_view(text, static_cast<std::size_t>(size_bytes)) : std::string_view();
}

std::span<const std::byte> Statement::column_blob(int column) const noexcept {
  const auto* blob = static_cast<const std::byte*>(sqlite3_column_blob(stmt_, column));
  const int size_bytes = sqlite3_column_bytes(stmt_, column);
  return blob != nullptr ? std::span(blob, static_cast<std::size_t>(size_bytes)) : std::span<const std::byte>();
}

}  // namespace cmem::sqlite
