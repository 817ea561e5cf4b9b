// What a search finds beyond the words as typed: the queries it is widened to, and the tiers in a store, against a scan.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "search/widening.h"
#include "store/store.h"
#include "unit/store/store_fixture.h"
#include "unit/support/random.h"

namespace cmem::test {
namespace {

// Queries widened over a store of some texts. A tree is shown with its words in quotes, the words added behind the one typed.
class WideQueries {
 public:
  explicit WideQueries(const std::vector<std::string>& texts) : path_(folder_.file("memory.db")) {
    Memory memory(path_);
    std::vector<Appended> messages;
    for (const std::string& text : texts) messages.push_back({.content = text});
    memory.append(messages);
    memory.close();
    store_ = must(Store::open(path_, StoreOptions{.read_only = true}));
  }

  std::string expanded(const std::string& query) { return widened(query, Tier::kExpanded); }
  std::string fuzzy(const std::string& query) { return widened(query, Tier::kFuzzy); }
  std::string suggestion(const std::string& query) {
    const CompiledQuery compiled = must(compile_query(query, tokenizer_));
    Expander words = expander();
    return must(suggest(compiled, words)).value_or("none");
  }

 private:
  std::string widened(const std::string& query, Tier tier) {
    const CompiledQuery compiled = must(compile_query(query, tokenizer_));
    Expander words = expander();
    const auto wide = must(widen(compiled, words, tier));
    if (!wide) return "nothing";
    for (const std::size_t term : wide->highlighted) CHECK(term < wide->terms.size());
    return shown(*wide, *wide->root);
  }
  Expander expander() {
    auto& index = store_->text_index();
    return must(Expander::create(index, store_->vocabulary(), store_->reader(), must(index.segments(store_->reader())), synonyms_));
  }
  static std::string shown(const CompiledQuery& query, const QueryNode& node) {
    if (node.kind == QueryNode::Kind::kTerm) return to_text(query.terms[node.term]);
    if (node.kind == QueryNode::Kind::kAll) return "all";
    const std::map<QueryNode::Kind, std::string> between{{QueryNode::Kind::kAnd, " "},
                                                         {QueryNode::Kind::kOr, " | "},
                                                         {QueryNode::Kind::kNot, " - "},
                                                         {QueryNode::Kind::kNear, " ~ "}};
    std::string out;
    for (const QueryNode& part : node.parts) out += (out.empty() ? "" : between.at(node.kind)) + shown(query, part);
    return "(" + out + ")";
  }

