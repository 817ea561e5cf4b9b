// The matcher against a naive evaluator that walks over the words of every text: the same texts, and the same scores to the last bit.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "unit/search/indexed_texts.h"
#include "unit/support/random.h"

namespace cmem::test {
namespace {

const std::vector<std::string> kWords{"tide",   "tides", "map",     "fooBar",     "foobar",   "foo",        "bar",    "fooBarBaz", "HTTPServer", "http",
                                      "server", "日本語", "日",      "本",         "日本",     "crème",      "Creme",  "a",         "b",          "the",
                                      "the",    "the",   "a_b",     "lib/index.h", "multi-agent", "multi", "agent", "тест",      "toolu_01A7bCdEfGh2JkLmN"};

std::string random_text(Rng& rng) {
  std::string text;
  for (std::size_t n = pick(rng, pick(rng, 20) == 0 ? 400 : 20); n > 0; --n) text += kWords[pick(rng, kWords.size())] + (pick(rng, 9) == 0 ? "" : " ");
  return text;
}

std::string random_query(Rng& rng, int depth) {
  const auto word = [&] {
    std::string chosen = kWords[pick(rng, kWords.size())];
    if (pick(rng, 4) != 0) return chosen;
    return chosen.substr(0, 1 + pick(rng, chosen.size())) + "*";
  };
  const auto operand = [&] {
    const std::string negation = pick(rng, 6) == 0 ? (pick(rng, 2) == 0 ? "-" : "NOT ") : "";
    if (depth > 0 && pick(rng, 5) == 0) return negation + "(" + random_query(rng, depth - 1) + ")";
    if (pick(rng, 3) != 0) return negation + word();
    const auto phrase = [&] {
      std::string words = "\"";
      for (std::size_t n = 1 + pick(rng, 3); n > 0; --n) words += kWords[pick(rng, kWords.size())] + " ";
      words.back() = '"';
      return words + (pick(rng, 4) == 0 ? "*" : "");
    };
    if (pick(rng, 3) != 0) return negation + phrase();
    std::string near = "NEAR(";
    for (std::size_t n = 2 + pick(rng, 2); n > 0; --n) near += (pick(rng, 3) == 0 ? phrase() : word()) + " ";
    return negation + near + (pick(rng, 4) == 0 ? "" : ", " + std::to_string(pick(rng, 9))) + ")";
  };
  std::string query = operand();
  for (std::size_t n = pick(rng, 3); n > 0; --n) query += (pick(rng, 3) == 0 ? " OR " : " ") + operand();
  return query;
}

class Naive {
 public:
  explicit Naive(const std::vector<std::string>& texts) : texts_(texts.size()) {
    Tokenizer tokenizer;
    double words = 0;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      std::set<std::string> different;
      texts_[i].is_prose = IndexedTexts::is_prose(i);
      texts_[i].length = tokenizer.for_each_word(texts[i], [&](const Word& word) {
        texts_[i].words.emplace(word.position, word.folded);
        different.emplace(word.folded);
        return true;
      });
      words += texts_[i].length;
      for (const std::string& word : different) ++texts_with_[word];
    }
    mean_length_ = words > 0 ? words / static_cast<double>(texts.size()) : 1;
  }

  std::map<std::size_t, std::uint32_t> scores(const CompiledQuery& query, double prose_weight) const {
    std::map<std::size_t, std::uint32_t> found;
    Weights weights{{}, prose_weight};
    for (const QueryTerm& term : query.terms) weights.idfs.push_back(idf_of(term));
    for (std::size_t i = 0; i < texts_.size(); ++i)
      if (const auto score = evaluate(query, *query.root, weights, texts_[i])) found[i] = *score;
    return found;
  }

 private:
  struct Text {
    std::multimap<std::uint32_t, std::string> words;  // by position
    std::uint32_t length = 0;
    bool is_prose = false;
  };
  struct Weights {
    std::vector<double> idfs;  // by term
    double prose_weight;
  };

  static bool fits(const std::string& word, const std::string& wanted, bool prefix) {
    return prefix ? word.starts_with(wanted) : word == wanted;
  }
  static std::set<std::uint32_t> places(const Text& text, const std::string& wanted, bool prefix, std::uint32_t offset) {
    std::set<std::uint32_t> found;
    for (const auto& [position, word] : text.words)
      if (position >= offset && fits(word, wanted, prefix)) found.insert(position - offset);
    return found;
  }

