#include "sqlite/error_map.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "sqlite/api.h"

namespace cmem::sqlite {
namespace {

struct Meaning {
  Code code;
  const char* advice;
};

Meaning io_meaning(const Failure& failure) {
  const int reason = failure.system_errno;
  if (reason == ENOSPC || reason == EDQUOT || reason == EFBIG || failure.extended_code == SQLITE_IOERR_SHMSIZE) {
    return {Code::kFull, "free disk space or raise the limit (quota, file size), then try again"};
  }
  if (failure.extended_code == SQLITE_IOERR_NOMEM) return {Code::kNoMemory, "close other work or lower the cache size"};
  return {Code::kIo, "check the disk and the system log, then open the store again"};
}

Meaning interrupt_meaning(const Failure& failure) {
  if (failure.deadline_passed) return {Code::kLimit, "it took longer than its time limit: narrow it or raise the limit"};
  return {Code::kCancelled, "it was stopped on request: run it again if it is still wanted"};
}

// SQLite has no code of its own for a write to a view or to a table that it keeps for itself.
bool is_refused_write(std::string_view message) {
  return message.ends_with("because it is a view") || message.ends_with("may not be modified");
}

Meaning meaning_of(const Failure& failure) {
  switch (failure.extended_code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_PROTOCOL:
    case SQLITE_LOCKED:
      return {Code::kBusy, "another connection is using it: try again"};
    case SQLITE_FULL:
      return {Code::kFull, "free disk space, then try again"};
    case SQLITE_IOERR:
      return io_meaning(failure);
    case SQLITE_CORRUPT:
      return {Code::kCorrupt, "the file is damaged: restore a backup"};
    case SQLITE_NOTADB:
      return {Code::kNotAStore, "this file is not a SQLite database"};
    case SQLITE_READONLY:
      return {Code::kReadOnly, "open it for writing, and check the permissions of the file and its folder"};
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {Code::kReadOnly, "check the permissions of the file and its folder"};
    case SQLITE_CANTOPEN:
      return {Code::kIo, "check the path and the permissions of the file and its folder"};
    case SQLITE_INTERRUPT:
      return interrupt_meaning(failure);
    case SQLITE_NOMEM:
      return {Code::kNoMemory, "close other work or lower the cache size"};
    case SQLITE_ERROR:
      if (is_refused_write(failure.message)) return {Code::kReadOnly, "it can only be read"};
      return {Code::kInvalid, "check the SQL"};
    case SQLITE_TOOBIG:
      return {Code::kLimit, "the value is larger than SQLite stores"};
    default:
      return {Code::kInternal, "please report this"};
  }
}

}  // namespace

Error map_error(const Failure& failure, std::string_view operation) {
  const Meaning meaning = meaning_of(failure);
  std::string text = fmt::format("{}{}{}: {}", operation, failure.path.empty() ? "" : " in ", failure.path, failure.message);
  if (failure.system_errno != 0) text += fmt::format(" ({})", std::strerror(failure.system_errno));
  text += fmt::format("; {}", meaning.advice);
  return {meaning.code, std::move(text), failure.extended_code};
}

bool is_write_failure(int extended_code) noexcept {
  return extended_code == SQLITE_IOERR_WRITE || extended_code == SQLITE_IOERR_FSYNC || extended_code == SQLITE_IOERR_DIR_FSYNC ||
         extended_code == SQLITE_IOERR_TRUNCATE;
}

}  // namespace cmem::sqlite
