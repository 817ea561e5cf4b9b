// Peer: SQLite's FTS5 over all messages, ORDER BY rank, the way its documentation shows: an external content table, one segment.
#include <fmt/format.h>
#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <stdexcept>

#include "search/peers/plan.h"

namespace search_bench {
namespace {

constexpr int kBatch = 50'000;
constexpr const char* kSettings =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-262144; PRAGMA mmap_size=2147418112; PRAGMA "
    "temp_store=MEMORY";
constexpr const char* kSchema =
    "CREATE TABLE messages(id INTEGER PRIMARY KEY, time_ms INTEGER, project TEXT, content TEXT);"
    "CREATE VIRTUAL TABLE words USING fts5(content, content='messages', content_rowid='id');";
constexpr const char* kIndexes =
    "CREATE INDEX messages_by_project ON messages(project, time_ms); CREATE INDEX messages_by_time ON messages(time_ms);"
    "INSERT INTO words(words) VALUES('rebuild'); INSERT INTO words(words) VALUES('optimize'); ANALYZE; PRAGMA "
    "wal_checkpoint(TRUNCATE)";

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
struct FinishStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, FinishStatement>;

// Each word in quotes, so that none is taken for an operator.
std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string out;
  for (const std::string& word : words) out += fmt::format("{}\"{}\"", out.empty() ? "" : between, word);
  return out;
}

std::string match_of(const PlanQuery& query) {
  std::string out;
  const auto add = [&out](const std::string& part) { out += (out.empty() ? "" : " AND ") + part; };
  if (!query.all.empty()) add(joined(query.all, " AND "));
  if (!query.any.empty()) add("(" + joined(query.any, " OR ") + ")");
  if (!query.phrase.empty()) add(joined(query.phrase, " + "));
  if (!query.prefix.empty()) add(fmt::format("\"{}\"*", query.prefix));
  return query.none.empty() ? out : fmt::format("({}) NOT ({})", out, joined(query.none, " OR "));
}

class Fts5 : public Peer {
 public:
  std::int64_t build(const std::string& rows, const std::string& store) override {
    std::filesystem::remove(store);
    open(store);
    run(kSchema);
    run("BEGIN");
    const Statement insert = prepare("INSERT INTO messages VALUES(?1, ?2, nullif(?3, ''), ?4)");
    std::int64_t pending = 0;
    const std::int64_t count = for_each_row(rows, [&](const PeerRow& row) {
      insert_row(insert.get(), row);
      if (++pending % kBatch == 0) run("COMMIT; BEGIN");
    });
    run("COMMIT");
    run(kIndexes);
    return count;
  }

  void open(const std::string& store) override {
    sqlite3* database = nullptr;
    const int code = sqlite3_open(store.c_str(), &database);
    database_.reset(database);
    check(code);
    run(kSettings);
  }

  std::int64_t ask(const PlanQuery& query, int rows, bool snippets) override {
    const std::string where = where_of(query);
    const std::string text = snippets ? "snippet(words, 0, char(2), char(3), '…', 24)" : "NULL";
    const std::string join = where.find("m.") == std::string::npos ? "words" : "words JOIN messages m ON m.id = words.rowid";
    const Statement top =
        bound(fmt::format("SELECT words.rowid, {} FROM {} WHERE {} ORDER BY rank LIMIT {}", text, join, where, rows), query);
    while (step(top.get())) bytes_read_ += sqlite3_column_bytes(top.get(), 1);
    const Statement total = bound(fmt::format("SELECT count(*) FROM {} WHERE {}", join, where), query);
    step(total.get());
    return sqlite3_column_int64(total.get(), 0);
  }

  [[nodiscard]] std::string version() const override { return fmt::format("SQLite {}", sqlite3_libversion()); }

 private:
  static std::string where_of(const PlanQuery& query) {
    std::string where = "words MATCH ?1";
    if (!query.project.empty()) where += " AND m.project = ?2";
    if (query.from_ms) where += " AND m.time_ms >= ?3";
    if (query.until_ms) where += " AND m.time_ms < ?4";
    return where;
  }

  void insert_row(sqlite3_stmt* insert, const PeerRow& row) {
    sqlite3_bind_int64(insert, 1, row.id);
    sqlite3_bind_int64(insert, 2, row.time_ms);
    bind_text(insert, 3, row.project);
    bind_text(insert, 4, row.content);
    step(insert);
    check(sqlite3_reset(insert));
  }

  Statement bound(const std::string& sql, const PlanQuery& query) {
    Statement statement = prepare(sql);
    bind_text(statement.get(), 1, match_of(query));
    bind_text(statement.get(), 2, query.project);
    sqlite3_bind_int64(statement.get(), 3, query.from_ms.value_or(0));
    sqlite3_bind_int64(statement.get(), 4, query.until_ms.value_or(0));
    return statement;
  }

  static void bind_text(sqlite3_stmt* statement, int place, const std::string& text) {
    sqlite3_bind_text(statement, place, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
  }

  Statement prepare(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v2(database_.get(), sql.c_str(), -1, &statement, nullptr));
    return Statement(statement);
  }

  bool step(sqlite3_stmt* statement) {
    const int code = sqlite3_step(statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE) check(code);
    return code == SQLITE_ROW;
  }

  void run(const char* sql) { check(sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr)); }

  void check(int code) const {
    if (code != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(database_.get()));
  }

  std::unique_ptr<sqlite3, CloseDatabase> database_;
  std::int64_t bytes_read_ = 0;
};

}  // namespace
}  // namespace search_bench

int main(int argc, char** argv) {
  search_bench::Fts5 peer;
  return search_bench::peer_main(argc, argv, "cmem-search-peer-fts5", peer);
}
