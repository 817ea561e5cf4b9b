#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "search/highlighter.h"
#include "search/visible_text.h"
#include "unit/support/random.h"

namespace cmem {
namespace {

using namespace test;

class Snippets {
 public:
  std::vector<QueryTerm> terms(std::string_view query) {
    const Result<CompiledQuery> compiled = compile_query(query, tokenizer_);
    REQUIRE(compiled);
    std::vector<QueryTerm> found;
    for (const std::size_t term : compiled->highlighted) found.push_back(compiled->terms[term]);
    return found;
  }
  Highlighter highlighter(std::string_view query) { return Highlighter(terms(query)); }

  // The snippet with [ ] for the marks.
  std::string make(std::string_view query, std::string_view text, std::size_t max_bytes = Highlighter::kSnippetBytes) {
    std::string snippet = highlighter(query).snippet(text, max_bytes);
    std::ranges::replace(snippet, kMatchBegin, '[');
    std::ranges::replace(snippet, kMatchEnd, ']');
    return snippet;
  }

 private:
  Tokenizer tokenizer_;
};

std::string repeat(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST_CASE("matches of words, phrases and prefixes are marked", "[search][highlight]") {
  Snippets fixture;
  CHECK(fixture.make("quick", "The quick brown fox") == "The [quick] brown fox");
  CHECK(fixture.make("QUICK fox", "The quick brown fox, quick!") == "The [quick] brown [fox], [quick]!");
  CHECK(fixture.make("\"quick brown\"", "quick. The quick-brown fox") == "quick. The [quick-brown] fox");
  CHECK(fixture.make("bro*", "bro brown abro") == "[bro] [brown] abro");
  CHECK(fixture.make("\"the qui\"*", "the quick the quiet the") == "[the quick] [the quiet] the");
  CHECK(fixture.make("multi-agent", "a multi agent, multi-agent") == "a [multi agent], [multi-agent]");
  CHECK(fixture.make("creme", "Crème brûlée") == "[Crème] brûlée");
  CHECK(fixture.make("fox -quick", "The quick fox") == "The quick [fox]");
  CHECK(fixture.make("日本語", "これは 日本語 です") == "これは [日本語] です");
}

TEST_CASE("a camelCase word is marked whole or in parts, as the query has it", "[search][highlight]") {
  Snippets fixture;
  CHECK(fixture.make("fooBar", "a fooBar, foobar, foo bar, fooBarBaz b") == "a [fooBar], [foobar], [foo bar], [fooBar]Baz b");
  CHECK(fixture.make("foobar", "a fooBar, foo bar b") == "a [fooBar], foo bar b");
  CHECK(fixture.make("bar", "a fooBar b") == "a foo[Bar] b");
  CHECK(fixture.make("foob*", "a fooBarBaz foo b") == "a [fooBarBaz] foo b");
  CHECK(fixture.make("fooBa*", "a fooBarBaz foobaz b") == "a [fooBarBaz] [foobaz] b");
  CHECK(fixture.make("日", "今日は日本") == "今[日は][日本]");
  CHECK(fixture.make("本", "日本") == "日[本]");
}

TEST_CASE("a phrase is marked where the end of a run of CJK, or a word in one piece, is one of its words", "[search][highlight]") {
  Snippets fixture;
  CHECK(fixture.make("\"語 foo\"", "a 日本語 foo b") == "a 日本[語 foo] b");
  CHECK(fixture.make("\"日本語 foo\"", "a 日本語 foo b") == "a [日本語 foo] b");
  CHECK(fixture.make("\"日本語 foo\"", "a 日本語文 foo b") == "a 日本語文 foo b");
  CHECK(fixture.make("\"日本語 日本語\"", "日本語、日本語 日本、日本語") == "[日本語、日本語] 日本、日本語");
  CHECK(fixture.make("\"a foobar\"", "a fooBar b") == "[a fooBar] b");
  CHECK(fixture.make("\"a foob\"*", "a fooBar b") == "[a fooBar] b");
  CHECK(fixture.make("\"foobar b\"", "a fooBar b foobar b") == "a fooBar b [foobar b]");
}

TEST_CASE("overlapping matches get one mark", "[search][highlight]") {
  Snippets fixture;
  CHECK(fixture.make("\"a b\" \"b c\"", "x a b c y") == "x [a b c] y");
  CHECK(fixture.make("\"a a b\"", "a a a b") == "a [a a b]");
  CHECK(fixture.make("\"a a\"", "a a a") == "[a a a]");
  CHECK(fixture.make("\"a b\" a", "a b a") == "[a b] [a]");
}

TEST_CASE("white space is one space, and what is dangerous on a terminal is gone", "[search][highlight]") {
  Snippets fixture;
  CHECK(fixture.make("b", "  a\n\n\tb \r\n c  ") == "a [b] c");
  CHECK(fixture.make("b", "\x1b[31ma\x1b[0m \x1b]0;title\x07 b \x1b]8;;http://x\x1b\\c\x1b(B") == "a [b] c");
  CHECK(fixture.make("b", std::string("a\0\x01\x02\x03\x7f b", 8)) == "a [b]");
  CHECK(fixture.make("b",
                     "a\xC2\x9B"
                     "31m b\xC2\x85"
                     "c \xE2\x80\xAE"
                     "d") == "a31m [b] c d");
  CHECK(fixture.make("b", "a\xff\xc3 b \xed\xa0\x80 \xf4\x90\x80\x80 \xc0\xaf c\xe2\x82") == "a [b] c");
  CHECK(fixture.make("b", "a \x1b]0;no end b c") == "a 0;no end [b] c");
  CHECK(fixture.make("b", "b \x1b") == "[b]");
  CHECK(fixture.make("b", "b \x1b[") == "[b]");
  CHECK(fixture.make("b", "b \x1b[12") == "[b]");
}

TEST_CASE("a snippet of a long text stands around the match, cut at words", "[search][highlight]") {
  Snippets fixture;
  const std::string filler = repeat("lorem ipsum ", 100);
  const std::string snippet = fixture.make("needle", filler + "needle " + filler, 60);
  CHECK(snippet == "…lorem ipsum lorem ipsum [needle] lorem ipsum lorem ipsum lorem…");
  CHECK(fixture.make("needle", "needle " + filler, 30) == "[needle] lorem ipsum lorem ipsum…");
  CHECK(fixture.make("needle", filler + "needle", 30) == "…lorem ipsum lorem ipsum [needle]");
  CHECK(fixture.make("absent", filler, 30) == "lorem ipsum lorem ipsum lorem…");
  CHECK(fixture.make("needle", "   needle   ", 30) == "[needle]");
  CHECK(fixture.make("", "short") == "short");
  CHECK(fixture.make("x", "").empty());
}

TEST_CASE("a text without spaces is cut between code points", "[search][highlight]") {
  Snippets fixture;
  const std::string snippet = fixture.make("needle", repeat("。", 50) + "needle" + repeat("。", 50), 32);
  CHECK(snippet == "…" + repeat("。", 4) + "[needle]" + repeat("。", 4) + "…");
  CHECK(fixture.make("x", repeat("é", 100), 21) == repeat("é", 10) + "…");
}

TEST_CASE("the window with the most different words wins, then the one with the rarer", "[search][highlight]") {
  Snippets fixture;
  const std::string gap = repeat("- ", 100);
  CHECK(fixture.make("a b", "a a a a" + gap + "a x b" + gap + "b b b b", 20).find("[a] x [b]") != std::string::npos);
  CHECK(fixture.make("a b", "a 1" + gap + "a 2" + gap + "b 3" + gap + "a 4", 20).find("[b] 3") != std::string::npos);
  CHECK(fixture.make("a", "a 1" + gap + "a a 2", 20).find("[a] [a] 2") != std::string::npos);
}

TEST_CASE("a match that is longer than the snippet is cut, with its mark closed", "[search][highlight]") {
  Snippets fixture;
  const std::string word = repeat("x", 100);
  CHECK(fixture.make(word, "a " + word + " b", 40) == "…[" + repeat("x", 40) + "]…");
  CHECK(fixture.make("\"a b\"", "a" + repeat(".", 500) + "b", 20) == "[a" + repeat(".", 19) + "]…");
}

// ------------------------------------------------------------------------------------------------------------- oracles

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  bool inside = false;
  for (const char c : lower(text)) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (letter && !inside) words.emplace_back();
    if (letter) words.back() += c;
    inside = letter;
  }
  return words;
}

bool is_match(const QueryTerm& term, const std::vector<std::string>& words, std::size_t at) {
  if (at + term.parts.size() > words.size()) return false;
  for (std::size_t i = 0; i < term.parts.size(); ++i) {
    const bool last = i + 1 == term.parts.size();
    if (last && term.prefix ? !words[at + i].starts_with(term.parts[i].word) : words[at + i] != term.parts[i].word) return false;
  }
  return true;
}

// Which words of the text belong to a match.
std::vector<bool> marked_words(const std::vector<QueryTerm>& terms, const std::vector<std::string>& words) {
  std::vector<bool> marked(words.size());
  for (const QueryTerm& term : terms) {
    for (std::size_t at = 0; at < words.size(); ++at) {
      if (!is_match(term, words, at)) continue;
      for (std::size_t i = 0; i < term.parts.size(); ++i) marked[at + i] = true;
    }
  }
  return marked;
}

// The words of a snippet in which 1 stands for the begin and 2 for the end of a mark.
std::vector<bool> marks_in(const std::string& snippet) {
  std::vector<bool> marked;
  bool open = false;
  bool inside = false;
  for (const char c : lower(snippet)) {
    if (c == kMatchBegin || c == kMatchEnd) {
      if (open == (c == kMatchBegin)) throw std::logic_error("marks do not alternate");
      open = c == kMatchBegin;
    }
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (letter && !inside) marked.push_back(open);
    inside = letter;
  }
  if (open) throw std::logic_error("a mark is not closed");
  return marked;
}

std::string random_text(Rng& random, std::size_t words) {
  static constexpr std::array<const char*, 7> kBetween = {" ", "  ", "\n", ", ", "-", " \t ", ". "};
  std::string text;
  for (std::size_t i = 0; i < words; ++i) {
    std::string word;
    for (std::size_t n = 1 + random() % 2; n > 0; --n) word += static_cast<char>('a' + static_cast<char>(random() % 3));
    if (random() % 5 == 0) word[0] = static_cast<char>(word[0] - 'a' + 'A');
    text += word;
    text += kBetween[random() % kBetween.size()];
  }
  return text;
}

std::string random_query(Rng& random) {
  std::string query;
  for (std::size_t n = 1 + random() % 3; n > 0; --n) {
    std::string term = words_of(random_text(random, 1))[0];
    if (random() % 2 == 0) term = "\"" + random_text(random, 2 + random() % 2) + "\"";
    query += (term.back() == '"' || random() % 3 != 0 ? term : term + "*") + " ";
  }
  return query;
}

TEST_CASE("in a text that fits, exactly the words of matches are marked", "[search][highlight][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng random(seed);
  Snippets fixture;
  for (int i = 0; i < 5'000; ++i) {
    const std::string text = random_text(random, 1 + random() % 30);
    const std::string query = random_query(random);
    const std::string snippet = fixture.highlighter(query).snippet(text, 10'000);
    const std::vector<QueryTerm> terms = fixture.terms(query);
    CAPTURE(seed, query, text, snippet);
    if (words_of(snippet) != words_of(text)) REQUIRE(words_of(snippet) == words_of(text));
    if (marks_in(snippet) != marked_words(terms, words_of(text))) REQUIRE(marks_in(snippet) == marked_words(terms, words_of(text)));
  }
}

// Bytes of the text that stand in a place of a term: all its words at their offsets, or the word in one piece.
std::vector<bool> marked_bytes(const std::vector<QueryTerm>& terms, const std::string& text) {
  struct Place {
    std::string word;
    Word at;
  };
  std::vector<Place> words;
  Tokenizer tokenizer;
  tokenizer.for_each_word(text, [&](const Word& word) {
    words.push_back({std::string(word.folded), word});
    return true;
  });
  std::vector<bool> marked(text.size());
  const auto mark = [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) marked[i] = true;
  };
  for (const QueryTerm& term : terms) {
    const auto fits = [&](const std::string& word, const std::string& wanted, bool last) {
      return last && term.prefix ? word.starts_with(wanted) : word == wanted;
    };
    for (const Place& start : words) {
      if (!term.whole.empty() && fits(start.word, term.whole, true)) mark(start.at.begin, start.at.end);
      std::vector<Place> ends;
      const bool here = std::ranges::all_of(term.parts, [&](const QueryTerm::Part& part) {
        ends.clear();
        std::ranges::copy_if(words, std::back_inserter(ends), [&](const Place& place) {
          return place.at.position == start.at.position + part.offset && fits(place.word, part.word, &part == &term.parts.back());
        });
        return !ends.empty();
      });
      for (const Place& end : here ? ends : std::vector<Place>()) mark(start.at.begin, end.at.end);
    }
  }
  return marked;
}

TEST_CASE("exactly what a search finds is marked, in all scripts and with words at one position", "[search][highlight]") {
  static const std::vector<std::string> kWords{"日本語", "日", "本", "語", "本語", "fooBar", "foobar", "foo", "bar", "fooBarBaz", "a", "b", "x-y", "crème"};
  const unsigned seed = std::random_device{}();
  std::printf("highlight oracle: seed %u\n", seed);
  std::mt19937_64 random(seed);
  Snippets fixture;
  const auto words = [&](std::size_t count) {
    std::string out;
    for (; count > 0; --count) out += kWords[random() % kWords.size()] + (count == 1 || random() % 4 == 0 ? "" : " ");
    return out;
  };
  for (int i = 0; i < 3'000; ++i) {
    const std::string text = words(1 + random() % 20);
    std::string query;
    for (std::size_t n = 1 + random() % 2; n > 0; --n) query += "\"" + words(1 + random() % 3) + "\"" + (random() % 4 == 0 ? "* " : " ");
    std::string plain;
    std::vector<bool> marked;
    bool open = false;
    for (const char c : fixture.highlighter(query).snippet(text, 10'000)) {
      if (c == kMatchBegin || c == kMatchEnd) {
        open = c == kMatchBegin;
        continue;
      }
      plain += c;
      marked.push_back(open);
    }
    CAPTURE(seed, query, text);
    REQUIRE(plain == text);
    REQUIRE(marked == marked_bytes(fixture.terms(query), text));
  }
}

// The words of the snippet stand somewhere in the text, one after the other, with the same words marked.
bool is_part_of(const std::vector<std::string>& part, const std::vector<bool>& part_marks, const std::vector<std::string>& whole,
                const std::vector<bool>& marks) {
  for (std::size_t at = 0; at + part.size() <= whole.size(); ++at) {
    const auto offset = static_cast<std::ptrdiff_t>(at);
    if (std::equal(part.begin(), part.end(), whole.begin() + offset) &&
        std::equal(part_marks.begin(), part_marks.end(), marks.begin() + offset))
      return true;
  }
  return part.empty();
}

TEST_CASE("a snippet is a stretch of whole words, every mark in it a match, and has one if there is one", "[search][highlight][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng random(seed);
  Snippets fixture;
  for (int i = 0; i < 5'000; ++i) {
    const std::string text = random_text(random, 1 + random() % 100);
    const std::string query = random_query(random);
    const std::size_t max_bytes = 30 + random() % 60;
    const std::string snippet = fixture.highlighter(query).snippet(text, max_bytes);
    const std::vector<std::string> words = words_of(text);
    const std::vector<bool> marked = marked_words(fixture.terms(query), words);
    const std::vector<bool> marks = marks_in(snippet);
    const auto extra =
        static_cast<std::size_t>(std::ranges::count(snippet, kMatchBegin) + std::ranges::count(snippet, kMatchEnd)) + 6;
    CAPTURE(seed, query, text, snippet, max_bytes);
    if (snippet.size() > max_bytes + extra) FAIL("too long");
    if (std::ranges::count(marked, true) > 0 && std::ranges::count(marks, true) == 0) FAIL("no match");
    // A chain of overlapping matches longer than the snippet is the one thing that is cut.
    if (!is_part_of(words_of(snippet), marks, words, marked)) FAIL("not a part of the text");
  }
}

TEST_CASE("any bytes give printable UTF-8 within the limit", "[search][highlight][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng random(seed);
  Snippets fixture;
  Highlighter highlighter = fixture.highlighter("a \"b c\" d*");
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (std::size_t n = random() % 300; n > 0; --n) {
      const std::size_t kind = random() % 8;
      text += kind == 0   ? static_cast<char>(random())
              : kind == 1 ? '\x1b'
              : kind == 2 ? '['
              : kind == 3 ? '\xC2'
                          : "abcd "[random() % 5];
    }
    const std::string snippet = highlighter.snippet(text, 40);
    (void)marks_in(snippet);
    const bool control = std::ranges::any_of(
        snippet, [](char c) { return (c >= 0 && c < ' ' && c != kMatchBegin && c != kMatchEnd) || c == '\x7f'; });
    if (control || !utf8_valid(snippet) || snippet.find("  ") != std::string::npos) FAIL("seed " << seed << ": " << snippet);
  }
}

TEST_CASE("texts of megabytes take milliseconds, whatever they repeat", "[search][highlight]") {
  Snippets fixture;
  const auto begin = std::chrono::steady_clock::now();
  const std::string a = repeat("a ", 1'000'000);
  fixture.make("\"" + repeat("a ", 1'000) + "b\"", a);
  fixture.make("a", a);
  fixture.make("b", repeat(" ", 2'000'000) + "b");
  fixture.make("b", repeat("\x1b]", 1'000'000) + "b");
  fixture.make("b", "b" + repeat("\x1b[", 1'000'000));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  CHECK(seconds < 20);  // a quadratic step would take hours; this bound also holds under sanitizers
}

}  // namespace
}  // namespace cmem
