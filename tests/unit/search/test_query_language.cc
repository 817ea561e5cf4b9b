#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "search/query_language.h"
#include "sqlite/tokenizer.h"

namespace cmem {
namespace {

using Docs = std::vector<std::string>;

// A real FTS5 table in memory, with the tokenizer of the store.
class Fts {
 public:
  explicit Fts(const Docs& docs) {
    REQUIRE(sqlite3_open(":memory:", &db_) == SQLITE_OK);
    run("CREATE VIRTUAL TABLE fts USING fts5(content, content='', tokenize='unicode61 remove_diacritics 2')");
    sqlite3_stmt* insert = prepare("INSERT INTO fts(rowid, content) VALUES (?1, ?2)");
    for (std::size_t i = 0; i < docs.size(); ++i) {
      sqlite3_bind_int64(insert, 1, static_cast<sqlite3_int64>(i) + 1);
      sqlite3_bind_text(insert, 2, docs[i].data(), static_cast<int>(docs[i].size()), SQLITE_TRANSIENT);
      REQUIRE(sqlite3_step(insert) == SQLITE_DONE);
      sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    const std::array<std::string, 2> args = {"remove_diacritics", "2"};
    tokenizer_ = std::make_unique<Tokenizer>(Tokenizer::create(db_, "unicode61", args).value());
    select_ = prepare("SELECT rowid FROM fts WHERE fts MATCH ?1");
  }
  Fts(const Fts&) = delete;
  Fts& operator=(const Fts&) = delete;
  ~Fts() {
    sqlite3_finalize(select_);
    sqlite3_close(db_);
  }

  Tokenizer& tokenizer() { return *tokenizer_; }
  CompiledQuery compile(std::string_view text) {
    Result<CompiledQuery> query = compile_query(text, *tokenizer_);
    INFO(text);
    REQUIRE(query);
    return std::move(query).value();
  }

  // The documents that match, from 0. Fails the test on an SQL error.
  std::set<std::size_t> search(const std::string& match) {
    std::set<std::size_t> found;
    sqlite3_bind_text(select_, 1, match.data(), static_cast<int>(match.size()), SQLITE_TRANSIENT);
    int rc = SQLITE_OK;
    while ((rc = sqlite3_step(select_)) == SQLITE_ROW) found.insert(static_cast<std::size_t>(sqlite3_column_int64(select_, 0)) - 1);
    if (rc != SQLITE_DONE) FAIL(sqlite3_errmsg(db_) << " for " << match);
    sqlite3_reset(select_);
    return found;
  }

  // The documents for a query as typed.
  std::set<std::size_t> find(std::string_view text) {
    const CompiledQuery query = compile(text);
    return query.nothing_to_search() ? std::set<std::size_t>() : search(query.match);
  }

 private:
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    REQUIRE(sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr) == SQLITE_OK);
    return statement;
  }
  void run(const char* sql) { REQUIRE(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK); }

