#include <algorithm>
#include <map>
#include <random>
#include <string>

#include "search/saved_searches.h"
#include "store/schema.h"
#include "unit/sqlite/temp_store.h"

namespace cmem::test {
namespace {

class Searches {
 public:
  Searches() : db_(make_database(folder_.file("saved.db"))) { must(create_schema(db_, 1)); }
  Result<bool> add(const std::string& name, const std::string& query, bool replace = false, std::int64_t now_ms = 5) {
    return add_saved_search(db_, {name, query, now_ms, now_ms}, replace, tokenizer_);
  }
  Code refusal(const std::string& name, const std::string& query = "tide") {
    const auto added = add(name, query);
    return added ? Code::kInternal : added.error().code;
  }
  Result<bool> remove(const std::string& name) { return remove_saved_search(db_, name); }
  std::vector<SavedSearch> list(const std::string& name = "") { return must(list_saved_searches(db_, name)); }
  sqlite::Connection& db() { return db_; }

 private:
  TempFolder folder_;
  sqlite::Connection db_;
  Tokenizer tokenizer_;
};

TEST_CASE("a saved search that is replaced keeps the time when it was made", "[search]") {
  Searches searches;
  CHECK_FALSE(must(searches.add("tides", "tide on:yesterday", false, 5)));
  CHECK(must(searches.add("tides", "tide", true, 9)));
  REQUIRE(searches.list("tides").size() == 1);
  const SavedSearch saved = searches.list("tides").front();
  CHECK(saved.query == "tide");
  CHECK(saved.created_ms == 5);
  CHECK(saved.changed_ms == 9);
}

TEST_CASE("names of saved searches are words that a shell takes as they are", "[search]") {
  Searches searches;
  for (const char* name : {"a", "a-b", "a/b.c_d:e", "日本語", "été", "1"}) CHECK_FALSE(must(searches.add(name, "tide")));
  for (const std::string name : {"", "-a", "a b", " a", "a\n", "a\x1b", "a\x7f", "a\u0085", "a\u00a0b", "a\u200bb", "a\u202eb",
                                 "a\u3000b", "\ufeffa", "a\xff"})
    CHECK(searches.refusal(name) == Code::kInvalid);
  CHECK(searches.refusal(std::string("a\0b", 3)) == Code::kInvalid);
  CHECK_FALSE(must(searches.add(std::string(kMaxSavedNameBytes, 'x'), "tide")));
  CHECK(searches.refusal(std::string(kMaxSavedNameBytes + 1, 'x')) == Code::kInvalid);
}

TEST_CASE("a query is saved if it can be searched for", "[search]") {
  Searches searches;
  CHECK_FALSE(must(searches.add("fields", "level:ERROR -component:Hooks")));
  CHECK_FALSE(must(searches.add("untidy", ") \"tide (")));
  CHECK(searches.refusal("x", "") == Code::kInvalid);
  CHECK(searches.refusal("x", "-tide") == Code::kInvalid);
  CHECK(searches.refusal("x", "tide\xff") == Code::kInvalid);
  CHECK(searches.refusal("x", std::string(5000, 'a')) == Code::kLimit);
  CHECK(searches.list().size() == 2);
}

TEST_CASE("there are at most a thousand saved searches", "[search]") {
  Searches searches;
  must(searches.db().exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
                          std::to_string(kMaxSavedSearches) + ") INSERT INTO saved_search SELECT 's' || i, 'tide', 1, 1 FROM n"));
  CHECK(searches.refusal("more") == Code::kLimit);
  CHECK(must(searches.add("s7", "ebb", true)));
  CHECK(must(searches.remove("s8")));
  CHECK_FALSE(must(searches.add("more", "tide")));
}

TEST_CASE("saved searches are what a map of names and queries would be", "[search]") {
  const auto seed = Catch::rngSeed();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  Searches searches;
  std::map<std::string, std::string> expected;
  for (int step = 0; step < 300; ++step) {
    const std::string name = "n" + std::to_string(random() % 9);
    const std::string query = "q" + std::to_string(step);
    const bool known = expected.contains(name);
    if (random() % 3 == 0) {
      CHECK(must(searches.remove(name)) == known);
      expected.erase(name);
    } else if (random() % 2 == 0) {
      CHECK(must(searches.add(name, query, true)) == known);
      expected[name] = query;
    } else {
      CHECK(searches.add(name, query).has_value() == !known);
      expected.emplace(name, query);
    }
  }
  std::map<std::string, std::string> found;
  for (const SavedSearch& search : searches.list()) found.emplace(search.name, search.query);
  CHECK(found == expected);
}

}  // namespace
}  // namespace cmem::test
