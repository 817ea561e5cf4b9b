#include <catch2/catch.hpp>
#include <optional>

#include "sqlite/transaction.h"
#include "unit/sqlite/temp_store.h"

using namespace cmem;
using namespace cmem::sqlite;
using cmem::test::make_database;
using cmem::test::must;
using cmem::test::open_reader;
using cmem::test::TempFolder;

TEST_CASE("A transaction that is not committed leaves nothing behind", "[sqlite]") {
  TempFolder folder;
  Connection connection = make_database(folder.file("a.db"));
  must(connection.exec("CREATE TABLE t(a)"));
  {
    Transaction transaction = must(Transaction::begin_immediate(connection));
    must(connection.exec("INSERT INTO t VALUES(1)"));
    CHECK(connection.in_transaction());
  }
  CHECK_FALSE(connection.in_transaction());
  CHECK(must(connection.query_int("SELECT count(*) FROM t")) == 0);
}

TEST_CASE("A committed transaction is seen by others, and ends once", "[sqlite]") {
  TempFolder folder;
  Connection connection = make_database(folder.file("a.db"));
  must(connection.exec("CREATE TABLE t(a)"));
  Transaction transaction = must(Transaction::begin_immediate(connection));
  must(connection.exec("INSERT INTO t VALUES(1)"));
  must(transaction.commit());
  CHECK_FALSE(transaction.commit());
  CHECK(must(open_reader(folder.file("a.db")).query_int("SELECT count(*) FROM t")) == 1);
}

TEST_CASE("A read transaction keeps seeing the moment of its begin", "[sqlite]") {
  TempFolder folder;
  Connection writer = make_database(folder.file("a.db"));
  must(writer.exec("CREATE TABLE t(a)"));
  Connection reader = open_reader(folder.file("a.db"));
  {
    Transaction snapshot = must(Transaction::begin_read(reader));
    must(writer.exec("INSERT INTO t VALUES(1)"));
    CHECK(must(reader.query_int("SELECT count(*) FROM t")) == 0);
  }
  CHECK(must(reader.query_int("SELECT count(*) FROM t")) == 1);
}

TEST_CASE("A moved transaction still rolls back, once", "[sqlite]") {
  TempFolder folder;
  Connection connection = make_database(folder.file("a.db"));
  must(connection.exec("CREATE TABLE t(a)"));
  Transaction first = must(Transaction::begin_immediate(connection));
  must(connection.exec("INSERT INTO t VALUES(1)"));
  {
    Transaction second = std::move(first);
    CHECK(connection.in_transaction());
  }
  CHECK_FALSE(connection.in_transaction());
  first.rollback();
  CHECK(must(connection.query_int("SELECT count(*) FROM t")) == 0);
}

TEST_CASE("A transaction may outlive the connection object", "[sqlite]") {
  TempFolder folder;
  std::optional<Connection> connection(make_database(folder.file("a.db")));
  must(connection->exec("CREATE TABLE t(a)"));
  std::optional<Transaction> transaction(must(Transaction::begin_immediate(*connection)));
  connection.reset();
  transaction.reset();
  CHECK(must(open_reader(folder.file("a.db")).query_int("SELECT count(*) FROM t")) == 0);
}