  TempFolder folder_;
  std::string path_;
  std::unique_ptr<Store> store_;
  Synonyms synonyms_;
  Tokenizer tokenizer_;
};

WideQueries sample() {
  return WideQueries({"tangle", "tangled web", "tangles", "tengle", "walrus", "walruses", "wolrus", "lsp crash", "language server",
                      "languages served", "parse the file", "parsefile", "parsefiel", "codebase", "zebra"});
}

TEST_CASE("words are added beside the words typed", "[search]") {
  WideQueries queries = sample();
  CHECK(queries.expanded("tangle zebra") == R"((("tangle" | "tangled" | "tangles") "zebra"))");
  CHECK(queries.fuzzy("tangle zebra") == R"((("tangle" | "tangled" | "tangles" | "tengle") "zebra"))");
  CHECK(queries.expanded("tangle OR zebra") == R"((("tangle" | "tangled" | "tangles") | "zebra"))");
  CHECK(queries.expanded("zebra") == "nothing");
  CHECK(queries.fuzzy("zebar") == R"(("zebar" | "zebra"))");
}

TEST_CASE("only the last word may be unfinished", "[search]") {
  WideQueries queries = sample();
  CHECK(queries.expanded("walr") == R"(("walr" | "walrus" | "walruses"))");
  CHECK(queries.expanded("walr zebra") == "nothing");
}

TEST_CASE("two words may have a synonym together", "[search]") {
  WideQueries queries = sample();
  CHECK(queries.expanded("language server") == R"(((("language" | "languages") "server") | "lsp"))");
  CHECK(queries.expanded("language zebra") == R"((("language" | "languages") "zebra"))");
  CHECK(queries.expanded("lsp zebra") == R"((("lsp" | "language server") "zebra"))");
  CHECK(queries.expanded(R"("language server" zebra)") == "nothing");
}

TEST_CASE("what is quoted, a prefix, near, excluded or a field is left as it is", "[search]") {
  WideQueries queries = sample();
  for (const std::string query : {"\"tangle\"", "tangle*", "\"tangle web\"", "NEAR(tangle walrus, 3)", "level:ERROR",
                                  "zebra -tangle", "level:ERROR -tangle", "zebra -(tangle OR walrus)"}) {
    INFO(query);
    CHECK(queries.expanded(query) == "nothing");
    CHECK(queries.fuzzy(query) == "nothing");
  }
  CHECK(queries.expanded("tangle -walrus") == R"((("tangle" | "tangled" | "tangles") - "walrus"))");
  CHECK(queries.expanded("tangle level:ERROR") == R"(("tangle" | "tangled" | "tangles"))");
}

TEST_CASE("a camelCase word is corrected in one piece", "[search]") {
  WideQueries queries = sample();
  CHECK(queries.expanded("parseFlie") == "nothing");
  CHECK(queries.fuzzy("parseFlie") == R"(("parse flie" | "parsefile" | "parsefiel"))");
}

TEST_CASE("a camelCase word has the synonyms of its parts and of the word in one piece", "[search]") {
  WideQueries queries = sample();
  CHECK(queries.expanded("languageServer") == R"(("language server" | "lsp"))");
  CHECK(queries.expanded("codeBase zebra") == R"((("code base" | "codebase") "zebra"))");
}

TEST_CASE("what may have been meant is said word by word", "[search]") {
  WideQueries queries = sample();
  CHECK(queries.suggestion("zebar") == "zebra");
  CHECK(queries.suggestion("walrus zebar") == "walrus zebra");
  CHECK(queries.suggestion("xebra") == "zebra");  // with another first letter
  CHECK(queries.suggestion(R"("language server" zebar)") == R"("language server" zebra)");
  CHECK(queries.suggestion("walrus zebra") == "none");  // both occur
  CHECK(queries.suggestion("qqqqqqqq") == "none");
  CHECK(queries.suggestion("zebar OR walrus") == "none");  // cannot be shown as it was typed
  CHECK(queries.suggestion("zebar -walrus") == "none");
}

const std::vector<std::string> kFirst{"tangle", "tangle", "tangled", "tangles", "tangling", "tengle", "tnagle"};
const std::vector<std::string> kSecond{"walrus", "walrus", "walruses", "walruslike", "wolrus", "warlus"};
const std::vector<std::string> kOthers{"alpha", "bravo", "charlie", "echo", "foxtrot", "golf", "hotel", "india"};

// How the query "tangle walrus" finds a text: 0 exact, 1 expanded, 2 fuzzy, 3 not.
int tier_of(const std::string& text) {
  const auto worse = [&](const std::vector<std::vector<std::string>>& tiers) {
    for (std::size_t tier = 0; tier < tiers.size(); ++tier)
      for (const std::string& word : tiers[tier])
        if ((" " + text + " ").find(" " + word + " ") != std::string::npos) return static_cast<int>(tier);
    return 3;
  };
  return std::max(worse({{"tangle"}, {"tangled", "tangles", "tangling"}, {"tengle", "tnagle"}}),
                  worse({{"walrus"}, {"walruses", "walruslike"}, {"wolrus", "warlus"}}));
}

struct Told {
  std::int64_t id;
  std::int64_t time_ms;
  std::string text, session;
};

struct Expected {
  int tier = 0;
  std::int64_t id = 0;
  std::int64_t time_ms = 0;
  std::int64_t same_text = 0;
};

// A store of random messages, and what a scan of them finds.
class TieredCorpus {
 public:
  TieredCorpus(Rng& rng, int messages, std::size_t texts) : path_(folder_.file("memory.db")) {
    std::vector<std::string> pool;
    for (std::size_t i = 0; i < texts; ++i) pool.push_back(random_text(rng) + " n" + std::to_string(i));
    Memory memory(path_);
    std::vector<Appended> batch;
    for (int i = 1; i <= messages; ++i) {
      const std::int64_t time_ms =
          pick(rng, 9) == 0 ? INT64_MIN : static_cast<std::int64_t>(1'763'200'800'000 + pick(rng, 5000) * 1000);
      told_.push_back({i, time_ms, pool[pick(rng, pool.size())], "session-" + std::to_string(pick(rng, 3))});
      batch.push_back({.content = told_.back().text, .session = told_.back().session, .time_ms = time_ms});
      if (i != messages && pick(rng, 7000) != 0) continue;
      memory.append(batch);
      batch.clear();
    }
  }

  [[nodiscard]] Memory open() const { return Memory(path_, true); }

  // In the order of the answer; by relevance only the tiers are in order.
  [[nodiscard]] std::vector<Expected> scan(const std::string& session, const Paging& paging) const {
    std::vector<Expected> found;
    for (int tier = 0; tier <= 2; ++tier) {
      if (tier > 0 && paging.tiers == CMEM_TIERS_EXACT) break;
      if (tier > 0 && paging.tiers == CMEM_TIERS_AUTO && texts_up_to(tier - 1, session) >= 20) break;
      std::vector<Expected> here = hits_of(tier, session, paging);
      std::ranges::sort(here, [&](const Expected& a, const Expected& b) { return before(a, b, paging.order); });
      found.insert(found.end(), here.begin(), here.end());
    }
    return found;
  }

