// Needs a build with CMEM_TEST_HOOKS; without it there is nothing to test.
#ifdef CMEM_TEST_HOOKS
#include <catch2/catch.hpp>

#include "sqlite/api.h"
#include "sqlite/transaction.h"
#include "sqlite/vfs_fault.h"
#include "unit/sqlite/temp_store.h"

using namespace cmem;
using namespace cmem::sqlite;
using cmem::test::make_database;
using cmem::test::must;
using cmem::test::TempFolder;

namespace {

// No fault outlives its test, whatever fails in it.
struct FaultScope {
  explicit FaultScope(const std::string& spec) { REQUIRE(set_io_fault(spec)); }
  FaultScope(const FaultScope&) = delete;
  FaultScope& operator=(const FaultScope&) = delete;
  ~FaultScope() { set_io_fault(""); }
};

Status insert_one(Connection& connection) {
  CMEM_ASSIGN_OR_RETURN(Transaction transaction, Transaction::begin_immediate(connection));
  CMEM_TRY(connection.exec("INSERT INTO t VALUES(randomblob(3000))"));
  return transaction.commit();
}

// 0: nothing failed and the row is there. Otherwise the row must be gone.
Code insert_under_fault(const std::string& path, const std::string& spec) {
  Connection connection = must(Connection::open(path, OpenOptions{}));
  const std::int64_t before = must(connection.query_int("SELECT count(*) FROM t"));
  Status status;
  {
    FaultScope fault(spec);
    status = insert_one(connection);
  }
  Connection other = must(Connection::open(path, OpenOptions{}));
  CHECK(must(other.query_text("PRAGMA integrity_check")) == "ok");
  CHECK(must(other.query_int("SELECT count(*) FROM t")) == before + (status ? 1 : 0));
  return status ? Code{} : status.error().code;
}

}  // namespace

TEST_CASE("A fault that makes no sense is refused", "[sqlite]") {
  for (const char* spec : {"write", "write:1", "write:0:eio", "write:1:often:eio", "walk:1:eio", "write:1:eperm"}) {
    CHECK_FALSE(set_io_fault(spec));
  }
  CHECK(set_io_fault(""));
}

TEST_CASE("Whichever write, sync or read fails, a commit is there or not, and the file is sound", "[sqlite]") {
  TempFolder folder;
  const std::string path = folder.file("a.db");
  must(make_database(path).exec("CREATE TABLE t(a)"));
  struct Case {
    const char* operation;
    const char* kind;
    Code code;
  };
  for (const Case& c : {Case{"write", "enospc", Code::kFull}, Case{"write", "eio", Code::kIo}, Case{"sync", "eio", Code::kIo},
                        Case{"read", "eio", Code::kIo}}) {
    for (const char* duration : {"", ":forever"}) {
      bool has_failed = true;
      for (int nth = 1; has_failed; ++nth) {
        const std::string spec = std::string(c.operation) + ":" + std::to_string(nth) + duration + ":" + c.kind;
        INFO(spec);
        const Code code = insert_under_fault(path, spec);
        has_failed = code != Code{};
        if (has_failed) CHECK(code == c.code);
        REQUIRE(nth < 100);
      }
    }
  }
}

TEST_CASE("After a failed sync the connection reads but refuses to write", "[sqlite]") {
  TempFolder folder;
  Connection connection = make_database(folder.file("a.db"));
  must(connection.exec("CREATE TABLE t(a)"));
  {
    FaultScope fault("sync:1:eio");
    const Status failed = insert_one(connection);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == Code::kIo);
  }
  CHECK(connection.write_failed());
  const Status refused = insert_one(connection);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::kIo);
  CHECK(must(connection.query_int("SELECT count(*) FROM t")) == 0);
}

TEST_CASE("A shared-memory fault stops the open with a clear error", "[sqlite]") {
  TempFolder folder;
  { make_database(folder.file("a.db")); }
  FaultScope fault("shm:1:forever:enospc");
  const auto failed = Connection::open(folder.file("a.db"), OpenOptions{});
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == Code::kFull);
}
#endif
