#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <tuple>
#include <vector>

#include "base/utf8.h"
#include "search/match_finder.h"
#include "search/term_scanner.h"
#include "unit/support/random.h"

namespace cmem {
namespace {

using namespace test;

struct TextWord {
  std::string folded;
  Word at;
};

std::vector<TextWord> words_of(std::string_view text) {
  std::vector<TextWord> words;
  Tokenizer tokenizer;
  tokenizer.for_each_word(text, [&](const Word& word) {
    words.push_back({std::string(word.folded), word});
    return true;
  });
  return words;
}

QueryTerm term_of(const std::vector<std::string>& words, bool prefix = false) {
  QueryTerm term;
  for (const std::string& word : words) term.parts.push_back({word, static_cast<std::uint32_t>(term.parts.size())});
  term.prefix = prefix;
  return term;
}

std::vector<Span> spans_of(const std::vector<QueryTerm>& terms, std::string_view text, std::size_t limit = 1'000'000) {
  MatchFinder finder(terms);
  std::vector<Span> spans;
  for (const Match& match : finder.find(text, limit)) spans.push_back(match.span);
  return spans;
}

TEST_CASE("a word is found at the ends of a text and of what is looked at together", "[search][match]") {
  for (const std::size_t size : {0, 1, 2, 61, 62, 63, 64, 65, 66, 127, 128, 200}) {
    const std::string gap(size, '.');
    for (const std::string word : {"a", "no", "yes", "needle"}) {
      CAPTURE(size, word);
      CHECK(spans_of({term_of({word})}, gap + word) == std::vector<Span>{{size, size + word.size()}});
      CHECK(spans_of({term_of({word})}, word + gap) == std::vector<Span>{{0, word.size()}});
      CHECK(spans_of({term_of({word, word})}, word + gap + "-" + word) == std::vector<Span>{{0, size + 1 + 2 * word.size()}});
      CHECK(spans_of({term_of({word})}, gap + word + word).empty());
    }
  }
}

TEST_CASE("a limit ends the search with the match that reaches it", "[search][match]") {
  CHECK(spans_of({term_of({"a"})}, "a a a a", 2) == std::vector<Span>{{0, 1}, {2, 3}});
  CHECK(spans_of({term_of({"a"}), term_of({"b", "a"})}, "b a a", 2) == std::vector<Span>{{0, 3}, {2, 3}});
}

TEST_CASE("words stand as they are in the whole text, whatever stands around them", "[search][match]") {
  const std::string blob = "ErcBCkgIBRABGAIiQL8xN3vZ9pQ2rT7sK4mW1yXc5uHdJ6fGbA0oEiVnRzPlStqYhMwD/needle9/";
  CHECK(spans_of({term_of({"needle9"})}, blob).empty());
  CHECK(spans_of({term_of({"needle9"})}, "needle9/" + std::string(60, '.') + blob) == std::vector<Span>{{0, 7}});
  CHECK(spans_of({term_of({"31mneedle"}), term_of({"needle"})}, "x \x1b[31mneedle") == std::vector<Span>{{7, 13}});
  CHECK(spans_of({term_of({"creme"})}, "cr\xC3\xA8me") == std::vector<Span>{{0, 6}});
  CHECK(spans_of({term_of({"k"})}, "a \xE2\x84\xAA b") == std::vector<Span>{{2, 5}});  // the sign of Kelvin
}

// What a walk over all words of the text finds.
std::vector<Match> walk(const std::vector<QueryTerm>& terms, const std::vector<TextWord>& words, std::size_t limit) {
  const auto fits = [](const QueryTerm& term, const std::string& word, const std::string& wanted) {
    return term.prefix ? word.starts_with(wanted) : word == wanted;
  };
  const auto stands_at = [&](const std::string& word, std::uint32_t position) {
    return std::ranges::any_of(words, [&](const TextWord& one) { return one.at.position == position && one.folded == word; });
  };
  std::vector<Match> found;
  for (const TextWord& end : words) {
    for (std::size_t i = 0; i < terms.size(); ++i) {
      const QueryTerm& term = terms[i];
      const std::uint32_t back = term.parts.back().offset;
      const std::uint32_t start = end.at.position - std::min(end.at.position, back);
      const bool here = end.at.position >= back && fits(term, end.folded, term.parts.back().word) &&
                        std::all_of(term.parts.begin(), term.parts.end() - 1,
                                    [&](const QueryTerm::Part& part) { return stands_at(part.word, start + part.offset); });
      const auto first = std::ranges::find(words, start, [](const TextWord& word) { return word.at.position; });
      if (here) {
        found.push_back({{first->at.begin, end.at.end}, i});
      } else if (!term.whole.empty() && fits(term, end.folded, term.whole)) {
        found.push_back({{end.at.begin, end.at.end}, i});
      }
    }
    if (found.size() >= limit) break;
  }
  return found;
}

std::string random_text(Rng& rng, std::size_t pieces) {
  static const std::vector<std::string> kPieces{
      " ", " ", " ", "\n", ".", "-", "_", "/", "=", "+", "a", "Z", "7", "fooBar", "foobar", "foo", "HTTPServer", "toolu_01A7bCdEfGh2JkLmN", "日", "日本語", "・",
      "é", "e\u0301", "Ж", "ß", "ss", "K", "\u212A", "\u0301", "🙂", "—", "ก", "\x1b[31m", "\x1b[1;", "\x1b]0;t\x07", "\x1b]foo ", "\x1b(B", "\x1b", "\xff", "\xc3",
      "\xe6\x97", "ﷺ", "𝔄", "ErcBCkgIBRABGAIiQL8xN3vZ9pQ2rT7sK4mW1yXc5uHdJ6fGbA0oEiVnRzPlStqYhMwD", "src/main/fooBar.java", "lorem", "ipsum",
      std::string(70, 'x'), std::string(40, '.')};
  std::string text;
  for (std::size_t i = 0; i < pieces; ++i) text += pick(rng, 20) == 0 ? std::string(1, static_cast<char>(rng())) : kPieces[pick(rng, kPieces.size())];
  return text;
}

// Of words of the text, most often, or of another.
QueryTerm random_term(Rng& rng, const std::vector<TextWord>& words) {
  QueryTerm term;
  std::size_t at = pick(rng, words.size());
  for (std::size_t n = 1 + (pick(rng, 2) == 0 ? pick(rng, 3) : 0); n > 0 && at < words.size(); --n) {
    const std::uint32_t position = words[at].at.position;
    if (term.parts.empty() || term.parts.back().offset != position) term.parts.push_back({words[at].folded, position});
    at += 1 + (pick(rng, 4) == 0 ? 1 : 0);
  }
  const std::uint32_t first = term.parts[0].offset;
  for (QueryTerm::Part& part : term.parts) part.offset -= first;
  term.prefix = pick(rng, 4) == 0;
  std::string& last = term.parts.back().word;
  if (term.prefix) last = utf8_truncate(last, 1 + pick(rng, last.size()));
  if (last.empty()) last = "f";
  if (pick(rng, 4) == 0) term.whole = words[pick(rng, words.size())].folded;
  return term;
}

TEST_CASE("looking only where a term may stand finds what a walk over all words does", "[search][match][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  const auto order = [](const Match& match) { return std::tuple(match.span.begin, match.span.end, match.term); };
  std::size_t all = 0;
  for (int round = 0; round < 6'000; ++round) {
    const std::string text = random_text(rng, 1 + pick(rng, round % 10 == 0 ? 300 : 40));
    const std::vector<TextWord> words = words_of(text);
    const std::vector<TextWord> other = words_of(pick(rng, 2) == 0 || words.empty() ? random_text(rng, 20) + " foo" : text);
    std::vector<QueryTerm> terms;
    for (std::size_t n = 1 + pick(rng, 4); n > 0; --n) terms.push_back(random_term(rng, other));
    const std::size_t limit = pick(rng, 3) == 0 ? 1 + pick(rng, 5) : 1'000'000;
    std::vector<Match> expected = walk(terms, words, limit);
    MatchFinder finder(terms);
    for (int again = 0; again < 2; ++again) {
      std::vector<Match> found = finder.find(text, limit);
      CAPTURE(round, again, text, terms[0].parts[0].word, terms.size(), limit);
      if (!std::ranges::is_sorted(found, {}, [](const Match& match) { return match.span.begin; })) FAIL("not in order");
      std::ranges::sort(found, {}, order);
      std::ranges::sort(expected, {}, order);
      if (found != expected) FAIL(found.size() << " matches instead of " << expected.size());
    }
    all += expected.size();
  }
  CHECK(all > 10'000);
}

}  // namespace
}  // namespace cmem
