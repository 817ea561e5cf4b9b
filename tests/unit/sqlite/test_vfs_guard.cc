// What the guard does for checkpoints is in tests/fault/test_walreset.cc. Here: all else is as without it.
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstring>
#include <thread>
#include <vector>

#include "sqlite/api.h"
#include "sqlite/vfs_guard.h"
#include "unit/sqlite/temp_store.h"

using namespace cmem::sqlite;
using cmem::test::TempFolder;

namespace {

sqlite3* open_guarded(const std::string& name, int extra_flags = 0) {
  sqlite3* db = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | extra_flags;
  REQUIRE(sqlite3_open_v2(name.c_str(), &db, flags, guard_vfs_name()) == SQLITE_OK);
  return db;
}

void run(sqlite3* db, const std::string& sql) {
  INFO(sql);
  const int code = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr);
  INFO(sqlite3_errmsg(db));
  REQUIRE(code == SQLITE_OK);
}

std::string text_of(sqlite3* db, const std::string& sql) {
  std::string result;
  const auto keep = [](void* out, int, char** values, char**) {
    *static_cast<std::string*>(out) = values[0] != nullptr ? values[0] : "";
    return 0;
  };
  sqlite3_exec(db, sql.c_str(), keep, &result, nullptr);
  return result;
}

constexpr const char* kFill =
    "CREATE TABLE t(a, b); WITH s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 5000) INSERT INTO t SELECT i, "
    "randomblob(200) FROM s;";

void exercise(sqlite3* db) {
  // Small caches and file storage make the sorter, the statement journal and VACUUM write temporary files.
  run(db, "PRAGMA temp_store=FILE; PRAGMA cache_size=10;");
  run(db, kFill);
  run(db, "CREATE TABLE sorted AS SELECT * FROM t ORDER BY b");
  run(db, "CREATE TEMP TABLE scratch AS SELECT * FROM t");
  run(db, "BEGIN; DELETE FROM t WHERE a % 2; ROLLBACK");
  run(db, "DELETE FROM sorted; VACUUM");
  CHECK(text_of(db, "PRAGMA integrity_check") == "ok");
  CHECK(text_of(db, "SELECT count(*) FROM t") == "5000");
  CHECK(text_of(db, "SELECT count(*) FROM scratch") == "5000");
  sqlite3_close(db);
}

}  // namespace

TEST_CASE("The guard is registered once, also if many threads ask at once, and is not the default", "[sqlite][threads]") {
  std::vector<std::thread> threads;
  std::vector<const char*> names(8, nullptr);
  for (std::size_t i = 0; i < names.size(); ++i) threads.emplace_back([&names, i] { names[i] = guard_vfs_name(); });
  for (std::thread& thread : threads) thread.join();
  for (const char* name : names) CHECK(std::strcmp(name, "cmem-guard") == 0);
  CHECK(sqlite3_vfs_find("cmem-guard") != nullptr);
  CHECK(sqlite3_vfs_find(nullptr) != sqlite3_vfs_find("cmem-guard"));
}

TEST_CASE("Every journal mode works through the guard", "[sqlite]") {
  for (const std::string mode : {"delete", "truncate", "persist", "memory", "wal"}) {
    TempFolder folder;
    sqlite3* db = open_guarded(folder.file("a.db"));
    REQUIRE(text_of(db, "PRAGMA journal_mode=" + mode) == mode);
    exercise(db);
  }
}

TEST_CASE("Memory maps and exclusive locking work through the guard", "[sqlite]") {
  for (const std::string setting : {"mmap_size=1000000", "locking_mode=EXCLUSIVE"}) {
    TempFolder folder;
    sqlite3* db = open_guarded(folder.file("a.db"));
    run(db, "PRAGMA " + setting + "; PRAGMA journal_mode=WAL");
    exercise(db);
  }
}

TEST_CASE("Databases in memory and temporary ones work through the guard", "[sqlite]") {
  exercise(open_guarded(":memory:"));
  exercise(open_guarded(""));
}

TEST_CASE("A file without locks has no shared memory, and SQLite sees that through the guard", "[sqlite]") {
  TempFolder folder;
  sqlite3* db = open_guarded("file:" + folder.file("a.db") + "?nolock=1", SQLITE_OPEN_URI);
  CHECK(text_of(db, "PRAGMA journal_mode=WAL") == "delete");
  exercise(db);
}

TEST_CASE("An attached database goes through the guard as well", "[sqlite]") {
  TempFolder folder;
  sqlite3* db = open_guarded(folder.file("a.db"));
  run(db, "ATTACH '" + folder.file("b.db") + "' AS b; PRAGMA b.journal_mode=WAL; CREATE TABLE b.t(a); INSERT INTO b.t VALUES(1)");
  CHECK(text_of(db, "SELECT count(*) FROM b.t") == "1");
  sqlite3_vfs* used = nullptr;
  REQUIRE(sqlite3_file_control(db, "b", SQLITE_FCNTL_VFS_POINTER, &used) == SQLITE_OK);
  CHECK(std::strcmp(used->zName, "cmem-guard") == 0);
  sqlite3_close(db);
}

TEST_CASE("A file that cannot be opened fails through the guard with its system error", "[sqlite]") {
  TempFolder folder;
  sqlite3* db = nullptr;
  const std::string path = folder.file("none") + "/a.db";
  CHECK(sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, guard_vfs_name()) == SQLITE_CANTOPEN);
  CHECK(sqlite3_system_errno(db) == ENOENT);
  sqlite3_close(db);
}
