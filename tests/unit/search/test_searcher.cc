// Search against a scan of everything: which texts match, how well (BM25, as in lib/search/matcher.h), for which messages, in which order.
#include <coditect/memory.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "unit/store/store_fixture.h"
#include "unit/support/random.h"

namespace cmem::test {
namespace {

const std::vector<std::string> kWords{"tide", "tides", "map", "coast", "login", "log", "error", "hook", "stream", "started", "a", "the", "chart"};

using Words = std::vector<std::string>;

struct Term {
  Words words;
  bool prefix = false;

  [[nodiscard]] std::int64_t count_in(const Words& text) const {
    std::int64_t found = 0;
    for (std::size_t at = 0; at + words.size() <= text.size(); ++at) {
      bool here = true;
      for (std::size_t i = 0; i < words.size() && here; ++i) {
        const bool last = i + 1 == words.size();
        here = prefix && last ? text[at + i].starts_with(words[i]) : text[at + i] == words[i];
      }
      if (here) ++found;
    }
    return found;
  }
  [[nodiscard]] std::string typed() const {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
    return "\"" + out + "\"" + (prefix ? "*" : "");
  }
};

// (one of these terms) and not negated, or: none of them.
struct Clause {
  std::vector<Term> terms;
  bool negated = false;

  [[nodiscard]] bool holds_for(const Words& text) const {
    const bool any = std::any_of(terms.begin(), terms.end(), [&](const Term& term) { return term.count_in(text) > 0; });
    return any != negated;
  }
  [[nodiscard]] std::string typed() const {
    std::string out;
    for (const Term& term : terms) out += (out.empty() ? "" : " OR ") + term.typed();
    return negated ? "-(" + out + ")" : out;
  }
};

struct Message {
  std::int64_t id;
  std::int64_t time_ms;
  std::string text, session;
};

struct Found {
  std::int64_t id = 0;
  double score = 0;
  std::int64_t same_text = 0;
};

Words split(const std::string& text) {
  Words words;
  std::string word;
  for (const char c : text + " ") {
    if (c != ' ') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(word);
      word.clear();
    }
  }
  return words;
}

class Corpus {
 public:
  explicit Corpus(Rng& rng, int messages) : rng_(rng), memory_(folder_.file("memory.db")) {
    std::string bytes;
    std::vector<std::string> texts;
    for (int i = 1; i <= messages; ++i) {
      if (texts.empty() || pick(rng_, 3) != 0) texts.push_back(random_text());
      Message message{i, pick(rng_, 9) == 0 ? INT64_MIN : static_cast<std::int64_t>(1'763'200'800'000 + pick(rng_, 200) * 1000),
                      texts[pick(rng_, texts.size())], "session-" + std::to_string(pick(rng_, 3))};
      bytes += R"({"content": ")" + message.text + R"(", "source": "history.jsonl:line-)" + std::to_string(i) + "\"";
      if (message.time_ms != INT64_MIN) bytes += ", \"timestamp\": " + std::to_string(message.time_ms);
      bytes += R"(, "session_id": ")" + message.session + R"(", "source_type": "history"})" + "\n";
      messages_.push_back(message);
      distinct_.emplace(message.text, split(message.text));
    }
    write_file(folder_.file("source.jsonl"), bytes);
    memory_.load({folder_.file("source.jsonl")});
    for (const auto& [text, words] : distinct_) total_words_ += words.size();
  }

  void compare_one() {
    const auto clauses = random_query();
    std::string query;
    for (const Clause& clause : clauses) query += clause.typed() + " ";
    INFO("query " << query);
    Where where;
    if (pick(rng_, 3) == 0) where.session = "session-" + std::to_string(pick(rng_, 4));
    if (pick(rng_, 3) == 0) where.from_ms = 1'763'200'800'000 + static_cast<std::int64_t>(pick(rng_, 200)) * 1000;
    if (where.from_ms != 0) where.until_ms = where.from_ms + static_cast<std::int64_t>(pick(rng_, 100)) * 1000;
    Paging paging;
    const std::vector<std::uint32_t> orders{CMEM_ORDER_NEWEST, CMEM_ORDER_OLDEST, CMEM_ORDER_RELEVANCE};
    paging.order = orders[pick(rng_, 3)];
    paging.all_matches = pick(rng_, 2) == 0;
    const auto expected = answer(clauses, where, paging);
    const Answer whole = memory_.search(query, where, paging);
    REQUIRE(whole.total == static_cast<std::int64_t>(expected.size()));
    const auto ids = whole.numbers("id");
    REQUIRE(ids.size() == expected.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      INFO("hit " << i << ": " << whole.at(i, "snippet").text);
      REQUIRE(ids[i] == expected[i].id);
      REQUIRE(whole.at(i, "same_text").number == expected[i].same_text);
      REQUIRE(whole.at(i, "score").real == (paging.order == CMEM_ORDER_RELEVANCE ? expected[i].score : 0));
    }
    compare_pages(query, where, paging, ids);
  }

