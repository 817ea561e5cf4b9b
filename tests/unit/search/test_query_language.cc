#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "search/query_language.h"
#include "unit/search/indexed_texts.h"

namespace cmem {
namespace {

using test::IndexedTexts;
using Docs = std::vector<std::string>;

using Hits = std::set<std::size_t>;

TEST_CASE("words, phrases, prefixes and exclusions find what they say", "[search][query]") {
  IndexedTexts index({"the quick brown fox", "the lazy dog", "a quick dog", "multi-agent systems", "multi headed agent", "lib/store/FORMAT.md",
           "it's a b"});
  CHECK(index.find("quick") == Hits{0, 2});
  CHECK(index.find("QUICK Dog") == Hits{2});
  CHECK(index.find("quick AND dog") == Hits{2});
  CHECK(index.find("quick OR lazy") == Hits{0, 1, 2});
  CHECK(index.find("\"quick brown\"") == Hits{0});
  CHECK(index.find("\"brown quick\"") == Hits{});
  CHECK(index.find("\"quick brown") == Hits{0});
  CHECK(index.find("qui*") == Hits{0, 2});
  CHECK(index.find("\"quick bro\"*") == Hits{0});
  CHECK(index.find("dog -lazy") == Hits{2});
  CHECK(index.find("dog NOT lazy") == Hits{2});
  CHECK(index.find("dog -\"a quick\"") == Hits{1});
  CHECK(index.find("the -(quick OR cat)") == Hits{1});
  CHECK(index.find("multi-agent") == Hits{3});
  CHECK(index.find("multi agent") == Hits{3, 4});
  CHECK(index.find("lib/store/FORMAT.md") == Hits{5});
  CHECK(index.find("store/format") == Hits{5});
  CHECK(index.find("it's") == Hits{6});
}

TEST_CASE("what other search engines take for syntax is text", "[search][query]") {
  IndexedTexts index({"near the content", "content x", "NEAR (a b, 5)", "verbose", "not and or", "a^b"});
  CHECK(index.find("content:x") == Hits{1});
  CHECK(index.find("NEAR(a b)") == Hits{2});
  CHECK(index.find("--verbose") == Hits{3});
  CHECK(index.find("- verbose") == Hits{3});
  CHECK(index.find("not or") == Hits{4});
  CHECK(index.find("AND") == Hits{4});
  CHECK(index.find("NOT") == Hits{4});
  CHECK(index.find("OR OR OR") == Hits{4});
  CHECK(index.find("a AND") == Hits{});
  CHECK(index.find("^a") == Hits{2, 5});
  CHECK(index.find("a + b") == Hits{2, 5});
  CHECK(index.find("*verbose*") == Hits{3});
  CHECK(index.find("**verb**") == Hits{});
  CHECK(index.find("{content} : verbose") == Hits{});
}

TEST_CASE("OR binds its neighbours, and negations are exact wherever they stand", "[search][query]") {
  IndexedTexts index({"a b", "a c", "b c", "a", "c"});
  CHECK(index.find("a b OR c") == Hits{0, 1});
  CHECK(index.find("(a b) OR c") == Hits{0, 1, 2, 4});
  CHECK(index.find("a -b -c") == Hits{3});
  CHECK(index.find("-b a") == Hits{1, 3});
  CHECK(index.find("a (-b)") == Hits{1, 3});
  CHECK(index.find("c (a OR -b)") == Hits{1, 4});
  CHECK(index.find("-(-a)") == Hits{0, 1, 3});
  CHECK(index.find("NOT NOT a") == Hits{0, 1, 3});
  CHECK(index.find("a -(-b)") == Hits{0});
  CHECK(index.find("a)) b") == Hits{0});
  CHECK(index.find("a) OR b") == Hits{0, 1, 2, 3});
  CHECK(index.find("((a") == Hits{0, 1, 3});
  CHECK(index.find("a()b") == Hits{0});
}

TEST_CASE("camelCase words are found whole, in parts and as their parts apart", "[search][query]") {
  IndexedTexts index({"fooBar", "foobar", "foo bar", "FOOBAR", "foo", "bar", "fooBarBaz", "foo_bar", "getHTTPServer", "bar foo"});
  CHECK(index.find("fooBar") == Hits{0, 1, 2, 3, 6, 7});
  CHECK(index.find("foobar") == Hits{0, 1, 3});
  CHECK(index.find("foo bar") == Hits{0, 2, 6, 7, 9});
  CHECK(index.find("\"foo bar\"") == Hits{0, 2, 6, 7});
  CHECK(index.find("foob*") == Hits{0, 1, 3, 6});
  CHECK(index.find("fooBarB*") == Hits{6});
  CHECK(index.find("fooBa*") == Hits{0, 1, 2, 3, 6, 7});
  CHECK(index.find("BarBaz") == Hits{6});
  CHECK(index.find("httpserver") == Hits{});
  CHECK(index.find("HTTPServer") == Hits{8});
  CHECK(index.find("foo -fooBar") == Hits{4, 9});
}

TEST_CASE("Chinese, Japanese and Korean text is found by any of its stretches", "[search][query]") {
  IndexedTexts index({"今日は日本語で話す", "日", "今日", "語", "日本 語", "한국어 검색", "日本foo"});
  CHECK(index.find("日本語") == Hits{0});
  CHECK(index.find("日") == Hits{0, 1, 2, 4, 6});
  CHECK(index.find("語") == Hits{0, 3, 4});
  CHECK(index.find("話す") == Hits{0});
  CHECK(index.find("す") == Hits{0});
  CHECK(index.find("本日") == Hits{});
  CHECK(index.find("검색") == Hits{5});
  CHECK(index.find("국어") == Hits{5});
  CHECK(index.find("日本foo") == Hits{6});
  CHECK(index.find("本foo") == Hits{6});
  CHECK(index.find("\"日 foo\"") == Hits{});
}

TEST_CASE("a query without a letter or digit has nothing to search, and so has one that only excludes", "[search][query]") {
  IndexedTexts index({"a"});
  for (const char* text : {"", " ", "*", "\"\"", "\"", "\"*\"*", "---", "()", "((((", "))))", "-", "->", "!!! ???", "→", "-—",
                           "NOT -- ..", "( - ) * \""}) {
    INFO(text);
    const CompiledQuery query = index.compile(text);
    CHECK(query.nothing_to_search());
    CHECK(query.explanation.find("no letter or digit") != std::string::npos);
  }
  for (const char* text : {"-a", "NOT a", "-a -b", "-(a OR b)", "a OR -b", "-a OR -b"}) {
    INFO(text);
    const CompiledQuery query = index.compile(text);
    CHECK(query.nothing_to_search());
    CHECK(query.terms.empty());
    CHECK(query.explanation.find("add a word that must") != std::string::npos);
  }
}

TEST_CASE("the terms to highlight are those that may occur, folded, each once", "[search][query]") {
  IndexedTexts index({"a"});
  const auto terms = [&](const char* text) {
    const CompiledQuery query = index.compile(text);
    std::vector<QueryTerm> found;
    for (const std::size_t term : query.highlighted) found.push_back(query.terms[term]);
    return found;
  };
  const auto word = [](const std::string& one, bool prefix = false) { return QueryTerm{{{one, 0}}, prefix, ""}; };
  const auto phrase = [](const std::string& one, const std::string& two, bool prefix = false, const std::string& whole = "") {
    return QueryTerm{{{one, 0}, {two, 1}}, prefix, whole};
  };
  using Terms = std::vector<QueryTerm>;
  CHECK(terms("Crème crème CREME") == Terms{word("creme")});
  CHECK(terms("multi-agent") == Terms{phrase("multi", "agent")});
  CHECK(terms("a -b") == Terms{word("a")});
  CHECK(terms("a -(b -c)") == Terms{word("a"), word("c")});
  CHECK(terms("pre* \"x y\"*") == Terms{word("pre", true), phrase("x", "y", true)});
  CHECK(terms("a.* \"b \"*") == Terms{word("a"), word("b")});
  CHECK(terms("fooBar fooBa*") == Terms{phrase("foo", "bar", false, "foobar"), phrase("foo", "ba", true, "fooba")});
  CHECK(terms("日 日本 日本語") == Terms{word("日", true), word("日本"), phrase("日本", "本語")});
}

TEST_CASE("queries over the limits are refused with the limit", "[search][query]") {
  IndexedTexts index({"a b"});
  const auto error = [&](const std::string& text) {
    const Result<CompiledQuery> query = compile_query(text, index.tokenizer());
    REQUIRE_FALSE(query);
    CHECK(query.error().code == Code::kLimit);
    return query.error().text;
  };
  CHECK(error(std::string(kMaxQueryBytes + 1, 'a')).find("4096") != std::string::npos);
  CHECK(index.find(std::string(kMaxQueryBytes, 'a')).empty());
  std::string words;
  for (std::size_t i = 0; i < kMaxQueryTerms; ++i) words += "w" + std::to_string(i) + " ";
  CHECK(index.find(words).empty());
  CHECK(error(words + "x").find("64") != std::string::npos);
  CHECK(index.find(words + "- () *").empty());
  CHECK(index.find("((((((((a))))))))") == Hits{0});
  CHECK(error("(((((((((a)))))))))").find("8") != std::string::npos);
  CHECK(error(std::string(kMaxQueryBytes, '(')).find("brackets") != std::string::npos);
  CHECK(index.find("()()()()()()()()()() a") == Hits{0});
}

TEST_CASE("the deepest queries that are allowed run", "[search][query]") {
  IndexedTexts index({"a b"});
  for (const char* level : {"a (b OR (", "-a -(b -c (", "a OR -(b OR (", "a -b OR (c OR -("}) {
    std::string text;
    for (int i = 0; i < 4; ++i) text += level;
    text += "a";
    INFO(text);
    index.find(text);
  }
  std::string chain = "a";
  for (int i = 0; i < 31; ++i) chain += " OR -b OR a";
  index.find("a " + chain);
}

TEST_CASE("20,000 hostile strings compile and run without an error", "[search][query]") {
  const unsigned seed = std::random_device{}();
  std::printf("hostile queries: seed %u\n", seed);
  std::mt19937_64 random(seed);
  IndexedTexts index({"a'b multi agent near", "col x emoji", "lib store format md"});
  const std::vector<std::string> parts = {"\"",
                                          "*",
                                          "(",
                                          ")",
                                          "-",
                                          "'",
                                          "a'b",
                                          "multi-agent",
                                          "NEAR(",
                                          "NEAR",
                                          "AND",
                                          "OR",
                                          "NOT",
                                          "col:x",
                                          "col",
                                          ":",
                                          "^",
                                          "+",
                                          "{a b}",
                                          ",",
                                          " ",
                                          "  ",
                                          "\n",
                                          "🙂",
                                          "é",
                                          "\xff",
                                          "\xc3",
                                          "; DROP",
                                          "--",
                                          "/*",
                                          "\\",
                                          "a",
                                          "b*",
                                          "\"x",
                                          "y\"",
                                          "lib/store",
                                          "%",
                                          "_",
                                          "[",
                                          "]",
                                          "日本語",
                                          "10",
                                          "\x01",
                                          "\x7f",
                                          "\"\"\"",
                                          "\xe2\x80",
                                          "\xed\xa0\x80",
                                          std::string(1, '\0')};
  int refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    const bool bytes = random() % 4 == 0;
    for (std::size_t n = random() % 30; n > 0; --n)
      text += bytes ? std::string(1, static_cast<char>(random())) : parts[random() % parts.size()];
    const Result<CompiledQuery> query = compile_query(text, index.tokenizer());
    if (!query) {
      ++refused;
      if (query.error().code != Code::kLimit) FAIL("seed " << seed << ": " << query.error().text);
      continue;
    }
    if (query->explanation.empty() || query->explanation.find('\n') != std::string::npos)
      FAIL("seed " << seed << ": " << query->explanation);
    if (!query->nothing_to_search()) index.find(*query);
  }
  CHECK(refused < 200);  // brackets nested over the limit are rare
}

// --------------------------------------------------------------------------- oracle: an own tree, evaluated word by word

// A random query with the meaning that its writer had, as text for the compiler and as a tree for the oracle.
struct Tree {
  enum class Kind { kTerm, kAnd, kOr, kNot } kind = Kind::kTerm;
  std::vector<std::string> words;
  bool prefix = false;
  std::vector<Tree> parts;
};

using Words = std::vector<std::string>;

// Runs of ASCII letters and digits, in lower case. No word here is split at a capital.
Words split(const std::string& text) {
  Words words;
  bool inside = false;
  for (const char c : text) {
    const bool token = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (token && !inside) words.emplace_back();
    if (token) words.back() += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    inside = token;
  }
  return words;
}

bool holds_at(const Tree& term, const Words& doc, std::size_t at) {
  for (std::size_t i = 0; i < term.words.size(); ++i) {
    const bool last = i + 1 == term.words.size();
    if (last && term.prefix ? !doc[at + i].starts_with(term.words[i]) : doc[at + i] != term.words[i]) return false;
  }
  return true;
}

bool holds(const Tree& tree, const Words& doc) {
  const auto part_holds = [&](const Tree& part) { return holds(part, doc); };
  switch (tree.kind) {
    case Tree::Kind::kAnd:
      return std::ranges::all_of(tree.parts, part_holds);
    case Tree::Kind::kOr:
      return std::ranges::any_of(tree.parts, part_holds);
    case Tree::Kind::kNot:
      return !holds(tree.parts[0], doc);
    case Tree::Kind::kTerm:
      break;
  }
  for (std::size_t at = 0; at + tree.words.size() <= doc.size(); ++at) {
    if (holds_at(tree, doc, at)) return true;
  }
  return false;
}

// True if a document without any word matches: such a query cannot be searched.
bool matches_everything(const Tree& tree) { return holds(tree, {}); }

class QueryMaker {
 public:
  explicit QueryMaker(unsigned seed) : random_(seed) {}

