#include "sqlite/connection.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "sqlite/api.h"
#include "sqlite/vfs_guard.h"

namespace cmem::sqlite {
namespace {

// Our own writers queue at a lock file, so this wait is only for others: recovery, a checkpoint, a foreign tool.
constexpr int kBusyTimeoutMs = 5000;
// About a millisecond of work between two looks at the clock.
constexpr int kStepsPerDeadlineCheck = 4000;
// The log is cut to this when it starts anew. Far below the size that makes a checkpoint due, which is read off the file.
constexpr int kWalSizeLimitBytes = 8 << 20;

// The file is made here, and not by SQLite, to be private from its first moment; -wal and -shm take over its mode.
// O_EXCL matters: opening and closing a file that SQLite has open in this process would drop SQLite's locks on it.
Status create_private_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd >= 0) {
    ::close(fd);
    return {};
  }
  if (errno == EEXIST) return {};
  const int error_number = errno;
  const Code code = error_number == ENOSPC || error_number == EDQUOT ? Code::kFull : Code::kIo;
  return Unexpected(code,
                    fmt::format("cannot create {}: {}; check the folder and its permissions", path, std::strerror(error_number)),
                    error_number);
}

Status require_file(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0) {
    if (S_ISREG(info.st_mode)) return {};
    return Unexpected(Code::kNotAStore, fmt::format("{} is not a file; give the path of a store", path));
  }
  const int error_number = errno;
  const Code code = error_number == ENOENT || error_number == ENOTDIR ? Code::kNotFound : Code::kIo;
  return Unexpected(code, fmt::format("cannot open {}: {}; check the path", path, std::strerror(error_number)), error_number);
}

// SQLite may be built to take "file:" for a URI, whose parameters could switch locks off.
std::string plain_name(const std::string& path) { return path.rfind("file:", 0) == 0 ? "./" + path : path; }

Status configure(Handle& handle, int option, int value, const char* what) {
  const int code = sqlite3_db_config(handle.db, option, value, nullptr);
  if (code == SQLITE_OK) return {};
  return Unexpected(handle.error(code, fmt::format("cannot set {}", what)));
}

Status apply_config(Handle& handle, const OpenOptions& options) {
  CMEM_TRY(configure(handle, SQLITE_DBCONFIG_DEFENSIVE, options.defensive ? 1 : 0, "the defensive mode"));
  CMEM_TRY(configure(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, "the untrusted schema"));
  CMEM_TRY(configure(handle, SQLITE_DBCONFIG_DQS_DML, 0, "strict quoting"));
  CMEM_TRY(configure(handle, SQLITE_DBCONFIG_DQS_DDL, 0, "strict quoting"));
  CMEM_TRY(configure(handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, "extension loading"));
  return configure(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, "closing without a checkpoint");
}

