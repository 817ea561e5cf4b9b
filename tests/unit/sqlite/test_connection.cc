#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "sqlite/api.h"
#include "sqlite/transaction.h"
#include "unit/sqlite/temp_store.h"

using namespace cmem;
using namespace cmem::sqlite;
using cmem::test::make_database;
using cmem::test::must;
using cmem::test::open_reader;
using cmem::test::TempFolder;
using namespace std::chrono_literals;

namespace {

constexpr const char* kEndlessSql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
constexpr uid_t kNobody = 65534;

mode_t mode_of(const std::string& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 0777;
}

// Runs `body` in a child and returns its exit code.
template <typename Body>
int in_child(Body body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int read_as_nobody(const std::string& path) {
  return in_child([&] {
    if (::geteuid() == 0 && ::setuid(kNobody) != 0) return 90;
    OpenOptions options;
    options.read_only = true;
    auto reader = Connection::open(path, options);
    if (!reader) return reader.error().code == Code::kReadOnly && reader.error().text.find("-shm") != std::string::npos ? 80 : 81;
    auto count = reader->query_int("SELECT count(*) FROM t");
    return count && *count == 1 ? 0 : 82;
  });
}

}  // namespace

TEST_CASE("A new database and its log files are private to the user", "[sqlite]") {
  TempFolder folder;
  const mode_t old_mask = ::umask(0);
  Connection connection = make_database(folder.file("a.db"));
  must(connection.exec("CREATE TABLE t(a)"));
  ::umask(old_mask);
  CHECK(mode_of(folder.file("a.db")) == 0600);
  CHECK(mode_of(folder.file("a.db-wal")) == 0600);
  CHECK(mode_of(folder.file("a.db-shm")) == 0600);
}

TEST_CASE("A writer has the settings that keep the data safe", "[sqlite]") {
  TempFolder folder;
  Connection connection = make_database(folder.file("a.db"));
  CHECK(must(connection.query_text("PRAGMA journal_mode")) == "wal");
  CHECK(must(connection.query_int("PRAGMA synchronous")) == 2);
  CHECK(must(connection.query_int("PRAGMA wal_autocheckpoint")) == 0);
  CHECK(must(connection.query_int("PRAGMA secure_delete")) == 0);
  CHECK(must(connection.query_int("PRAGMA temp_store")) == 2);
  CHECK(must(connection.query_int("PRAGMA foreign_keys")) == 1);
  CHECK(must(connection.query_int("PRAGMA trusted_schema")) == 0);
  CHECK(must(connection.query_int("PRAGMA cell_size_check")) == 1);
  CHECK(must(connection.query_int("PRAGMA page_size")) == 8192);
  CHECK(must(connection.query_int("PRAGMA mmap_size")) == 0);
  CHECK(must(connection.query_int("PRAGMA query_only")) == 0);
}

TEST_CASE("Normal durability is chosen by an option", "[sqlite]") {
  TempFolder folder;
  OpenOptions options;
  options.create = true;
  options.full_sync = false;
  Connection connection = must(Connection::open(folder.file("a.db"), options));
  CHECK(must(connection.query_int("PRAGMA synchronous")) == 1);
}

TEST_CASE("A file that is missing is not found, and not made", "[sqlite]") {
  TempFolder folder;
  for (const bool read_only : {false, true}) {
    OpenOptions options;
    options.read_only = read_only;
    const auto missing = Connection::open(folder.file("none.db"), options);
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == Code::kNotFound);
    CHECK_FALSE(std::filesystem::exists(folder.file("none.db")));
  }
}

TEST_CASE("A folder or a text file is not a store", "[sqlite]") {
  TempFolder folder;
  std::ofstream(folder.file("text.db")) << std::string(5000, 'x');
  for (const std::string& path : {folder.path(), folder.file("text.db")}) {
    const auto wrong = Connection::open(path, OpenOptions{});
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().code == Code::kNotAStore);
    CHECK(wrong.error().text.find(path) != std::string::npos);
  }
}

TEST_CASE("A path that looks like a URI is a plain file name", "[sqlite]") {
  TempFolder folder;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  {
    Connection connection = make_database("file:a.db?nolock=1");
    must(connection.exec("CREATE TABLE t(a)"));
  }
  std::filesystem::current_path(before);
  CHECK(std::filesystem::exists(folder.file("file:a.db?nolock=1")));
}

TEST_CASE("A reader cannot write", "[sqlite]") {
  TempFolder folder;
  Connection writer = make_database(folder.file("a.db"));
  must(writer.exec("CREATE TABLE t(a)"));
  Connection reader = open_reader(folder.file("a.db"));
  const Status failed = reader.exec("INSERT INTO t VALUES(1)");
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == Code::kReadOnly);
}

TEST_CASE("FTS5 works on a defensive connection, but its shadow tables are out of reach", "[sqlite]") {
  TempFolder folder;
  Connection connection = make_database(folder.file("a.db"));
  must(connection.exec("CREATE VIRTUAL TABLE f USING fts5(body); INSERT INTO f VALUES('hello world')"));
  CHECK(must(connection.query_int("SELECT count(*) FROM f WHERE f MATCH 'hello'")) == 1);
  must(connection.exec("INSERT INTO f(f) VALUES('optimize')"));
  CHECK_FALSE(connection.exec("DELETE FROM f_data"));
}

