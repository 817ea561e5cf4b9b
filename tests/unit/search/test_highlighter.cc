#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "search/highlighter.h"
#include "search/visible_text.h"

namespace cmem {
namespace {

class Snippets {
 public:
  Snippets() {
    REQUIRE(sqlite3_open(":memory:", &db_) == SQLITE_OK);
    const std::array<std::string, 2> args = {"remove_diacritics", "2"};
    tokenizer_ = std::make_unique<Tokenizer>(Tokenizer::create(db_, "unicode61", args).value());
  }
  Snippets(const Snippets&) = delete;
  Snippets& operator=(const Snippets&) = delete;
  ~Snippets() { sqlite3_close(db_); }

  sqlite3* db() { return db_; }
  Tokenizer& tokenizer() { return *tokenizer_; }

  Highlighter highlighter(std::string_view query) {
    Result<CompiledQuery> compiled = compile_query(query, *tokenizer_);
    REQUIRE(compiled);
    return {*tokenizer_, std::move(compiled->terms)};
  }

  // The snippet with [ ] for the marks.
  std::string make(std::string_view query, std::string_view text, std::size_t max_bytes = Highlighter::kSnippetBytes) {
    Result<std::string> snippet = highlighter(query).snippet(text, max_bytes);
    REQUIRE(snippet);
    std::ranges::replace(*snippet, kMatchBegin, '[');
    std::ranges::replace(*snippet, kMatchEnd, ']');
    return std::move(snippet).value();
  }

 private:
  sqlite3* db_ = nullptr;
  std::unique_ptr<Tokenizer> tokenizer_;
};

std::string repeat(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST_CASE("a tokenizer gives FTS5's tokens with their places", "[sqlite][tokenizer]") {
  Snippets fixture;
  std::string seen;
  const std::string text = "Crème-brûlée, 42!";
  CHECK(fixture.tokenizer().for_each_token(text, [&](std::string_view token, std::size_t start, std::size_t end) {
    seen += std::string(token) + "=" + text.substr(start, end - start) + ";";
    return true;
  }));
  CHECK(seen == "creme=Crème;brulee=brûlée;42=42;");
  int count = 0;
  CHECK(fixture.tokenizer().for_each_token("a b c", [&](std::string_view, std::size_t, std::size_t) { return ++count < 2; }));
  CHECK(count == 2);
  CHECK(fixture.tokenizer().for_each_token("", [&](std::string_view, std::size_t, std::size_t) { return ++count < 2; }));
  CHECK(count == 2);
  CHECK_THROWS_AS((void)fixture.tokenizer().for_each_token(
                      "a", [](std::string_view, std::size_t, std::size_t) -> bool { throw std::bad_alloc(); }),
                  std::bad_alloc);
}

TEST_CASE("an unknown tokenizer or argument is an error", "[sqlite][tokenizer]") {
  Snippets fixture;
  const std::array<std::string, 2> bad = {"remove_diacritics", "7"};
  const Result<Tokenizer> unknown = Tokenizer::create(fixture.db(), "no-such", {});
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == Code::kInvalid);
  CHECK_FALSE(Tokenizer::create(fixture.db(), "unicode61", bad));
  CHECK(Tokenizer::create(fixture.db(), "porter", {}));
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

bool is_match(const HighlightTerm& term, const std::vector<std::string>& words, std::size_t at) {
  if (at + term.tokens.size() > words.size()) return false;
  for (std::size_t i = 0; i < term.tokens.size(); ++i) {
    const bool last = i + 1 == term.tokens.size();
    if (last && term.prefix ? !words[at + i].starts_with(term.tokens[i]) : words[at + i] != term.tokens[i]) return false;
  }
  return true;
}

// Which words of the text belong to a match.
std::vector<bool> marked_words(const std::vector<HighlightTerm>& terms, const std::vector<std::string>& words) {
  std::vector<bool> marked(words.size());
  for (const HighlightTerm& term : terms) {
    for (std::size_t at = 0; at < words.size(); ++at) {
      if (!is_match(term, words, at)) continue;
      for (std::size_t i = 0; i < term.tokens.size(); ++i) marked[at + i] = true;
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

std::string random_text(std::mt19937_64& random, std::size_t words) {
  static constexpr std::array<const char*, 7> kBetween = {" ", "  ", "\n", ", ", "-", " \t ", ". "};
  std::string text;
  for (std::size_t i = 0; i < words; ++i) {
    for (std::size_t n = 1 + random() % 2; n > 0; --n)
      text += static_cast<char>((random() % 5 == 0 ? 'A' : 'a') + static_cast<char>(random() % 3));
    text += kBetween[random() % kBetween.size()];
  }
  return text;
}

std::string random_query(std::mt19937_64& random) {
  std::string query;
  for (std::size_t n = 1 + random() % 3; n > 0; --n) {
    std::string term = words_of(random_text(random, 1))[0];
    if (random() % 2 == 0) term = "\"" + random_text(random, 2 + random() % 2) + "\"";
    query += (term.back() == '"' || random() % 3 != 0 ? term : term + "*") + " ";
  }
  return query;
}

TEST_CASE("in a text that fits, exactly the words of matches are marked", "[search][highlight]") {
  const unsigned seed = std::random_device{}();
  std::printf("highlight oracle: seed %u\n", seed);
  std::mt19937_64 random(seed);
  Snippets fixture;
  for (int i = 0; i < 5'000; ++i) {
    const std::string text = random_text(random, 1 + random() % 30);
    const std::string query = random_query(random);
    const std::string snippet = fixture.highlighter(query).snippet(text, 10'000).value();
    const std::vector<HighlightTerm> terms = compile_query(query, fixture.tokenizer())->terms;
    CAPTURE(seed, query, text, snippet);
    if (words_of(snippet) != words_of(text)) REQUIRE(words_of(snippet) == words_of(text));
    if (marks_in(snippet) != marked_words(terms, words_of(text))) REQUIRE(marks_in(snippet) == marked_words(terms, words_of(text)));
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

TEST_CASE("a snippet is a stretch of whole words, every mark in it a match, and has one if there is one", "[search][highlight]") {
  const unsigned seed = std::random_device{}();
  std::printf("snippet oracle: seed %u\n", seed);
  std::mt19937_64 random(seed);
  Snippets fixture;
  for (int i = 0; i < 5'000; ++i) {
    const std::string text = random_text(random, 1 + random() % 100);
    const std::string query = random_query(random);
    const std::size_t max_bytes = 30 + random() % 60;
    const std::string snippet = fixture.highlighter(query).snippet(text, max_bytes).value();
    const std::vector<std::string> words = words_of(text);
    const std::vector<bool> marked = marked_words(compile_query(query, fixture.tokenizer())->terms, words);
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

TEST_CASE("any bytes give printable UTF-8 within the limit", "[search][highlight]") {
  const unsigned seed = std::random_device{}();
  std::printf("snippets of random bytes: seed %u\n", seed);
  std::mt19937_64 random(seed);
  Snippets fixture;
  const Highlighter highlighter = fixture.highlighter("a \"b c\" d*");
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
    const std::string snippet = highlighter.snippet(text, 40).value();
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