 private:
  std::string random_text() {
    std::string text;
    for (std::size_t i = pick(rng_, 12); i > 0; --i) text += (text.empty() ? "" : " ") + kWords[pick(rng_, kWords.size())];
    return text;
  }

  std::vector<Clause> random_query() {
    std::vector<Clause> clauses;
    const std::size_t count = 1 + pick(rng_, 3);
    for (std::size_t i = 0; i < count; ++i) {
      Clause clause;
      clause.negated = i > 0 && pick(rng_, 4) == 0;
      for (std::size_t terms = 1 + (pick(rng_, 4) == 0 ? 1 : 0); terms > 0; --terms) {
        Term term;
        for (std::size_t words = 1 + (pick(rng_, 4) == 0 ? 1 : 0); words > 0; --words) term.words.push_back(kWords[pick(rng_, kWords.size())]);
        term.prefix = pick(rng_, 4) == 0;
        if (term.prefix) term.words.back().resize(1 + pick(rng_, term.words.back().size()));
        clause.terms.push_back(term);
      }
      clauses.push_back(clause);
    }
    return clauses;
  }

  // In how many texts a word stands; for a prefix, the sum over its words, all texts at most.
  [[nodiscard]] double texts_with(const std::string& word, bool prefix) const {
    std::size_t with = 0;
    for (const auto& [text, words] : distinct_) {
      const std::set<std::string> different(words.begin(), words.end());
      with += static_cast<std::size_t>(
          std::count_if(different.begin(), different.end(), [&](const std::string& other) { return prefix ? other.starts_with(word) : other == word; }));
    }
    return static_cast<double>(std::min(with, distinct_.size()));
  }

  double score(const std::vector<Clause>& clauses, const Words& text) {
    const auto texts = static_cast<double>(distinct_.size());
    const double average = static_cast<double>(total_words_) / texts;
    double sum = 0;
    for (const Clause& clause : clauses) {
      if (clause.negated) continue;
      for (const Term& term : clause.terms) {
        double idf = 0;
        for (const std::string& word : term.words) {
          const double with = texts_with(word, term.prefix && &word == &term.words.back());
          idf += std::log(1 + (texts - with + 0.5) / (with + 0.5));
        }
        const auto times = static_cast<double>(term.count_in(text));
        // The same operations in the same order as in the matcher: equal to the last bit, so that the rounding is too.
        const double factor = idf * (1.2 + 1) * 16384;
        sum += std::floor(factor * times / (times + 1.2 * (1 - 0.75) + 1.2 * 0.75 / average * static_cast<double>(text.size())) + 0.5) / 16384;
      }
    }
    return sum;
  }