TEST_CASE("A missing row is not found", "[sqlite]") {
  TempFolder folder;
  Connection connection = make_database(folder.file("a.db"));
  const auto none = connection.query_int("SELECT 1 WHERE 0");
  REQUIRE_FALSE(none);
  CHECK(none.error().code == Code::kNotFound);
  CHECK(connection.query_text("SELECT 1 WHERE 0").error().code == Code::kNotFound);
}

TEST_CASE("A query past its deadline ends with a limit error, and the next one runs", "[sqlite]") {
  TempFolder folder;
  Connection connection = make_database(folder.file("a.db"));
  connection.set_deadline(std::chrono::steady_clock::now() + 20ms);
  const auto late = connection.query_int(kEndlessSql);
  REQUIRE_FALSE(late);
  CHECK(late.error().code == Code::kLimit);
  connection.clear_deadline();
  CHECK(must(connection.query_int("SELECT 1")) == 1);
}

TEST_CASE("An interrupt from another thread cancels the query", "[sqlite][threads]") {
  TempFolder folder;
  Connection connection = make_database(folder.file("a.db"));
  std::atomic<bool> is_done = false;
  std::thread canceller([&] {
    while (!is_done) {
      connection.interrupt();
      std::this_thread::sleep_for(1ms);
    }
  });
  const auto cancelled = connection.query_int(kEndlessSql);
  is_done = true;
  canceller.join();
  REQUIRE_FALSE(cancelled);
  CHECK(cancelled.error().code == Code::kCancelled);
}

TEST_CASE("A checkpoint moves the log into the file, and truncate empties the log", "[sqlite]") {
  TempFolder folder;
  Connection connection = make_database(folder.file("a.db"));
  must(connection.exec("CREATE TABLE t(a); INSERT INTO t VALUES(randomblob(100000))"));
  CHECK(connection.wal_bytes() > 100000);
  int wal_pages = 0;
  int copied_pages = 0;
  must(connection.checkpoint(CheckpointMode::passive, &wal_pages, &copied_pages));
  CHECK(wal_pages > 10);
  CHECK(copied_pages == wal_pages);
  must(connection.checkpoint(CheckpointMode::truncate, nullptr, nullptr));
  CHECK(connection.wal_bytes() == 0);
}

TEST_CASE("A truncating checkpoint does not wait for a reader that stands in the way", "[sqlite]") {
  TempFolder folder;
  Connection writer = make_database(folder.file("a.db"));
  must(writer.exec("CREATE TABLE t(a)"));
  Connection reader = open_reader(folder.file("a.db"));
  Transaction snapshot = must(Transaction::begin_read(reader));
  must(writer.exec("INSERT INTO t VALUES(1)"));
  const auto start = std::chrono::steady_clock::now();
  const Status busy = writer.checkpoint(CheckpointMode::truncate, nullptr, nullptr);
  REQUIRE_FALSE(busy);
  CHECK(busy.error().code == Code::kBusy);
  CHECK(std::chrono::steady_clock::now() - start < 4s);  // other calls wait 5 s
  must(writer.checkpoint(CheckpointMode::passive, nullptr, nullptr));
}

TEST_CASE("The log files stay when the last connection closes", "[sqlite]") {
  TempFolder folder;
  must(make_database(folder.file("a.db")).exec("CREATE TABLE t(a)"));
  CHECK(std::filesystem::file_size(folder.file("a.db-wal")) > 0);
  CHECK(std::filesystem::exists(folder.file("a.db-shm")));
}

TEST_CASE("A reader without write permission on the folder reads, if the log files are there", "[sqlite]") {
  TempFolder folder;
  {
    Connection writer = make_database(folder.file("a.db"));
    must(writer.exec("CREATE TABLE t(a); INSERT INTO t VALUES(1)"));
    for (const char* suffix : {"", "-wal", "-shm"}) REQUIRE(::chmod((folder.file("a.db") + suffix).c_str(), 0644) == 0);
    REQUIRE(::chmod(folder.path().c_str(), 0555) == 0);
    CHECK(read_as_nobody(folder.file("a.db")) == 0);
  }
  CHECK(read_as_nobody(folder.file("a.db")) == 0);
  REQUIRE(::chmod(folder.path().c_str(), 0755) == 0);
  std::filesystem::remove(folder.file("a.db-wal"));
  std::filesystem::remove(folder.file("a.db-shm"));
  REQUIRE(::chmod(folder.path().c_str(), 0555) == 0);
  CHECK(read_as_nobody(folder.file("a.db")) == 80);
  REQUIRE(::chmod(folder.path().c_str(), 0755) == 0);
}

TEST_CASE("Several processes may create the same database at once", "[sqlite]") {
  TempFolder folder;
  constexpr int kProcesses = 6;
  const std::string path = folder.file("a.db");
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      OpenOptions options;
      options.create = true;
      auto connection = Connection::open(path, options);
      ::_exit(connection && connection->exec("CREATE TABLE IF NOT EXISTS t(a); INSERT INTO t VALUES(1)") ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
  }
  CHECK(must(make_database(path).query_int("SELECT count(*) FROM t")) == kProcesses);
}

TEST_CASE("A borrowed connection is not closed", "[sqlite]") {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(":memory:", &db) == SQLITE_OK);
  {
    Connection borrowed = Connection::borrow(db);
    must(borrowed.exec("CREATE TABLE t(a)"));
    CHECK(borrowed.path().empty());
    CHECK(borrowed.wal_bytes() == 0);
  }
  CHECK(sqlite3_exec(db, "INSERT INTO t VALUES(1)", nullptr, nullptr, nullptr) == SQLITE_OK);
  CHECK(sqlite3_close(db) == SQLITE_OK);
}