  std::string word() {
    std::string text;
    for (std::size_t n = 1 + pick(2); n > 0; --n)
      text += static_cast<char>('a' + static_cast<char>(pick(3)));
    if (pick(5) == 0) text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text;
  }

  std::string document() {
    static constexpr std::array<const char*, 6> kBetween = {" ", "  ", "-", ", ", "\n", "/"};
    std::string text;
    for (std::size_t n = 1 + pick(7); n > 0; --n) text += word() + kBetween[pick(kBetween.size())];
    return text;
  }

  // All operands of a group.
  std::string all(Tree& tree, int depth) {
    tree.kind = Tree::Kind::kAnd;
    std::string text;
    for (std::size_t n = 1 + pick(3); n > 0; --n) {
      if (!text.empty()) text += pick(4) == 0 ? " AND " : " ";
      text += any(tree.parts.emplace_back(), depth);
    }
    return text;
  }

 private:
  std::size_t pick(std::size_t count) { return random_() % count; }

  std::string any(Tree& tree, int depth) {
    tree.kind = Tree::Kind::kOr;
    std::string text = operand(tree.parts.emplace_back(), depth);
    while (pick(3) == 0) text += " OR " + operand(tree.parts.emplace_back(), depth);
    return text;
  }

  std::string operand(Tree& tree, int depth) {
    if (pick(4) != 0) return primary(tree, depth);
    tree.kind = Tree::Kind::kNot;
    const std::string inner = primary(tree.parts.emplace_back(), depth);
    return (pick(2) == 0 ? "-" : "NOT ") + inner;
  }

