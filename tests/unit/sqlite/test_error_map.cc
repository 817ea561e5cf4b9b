#include <catch2/catch.hpp>
#include <cerrno>

#include "sqlite/api.h"
#include "sqlite/error_map.h"
#include "unit/sqlite/temp_store.h"

using namespace cmem;
using namespace cmem::sqlite;
using cmem::test::make_database;
using cmem::test::must;
using cmem::test::TempFolder;

namespace {

Error map_code(int extended_code, int system_errno = 0, bool deadline_passed = false) {
  Failure failure;
  failure.extended_code = extended_code;
  failure.system_errno = system_errno;
  failure.deadline_passed = deadline_passed;
  failure.message = "the reason";
  failure.path = "/a/store.db";
  return map_error(failure, "cannot commit");
}

}  // namespace

TEST_CASE("Each SQLite code becomes one of ours and keeps the extended code", "[sqlite]") {
  struct Case {
    int sqlite_code;
    Code code;
  };
  const Case cases[] = {
      {SQLITE_BUSY, Code::kBusy},
      {SQLITE_BUSY_SNAPSHOT, Code::kBusy},
      {SQLITE_LOCKED, Code::kBusy},
      {SQLITE_FULL, Code::kFull},
      {SQLITE_IOERR_READ, Code::kIo},
      {SQLITE_IOERR_FSYNC, Code::kIo},
      {SQLITE_IOERR_SHMSIZE, Code::kFull},
      {SQLITE_IOERR_NOMEM, Code::kNoMemory},
      {SQLITE_CORRUPT_VTAB, Code::kCorrupt},
      {SQLITE_NOTADB, Code::kNotAStore},
      {SQLITE_READONLY, Code::kReadOnly},
      {SQLITE_READONLY_DIRECTORY, Code::kReadOnly},
      {SQLITE_PERM, Code::kReadOnly},
      {SQLITE_CANTOPEN, Code::kIo},
      {SQLITE_INTERRUPT, Code::kCancelled},
      {SQLITE_ERROR, Code::kInvalid},
      {SQLITE_PROTOCOL, Code::kBusy},
      {SQLITE_NOMEM, Code::kNoMemory},
      {SQLITE_TOOBIG, Code::kLimit},
      {SQLITE_CONSTRAINT_UNIQUE, Code::kInternal},
  };
  for (const Case& c : cases) {
    INFO("SQLite code " << c.sqlite_code);
    const Error error = map_code(c.sqlite_code);
    CHECK(error.code == c.code);
    CHECK(error.detail == c.sqlite_code);
  }
}

TEST_CASE("A full disk is told from a broken one by errno", "[sqlite]") {
  CHECK(map_code(SQLITE_IOERR_WRITE, ENOSPC).code == Code::kFull);
  CHECK(map_code(SQLITE_IOERR_WRITE, EDQUOT).code == Code::kFull);
  CHECK(map_code(SQLITE_IOERR_WRITE, EFBIG).code == Code::kFull);
  CHECK(map_code(SQLITE_IOERR_WRITE, EIO).code == Code::kIo);
}

TEST_CASE("A write to what can only be read is told from wrong SQL", "[sqlite]") {
  TempFolder folder;
  Connection db = make_database(folder.file("a.db"));
  must(db.exec("CREATE TABLE t(a); CREATE VIEW v AS SELECT a FROM t"));
  for (const char* sql : {"DELETE FROM v", "UPDATE v SET a = 1", "INSERT INTO v VALUES(1)", "UPDATE sqlite_schema SET sql = ''"}) {
    INFO(sql);
    CHECK(db.prepare(sql).error().code == Code::kReadOnly);
  }
  CHECK(db.prepare("DELETE FROM nowhere").error().code == Code::kInvalid);
}

TEST_CASE("An interrupt by the deadline is a limit, not a cancel", "[sqlite]") {
  CHECK(map_code(SQLITE_INTERRUPT, 0, true).code == Code::kLimit);
}

TEST_CASE("An error is one line: what, where, why and what to do", "[sqlite]") {
  const std::string text = map_code(SQLITE_FULL, ENOSPC).text;
  CHECK(text == "cannot commit in /a/store.db: the reason (No space left on device); free disk space, then try again");
}