  std::vector<Found> answer(const std::vector<Clause>& clauses, const Where& where, const Paging& paging) {
    std::map<std::string, double> matching;
    for (const auto& [text, words] : distinct_) {
      const bool matches = std::all_of(clauses.begin(), clauses.end(), [&w = words](const Clause& clause) { return clause.holds_for(w); });
      if (matches) matching[text] = score(clauses, words);
    }
    std::vector<Message> passing;
    std::map<std::string, std::int64_t> counts;
    for (const Message& message : messages_) {
      const bool in_time = where.from_ms == 0 || (message.time_ms != INT64_MIN && message.time_ms >= where.from_ms && message.time_ms < where.until_ms);
      if (!in_time || (!where.session.empty() && where.session != message.session) || !matching.contains(message.text)) continue;
      passing.push_back(message);
      ++counts[message.text];
    }
    const bool oldest = paging.order == CMEM_ORDER_OLDEST;
    std::sort(passing.begin(), passing.end(), [&](const Message& a, const Message& b) {
      const double score_a = matching[a.text];
      const double score_b = matching[b.text];
      if (paging.order == CMEM_ORDER_RELEVANCE && score_a != score_b) return score_a > score_b;
      if ((a.time_ms == INT64_MIN) != (b.time_ms == INT64_MIN)) return b.time_ms == INT64_MIN;
      if (a.time_ms != b.time_ms) return oldest ? a.time_ms < b.time_ms : a.time_ms > b.time_ms;
      return oldest ? a.id < b.id : a.id > b.id;
    });
    std::vector<Found> found;
    std::set<std::string> seen;
    for (const Message& message : passing)
      if (paging.all_matches || seen.insert(message.text).second) found.push_back({message.id, matching[message.text], counts[message.text]});
    return found;
  }

  void compare_pages(const std::string& query, const Where& where, Paging paging, const std::vector<std::int64_t>& expected) {
    paging.limit = 1 + pick(rng_, 1 + expected.size());
    std::vector<std::int64_t> found;
    while (true) {
      const Answer page = memory_.search(query, where, paging);
      const auto ids = page.numbers("id");
      found.insert(found.end(), ids.begin(), ids.end());
      if (ids.size() < paging.limit) break;
      paging.after = page.position;
    }
    CHECK(found == expected);
  }

  TempFolder folder_;
  Rng& rng_;
  Memory memory_;
  std::vector<Message> messages_;
  std::map<std::string, Words> distinct_;
  std::size_t total_words_ = 0;
};

}  // namespace

TEST_CASE("search finds, counts and orders what a scan of all texts does", "[search][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  for (int corpus = 0; corpus < 8; ++corpus) {
    Corpus documents(rng, corpus == 0 ? 3 : 300);
    for (int i = 0; i < 250; ++i) documents.compare_one();
  }
}

TEST_CASE("a query without anything to search for has no hits", "[search]") {
  const TempFolder folder;
  Memory memory(folder.file("memory.db"));
  memory.append({{.content = "tide"}});
  for (const char* query : {"", "   ", "-tide", "***", "\"\""}) {
    const Answer hits = memory.search(query);
    CHECK(hits.total == 0);
    CHECK(hits.rows.empty());
    CHECK(hits.position.empty());
  }
}

TEST_CASE("a hit shows its text with the matches marked", "[search]") {
  const TempFolder folder;
  Memory memory(folder.file("memory.db"));
  memory.append({{.content = "the tide is high"}, {.content = "[WARN] the tide is high", .level = "WARN"}});
  const Answer hits = memory.search("tide");
  REQUIRE(hits.rows.size() == 1);
  CHECK(hits.at(0, "snippet").text == "the \x02tide\x03 is high");
  CHECK(hits.at(0, "same_text").number == 2);
  CHECK(hits.at(0, "id").number == 2);
  CHECK(memory.search("tide", {}, {.without_content = true}).at(0, "snippet").type == CMEM_TYPE_NULL);
  CHECK(memory.search("tide", {.level = "WARN"}).at(0, "same_text").number == 1);
}

