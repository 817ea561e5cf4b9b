// The WAL-reset race of SQLite before 3.51.3, made to happen at the one moment that matters: a checkpoint has read the
// log's header and not yet how far the log is copied. SQLite calls xUnfetch(file, 0, null) exactly there.
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <utility>

#include "sqlite/api.h"
#include "sqlite/transaction.h"
#include "sqlite/vfs_guard.h"
#include "unit/sqlite/temp_store.h"

using namespace cmem;
using namespace cmem::sqlite;
using cmem::test::make_database;
using cmem::test::must;
using cmem::test::TempFolder;

namespace {

bool has_wal_reset_bug(int version) {
  if (version >= 3051003) return false;
  return !(version >= 3044006 && version < 3045000) && !(version >= 3050007 && version < 3051000);
}

// Runs `action` once, in the window of the checkpoint of the one file whose methods it has replaced.
struct Window {
  const sqlite3_io_methods* original = nullptr;
  sqlite3_io_methods patched{};
  std::function<void()> action;
};

Window& window() {
  static Window the_window;
  return the_window;
}

int unfetch_in_window(sqlite3_file* file, sqlite3_int64 offset, void* page) {
  if (offset == 0 && page == nullptr) {
    if (const auto action = std::exchange(window().action, nullptr)) action();
  }
  return window().original->xUnfetch(file, offset, page);
}

sqlite3* open_raw(const std::string& path, const char* vfs) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs) == SQLITE_OK);
  return db;
}

int run(sqlite3* db, const char* sql) { return sqlite3_exec(db, sql, nullptr, nullptr, nullptr); }

void watch_window(sqlite3* db) {
  sqlite3_file* file = nullptr;
  REQUIRE(sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK);
  window().original = file->pMethods;
  window().patched = *file->pMethods;
  window().patched.xUnfetch = unfetch_in_window;
  file->pMethods = &window().patched;
}

int passive_checkpoint(sqlite3* db) { return sqlite3_wal_checkpoint_v2(db, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr); }

bool is_sound(const std::string& path) {
  sqlite3* db = open_raw(path, nullptr);
  std::string first_line;
  const auto keep_first = [](void* out, int, char** values, char**) {
    *static_cast<std::string*>(out) = values[0];
    return 1;
  };
  const int code = sqlite3_exec(db, "PRAGMA integrity_check", keep_first, &first_line, nullptr);
  sqlite3_close(db);
  return (code == SQLITE_OK || code == SQLITE_ABORT) && first_line == "ok";
}

constexpr const char* kSetup =
    "PRAGMA auto_vacuum=0; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;"
    "CREATE TABLE t(a INTEGER PRIMARY KEY, b);"
    "WITH s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 200) INSERT INTO t SELECT NULL, randomblob(600) FROM s;"
    "CREATE INDEX t_b ON t(b); PRAGMA wal_checkpoint;";

struct Outcome {
  int commit_in_window = -1;
  bool is_sound = false;
};

Outcome commit_inside_checkpoint(const std::string& path, const char* vfs) {
  Outcome outcome;
  sqlite3* writer = open_raw(path, vfs);
  REQUIRE(run(writer, kSetup) == SQLITE_OK);
  sqlite3* checkpointer = open_raw(path, vfs);
  REQUIRE(run(checkpointer, "PRAGMA wal_autocheckpoint=0; SELECT count(*) FROM t") == SQLITE_OK);
  watch_window(checkpointer);
  REQUIRE(run(writer, "UPDATE t SET b=randomblob(600); PRAGMA wal_checkpoint;") == SQLITE_OK);
  window().action = [&] { outcome.commit_in_window = run(writer, "UPDATE t SET b=randomblob(600) WHERE a < 5"); };
  REQUIRE(passive_checkpoint(checkpointer) == SQLITE_OK);
  REQUIRE(run(writer, "UPDATE t SET b=randomblob(600)") == SQLITE_OK);
  passive_checkpoint(checkpointer);
  // Without the guard this one may already see the damage.
  run(writer, "UPDATE t SET b=randomblob(600) WHERE a < 3");
  sqlite3_close(checkpointer);
  sqlite3_close(writer);
  outcome.is_sound = is_sound(path);
  return outcome;
}