 private:
  static std::string random_text(Rng& rng) {
    std::vector<std::string> words{kOthers[pick(rng, kOthers.size())]};
    if (pick(rng, 2) == 0) words.push_back(kFirst[pick(rng, kFirst.size())]);
    if (pick(rng, 2) == 0) words.push_back(kSecond[pick(rng, kSecond.size())]);
    for (std::size_t more = pick(rng, 6); more > 0; --more) words.push_back(kOthers[pick(rng, kOthers.size())]);
    std::ranges::shuffle(words, rng);
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
  }
  static bool before(const Expected& a, const Expected& b, std::uint32_t order) {
    if (order != CMEM_ORDER_OLDEST) return std::pair(a.time_ms, a.id) > std::pair(b.time_ms, b.id);
    const auto key = [](const Expected& hit) { return std::pair(hit.time_ms == INT64_MIN ? INT64_MAX : hit.time_ms, hit.id); };
    return key(a) < key(b);
  }
  [[nodiscard]] std::size_t texts_up_to(int tier, const std::string& session) const {
    std::set<std::string> texts;
    for (const Told& message : told_)
      if (passes(message, session) && tier_of(message.text) <= tier) texts.insert(message.text);
    return texts.size();
  }
  [[nodiscard]] std::vector<Expected> hits_of(int tier, const std::string& session, const Paging& paging) const {
    std::map<std::string, std::vector<Expected>> by_text;
    for (const Told& message : told_)
      if (passes(message, session) && tier_of(message.text) == tier)
        by_text[message.text].push_back({tier, message.id, message.time_ms, 0});
    std::vector<Expected> hits;
    for (auto& [text, all] : by_text) {
      for (Expected& hit : all) hit.same_text = static_cast<std::int64_t>(all.size());
      std::ranges::sort(all, [&](const Expected& a, const Expected& b) { return before(a, b, paging.order); });
      hits.insert(hits.end(), all.begin(), paging.all_matches ? all.end() : all.begin() + 1);
    }
    return hits;
  }
  [[nodiscard]] static bool passes(const Told& message, const std::string& session) {
    return session.empty() || message.session == session;
  }