  double idf_of(const QueryTerm& term) const {
    double sum = 0;
    const auto texts = static_cast<double>(texts_.size());
    for (const QueryTerm::Part& part : term.parts) {
      double with = 0;
      for (const auto& [word, count] : texts_with_)
        if (fits(word, part.word, term.prefix && &part == &term.parts.back())) with += count;
      with = std::min(with, texts);
      sum += std::log(1 + (texts - with + 0.5) / (with + 0.5));
    }
    return sum;
  }

  static std::size_t frequency(const QueryTerm& term, const Text& text) {
    if (term.parts.size() == 1)
      return static_cast<std::size_t>(std::count_if(
          text.words.begin(), text.words.end(), [&](const auto& entry) { return fits(entry.second, term.parts[0].word, term.prefix); }));
    std::set<std::uint32_t> starts = places(text, term.parts[0].word, false, 0);
    for (const QueryTerm::Part& part : term.parts) {
      const auto here = places(text, part.word, term.prefix && &part == &term.parts.back(), part.offset);
      std::erase_if(starts, [&](std::uint32_t start) { return !here.contains(start); });
    }
    if (!term.whole.empty()) starts.merge(places(text, term.whole, term.prefix, 0));
    return starts.size();
  }

  // The first and last positions of a term.
  static std::set<std::pair<std::uint32_t, std::uint32_t>> spans(const QueryTerm& term, const Text& text) {
    std::set<std::pair<std::uint32_t, std::uint32_t>> found;
    const std::uint32_t length = term.parts.back().offset;
    for (const std::uint32_t start : places(text, term.parts[0].word, term.prefix && term.parts.size() == 1, 0)) {
      const bool here = std::all_of(term.parts.begin(), term.parts.end(), [&](const QueryTerm::Part& part) {
        return places(text, part.word, term.prefix && &part == &term.parts.back(), part.offset).contains(start);
      });
      if (here) found.emplace(start, start + length);
    }
    if (term.whole.empty()) return found;
    for (const std::uint32_t start : places(text, term.whole, term.prefix, 0))
      if (!found.contains({start, start + length})) found.emplace(start, start);
    return found;
  }

  static std::size_t windows(const CompiledQuery& query, const QueryNode& node, const Text& text) {
    std::vector<std::set<std::pair<std::uint32_t, std::uint32_t>>> terms;
    std::set<std::uint32_t> begins;
    for (const QueryNode& part : node.parts)
      for (const auto& [first, last] : terms.emplace_back(spans(query.terms[part.term], text))) begins.insert(first);
    return static_cast<std::size_t>(std::count_if(begins.begin(), begins.end(), [&](std::uint32_t begin) {
      return std::all_of(terms.begin(), terms.end(), [&](const auto& places_of_term) {
        return std::any_of(places_of_term.begin(), places_of_term.end(), [&](const auto& place) {
          return place.first >= begin && place.second <= begin + node.distance + 1;
        });
      });
    }));
  }