int churn(const std::string& path, const std::atomic<bool>& stop) {
  auto connection = Connection::open(path, OpenOptions{});
  int commits = 0;
  while (connection && !stop) {
    auto transaction = Transaction::begin_immediate(*connection);
    if (!transaction) continue;
    if (!connection->exec("UPDATE t SET b=randomblob(600) WHERE a % 7 = abs(random()) % 7")) continue;
    if (transaction->commit()) ++commits;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  return commits;
}

}  // namespace

TEST_CASE("Without the guard a commit inside a checkpoint damages the file", "[fault]") {
  if (!has_wal_reset_bug(sqlite3_libversion_number())) {
    std::printf("SKIPPED: SQLite %s has no WAL-reset race; the guard is a second lock only\n", sqlite3_libversion());
    return;
  }
  TempFolder folder;
  const Outcome outcome = commit_inside_checkpoint(folder.file("a.db"), internal::unguarded_vfs_name());
  CHECK(outcome.commit_in_window == SQLITE_OK);
  CHECK_FALSE(outcome.is_sound);
}

TEST_CASE("With the guard a commit inside a checkpoint is busy and the file stays sound", "[fault]") {
  TempFolder folder;
  const Outcome outcome = commit_inside_checkpoint(folder.file("a.db"), guard_vfs_name());
  CHECK(outcome.commit_in_window == SQLITE_BUSY);
  CHECK(outcome.is_sound);
}

TEST_CASE("Every mode of checkpoint works under the guard while others write", "[fault][threads]") {
  TempFolder folder;
  const std::string path = folder.file("a.db");
  Connection connection = make_database(path);
  must(
      connection.exec("CREATE TABLE t(a INTEGER PRIMARY KEY, b); CREATE INDEX t_b ON t(b);"
                      "WITH s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 200) "
                      "INSERT INTO t SELECT NULL, randomblob(600) FROM s"));
  std::atomic<bool> stop = false;
  int commits[2] = {0, 0};
  std::thread first([&] { commits[0] = churn(path, stop); });
  std::thread second([&] { commits[1] = churn(path, stop); });
  constexpr int kPerMode = 200;
  std::map<CheckpointMode, int> successes;
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  for (const auto mode : {CheckpointMode::passive, CheckpointMode::full, CheckpointMode::restart, CheckpointMode::truncate}) {
    while (successes[mode] < kPerMode && std::chrono::steady_clock::now() < limit) {
      const Status status = connection.checkpoint(mode, nullptr, nullptr);
      if (status) ++successes[mode];
      if (!status && status.error().code != Code::kBusy) FAIL_CHECK(status.error().text);
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
  }
  stop = true;
  first.join();
  second.join();
  for (const auto& [mode, count] : successes) CHECK(count == kPerMode);
  CHECK(commits[0] > 0);
  CHECK(commits[1] > 0);
  CHECK(must(connection.query_text("PRAGMA integrity_check")) == "ok");
  CHECK(must(connection.query_int("SELECT count(*) FROM t")) == 200);
}

TEST_CASE("A checkpoint that finds a writer at work leaves no lock behind", "[fault]") {
  TempFolder folder;
  const std::string path = folder.file("a.db");
  Connection writer = make_database(path);
  must(writer.exec("CREATE TABLE t(a)"));
  Connection first = must(Connection::open(path, OpenOptions{}));
  Connection second = must(Connection::open(path, OpenOptions{}));
  for (const auto mode : {CheckpointMode::passive, CheckpointMode::full, CheckpointMode::restart, CheckpointMode::truncate}) {
    {
      Transaction transaction = must(Transaction::begin_immediate(writer));
      must(writer.exec("INSERT INTO t VALUES(1)"));
      const Status busy = first.checkpoint(mode, nullptr, nullptr);
      REQUIRE_FALSE(busy);
      CHECK(busy.error().code == Code::kBusy);
      must(transaction.commit());
    }
    must(second.checkpoint(mode, nullptr, nullptr));
    must(writer.exec("INSERT INTO t VALUES(2)"));
  }
}