  TempFolder folder_;
  std::string path_;
  std::vector<Told> told_;
};

// One line a hit. Hits by relevance are told by id, so that a scan without scores can be compared with them.
std::vector<std::string> lines_of(const std::vector<Expected>& hits, std::uint32_t order) {
  const std::vector<std::string> names{"exact", "expanded", "fuzzy"};
  std::vector<std::string> lines;
  for (const Expected& hit : hits)
    lines.push_back(names[static_cast<std::size_t>(hit.tier)] + " " + std::to_string(hit.id) + " of " +
                    std::to_string(hit.same_text));
  if (order == CMEM_ORDER_RELEVANCE) std::ranges::sort(lines);
  return lines;
}

std::vector<std::string> lines_of(const Answer& answer, std::uint32_t order) {
  std::vector<std::string> lines;
  for (std::size_t row = 0; row < answer.rows.size(); ++row)
    lines.push_back(answer.at(row, "tier").text + " " + std::to_string(answer.at(row, "id").number) + " of " +
                    std::to_string(answer.at(row, "same_text").number));
  if (order == CMEM_ORDER_RELEVANCE) std::ranges::sort(lines);
  return lines;
}

// The first lines that are different; empty if none is.
std::string difference(const std::vector<std::string>& found, const std::vector<std::string>& expected) {
  const auto [a, b] = std::ranges::mismatch(found, expected);
  if (a == found.end() && b == expected.end()) return "";
  return "line " + std::to_string(a - found.begin() + 1) + ": " + (a == found.end() ? "nothing" : *a) + ", expected " +
         (b == expected.end() ? "nothing" : *b);
}

void check_order_by_tier_and_score(const Answer& answer, std::uint32_t order) {
  for (std::size_t row = 1; row < answer.rows.size(); ++row) {
    const std::string& above = answer.at(row - 1, "tier").text;
    const std::string& below = answer.at(row, "tier").text;
    CHECK(above <= below);  // the names happen to be in the order of the tiers
    if (order == CMEM_ORDER_RELEVANCE && above == below) CHECK(answer.at(row - 1, "score").real >= answer.at(row, "score").real);
  }
}

cmem_search_summary summary_of(Memory& memory, const Where& where, const Paging& paging) {
  const cmem_filter filter = where.filter();
  const cmem_page page = paging.page();
  cmem_cursor* cursor = nullptr;
  cmem_error error;
  cmem_search_summary summary CMEM_SEARCH_SUMMARY_INIT;
  REQUIRE(cmem_search(&cursor, memory.handle(), "tangle walrus", 13, &filter, &page, &error) == CMEM_OK);
  CHECK(cmem_search_get_summary(&summary, cursor, &error) == CMEM_OK);
  CHECK(cmem_cursor_total(cursor) == static_cast<std::int64_t>(paging.all_matches ? summary.messages : summary.texts));
  cmem_cursor_close(cursor);
  return summary;
}

Answer all_pages(Memory& memory, const Where& where, Paging paging) {
  Answer all;
  while (true) {
    Answer page = memory.search("tangle walrus", where, paging);
    all.columns = page.columns;
    if (page.rows.empty()) return all;
    for (auto& row : page.rows) all.rows.push_back(std::move(row));
    paging.after = page.position;
  }
}

void compare_with_scan(const TieredCorpus& corpus, const std::string& session, Paging paging, Rng& rng) {
  INFO("session '" << session << "', order " << paging.order << ", all matches " << paging.all_matches << ", tiers "
                   << paging.tiers);
  const Where where{.session = session};
  const auto expected = lines_of(corpus.scan(session, paging), paging.order);
  Memory memory = corpus.open();
  const Answer first = memory.search("tangle walrus", where, paging);
  CHECK(difference(lines_of(first, paging.order), expected) == "");
  CHECK(difference(lines_of(memory.search("tangle walrus", where, paging), paging.order), expected) == "");
  check_order_by_tier_and_score(first, paging.order);

  const auto summary = summary_of(memory, where, paging);
  Paging other = paging;
  other.all_matches = !paging.all_matches;
  CHECK((paging.all_matches ? summary.messages : summary.texts) == expected.size());
  CHECK((paging.all_matches ? summary.texts : summary.messages) == corpus.scan(session, other).size());
  const std::string worst = first.rows.empty() ? "exact" : first.rows.back()[first.column("tier")].text;
  CHECK(summary.tier == (worst == "exact" ? 0U : worst == "expanded" ? 1U : 2U));

  paging.limit = 3 + pick(rng, 30);
  if (paging.all_matches) paging.limit = 500;
  Memory fresh = corpus.open();
  CHECK(all_pages(fresh, where, paging).numbers("id") == first.numbers("id"));
}

TEST_CASE("tiers equal a scan, in every order, under a filter and page by page", "[search][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  for (int round = 0; round < 4; ++round) {
    // From a handful of exact texts, where AUTO goes on, to more than it wants.
    const TieredCorpus corpus(rng, 400, 60 + 120 * static_cast<std::size_t>(round));
    for (const std::uint32_t order : {CMEM_ORDER_RELEVANCE, CMEM_ORDER_NEWEST, CMEM_ORDER_OLDEST})
      for (const std::uint32_t tiers : {CMEM_TIERS_AUTO, CMEM_TIERS_EXACT, CMEM_TIERS_FUZZY})
        for (const bool all_matches : {false, true})
          for (const std::string session : {"", "session-1"})
            compare_with_scan(corpus, session, {.order = order, .all_matches = all_matches, .tiers = tiers}, rng);
  }
}

TEST_CASE("the first search of a handle answers as later ones do, over many segments", "[search][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  const TieredCorpus corpus(rng, 40'000, 2'000);  // three segments of doc values
  for (const std::uint32_t order : {CMEM_ORDER_RELEVANCE, CMEM_ORDER_NEWEST, CMEM_ORDER_OLDEST}) {
    const Paging page{.order = order, .limit = 10 + pick(rng, 40), .tiers = CMEM_TIERS_FUZZY};
    INFO("order " << order << ", limit " << page.limit);
    Memory memory = corpus.open();
    const Answer first = memory.search("tangle walrus", {}, page);
    const Answer later = memory.search("tangle walrus", {}, page);
    CHECK(first.total == later.total);
    CHECK(lines_of(first, CMEM_ORDER_NEWEST) == lines_of(later, CMEM_ORDER_NEWEST));
    compare_with_scan(corpus, "", {.order = order, .tiers = CMEM_TIERS_FUZZY}, rng);
    compare_with_scan(corpus, "session-2", {.order = order, .tiers = CMEM_TIERS_FUZZY}, rng);
  }
}

TEST_CASE("a tier whose texts do not pass the filter is not told of", "[search]") {
  TempFolder folder;
  Memory memory(folder.file("memory.db"));
  memory.append({{.content = "tangle walrus", .session = "here"}, {.content = "tangles walrus", .session = "there"}});
  const Paging page{.tiers = CMEM_TIERS_AUTO};
  CHECK(summary_of(memory, {}, page).tier == 1);
  CHECK(summary_of(memory, {.session = "here"}, page).tier == 0);
  CHECK(summary_of(memory, {.session = "there"}, page).tier == 1);
}

}  // namespace
}  // namespace cmem::test