  std::optional<std::uint32_t> score(double times, double idf, double prose_weight, const Text& text) const {
    if (times == 0) return {};
    const double factor = idf * (1.2 + 1) * kScoreUnits * (text.is_prose ? prose_weight : 1);
    const double per_word = 1.2 * 0.75 / mean_length_;
    return static_cast<std::uint32_t>(factor * times / (times + 1.2 * (1 - 0.75) + per_word * std::min(text.length, 32'767U)) + 0.5);
  }

  std::optional<std::uint32_t> evaluate(const CompiledQuery& query, const QueryNode& node, const Weights& weights, const Text& text) const {
    if (node.kind == QueryNode::Kind::kTerm)
      return score(static_cast<double>(frequency(query.terms[node.term], text)), weights.idfs[node.term], weights.prose_weight, text);
    if (node.kind == QueryNode::Kind::kNear) {
      double idf = 0;
      for (const QueryNode& part : node.parts) idf += weights.idfs[part.term];
      return score(static_cast<double>(windows(query, node, text)), idf, weights.prose_weight, text);
    }
    if (node.kind == QueryNode::Kind::kAll) return 0;
    std::uint32_t sum = 0;
    std::size_t matching = 0;
    std::vector<bool> matches;
    for (const QueryNode& part : node.parts) {
      const auto score = evaluate(query, part, weights, text);
      matches.push_back(score.has_value());
      if (!score || (node.kind == QueryNode::Kind::kNot && matches.size() > 1)) continue;
      ++matching;
      sum += *score;
    }
    const bool holds = node.kind == QueryNode::Kind::kAnd  ? matching == node.parts.size()
                       : node.kind == QueryNode::Kind::kOr ? matching > 0
                                                           : matches[0] && !matches[1];
    return holds ? std::optional(sum) : std::nullopt;
  }

  std::vector<Text> texts_;
  std::map<std::string, double> texts_with_;
  double mean_length_ = 1;
};

void compare(Rng& rng, std::size_t texts, std::size_t texts_per_batch, int queries) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < texts; ++i) all.push_back(random_text(rng));
  IndexedTexts index(all, texts_per_batch);
  const Naive naive(all);
  int with_hits = 0;
  for (int i = 0; i < queries; ++i) {
    const std::string text = random_query(rng, 3) + (pick(rng, 8) == 0 ? " on:all" : "");
    const auto query = compile_query(text, index.tokenizer());
    if (!query || query->nothing_to_search()) continue;
    const double weight = i % 2 == 0 ? 1 : 2.25;
    const auto found = index.scores(*query, weight);
    const auto expected = naive.scores(*query, weight);
    with_hits += expected.empty() ? 0 : 1;
    if (found == expected) continue;
    INFO(text << " is " << query->explanation);
    REQUIRE(found == expected);
  }
  CHECK(with_hits > queries / 3);
}

TEST_CASE("2,000 random queries over 300 texts find the texts and scores of a naive evaluator", "[search][matcher][random][threads]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  compare(rng, 300, SIZE_MAX, 1'000);
  compare(rng, 300, 1 + pick(rng, 100), 1'000);
}

TEST_CASE("random queries over one large segment skip blocks without losing texts", "[search][matcher][random][threads]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  compare(rng, 3'000, SIZE_MAX, 60);
}

TEST_CASE("a rare word bounds what is read of common ones", "[search][matcher]") {
  std::vector<std::string> texts;
  for (int i = 0; i < 5'000; ++i) texts.push_back("the common words of text" + std::string(i % 1'000 == 77 ? " rare" : "") + (i % 2 == 0 ? " even" : " odd"));
  IndexedTexts index(texts);
  using Hits = std::set<std::size_t>;
  CHECK(index.find("rare common") == Hits{77, 1'077, 2'077, 3'077, 4'077});
  CHECK(index.find("rare \"common words of\"") == Hits{77, 1'077, 2'077, 3'077, 4'077});
  CHECK(index.find("rare even") == Hits{});
  CHECK(index.find("rare -odd") == Hits{});
  CHECK(index.find("common rare -even") == Hits{77, 1'077, 2'077, 3'077, 4'077});
  CHECK(index.find("\"text rare\" (even OR od*)") == Hits{77, 1'077, 2'077, 3'077, 4'077});
  CHECK(index.find("common").size() == 5'000);
}

TEST_CASE("a prefix of hundreds of words finds the same again", "[search][matcher][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  std::vector<std::string> texts;
  for (int i = 0; i < 1'200; ++i) {
    std::string& text = texts.emplace_back(random_text(rng));
    for (std::size_t n = pick(rng, 6); n > 0; --n) text += " word" + std::to_string(pick(rng, 400));
    if (pick(rng, 5) == 0) text += " common wordy";
  }
  IndexedTexts index(texts, 500);
  const Naive naive(texts);
  const std::vector<std::string> queries{"w*", "NEAR(w* tide, 3)", "wo* tide", "word1* -word12*", "\"common w\"*", "foo OR w*", "-w* map", "word1*", "wordy"};
  for (int round = 0; round < 40; ++round) {
    const std::string& text = queries[pick(rng, queries.size())];
    INFO(text);
    const CompiledQuery query = index.compile(text);
    REQUIRE(index.scores(query) == naive.scores(query, 1));
  }
}

TEST_CASE("a search in a damaged index is an error or finds other texts, never a crash", "[search][matcher][damage][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  std::vector<std::string> texts;
  for (int i = 0; i < 700; ++i) texts.push_back(random_text(rng));
  IndexedTexts index(texts, 400);
  std::map<std::int64_t, std::string> parts;
  {
    auto rows = must(index.db().prepare("SELECT id, data FROM text_segment_part"));
    while (must(rows.step())) parts[rows.column_int(0)] = std::string(as_text(rows.column_blob(1)));
  }
  auto update = must(index.db().prepare("UPDATE text_segment_part SET data = ?2 WHERE id = ?1"));
  const auto store = [&](std::int64_t id, const std::string& bytes) {
    must(update.bind(1, id));
    must(update.bind_blob(2, as_bytes(bytes)));
    must(update.run());
  };
  must(index.db().exec("PRAGMA synchronous = OFF"));
  int refused = 0;
  for (int round = 0; round < 1'500; ++round) {
    const auto& [id, good] = *std::next(parts.begin(), static_cast<std::ptrdiff_t>(pick(rng, parts.size())));
    std::string bad = good;
    for (std::size_t flips = 1 + pick(rng, 20); flips > 0; --flips) bad[pick(rng, bad.size())] = static_cast<char>(pick(rng, 3) == 0 ? 0xff : rng());
    if (pick(rng, 6) == 0) bad.resize(pick(rng, bad.size()));
    store(id, bad);
    index.forget_cache();
    for (int i = 0; i < 6; ++i) {
      const auto query = compile_query(random_query(rng, 2), index.tokenizer());
      if (!query || query->nothing_to_search()) continue;
      const auto found = index.count(*query);
      if (found) continue;
      ++refused;
      if (found.error().code != Code::kCorrupt) FAIL("seed " << seed << ": " << found.error().text);
    }
    store(id, good);
  }
  CHECK(refused > 100);
}

TEST_CASE("NEAR counts the words between the first and the last", "[search][matcher]") {
  IndexedTexts index({"a b", "b a", "a x b", "a x x b", "a b c", "a x b c", "fooBar x b", "foobar x b", "a", "a x x x x x x x x x x b",
                      "a x x x x x x x x x x x b", "b x x a x b"});
  using Hits = std::set<std::size_t>;
  CHECK(index.find("NEAR(a b, 0)") == Hits{0, 1, 4});
  CHECK(index.find("NEAR(b a, 1)") == Hits{0, 1, 2, 4, 5, 11});
  CHECK(index.find("NEAR(a b)") == Hits{0, 1, 2, 3, 4, 5, 9, 11});
  CHECK(index.find("NEAR(a b,11)") == Hits{0, 1, 2, 3, 4, 5, 9, 10, 11});
  CHECK(index.find("NEAR(a \"b c\", 1)") == Hits{4});
  CHECK(index.find("NEAR(a \"b c\", 2)") == Hits{4, 5});
  CHECK(index.find("NEAR(a b c , 1 )") == Hits{4});
  CHECK(index.find("NEAR(fooBar b, 1)") == Hits{7});
  CHECK(index.find("NEAR(fooBar b, 2)") == Hits{6, 7});
  CHECK(index.find("NEAR(fooBa* b, 2)") == Hits{6, 7});
  CHECK(index.find("a -NEAR(a b, 3)") == Hits{8, 9, 10});
  CHECK(index.find("NEAR(a a b, 0) OR fooBar") == Hits{0, 1, 4, 6, 7});
  CHECK(index.scores(index.compile("NEAR(a b, 3)")).at(11) > index.scores(index.compile("NEAR(a b, 1)")).at(11));
}

TEST_CASE("fields alone find all texts, and all without the excluded ones", "[search][matcher]") {
  IndexedTexts index({"a b", "b", "", "c"}, 2);
  using Scores = std::map<std::size_t, std::uint32_t>;
  CHECK(index.scores(index.compile("level:WARN")) == Scores{{0, 0}, {1, 0}, {2, 0}, {3, 0}});
  CHECK(index.scores(index.compile("level:WARN -b")) == Scores{{2, 0}, {3, 0}});
  CHECK(index.scores(index.compile("-b -level:WARN -c")) == Scores{{2, 0}});
}

TEST_CASE("a phrase of a thousand words does not overflow a score", "[search][matcher]") {
  std::string words;
  std::string others;
  for (int i = 0; i < 1'000; ++i) {
    words += static_cast<char>('a' + i % 26) + std::string(" ");
    others += "zz ";
  }
  std::vector<std::string> texts(300, others);
  texts.push_back(words);
  IndexedTexts index(texts);
  const auto scores = index.scores(index.compile("\"" + words + "\""));
  REQUIRE(scores.size() == 1);
  CHECK(scores.begin()->first == 300);
  CHECK(scores.begin()->second > 1'000 * 5 * kScoreUnits);
}

}  // namespace
}  // namespace cmem::test
