#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "search/query_language.h"
#include "unit/search/indexed_texts.h"
#include "unit/support/random.h"

namespace cmem {
namespace {

using namespace test;

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
  CHECK(index.find("NEAR (a b)") == Hits{2});
  CHECK(index.find("NEAR(a (b))") == Hits{2});
  CHECK(index.find("NEAR(a b") == Hits{2});
  CHECK(index.find("near(a b)") == Hits{2});
  CHECK(index.find("NEAR(b)") == Hits{2});
  CHECK(index.find("NEAR(b b, 4)") == Hits{});
  CHECK(index.find("NEAR()") == Hits{0, 2});
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

// The fields as lines.
std::vector<std::string> fields_of(const CompiledQuery& query) {
  std::vector<std::string> lines;
  for (const QueryField& field : query.fields) lines.push_back(to_text(field));
  return lines;
}

TEST_CASE("fields are taken out of the words", "[search][query]") {
  IndexedTexts index({"a"});
  using Lines = std::vector<std::string>;
  const auto fields = [&](const char* text) { return fields_of(index.compile(text)); };
  CHECK(fields("a project:atlas") == Lines{"project:atlas"});
  CHECK(fields("project:\"my app\" session:6932fd00 component:Hooks level:error role:user source:debug phase:2") ==
        Lines{"project:\"my app\"", "session:6932fd00", "component:Hooks", "level:ERROR", "role:user", "source:debug", "phase:2"});
  CHECK(fields("project:/home/ada/x project:C:\\y") == Lines{"project:/home/ada/x or C:\\y"});
  CHECK(fields("level:WARN OR level:error") == Lines{"level:WARN or ERROR"});
  CHECK(fields("(level:WARN OR level:ERROR) a") == Lines{"level:WARN or ERROR"});
  CHECK(fields("( level:WARN OR level:ERROR ) AND a AND (role:user)") == Lines{"level:WARN or ERROR", "role:user"});
  CHECK(fields("-(level:WARN OR level:ERROR)") == Lines{"not level:WARN or ERROR"});
  CHECK(fields("level:WARN -level:DEBUG NOT level:INFO NOT -role:x") == Lines{"level:WARN", "not level:DEBUG or INFO", "role:x"});
  CHECK(fields("(level:WARN OR level:ERROR") == Lines{"level:WARN or ERROR"});
  CHECK(fields("project:\"my app") == Lines{"project:\"my app\""});
  CHECK(fields("project:a\"b\"(c)") == Lines{"project:a"});
  CHECK(fields("id:12 id:100..200 id:7.. id:..9") == Lines{"id:12 or 100..200 or 7.. or ..9"});
  CHECK(index.compile("id:12 id:100..200").fields[0].intervals == std::vector<Interval>{{12, 13}, {100, 201}});
  CHECK(index.compile("id:..9 id:7..").fields[0].intervals == std::vector<Interval>{{0, 10}, {7, INT64_MAX}});
  CHECK(index.compile("a level:WARN b").explanation == "(\"a\" AND \"b\")");
  CHECK(index.compile("level:WARN").explanation == "everything");
  CHECK(index.compile("level:WARN -a").explanation == "(everything NOT \"a\")");
  CHECK(index.compile("NEAR(a \"b c\"*, 3)").explanation == "NEAR(\"a\" \"b c\"*, 3)");
}

TEST_CASE("times in a query are those of its clock", "[search][query]") {
  Tokenizer tokenizer;
  constexpr std::int64_t kHour = 3'600'000;
  constexpr std::int64_t kDay = 24 * kHour;
  constexpr std::int64_t kNoon = 20'000 * kDay + 12 * kHour;
  const auto ranges = [&](const char* text) {
    const auto query = compile_query(text, tokenizer, {kNoon, Zone::kUtc});
    REQUIRE(query);
    REQUIRE(query->fields.size() == 1);
    return query->fields[0].intervals;
  };
  using Ranges = std::vector<Interval>;
  CHECK(ranges("on:yesterday") == Ranges{{19'999 * kDay, 20'000 * kDay}});
  CHECK(ranges("after:\"3 days ago\"") == Ranges{{19'997 * kDay, INT64_MAX}});
  CHECK(ranges("before:today") == Ranges{{INT64_MIN, 20'000 * kDay}});
  CHECK(ranges("-on:1970-01-02..1970-01-03 -on:1971") == Ranges{{kDay, 3 * kDay}, {365 * kDay, 730 * kDay}});
}

TEST_CASE("what looks like a field and is none is searched as text, and a note says so", "[search][query]") {
  IndexedTexts index({"foo bar", "project atlas", "level loud", "on x", "level warn b", "https a b", "at 10 30", "std string", "c work"});
  const auto expect = [&](const char* text, const Hits& hits, const char* why) {
    const CompiledQuery query = index.compile(text);
    INFO(text << " is " << query.explanation << (query.notes.empty() ? "" : ", " + query.notes[0]));
    CHECK(query.fields.empty());
    CHECK(index.find(query) == hits);
    CHECK(query.notes.size() == (*why == '\0' ? 0 : 1));
    if (!query.notes.empty()) CHECK(query.notes[0].find(why) != std::string::npos);
  };
  expect("foo:bar", {0}, "there is no field foo");
  expect("project: atlas", {1}, "it has no value");
  expect("level:loud", {2}, "none of DEBUG, INFO, WARN, ERROR");
  expect("on:x", {3}, "not understood as a time");
  expect("on:\"x\"", {3}, "not understood as a time");
  expect("on:x on:x", {3}, "not understood as a time");
  expect("after:..2025", {}, "has no begin");
  expect("phase:8", {}, "1 to 7");
  expect("source:main.c", {}, "no such source type");
  expect("id:12x", {}, "no number");
  expect("id:..", {}, "no number");
  expect("level:WARN OR loud", {2, 4}, "in brackets or beside OR");
  expect("loud OR level:WARN", {2, 4}, "in brackets or beside OR");
  expect("(level:WARN b)", {4}, "in brackets or beside OR");
  expect("Level:WARN", {4}, "");
  expect("https://a/b", {5}, "");
  expect("10:30", {6}, "");
  expect("std::string", {7}, "");
  expect("C:\\work", {8}, "");
  expect("\"foo:bar\"", {0}, "");
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
  const auto word = [](const std::string& one, bool prefix = false) { return QueryTerm{{{one, 0}}, prefix, false, ""}; };
  const auto phrase = [](const std::string& one, const std::string& two, bool prefix = false, const std::string& whole = "") {
    return QueryTerm{{{one, 0}, {two, 1}}, prefix, false, whole};
  };
  using Terms = std::vector<QueryTerm>;
  CHECK(terms("Crème crème CREME") == Terms{word("creme")});
  CHECK(terms("multi-agent") == Terms{phrase("multi", "agent")});
  CHECK(terms("a -b") == Terms{word("a")});
  CHECK(terms("a -(b -c)") == Terms{word("a"), word("c")});
  CHECK(terms("pre* \"x y\"*") == Terms{word("pre", true), QueryTerm{{{"x", 0}, {"y", 1}}, true, true, ""}});
  CHECK(terms("a.* \"b \"*") == Terms{word("a"), QueryTerm{{{"b", 0}}, false, true, ""}});
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

TEST_CASE("20,000 hostile strings compile and run without an error", "[search][query][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng random(seed);
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
                                          ", 3)",
                                          "level:WARN",
                                          "-role:",
                                          "on:",
                                          "today",
                                          "id:7..",
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
  enum class Kind { kTerm, kAnd, kOr, kNot, kNear } kind = Kind::kTerm;
  std::size_t distance = 0;
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

// Some word is the first of a window that holds all parts.
bool near_holds(const Tree& tree, const Words& doc) {
  for (std::size_t first = 0; first < doc.size(); ++first) {
    const std::size_t end = std::min(doc.size(), first + tree.distance + 2);
    const auto fits = [&](const Tree& part) {
      for (std::size_t at = first; at + part.words.size() <= end; ++at)
        if (holds_at(part, doc, at)) return true;
      return false;
    };
    if (std::ranges::all_of(tree.parts, fits)) return true;
  }
  return false;
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
    case Tree::Kind::kNear:
      return near_holds(tree, doc);
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
  explicit QueryMaker(std::uint64_t seed) : random_(seed) {}

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
  std::string all(Tree& tree, int depth) { return all(tree, depth, nullptr); }

  // A whole query: between the operands stand fields. `fields` has of each, by name with "not " before it, the chosen values.
  using Fields = std::map<std::string, std::vector<std::string>>;
  std::string all(Tree& tree, int depth, Fields* fields) {
    tree.kind = Tree::Kind::kAnd;
    std::string text;
    for (std::size_t n = 1 + pick(3); n > 0; --n) {
      if (!text.empty()) text += pick(4) == 0 ? " AND " : " ";
      if (fields && pick(3) == 0) text += field(*fields) + " ";
      text += any(tree.parts.emplace_back(), depth);
    }
    return text;
  }

 private:
  std::size_t pick(std::size_t count) { return random_() % count; }

  std::string field(Fields& fields) {
    static const std::map<std::string, std::vector<std::string>> kValues{
        {"project", {"atlas", "my app", "/home/a"}}, {"level", {"WARN", "ERROR"}}, {"id", {"7", "8..9"}}, {"role", {"user", "a:b"}}};
    const auto& [name, values] = *std::next(kValues.begin(), static_cast<std::ptrdiff_t>(pick(kValues.size())));
    const bool negated = pick(3) == 0;
    const bool group = pick(3) == 0;
    std::string text;
    for (std::size_t n = 1 + (group || !negated ? pick(3) : 0); n > 0; --n) {
      const std::string& value = values[pick(values.size())];
      fields[(negated ? "not " : "") + name].push_back(value);
      const bool quoted = pick(4) == 0 || value.find(' ') != std::string::npos;
      text += (text.empty() ? "" : " OR ") + name + ":" + (quoted ? '"' + value + '"' : value);
    }
    return (negated ? (pick(2) == 0 ? "-" : "NOT ") : "") + (group ? "(" + text + ")" : text);
  }

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
    if (pick(6) != 0) return term(tree);
    tree.kind = Tree::Kind::kNear;
    std::string text = "NEAR(";
    for (std::size_t n = 2 + pick(2); n > 0; --n) text += term(tree.parts.emplace_back()) + " ";
    tree.distance = pick(2) == 0 ? kNearDistance : pick(4);
    if (tree.distance != kNearDistance) text += ", " + std::to_string(tree.distance);
    // NEAR of one term alone is text.
    const auto same = [&](const Tree& part) { return part.words == tree.parts[0].words && part.prefix == tree.parts[0].prefix; };
    if (!std::ranges::all_of(tree.parts, same)) return text + ")";
    tree = Tree();
    return term(tree);
  }

  std::string term(Tree& tree) {
    std::string text = word();
    const std::size_t kind = pick(4);
    if (kind == 0) text = "\"" + text + " " + word() + "\"";
    if (kind == 1) text += "-" + word();
    tree.words = split(text);
    tree.prefix = pick(4) == 0;
    return tree.prefix ? text + "*" : text;
  }

  Rng random_;
};

TEST_CASE("2,000 random queries over 300 documents find what a naive evaluator finds", "[search][query][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
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
    QueryMaker::Fields fields;
    const std::string text = maker.all(tree, 3, &fields);
    // A rare one has more terms than are allowed.
    if (const auto compiled = compile_query(text, index.tokenizer()); !compiled && compiled.error().code == Code::kLimit) continue;
    const CompiledQuery query = index.compile(text);
    QueryMaker::Fields found;
    for (const QueryField& field : query.fields) found[(field.negated ? "not " : "") + field.name] = field.values;
    if (found != fields || !query.notes.empty()) FAIL("seed " << seed << ": the fields of " << text << " are others");
    if (query.nothing_to_search() != (fields.empty() && matches_everything(tree)))
      FAIL("seed " << seed << ": " << text << " is " << query.explanation);
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
