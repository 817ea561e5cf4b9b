// An open database with the settings that make it safe here: WAL, full sync, the checkpoint guard (vfs_guard.h), no
// checkpoint behind our back, nothing trusted in the schema. One thread at a time, except interrupt(), which any thread
// may call while the connection lives. Must not be used across fork().
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sqlite/handle.h"
#include "sqlite/statement.h"

namespace cmem::sqlite {

struct OpenOptions {
  bool read_only = false;
  // Makes the file (0600) if there is none. Ignored if read_only.
  bool create = false;
  // False: a power loss may drop the last commits, but never damages the file.
  bool full_sync = true;
  int cache_kib = 65536;
  // Of a new file only.
  int page_size = 8192;
  // Refuses SQL that writes to sqlite_schema, or to the shadow tables of a virtual table.
  bool defensive = true;
};

enum class CheckpointMode { passive, full, restart, truncate };

class Connection {
 public:
  Connection(Connection&&) noexcept = default;
  Connection& operator=(Connection&&) noexcept = default;
  ~Connection() = default;

  // kNotFound if there is no file and `create` is off; kNotAStore if it is not a database.
  static Result<Connection> open(const std::string& path, const OpenOptions& options);
  // Wraps a connection of someone else, who keeps and closes it; nothing of it is set.
  static Connection borrow(sqlite3* db);

  // Runs any number of statements; rows are thrown away.
  Status exec(const std::string& sql);
  // Exactly one statement, to be used many times.
  Result<Statement> prepare(std::string_view sql);
  // The first column of the first row. kNotFound if there is no row; NULL is 0 or "".
  Result<std::int64_t> query_int(std::string_view sql);
  Result<std::string> query_text(std::string_view sql);

  // What runs on this connection stops with kCancelled.
  void interrupt() noexcept;
  // What runs past the deadline stops with kLimit. Looked at every few thousand steps of SQLite's machine.
  void set_deadline(std::chrono::steady_clock::time_point deadline) noexcept;
  void clear_deadline() noexcept;

  // Copies the log into the file; waits for nobody. kBusy if another connection writes or checkpoints, and, unless
  // passive, if a reader stands in the way. The counts are pages, -1 if unknown, 0 after a truncate; either may be null.
  Status checkpoint(CheckpointMode mode, int* wal_pages, int* checkpointed_pages);
  // Size of the log file, 0 if there is none.
  [[nodiscard]] std::int64_t wal_bytes() const noexcept;

  [[nodiscard]] std::int64_t last_insert_rowid() const noexcept;
  // Rows that the last INSERT, UPDATE or DELETE changed.
  [[nodiscard]] std::int64_t changes() const noexcept;
  [[nodiscard]] bool in_transaction() const noexcept;
  // A write or fsync failed: the connection may still be read, but writes need a new one.
  [[nodiscard]] bool write_failed() const noexcept { return handle_->write_failed; }
  [[nodiscard]] sqlite3* raw() const noexcept { return handle_->db; }
  [[nodiscard]] std::string path() const { return handle_->path; }
  [[nodiscard]] const std::shared_ptr<Handle>& handle() const noexcept { return handle_; }
  // The error of the last call on raw(); `what` says what was tried.
  [[nodiscard]] Error last_error(std::string_view what) const;

 private:
  explicit Connection(std::shared_ptr<Handle> handle) noexcept : handle_(std::move(handle)) {}

  std::shared_ptr<Handle> handle_;
};

}  // namespace cmem::sqlite