  sqlite3* db_ = nullptr;
  sqlite3_stmt* select_ = nullptr;
  std::unique_ptr<Tokenizer> tokenizer_;
};

using Hits = std::set<std::size_t>;

TEST_CASE("words, phrases, prefixes and exclusions find what they say", "[search][query]") {
  Fts fts({"the quick brown fox", "the lazy dog", "a quick dog", "multi-agent systems", "multi headed agent", "lib/store/FORMAT.md",
           "it's a b"});
  CHECK(fts.find("quick") == Hits{0, 2});
  CHECK(fts.find("QUICK Dog") == Hits{2});
  CHECK(fts.find("quick AND dog") == Hits{2});
  CHECK(fts.find("quick OR lazy") == Hits{0, 1, 2});
  CHECK(fts.find("\"quick brown\"") == Hits{0});
  CHECK(fts.find("\"brown quick\"") == Hits{});
  CHECK(fts.find("\"quick brown") == Hits{0});
  CHECK(fts.find("qui*") == Hits{0, 2});
  CHECK(fts.find("\"quick bro\"*") == Hits{0});
  CHECK(fts.find("dog -lazy") == Hits{2});
  CHECK(fts.find("dog NOT lazy") == Hits{2});
  CHECK(fts.find("dog -\"a quick\"") == Hits{1});
  CHECK(fts.find("the -(quick OR cat)") == Hits{1});
  CHECK(fts.find("multi-agent") == Hits{3});
  CHECK(fts.find("multi agent") == Hits{3, 4});
  CHECK(fts.find("lib/store/FORMAT.md") == Hits{5});
  CHECK(fts.find("store/format") == Hits{5});
  CHECK(fts.find("it's") == Hits{6});
}

TEST_CASE("what looks like FTS5's own syntax is text", "[search][query]") {
  Fts fts({"near the content", "content x", "NEAR (a b, 5)", "verbose", "not and or", "a^b"});
  CHECK(fts.find("content:x") == Hits{1});
  CHECK(fts.find("NEAR(a b)") == Hits{2});
  CHECK(fts.find("--verbose") == Hits{3});
  CHECK(fts.find("- verbose") == Hits{3});
  CHECK(fts.find("not or") == Hits{4});
  CHECK(fts.find("AND") == Hits{4});
  CHECK(fts.find("NOT") == Hits{4});
  CHECK(fts.find("OR OR OR") == Hits{4});
  CHECK(fts.find("a AND") == Hits{});
  CHECK(fts.find("^a") == Hits{2, 5});
  CHECK(fts.find("a + b") == Hits{2, 5});
  CHECK(fts.find("*verbose*") == Hits{3});
  CHECK(fts.find("**verb**") == Hits{});
  CHECK(fts.find("{content} : verbose") == Hits{});
}

TEST_CASE("OR binds its neighbours, and negations are exact wherever they stand", "[search][query]") {
  Fts fts({"a b", "a c", "b c", "a", "c"});
  CHECK(fts.find("a b OR c") == Hits{0, 1});
  CHECK(fts.find("(a b) OR c") == Hits{0, 1, 2, 4});
  CHECK(fts.find("a -b -c") == Hits{3});
  CHECK(fts.find("-b a") == Hits{1, 3});
  CHECK(fts.find("a (-b)") == Hits{1, 3});
  CHECK(fts.find("c (a OR -b)") == Hits{1, 4});
  CHECK(fts.find("-(-a)") == Hits{0, 1, 3});
  CHECK(fts.find("NOT NOT a") == Hits{0, 1, 3});
  CHECK(fts.find("a -(-b)") == Hits{0});
  CHECK(fts.find("a)) b") == Hits{0});
  CHECK(fts.find("a) OR b") == Hits{0, 1, 2, 3});
  CHECK(fts.find("((a") == Hits{0, 1, 3});
  CHECK(fts.find("a()b") == Hits{0});
}

TEST_CASE("a query without a letter or digit has nothing to search, and so has one that only excludes", "[search][query]") {
  Fts fts({"a"});
  for (const char* text : {"", " ", "*", "\"\"", "\"", "\"*\"*", "---", "()", "((((", "))))", "-", "->", "!!! ???", "→", "-—",
                           "NOT -- ..", "( - ) * \""}) {
    INFO(text);
    const CompiledQuery query = fts.compile(text);
    CHECK(query.nothing_to_search());
    CHECK(query.explanation.find("no letter or digit") != std::string::npos);
  }
  for (const char* text : {"-a", "NOT a", "-a -b", "-(a OR b)", "a OR -b", "-a OR -b"}) {
    INFO(text);
    const CompiledQuery query = fts.compile(text);
    CHECK(query.nothing_to_search());
    CHECK(query.terms.empty());
    CHECK(query.explanation.find("add a word that must") != std::string::npos);
  }
}

TEST_CASE("the terms to highlight are those that may occur, folded, each once", "[search][query]") {
  Fts fts({"a"});
  const auto terms = [&](const char* text) { return fts.compile(text).terms; };
  CHECK(terms("Crème crème CREME") == std::vector<HighlightTerm>{{{"creme"}, false}});
  CHECK(terms("multi-agent") == std::vector<HighlightTerm>{{{"multi", "agent"}, false}});
  CHECK(terms("a -b") == std::vector<HighlightTerm>{{{"a"}, false}});
  CHECK(terms("a -(b -c)") == std::vector<HighlightTerm>{{{"a"}, false}, {{"c"}, false}});
  CHECK(terms("pre* \"x y\"*") == std::vector<HighlightTerm>{{{"pre"}, true}, {{"x", "y"}, true}});
  CHECK(terms("a.* \"b \"*") == std::vector<HighlightTerm>{{{"a"}, false}, {{"b"}, false}});
}

TEST_CASE("queries over the limits are refused with the limit", "[search][query]") {
  Fts fts({"a b"});
  const auto error = [&](const std::string& text) {
    const Result<CompiledQuery> query = compile_query(text, fts.tokenizer());
    REQUIRE_FALSE(query);
    CHECK(query.error().code == Code::kLimit);
    return query.error().text;
  };
  CHECK(error(std::string(kMaxQueryBytes + 1, 'a')).find("4096") != std::string::npos);
  CHECK(fts.find(std::string(kMaxQueryBytes, 'a')).empty());
  std::string words;
  for (std::size_t i = 0; i < kMaxQueryTerms; ++i) words += "w" + std::to_string(i) + " ";
  CHECK(fts.find(words).empty());
  CHECK(error(words + "x").find("64") != std::string::npos);
  CHECK(fts.find(words + "- () *").empty());
  CHECK(fts.find("((((((((a))))))))") == Hits{0});
  CHECK(error("(((((((((a)))))))))").find("8") != std::string::npos);
  CHECK(error(std::string(kMaxQueryBytes, '(')).find("brackets") != std::string::npos);
  CHECK(fts.find("()()()()()()()()()() a") == Hits{0});
}

// Nests as deep and alternates as often as the limits allow: FTS5's parser has a stack of its own.
TEST_CASE("the deepest queries that are allowed run", "[search][query]") {
  Fts fts({"a b"});
  for (const char* level : {"a (b OR (", "-a -(b -c (", "a OR -(b OR (", "a -b OR (c OR -("}) {
    std::string text;
    for (int i = 0; i < 4; ++i) text += level;
    text += "a";
    INFO(text);
    fts.find(text);
  }
  std::string chain = "a";
  for (int i = 0; i < 31; ++i) chain += " OR -b OR a";
  fts.find("a " + chain);
}

TEST_CASE("20,000 hostile strings compile and run without an error", "[search][query]") {
  const unsigned seed = std::random_device{}();
  std::printf("hostile queries: seed %u\n", seed);
  std::mt19937_64 random(seed);
  Fts fts({"a'b multi agent near", "col x emoji", "lib store format md"});
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
    const Result<CompiledQuery> query = compile_query(text, fts.tokenizer());
    if (!query) {
      ++refused;
      if (query.error().code != Code::kLimit) FAIL("seed " << seed << ": " << query.error().text);
      continue;
    }
    if (query->explanation.empty() || query->explanation.find('\n') != std::string::npos)
      FAIL("seed " << seed << ": " << query->explanation);
    if (!query->nothing_to_search()) fts.search(query->match);
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

// unicode61 on ASCII: runs of letters and digits, in lower case.
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
      text += static_cast<char>((pick(5) == 0 ? 'A' : 'a') + static_cast<char>(pick(3)));
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
  Fts fts(docs);
  int searched = 0;
  for (int i = 0; i < 2'000; ++i) {
    Tree tree;
    const std::string text = maker.all(tree, 3);
    const CompiledQuery query = fts.compile(text);
    if (query.nothing_to_search() != matches_everything(tree)) FAIL("seed " << seed << ": " << text << " is " << query.explanation);
    if (query.nothing_to_search()) continue;
    Hits oracle;
    for (std::size_t d = 0; d < words.size(); ++d) {
      if (holds(tree, words[d])) oracle.insert(d);
    }
    ++searched;
    if (fts.search(query.match) != oracle) FAIL("seed " << seed << ": " << text << " became " << query.match);
  }
  CHECK(searched > 1'000);
}

}  // namespace
}  // namespace cmem