TEST_CASE("queries past the limits are refused with what to do", "[search]") {
  const TempFolder folder;
  Memory memory(folder.file("memory.db"));
  std::string words;
  for (int i = 0; i < 65; ++i) words += "w" + std::to_string(i) + " ";
  for (const std::string& query : {words, std::string(5'000, 'x'), std::string(9, '(') + "x"}) {
    const Answer hits = memory.try_search(query);
    CHECK(hits.status == CMEM_E_LIMIT);
    CHECK_FALSE(hits.error.empty());
  }
  CHECK(memory.try_search("x", {}, {.after = "nonsense"}).status == CMEM_E_INVALID);
}

TEST_CASE("a prompt or reply counts more than a log line of the same words", "[search]") {
  const TempFolder folder;
  Memory memory(folder.file("memory.db"));
  memory.append({{.content = "tide rising", .role = "user", .time_ms = 1},
                 {.content = "tide falling", .time_ms = 2},
                 {.content = "tide turning", .role = "tool", .time_ms = 3},
                 // A text is what its first message is, whoever says it again.
                 {.content = "tide rising", .time_ms = 4},
                 {.content = "tide falling", .role = "assistant", .time_ms = 5}});
  const auto texts = [&](double prose_weight) {
    const Answer hits = memory.search("tide", {}, {.order = CMEM_ORDER_RELEVANCE, .prose_weight = prose_weight});
    std::vector<std::pair<std::int64_t, double>> found;
    for (std::size_t i = 0; i < hits.rows.size(); ++i)
      found.emplace_back(hits.at(i, "time").number, hits.at(i, "score").real / hits.at(hits.rows.size() - 1, "score").real);
    return found;
  };
  using Texts = std::vector<std::pair<std::int64_t, double>>;
  CHECK(texts(1) == Texts{{5, 1}, {4, 1}, {3, 1}});
  const Texts weighted = texts(0);
  CHECK(weighted.front().first == 4);
  CHECK(weighted.front().second == Approx(1.5).epsilon(0.001));
  CHECK(texts(0.5).back().first == 4);
  for (const double wrong : {-1.0, 10.5, std::nan("")})
    CHECK(memory.try_search("tide", {}, {.order = CMEM_ORDER_RELEVANCE, .prose_weight = wrong}).status == CMEM_E_INVALID);
}

TEST_CASE("one cursor gives every hit once although texts come again while it is read", "[search]") {
  constexpr int kTexts = 3'000;  // more than a cursor orders at a time
  const auto text = [](int i) { return "tide " + std::to_string(i); };
  std::vector<Appended> messages;
  for (int i = 0; i < kTexts; ++i) messages.push_back({.content = text(i), .time_ms = i});
  // A handle that has searched often knows the newest message of each text.
  const int searches_before = GENERATE(0, 60);
  const bool all_matches = GENERATE(false, true);
  const std::uint32_t order = GENERATE(std::uint32_t{CMEM_ORDER_RELEVANCE}, std::uint32_t{CMEM_ORDER_NEWEST}, std::uint32_t{CMEM_ORDER_OLDEST});
  INFO("searches before " << searches_before << ", all matches " << all_matches << ", order " << order);
  const TempFolder folder;
  Memory memory(folder.file("memory.db"));
  memory.append(messages);
  for (int i = 0; i < searches_before; ++i) memory.search("tide 7");
  cmem_page page CMEM_PAGE_INIT;
  page.order = order;
  page.all_matches = all_matches ? 1 : 0;
  cmem_error error;
  cmem_cursor* cursor = nullptr;
  REQUIRE(cmem_search(&cursor, memory.handle(), "tide", 4, nullptr, &page, &error) == CMEM_OK);
  std::set<std::string> found;
  const cmem_value* row = nullptr;
  std::size_t rows = 0;
  while (cmem_cursor_next(&row, cursor, &error) == CMEM_OK) {
    found.emplace(row[10].text, row[10].text_len);
    if (rows++ != 0) continue;
    memory.append({{.content = text(5), .time_ms = kTexts}});  // would now be the first of all
    CHECK(memory.search("tide", {}, {.order = CMEM_ORDER_NEWEST}).at(0, "time").number == kTexts);
  }
  cmem_cursor_close(cursor);
  CHECK(rows == kTexts);
  CHECK(found.size() == kTexts);
}

TEST_CASE("a page of hits goes on although messages arrive", "[search]") {
  const TempFolder folder;
  Memory memory(folder.file("memory.db"));
  std::vector<Appended> messages;
  for (int i = 0; i < 3'000; ++i) messages.push_back({.content = "tide " + std::to_string(i), .time_ms = i});
  memory.append(messages);
  for (const bool all : {false, true}) {
    Paging paging{.order = CMEM_ORDER_OLDEST, .limit = 1'500, .all_matches = all};
    const Answer first = memory.search("tide", {}, paging);
    memory.append({{.content = "tide of today", .time_ms = -5}});
    paging.after = first.position;
    const Answer second = memory.search("tide", {}, paging);
    CHECK(first.at(1'499, "time").number + 1 == second.at(0, "time").number);
  }
}

}  // namespace cmem::test