  std::string primary(Tree& tree, int depth) {
    if (depth > 0 && pick(4) == 0) return "(" + all(tree, depth - 1) + ")";
    std::string text = word();
    const std::size_t kind = pick(4);
    if (kind == 0) text = "\"" + text + " " + word() + "\"";
    if (kind == 1) text += "-" + word();
    tree.words = split(text);
    tree.prefix = pick(4) == 0;
    return tree.prefix ? text + "*" : text;
  }

  std::mt19937_64 random_;
};

TEST_CASE("2,000 random queries over 300 documents find what a naive evaluator finds", "[search][query]") {
  const unsigned seed = std::random_device{}();
  std::printf("query oracle: seed %u\n", seed);
  QueryMaker maker(seed);
  Docs docs;
  std::vector<Words> words;
  for (int i = 0; i < 300; ++i) {
    docs.push_back(maker.document());
    words.push_back(split(docs.back()));
  }
  IndexedTexts index(docs, 1 + seed % 100);
  int searched = 0;
  for (int i = 0; i < 2'000; ++i) {
    Tree tree;
    const std::string text = maker.all(tree, 3);
    const CompiledQuery query = index.compile(text);
    if (query.nothing_to_search() != matches_everything(tree)) FAIL("seed " << seed << ": " << text << " is " << query.explanation);
    if (query.nothing_to_search()) continue;
    Hits oracle;
    for (std::size_t d = 0; d < words.size(); ++d) {
      if (holds(tree, words[d])) oracle.insert(d);
    }
    ++searched;
    if (index.find(query) != oracle) FAIL("seed " << seed << ": " << text << " became " << query.explanation);
  }
  CHECK(searched > 1'000);
}

}  // namespace
}  // namespace cmem
