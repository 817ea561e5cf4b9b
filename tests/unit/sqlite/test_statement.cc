#include <catch2/catch.hpp>
#include <cstring>
#include <limits>
#include <optional>
#include <vector>

#include "sqlite/api.h"
#include "sqlite/statement.h"
#include "unit/sqlite/temp_store.h"

using namespace cmem;
using namespace cmem::sqlite;
using cmem::test::make_database;
using cmem::test::must;
using cmem::test::TempFolder;

namespace {

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

}  // namespace

TEST_CASE("Every type of value comes back as it was bound", "[sqlite]") {
  TempFolder folder;
  Connection connection = make_database(folder.file("a.db"));
  Statement statement = must(connection.prepare("SELECT ?1 AS number, ?2, ?3, ?4, ?5"));
  must(statement.bind(1, std::numeric_limits<std::int64_t>::min()));
  must(statement.bind_real(2, 0.5));
  must(statement.bind_text(3, std::string_view("a\0b\xc3\xa9", 5)));
  must(statement.bind_blob(4, bytes_of("blob")));
  must(statement.bind_null(5));
  REQUIRE(must(statement.step()));
  CHECK(statement.column_count() == 5);
  CHECK(statement.column_name(0) == "number");
  CHECK(statement.column_int(0) == std::numeric_limits<std::int64_t>::min());
  CHECK(statement.column_real(1) == 0.5);
  CHECK(statement.column_text(2) == std::string_view("a\0b\xc3\xa9", 5));
  CHECK(statement.column_blob(3).size() == 4);
  CHECK(std::memcmp(statement.column_blob(3).data(), "blob", 4) == 0);
  CHECK(statement.column_is_null(4));
  CHECK_FALSE(statement.column_is_null(0));
  CHECK(statement.column_type(3) == SQLITE_BLOB);
  CHECK_FALSE(must(statement.step()));
}

TEST_CASE("An empty text or blob is not NULL", "[sqlite]") {
  TempFolder folder;
  Connection connection = make_database(folder.file("a.db"));
  Statement statement = must(connection.prepare("SELECT typeof(?1), typeof(?2), typeof(?3), typeof(?4)"));
  must(statement.bind_text(1, {}));
  must(statement.bind_blob(2, {}));
  must(statement.bind_text_static(3, {}));
  must(statement.bind_blob_static(4, {}));
  REQUIRE(must(statement.step()));
  CHECK(statement.column_text(0) == "text");
  CHECK(statement.column_text(1) == "blob");
  CHECK(statement.column_text(2) == "text");
  CHECK(statement.column_text(3) == "blob");
}

TEST_CASE("A copied binding survives its source, a static one reads it at the step", "[sqlite]") {
  TempFolder folder;
  Connection connection = make_database(folder.file("a.db"));
  Statement statement = must(connection.prepare("SELECT ?1, ?2"));
  std::string copied = "copied text longer than any small buffer";
  std::string shared = "shared";
  must(statement.bind_text(1, copied));
  must(statement.bind_text_static(2, shared));
  copied.assign(copied.size(), 'x');
  shared[0] = 'S';
  REQUIRE(must(statement.step()));
  CHECK(statement.column_text(0) == "copied text longer than any small buffer");
  CHECK(statement.column_text(1) == "Shared");
}

TEST_CASE("run() goes to the end and leaves the statement ready for the next row", "[sqlite]") {
  TempFolder folder;
  Connection connection = make_database(folder.file("a.db"));
  must(connection.exec("CREATE TABLE t(a INTEGER PRIMARY KEY, b)"));
  Statement insert = must(connection.prepare("INSERT INTO t VALUES(?1, ?2) RETURNING a"));
  for (std::int64_t i = 1; i <= 100; ++i) {
    must(insert.bind(1, i));
    must(insert.bind(2, i * i));
    must(insert.run());
    CHECK(connection.last_insert_rowid() == i);
    CHECK(connection.changes() == 1);
  }
  CHECK(must(connection.query_int("SELECT sum(b) FROM t")) == 338350);
}

TEST_CASE("A failed run says what, where and why, and the statement works again", "[sqlite]") {
  TempFolder folder;
  Connection connection = make_database(folder.file("a.db"));
  must(connection.exec("CREATE TABLE t(a INTEGER PRIMARY KEY)"));
  Statement insert = must(connection.prepare("INSERT INTO t VALUES(?1)"));
  must(insert.bind(1, 7));
  must(insert.run());
  const Status failed = insert.run();
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == Code::kInternal);
  CHECK(failed.error().detail == SQLITE_CONSTRAINT_PRIMARYKEY);
  CHECK(failed.error().text.find("UNIQUE constraint failed: t.a") != std::string::npos);
  CHECK(failed.error().text.find("INSERT INTO t") != std::string::npos);
  CHECK(failed.error().text.find(folder.file("a.db")) != std::string::npos);
  must(insert.bind(1, 8));
  must(insert.run());
}

TEST_CASE("A parameter that does not exist is an error", "[sqlite]") {
  TempFolder folder;
  Connection connection = make_database(folder.file("a.db"));
  Statement statement = must(connection.prepare("SELECT ?1"));
  const Status failed = statement.bind(2, 1);
  REQUIRE_FALSE(failed);
  CHECK((failed.error().detail & 0xff) == SQLITE_RANGE);
}

TEST_CASE("A statement may outlive the connection object", "[sqlite]") {
  TempFolder folder;
  std::optional<Connection> connection(make_database(folder.file("a.db")));
  Statement statement = must(connection->prepare("SELECT 42"));
  Statement moved = std::move(statement);
  connection.reset();
  REQUIRE(must(moved.step()));
  CHECK(moved.column_int(0) == 42);
}

TEST_CASE("SQL that is wrong or empty does not prepare", "[sqlite]") {
  TempFolder folder;
  Connection connection = make_database(folder.file("a.db"));
  const auto wrong = connection.prepare("SELEKT 1");
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().text.find("SELEKT") != std::string::npos);
  CHECK_FALSE(connection.prepare("  -- nothing"));
  CHECK_FALSE(connection.prepare("SELECT \"not a column\""));
}
