#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "search/synonyms.h"
#include "unit/sqlite/temp_store.h"
#include "unit/support/random.h"

namespace cmem::test {
namespace {

using Words = std::set<std::string>;

Words of(const Synonyms& synonyms, const std::string& word) {
  const auto found = synonyms.of(word);
  return {found.begin(), found.end()};
}

class Pairs {
 public:
  Pairs() : db_(make_database(folder_.file("pairs.db"))) { must(db_.exec(kSynonymTable)); }
  Result<bool> add(const std::string& word, const std::string& other) { return add_synonym(db_, word, other, tokenizer_); }
  Result<bool> remove(const std::string& word, const std::string& other) { return remove_synonym(db_, word, other, tokenizer_); }
  std::vector<SynonymPair> list() { return must(list_synonyms(db_)); }
  Synonyms load() { return must(Synonyms::load(db_)); }
  sqlite::Connection& db() { return db_; }

 private:
  TempFolder folder_;
  sqlite::Connection db_;
  Tokenizer tokenizer_;
};

TEST_CASE("the words that developers mean as the same are known", "[search]") {
  const Synonyms synonyms;
  CHECK(of(synonyms, "lsp").contains("language server"));
  CHECK(of(synonyms, "language server").contains("lsp"));
  CHECK(of(synonyms, "mcp") == Words{"model context protocol"});
  CHECK(of(synonyms, "hook") == Words{"hooks", "event", "events"});
  CHECK(of(synonyms, "fail").contains("exception"));
  CHECK(of(synonyms, "k8s").contains("kubernetes"));
  CHECK(of(synonyms, "coast").empty());
  CHECK(of(synonyms, "").empty());
}

TEST_CASE("each built-in synonym is folded as the index folds it and is in one group", "[search]") {
  const Synonyms synonyms;
  Tokenizer tokenizer;
  Words seen;
  for (const auto& group : built_in_synonyms()) {
    CHECK(group.size() >= 2);
    for (const std::string_view member : group) {
      INFO(member);
      CHECK(must(fold_phrase(member, tokenizer)) == member);
      CHECK(seen.insert(std::string(member)).second);
      Words others(group.begin(), group.end());
      others.erase(std::string(member));
      CHECK(of(synonyms, std::string(member)) == others);
    }
  }
  CHECK(seen.size() > 300);
}

TEST_CASE("a user's pair joins the group of its words", "[search]") {
  Pairs pairs;
  CHECK(must(pairs.add("Kaboom!", "Failure")));
  CHECK_FALSE(must(pairs.add("failure", "kaboom")));
  CHECK(of(pairs.load(), "kaboom").contains("exception"));
}

TEST_CASE("a user's phrases are folded to the words of the index", "[search]") {
  Pairs pairs;
  CHECK(must(pairs.add("Kaboom!", "Failure")));
  CHECK(must(pairs.add("kaboom", "Größter-anzunehmender UNFALL")));
  const Synonyms synonyms = pairs.load();
  CHECK(of(synonyms, "kaboom").contains("exception"));
  CHECK(of(synonyms, "kaboom").contains("grosster anzunehmender unfall"));
  CHECK(of(synonyms, "error").contains("kaboom"));
  CHECK(must(pairs.remove("FAILURE", "kaboom")));
  CHECK_FALSE(must(pairs.remove("failure", "kaboom")));
  CHECK(of(pairs.load(), "kaboom") == Words{"grosster anzunehmender unfall"});
  REQUIRE(pairs.list().size() == 1);
  CHECK(pairs.list()[0].word == "grosster anzunehmender unfall");
}

TEST_CASE("what is no pair of words is refused with a reason", "[search]") {
  Pairs pairs;
  const auto refused = [](const Result<bool>& result) { return result ? std::string() : result.error().text; };
  CHECK(refused(pairs.add("!?", "error")) == "a synonym needs a letter or digit; '!?' has none");
  CHECK(refused(pairs.add("Error", "error")) == "'Error' and 'error' are the same word already");
  CHECK(refused(pairs.add("a b c d e f g h i", "x")) == "a synonym has at most 8 words; 'a b c d e f g h i' has more");
  CHECK(refused(pairs.remove("", "x")).starts_with("a synonym needs"));
  CHECK(pairs.list().empty());
}

TEST_CASE("a store has ten thousand pairs at most", "[search]") {
  Pairs pairs;
  must(
      pairs.db().exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) "
                      "INSERT INTO synonym SELECT 'a' || i, 'b' || i FROM n"));
  const auto result = pairs.add("one", "more");
  REQUIRE_FALSE(result);
  CHECK(result.error().code == Code::kLimit);
  CHECK(of(pairs.load(), "a7") == Words{"b7"});
}

TEST_CASE("random pairs are groups as a search from pair to pair finds them", "[search][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  for (int round = 0; round < 20; ++round) {
    Pairs pairs;
    std::map<std::string, Words> neighbours;
    must(pairs.db().exec("BEGIN"));
    for (int i = 0; i < 15; ++i) {
      const std::string a = "zz" + std::to_string(rng() % 25);
      const std::string b = "zz" + std::to_string(rng() % 25);
      if (a == b) continue;
      must(pairs.add(a, b));
      neighbours[a].insert(b);
      neighbours[b].insert(a);
    }
    const Synonyms synonyms = pairs.load();
    for (const auto& [word, direct] : neighbours) {
      std::vector<std::string> ahead{word};
      Words reached{word};
      while (!ahead.empty()) {
        const std::string at = ahead.back();
        ahead.pop_back();
        for (const std::string& next : neighbours[at])
          if (reached.insert(next).second) ahead.push_back(next);
      }
      reached.erase(word);
      CHECK(of(synonyms, word) == reached);
    }
  }
}

}  // namespace
}  // namespace cmem::test
