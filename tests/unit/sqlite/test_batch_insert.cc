#include <catch2/catch.hpp>
#include <optional>
#include <vector>

#include "sqlite/batch_insert.h"
#include "sqlite/transaction.h"
#include "unit/sqlite/temp_store.h"
#include "unit/support/random.h"

using namespace cmem;
using namespace cmem::test;
using namespace cmem::sqlite;
using cmem::test::make_database;
using cmem::test::must;
using cmem::test::TempFolder;

namespace {

using Cells = std::vector<std::int64_t>;

Cells random_cells(Rng& random, std::size_t rows, int columns) {
  Cells cells;
  for (std::size_t i = 0; i < rows * static_cast<std::size_t>(columns); ++i) {
    const bool is_null = random() % 5 == 0;
    cells.push_back(is_null ? kNullCell : static_cast<std::int64_t>(random() >> (random() % 64)));
  }
  return cells;
}

void insert_one_by_one(Connection& connection, const std::string& table, const Cells& cells, int columns) {
  std::string sql = "INSERT INTO " + table + " VALUES(?";
  for (int i = 1; i < columns; ++i) sql += ", ?";
  Statement insert = must(connection.prepare(sql + ")"));
  Transaction transaction = must(Transaction::begin_immediate(connection));
  for (std::size_t at = 0; at < cells.size(); at += static_cast<std::size_t>(columns)) {
    for (int i = 0; i < columns; ++i) {
      const std::int64_t cell = cells[at + static_cast<std::size_t>(i)];
      must(cell == kNullCell ? insert.bind_null(i + 1) : insert.bind(i + 1, cell));
    }
    must(insert.run());
  }
  must(transaction.commit());
}

}  // namespace

TEST_CASE("A batch stores what binding row by row stores", "[sqlite][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng random(seed);
  for (const int columns : {1, 2, 5, 11}) {
    TempFolder folder;
    Connection connection = make_database(folder.file("a.db"));
    std::string definition = "(c0";
    for (int i = 1; i < columns; ++i) definition += ", c" + std::to_string(i);
    must(connection.exec("CREATE TABLE fast" + definition + "); CREATE TABLE slow" + definition + ")"));
    BatchInsert batch = must(BatchInsert::create(connection, "fast", columns));
    for (const std::size_t rows : {0U, 1U, 2U, 1000U}) {
      const Cells cells = random_cells(random, rows, columns);
      must(batch.run(cells));
      insert_one_by_one(connection, "slow", cells, columns);
    }
    CHECK(must(connection.query_int("SELECT count(*) FROM fast")) == 1003);
    CHECK(must(connection.query_int("SELECT count(*) FROM (SELECT rowid, * FROM fast EXCEPT SELECT rowid, * FROM slow)")) == 0);
  }
}

TEST_CASE("A batch that breaks a rule inserts nothing and keeps the transaction", "[sqlite]") {
  TempFolder folder;
  Connection connection = make_database(folder.file("a.db"));
  must(connection.exec("CREATE TABLE t(a INTEGER PRIMARY KEY, b)"));
  Transaction transaction = must(Transaction::begin_immediate(connection));
  BatchInsert batch = must(BatchInsert::create(connection, "t", 2));
  must(batch.run(Cells{1, 10, 2, 20}));
  CHECK_FALSE(batch.run(Cells{3, 30, 2, 40}));
  must(batch.run(Cells{4, 40}));
  must(transaction.commit());
  CHECK(must(connection.query_int("SELECT sum(a * 100 + b) FROM t")) == 770);
}

TEST_CASE("Cells that make no whole rows are refused", "[sqlite]") {
  TempFolder folder;
  Connection connection = make_database(folder.file("a.db"));
  must(connection.exec("CREATE TABLE t(a, b)"));
  BatchInsert batch = must(BatchInsert::create(connection, "t", 2));
  CHECK_FALSE(batch.run(Cells{1, 2, 3}));
  CHECK_FALSE(BatchInsert::create(connection, "t", 0));
  CHECK_FALSE(BatchInsert::create(connection, "t", 3));
  CHECK_FALSE(BatchInsert::create(connection, "none", 2));
  CHECK(must(connection.query_int("SELECT count(*) FROM t")) == 0);
}

TEST_CASE("Several batches on one connection do not mix, move, and may outlive the connection object", "[sqlite]") {
  TempFolder folder;
  std::optional<Connection> connection(make_database(folder.file("a.db")));
  must(connection->exec("CREATE TABLE t(a); CREATE TABLE \"odd \"\"name\"(a, b)"));
  BatchInsert first = must(BatchInsert::create(*connection, "t", 1));
  BatchInsert second = must(BatchInsert::create(*connection, "odd \"name", 2));
  BatchInsert moved = std::move(first);
  must(moved.run(Cells{1, 2, 3}));
  must(second.run(Cells{4, 5}));
  moved = std::move(second);
  must(moved.run(Cells{6, 7}));
  CHECK(must(connection->query_int("SELECT sum(a) FROM t")) == 6);
  CHECK(must(connection->query_int("SELECT sum(a + b) FROM \"odd \"\"name\"")) == 22);
  connection.reset();
  must(moved.run(Cells{8, 9}));
}

TEST_CASE("A batch table is gone with its batch", "[sqlite]") {
  TempFolder folder;
  Connection connection = make_database(folder.file("a.db"));
  must(connection.exec("CREATE TABLE t(a)"));
  constexpr const char* kCount = "SELECT count(*) FROM pragma_module_list WHERE name LIKE 'cmem_batch%'";
  {
    BatchInsert batch = must(BatchInsert::create(connection, "t", 1));
    must(batch.run(Cells{1}));
    CHECK(must(connection.query_int(kCount)) == 1);
  }
  CHECK(must(connection.query_int(kCount)) == 0);
}