// Keeps -wal and -shm when the last connection closes, so that readers without write permission on the folder can open.
Status keep_wal(Handle& handle) {
  int keep = 1;
  const int code = sqlite3_file_control(handle.db, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
  if (code == SQLITE_OK) return {};
  return Unexpected(handle.error(code, "cannot keep the log file"));
}

std::string common_pragmas(const OpenOptions& options) {
  return fmt::format(
      "PRAGMA cache_size=-{}; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0; PRAGMA foreign_keys=ON;"
      "PRAGMA cell_size_check=ON; PRAGMA wal_autocheckpoint=0;",
      options.cache_kib);
}

Status prepare_reader(Connection& connection, const OpenOptions& options) {
  return connection.exec(common_pragmas(options) + "PRAGMA query_only=ON");
}

// While another process makes the same file, SQLite says busy at once instead of waiting.
Result<std::string> switch_to_wal(Connection& connection) {
  constexpr auto kLongestWait = std::chrono::seconds(10);
  constexpr auto kPause = std::chrono::milliseconds(2);
  const auto deadline = std::chrono::steady_clock::now() + kLongestWait;
  while (true) {
    auto mode = connection.query_text("PRAGMA journal_mode=WAL");
    if (mode || mode.error().code != Code::kBusy || std::chrono::steady_clock::now() >= deadline) return mode;
    std::this_thread::sleep_for(kPause);
  }
}

// The page size counts only for a file that is still empty, and only before the journal mode writes the first page.
Status prepare_writer(Connection& connection, const OpenOptions& options) {
  CMEM_TRY(connection.exec(fmt::format("PRAGMA page_size={}; {} PRAGMA secure_delete=OFF; PRAGMA journal_size_limit={};",
                                       options.page_size, common_pragmas(options), kWalSizeLimitBytes)));
  CMEM_ASSIGN_OR_RETURN(const std::string mode, switch_to_wal(connection));
  if (mode != "wal") {
    return Unexpected(Code::kIo, fmt::format("cannot switch {} to write-ahead logging (it stays in mode {}); its file system "
                                             "must support shared memory: use a local disk",
                                             connection.path(), mode));
  }
  return connection.exec(options.full_sync ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
}

bool needs_writable_folder(int code) {
  return code == SQLITE_READONLY_CANTINIT || code == SQLITE_READONLY_RECOVERY || code == SQLITE_READONLY_DIRECTORY ||
         (code & 0xff) == SQLITE_CANTOPEN;
}

// Reads the header and opens the log: what is wrong with the file shows here, and not as a failure of some later SQL.
Status probe(Handle& handle) {
  const int code = sqlite3_exec(handle.db, "PRAGMA schema_version", nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return {};
  if (!needs_writable_folder(code)) return Unexpected(handle.error(code, "cannot open the database"));
  return Unexpected(Code::kReadOnly,
                    fmt::format("cannot read {}: its -wal and -shm files are missing or need recovery, and its folder is not "
                                "writable; open it once for writing, or get write permission on the folder",
                                handle.path),
                    code);
}

int stop_at_deadline(void* state) {
  auto* handle = static_cast<Handle*>(state);
  if (std::chrono::steady_clock::now() < handle->deadline) return 0;
  handle->deadline_passed = true;
  return 1;
}

int sqlite_mode(CheckpointMode mode) {
  switch (mode) {
    case CheckpointMode::passive:
      return SQLITE_CHECKPOINT_PASSIVE;
    case CheckpointMode::full:
      return SQLITE_CHECKPOINT_FULL;
    case CheckpointMode::restart:
      return SQLITE_CHECKPOINT_RESTART;
    case CheckpointMode::truncate:
      return SQLITE_CHECKPOINT_TRUNCATE;
  }
  return SQLITE_CHECKPOINT_PASSIVE;
}

Result<std::shared_ptr<Handle>> open_handle(const std::string& path, const OpenOptions& options) {
  const char* vfs = guard_vfs_name();
  if (vfs == nullptr) return Unexpected(Code::kInternal, "cannot register the checkpoint guard with SQLite; please report this");
  auto handle = std::make_shared<Handle>();
  handle->path = path;
  handle->owned = true;
  const int flags = (options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(plain_name(path).c_str(), &handle->db, flags, vfs);
  if (handle->db == nullptr) return Unexpected(Code::kNoMemory, fmt::format("cannot open {}: out of memory", path), code);
  if (code != SQLITE_OK) return Unexpected(handle->error(code, "cannot open the database"));
  sqlite3_extended_result_codes(handle->db, 1);
  sqlite3_busy_timeout(handle->db, kBusyTimeoutMs);
  return handle;
}

}  // namespace

Result<Connection> Connection::open(const std::string& path, const OpenOptions& options) {
  if (options.create && !options.read_only) CMEM_TRY(create_private_file(path));
  CMEM_TRY(require_file(path));
  CMEM_ASSIGN_OR_RETURN(std::shared_ptr<Handle> handle, open_handle(path, options));
  CMEM_TRY(apply_config(*handle, options));
  Connection connection(std::move(handle));
  CMEM_TRY(keep_wal(*connection.handle_));
  CMEM_TRY(probe(*connection.handle_));
  CMEM_TRY(options.read_only ? prepare_reader(connection, options) : prepare_writer(connection, options));
  return connection;
}

Connection Connection::borrow(sqlite3* db) {
  auto handle = std::make_shared<Handle>();
  handle->db = db;
  const char* path = sqlite3_db_filename(db, "main");
  if (path != nullptr) handle->path = path;
  return Connection(std::move(handle));
}

Status Connection::exec(const std::string& sql) {
  const int code = sqlite3_exec(handle_->db, sql.c_str(), nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return {};
  constexpr std::size_t kMaxSqlInError = 120;
  return Unexpected(handle_->error(code, fmt::format("cannot run SQL ({})", std::string_view(sql).substr(0, kMaxSqlInError))));
}

Result<Statement> Connection::prepare(std::string_view sql) {
  sqlite3_stmt* stmt = handle_->take_idle(sql);
  if (stmt != nullptr) return Statement(handle_, stmt);
  const int code =
      sqlite3_prepare_v3(handle_->db, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &stmt, nullptr);
  if (code != SQLITE_OK) return Unexpected(handle_->error(code, fmt::format("cannot prepare SQL ({})", sql)));
  if (stmt == nullptr) return Unexpected(Code::kInternal, "cannot prepare SQL: it is empty; please report this");
  return Statement(handle_, stmt);
}

Result<std::int64_t> Connection::query_int(std::string_view sql) {
  CMEM_ASSIGN_OR_RETURN(Statement statement, prepare(sql));
  CMEM_ASSIGN_OR_RETURN(const bool has_row, statement.step());
  if (!has_row) return Unexpected(Code::kNotFound, fmt::format("no row for the query ({}) in {}", sql, path()));
  return statement.column_int(0);
}

Result<std::string> Connection::query_text(std::string_view sql) {
  CMEM_ASSIGN_OR_RETURN(Statement statement, prepare(sql));
  CMEM_ASSIGN_OR_RETURN(const bool has_row, statement.step());
  if (!has_row) return Unexpected(Code::kNotFound, fmt::format("no row for the query ({}) in {}", sql, path()));
  return std::string(statement.column_text(0));
}

void Connection::interrupt() noexcept { sqlite3_interrupt(handle_->db); }

void Connection::set_deadline(std::chrono::steady_clock::time_point deadline) noexcept {
  handle_->deadline = deadline;
  handle_->deadline_passed = false;
  sqlite3_progress_handler(handle_->db, kStepsPerDeadlineCheck, stop_at_deadline, handle_.get());
}

void Connection::clear_deadline() noexcept {
  handle_->deadline_passed = false;
  sqlite3_progress_handler(handle_->db, 0, nullptr, nullptr);
}

Status Connection::checkpoint(CheckpointMode mode, int* wal_pages, int* checkpointed_pages) {
  int wal = -1;
  int done = -1;
  // Waiting for a reader would keep every writer out for as long.
  sqlite3_busy_timeout(handle_->db, 0);
  const int code = sqlite3_wal_checkpoint_v2(handle_->db, "main", sqlite_mode(mode), &wal, &done);
  sqlite3_busy_timeout(handle_->db, kBusyTimeoutMs);
  if (wal_pages != nullptr) *wal_pages = wal;
  if (checkpointed_pages != nullptr) *checkpointed_pages = done;
  if (code == SQLITE_OK) return {};
  return Unexpected(handle_->error(code, "cannot copy the log into the database"));
}

std::int64_t Connection::wal_bytes() const noexcept {
  struct stat info {};
  const char* database = sqlite3_db_filename(handle_->db, "main");
  if (database == nullptr || *database == '\0') return 0;
  return ::stat(sqlite3_filename_wal(database), &info) == 0 ? std::int64_t{info.st_size} : 0;
}

std::int64_t Connection::last_insert_rowid() const noexcept { return sqlite3_last_insert_rowid(handle_->db); }
std::int64_t Connection::changes() const noexcept { return sqlite3_changes64(handle_->db); }
bool Connection::in_transaction() const noexcept { return sqlite3_get_autocommit(handle_->db) == 0; }

Error Connection::last_error(std::string_view what) const { return handle_->error(sqlite3_extended_errcode(handle_->db), what); }

}  // namespace cmem::sqlite
