// What the words of a text are: the specification in tokenizer.h, case by case, and what holds for any bytes.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "index/tokenizer.h"
#include "unit/support/random.h"

namespace cmem {
namespace {

using namespace test;

struct Seen {
  std::string folded;
  std::uint32_t position = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  WordKind kind = WordKind::kPart;
  friend bool operator==(const Seen&, const Seen&) = default;
};

std::vector<Seen> words_of(std::string_view text) {
  Tokenizer tokenizer;
  std::vector<Seen> words;
  tokenizer.for_each_word(text, [&](const Word& word) {
    words.push_back({std::string(word.folded), word.position, word.begin, word.end, word.kind});
    return true;
  });
  return words;
}

// "one two", with =whole before the parts of a camelCase word, end$ for the last of several CJK characters and lone! for a single one.
std::string split(std::string_view text) {
  std::string out;
  for (const Seen& word : words_of(text)) {
    if (!out.empty()) out += ' ';
    if (word.kind == WordKind::kWhole) out += '=';
    out += word.folded;
    if (word.kind == WordKind::kRunEnd) out += '$';
    if (word.kind == WordKind::kLoneChar) out += '!';
  }
  return out;
}

std::string repeat(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

// ------------------------------------------------------------------------------------------------------ specification

struct Case {
  std::string text;
  std::string words;
};

void check(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    INFO(one.text);
    CHECK(split(one.text) == one.words);
  }
}

TEST_CASE("prose is words of letters and digits, without case and diacritics", "[index][tokenizer]") {
  check({
      {"", ""},
      {" \n\t.,;:!?()[]{}'\"", ""},
      {"The quick, brown fox. 42!", "the quick brown fox 42"},
      {"don't", "don t"},
      {"Crème brûlée", "creme brulee"},
      {"Cre\u0300me bru\u0302le\u0301e", "creme brulee"},
      {"ÅNGSTRÖM Ångström", "angstrom angstrom"},
      {"Straße STRASSE", "strasse strasse"},
      {"Привет МИР ёлка Й", "привет мир елка и"},
      {"ΣΊΣΥΦΟΣ Σίσυφος", "σισυφοσ σισυφοσ"},
      {"İstanbul", "istanbul"},
      {"Ａｂｃ１ ﬁne x²", "abc1 fine x2"},
      {"naïveté-free", "naivete free"},
      {"émile42x", "emile42x"},
      {"caféBar", "cafebar"},
      {"a\u0301", "a"},
      {"\u0301 \u200d", ""},
      {"٣٤٥ Ⅷ", "٣٤٥ viii"},
  });
}

TEST_CASE("code is split where developers would split it", "[index][tokenizer]") {
  check({
      {"camelCase", "=camelcase camel case"},
      {"PascalCase", "=pascalcase pascal case"},
      {"HTTPServer LSPServer", "=httpserver http server =lspserver lsp server"},
      {"getHTTPServer2Name", "=gethttpserver2name get http server2 name"},
      {"parseURL", "=parseurl parse url"},
      {"SHA256 sha256 Sha256", "sha256 sha256 sha256"},
      {"utf8Text v2Beta", "=utf8text utf8 text =v2beta v2 beta"},
      {"IOError eIO", "=ioerror io error =eio e io"},
      {"ABC Abc abc A a", "abc abc abc a a"},
      {"snake_case __init__ MAX_SIZE", "snake case init max size"},
      {"kebab-case --dry-run", "kebab case dry run"},
      {"lib/store/FORMAT.md", "lib store format md"},
      {"v1.2.3-rc1", "v1 2 3 rc1"},
      {"https://example.com/a/b?q=1#top", "https example com a b q 1 top"},
      {"user@example.com", "user example com"},
      {"f(x):return x+1;", "f x return x 1"},
      {"std::vector<int>", "std vector int"},
      {"550e8400-e29b-41d4-a716-446655440000", "550e8400 e29b 41d4 a716 446655440000"},
      {"550E8400-E29B-41D4-A716-446655440000", "550e8400 e29b 41d4 a716 446655440000"},
      {"deadbeef 0xDEADBEEF", "deadbeef =0xdeadbeef 0x deadbeef"},
      {"C:\\Users\\Ann", "c users ann"},
      {"\\u00e9\\n", "u00e9 n"},
      {"foo_barBaz", "foo =barbaz bar baz"},
  });
}

TEST_CASE("a camelCase word stands whole at the place of its first part", "[index][tokenizer]") {
  const std::vector<Seen> expected{{"a", 0, 0, 1, WordKind::kPart},
                                   {"foobar", 1, 2, 8, WordKind::kWhole},
                                   {"foo", 1, 2, 5, WordKind::kPart},
                                   {"bar", 2, 5, 8, WordKind::kPart},
                                   {"b", 3, 9, 10, WordKind::kPart}};
  CHECK(words_of("a fooBar b") == expected);
}

TEST_CASE("marks that spell stay, marks that only say how to read go", "[index][tokenizer]") {
  check({
      {"हिन्दी हिंदी", "हिन्दी हिंदी"},  // vowel signs, virama, anusvara
      {"कि की कु", "कि की कु"},
      {"ज़ \u095B", "ज़ ज़"},  // a nukta, by itself and in one character
      {"தமிழ் বাংলা తెలుగు", "தமிழ் বাংলা తెలుగు"},
      {"\u09CB", "\u09C7\u09BE"},
      {"बौ॑द्ध", "बौद्ध"},  // a Vedic accent
      {"བོད་ཡིག", "བོད ཡིག"},
      {"שָׁלוֹם שלום", "שלום שלום"},
      {"مُحَمَّد محمد", "محمد محمد"},
      {"Việt Nam", "viet nam"},
      {"ὁ ᾠδή", "ο ωιδη"},
      {"x\u0338 o\u20DD 1\uFE0F\u20E3 a\uFE0F", "x o 1 a"},  // an overlay, an enclosing mark, variation selectors
  });
}

TEST_CASE("scripts without spaces between words are pairs of characters, marks included", "[index][tokenizer]") {
  check({
      {"ไทย", "ไท ทย ย$"},
      {"ที่ 5", "ที \u0E35\u0E48 \u0E48$ 5"},
      {"๕๖ ฿5", "๕๖ 5"},
      {"ลาว", "ลา าว ว$"},
      {"မြန်", "မြ ြန န် ်$"},
      {"ខ្មែរ", "ខ្ ្ម មែ ែរ រ$"},
  });
}

TEST_CASE("Chinese, Japanese and Korean are pairs of characters", "[index][tokenizer]") {
  check({
      {"日本語", "日本 本語 語$"},
      {"日", "日!"},
      {"日 本", "日! 本!"},
      {"a日b", "a 日! b"},
      {"日本foo", "日本 本$ foo"},
      {"foo日本", "foo 日本 本$"},
      {"カタカナ・ひらがな", "カタ タカ カナ ナ$ ひら らが がな な$"},
      {"한국어 검색", "한국 국어 어$ 검색 색$"},
      {"日本語。中文，漢字", "日本 本語 語$ 中文 文$ 漢字 字$"},
      {"𠀀𠀁", "𠀀𠀁 𠀁$"},
      {"日本1日", "日本 本$ 1 日!"},
  });
  const std::vector<Seen> expected{{"日本", 0, 0, 6, WordKind::kPart}, {"本", 1, 3, 6, WordKind::kRunEnd}, {"x", 2, 7, 8, WordKind::kPart}};
  CHECK(words_of("日本 x") == expected);
}

TEST_CASE("emoji, punctuation, NUL and bytes that are not UTF-8 separate words", "[index][tokenizer]") {
  check({
      {"ok🙂fine", "ok fine"},
      {"❤️ 1️⃣ 👩‍💻", "1"},
      {"a—b…c→d", "a b c d"},
      {"€5 5€", "5 5"},
      {std::string("a\0b", 3), "a b"},
      {"a\xff" "b", "a b"},
      {"caf\xc3 x", "caf x"},
      {"\xed\xa0\x80x\xc0\xaf", "x"},
      {"\xe6\x97", ""},
      {"日\xe6\x97", "日!"},
      {"a\x7f" "b\x01" "c", "a b c"},
  });
}

TEST_CASE("terminal escape sequences are not words", "[index][tokenizer]") {
  check({
      {"\x1b[31mred\x1b[0m plain", "red plain"},
      {"\x1b[1;38;5;42mbold", "bold"},
      {"\x1b]0;a title\x07text", "text"},
      {"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"},
      {"a\x1b[Kb", "a b"},
      {"a\x1b(Bb", "a b"},
      {"a\x1b", "a"},
      {"a\x1b[", "a"},
      {"\x1b]no end", "no end"},
  });
}

TEST_CASE("what looks like base64 is left out", "[index][tokenizer]") {
  const std::string base64 = "ErcBCkgIBRABGAIiQL8xN3vZ9pQ2rT7sK4mW1yXc5uHdJ6fGbA0oEiVnRzPlStqYhMwD+/3kBjUaXeF9g==";
  const std::string jwt = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";
  REQUIRE(base64.size() > 64);
  CHECK(split("before " + base64 + " after") == "before after");
  CHECK(split("\"signature\":\"" + base64 + "\"") == "signature");
  CHECK(split(base64) == "");
  std::string url_safe = base64;
  std::replace(url_safe.begin(), url_safe.end(), '+', '-');
  std::replace(url_safe.begin(), url_safe.end(), '/', '_');
  CHECK(split("x " + url_safe + " y") == "x y");
  CHECK(split("data:image/png;base64," + repeat(base64, 100) + " end") == "data image png base64 end");
  CHECK(split(jwt).find("eyjzdwi") == std::string::npos);
}

TEST_CASE("what only resembles base64 stays", "[index][tokenizer]") {
  const std::string path = "src/main/java/com/example/application/configuration/SecurityConfigurationBuilderFactory.java";
  CHECK(split(path) == "src main java com example application configuration =securityconfigurationbuilderfactory security configuration builder factory java");
  CHECK(split("a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/u/v/w/x/y/z/a/b/c/d/e/f/g/h/1") ==
        "a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h 1");
  const std::string camel = "abstractAnnotationConfigDispatcherServletInitializerForTheWholeApplicationContext2";
  CHECK(split(camel) == "abstract annotation config dispatcher servlet initializer for the whole application context2");
  CHECK(split("https://github.com/example/project/blob/main/docs/guides/getting-started-with-version-2.md#Section1") ==
        "https github com example project blob main docs guides getting started with version 2 md section1");
  const std::string sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  CHECK(split(sha256) == sha256);
  CHECK(split("MAX_BUFFER_SIZE-" + repeat("x", 80)) == "max buffer size " + repeat("x", 64));
}

TEST_CASE("words beside a blob, and identifiers with a few numbers, are words", "[index][tokenizer]") {
  const std::string key = "eyJhbGciOiJIUzI1NiJ9aGVsbG8gd29ybGQgMTIzNDU2Nzg5MEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFla";
  CHECK(split("token=" + key + " end") == "token end");
  CHECK(split("https://host/files/" + key + "/report done") == "https host files report done");
  CHECK(split("Utf8ToUtf16LeBom") == "=utf8toutf16lebom utf8 to utf16 le bom");
  CHECK(split("iPhone15ProMax128GB") == "=iphone15promax128gb i phone15 pro max128 gb");
}

TEST_CASE("identifiers that look random are one word each", "[index][tokenizer]") {
  check({
      {"toolu_01A7bCdEfGh2JkLmN", "toolu 01a7bcdefgh2jklmn"},
      {"msg_01XyZ9aBcD3eFgH5iJ", "msg 01xyz9abcd3efgh5ij"},
      {"req-01A7bCdEfGh2JkLmN ok", "req 01a7bcdefgh2jklmn ok"},
  });
}

TEST_CASE("long words are cut at a code point", "[index][tokenizer]") {
  CHECK(split(repeat("a", 64)) == repeat("a", 64));
  CHECK(split(repeat("a", 65) + " b") == repeat("a", 64) + " b");
  CHECK(split(repeat("A", 65)) == repeat("a", 64));
  CHECK(split(repeat("a", 1'000'000)) == repeat("a", 64));
  CHECK(split("x" + repeat("ж", 40)) == "x" + repeat("ж", 31));
  CHECK(split(repeat("ж", 100'000)) == repeat("ж", 32));
  const auto words = words_of(repeat("ж", 40) + " b");
  CHECK(words[0].end == 80);
  CHECK(words[1].position == 1);
  CHECK(split(repeat("aB", 100)) == "a " + repeat("ba ", 99) + "b");
  CHECK(split(repeat("aB", 129)) == repeat("ab", 32));
}

TEST_CASE("the caller can stop, and is told how many positions there were", "[index][tokenizer]") {
  Tokenizer tokenizer;
  CHECK(tokenizer.for_each_word("", [](const Word&) { return true; }) == 0);
  CHECK(tokenizer.for_each_word("a fooBar 日本", [](const Word&) { return true; }) == 5);
  int count = 0;
  CHECK(tokenizer.for_each_word("a b c", [&](const Word&) { return ++count < 2; }) == 2);
  CHECK(count == 2);
  CHECK(tokenizer.for_each_word("x", [](const Word&) { return true; }) == 1);
}

// ---------------------------------------------------------------------------------------------------------- properties

std::string random_text(Rng& rng, std::size_t pieces) {
  static const std::vector<std::string> kPieces{
      " ", "\n", ".", "-", "_", "/", "=", "+", "a", "Z", "7", "fooBar", "HTTPServer", "toolu_01A7bCdEfGh2JkLmN", "日", "日本語", "・", "é", "e\u0301", "Ж", "ß",
      "\u0301", "🙂", "\x1b[31m", "\x1b]0;t\x07", "\x1b", "\xff", "\xc3", "\xe6\x97", "ﷺ", "ΐ", "𝔄",
      "ErcBCkgIBRABGAIiQL8xN3vZ9pQ2rT7sK4mW1yXc5uHdJ6fGbA0oEiVnRzPlStqYhMwD", "lorem", "ipsum"};
  std::string text;
  for (std::size_t i = 0; i < pieces; ++i) {
    const std::size_t kind = pick(rng, 10);
    if (kind == 0) {
      text += static_cast<char>(rng());
    } else if (kind == 1) {
      char bytes[4];
      std::uint32_t point = static_cast<std::uint32_t>(rng() % (pick(rng, 2) == 0 ? 0x3000 : 0x110000));
      if (point >= 0xD800 && point < 0xE000) point = 'x';
      text.append(bytes, utf8_encode(point, bytes));
    } else {
      text += kPieces[pick(rng, kPieces.size())];
    }
  }
  return text;
}

TEST_CASE("any bytes give words that are in order, inside the text and small", "[index][tokenizer][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  for (int round = 0; round < 10'000; ++round) {
    std::string text;
    if (round % 3 == 0) {
      for (std::size_t n = pick(rng, 300); n > 0; --n) text += static_cast<char>(rng());
    } else {
      text = random_text(rng, pick(rng, 200));
    }
    CAPTURE(round);
    std::uint32_t next_position = 0;
    std::uint32_t last_begin = 0;
    std::uint32_t last_end = 0;
    bool after_whole = false;
    for (const Seen& word : words_of(text)) {
      const bool whole = word.kind == WordKind::kWhole;
      if (word.position != next_position) FAIL("position " << word.position << " instead of " << next_position);
      next_position += whole ? 0 : 1;
      if (word.begin >= word.end || word.end > text.size() || word.begin < last_begin) FAIL("span of " << word.folded);
      if (!after_whole && word.end < last_end) FAIL("end of " << word.folded);
      if (after_whole && (whole || word.begin != last_begin)) FAIL("a whole without parts");
      last_begin = word.begin;
      last_end = word.end;
      after_whole = whole;
      if (word.folded.empty() || word.folded.size() > kMaxWordBytes || !utf8_valid(word.folded)) FAIL("word " << word.folded);
      if (word.folded.find('\0') != std::string::npos) FAIL("NUL in a word");
      // Not of all scripts: a few signs fold to a Chinese character inside a word.
      if (!std::all_of(word.folded.begin(), word.folded.end(), [](char c) { return c > 0; })) continue;
      if (split(word.folded) != word.folded) FAIL("folded again: " << word.folded << " is " << split(word.folded));
    }
    if (after_whole) FAIL("a whole at the end");
    Tokenizer tokenizer;
    if (tokenizer.for_each_word(text, [](const Word&) { return true; }) != next_position) FAIL("the number of positions");
  }
}

TEST_CASE("a text's words are those of its parts, one after the other", "[index][tokenizer][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  for (int round = 0; round < 300; ++round) {
    // An escape string goes on over a space, so there is none here that stays open.
    std::string first = repeat(random_text(rng, 3 + pick(rng, 40)) + "\n", 1 + pick(rng, 60));
    std::string second = repeat(random_text(rng, 3 + pick(rng, 40)) + "\n", 1 + pick(rng, 60));
    if (pick(rng, 4) == 0) first = repeat("日本語", pick(rng, 300)) + "\n";
    auto expected = words_of(first);
    const std::uint32_t positions = expected.empty() ? 0 : expected.back().position + 1;
    for (Seen word : words_of(second)) {
      word.position += positions;
      word.begin += static_cast<std::uint32_t>(first.size());
      word.end += static_cast<std::uint32_t>(first.size());
      expected.push_back(word);
    }
    if (words_of(first + second) != expected) FAIL("round " << round);
  }
}

TEST_CASE("one tokenizer gives the same words for a text whatever it has seen before", "[index][tokenizer][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  Tokenizer tokenizer;
  for (int round = 0; round < 2'000; ++round) {
    const std::string text = random_text(rng, pick(rng, 60));
    const std::size_t stop_after = pick(rng, 4) == 0 ? pick(rng, 5) : SIZE_MAX;
    std::vector<Seen> found;
    tokenizer.for_each_word(text, [&](const Word& word) {
      found.push_back({std::string(word.folded), word.position, word.begin, word.end, word.kind});
      return found.size() < stop_after;
    });
    auto expected = words_of(text);
    if (found.size() < expected.size() && stop_after != SIZE_MAX) expected.resize(found.size());
    if (found != expected) FAIL("round " << round);
  }
}

// ------------------------------------------------------------------------------------------------- oracle for ASCII

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alnum(char c) { return is_lower(c) || is_upper(c) || is_digit(c); }

std::string lower(std::string text) {
  for (char& c : text) c = is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  return text.substr(0, kMaxWordBytes);
}

bool is_random(const std::string& text) {
  std::string kinds;
  for (const char c : text)
    if (is_alnum(c)) kinds += is_lower(c) ? 'l' : is_upper(c) ? 'u' : 'd';
  std::size_t changes = kinds.empty() ? 0 : 1;
  for (std::size_t i = 1; i < kinds.size(); ++i) changes += kinds[i] != kinds[i - 1] ? 1 : 0;
  const bool all = std::string("lud").find_first_not_of(kinds) == std::string::npos;
  return all && changes * 5 >= kinds.size() * 2;
}

bool is_random_identifier(const std::string& run) {
  int numbers = 0;
  for (std::size_t i = 0; i < run.size(); ++i) numbers += is_digit(run[i]) && (i == 0 || !is_digit(run[i - 1])) ? 1 : 0;
  return run.size() >= 16 && numbers >= 3 && is_random(run);
}

// What is a word even inside a blob.
bool is_plain(const std::string& run) {
  return run.size() >= 4 && std::none_of(run.begin(), run.end(), is_digit) &&
         (std::all_of(run.begin() + 1, run.end(), is_lower) || std::none_of(run.begin(), run.end(), is_lower));
}

// The words of an ASCII text without escape sequences, the way the specification says it: blobs away, then runs, then capitals.
std::string naive_split(const std::string& text) {
  std::vector<std::string> runs;
  const auto in_blob = [](char c) { return is_alnum(c) || std::string("+/_-").find(c) != std::string::npos; };
  for (std::size_t begin = 0; begin < text.size();) {
    if (!is_alnum(text[begin])) {
      ++begin;
      continue;
    }
    std::size_t end = begin;
    while (end < text.size() && in_blob(text[end])) ++end;
    const std::string stretch = text.substr(begin, end - begin);
    begin = end;
    const bool blob = stretch.size() >= 64 && is_random(stretch);
    std::string run;
    for (const char c : stretch + " ") {
      if (is_alnum(c)) {
        run += c;
      } else if (!run.empty()) {
        if (!blob || is_plain(run)) runs.push_back(run);
        run.clear();
      }
    }
  }
  std::string out;
  const auto put = [&](const std::string& word) { out += (out.empty() ? "" : " ") + word; };
  for (const std::string& run : runs) {
    std::vector<std::string> parts(1);
    for (std::size_t i = 0; i < run.size(); ++i) {
      const bool capital = i > 0 && is_upper(run[i]);
      if (capital && (!is_upper(run[i - 1]) || (i + 1 < run.size() && is_lower(run[i + 1])))) parts.emplace_back();
      parts.back() += run[i];
    }
    const bool has_lower = std::any_of(run.begin(), run.end(), is_lower);
    if (parts.size() == 1 || !has_lower || run.size() > 256 || is_random_identifier(run)) {
      put(lower(run));
      continue;
    }
    if (run.size() <= kMaxWordBytes) put("=" + lower(run));
    for (const std::string& part : parts) put(lower(part));
  }
  return out;
}

TEST_CASE("ASCII texts are split as a naive splitter splits them", "[index][tokenizer][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  for (int round = 0; round < 10'000; ++round) {
    std::string text;
    for (std::size_t n = pick(rng, 12); n > 0; --n) {
      const std::size_t kind = pick(rng, 5);
      const std::size_t size = pick(rng, 12) == 0 ? 60 + pick(rng, 300) : pick(rng, 20);
      for (std::size_t i = 0; i < size; ++i) {
        const char letter = static_cast<char>('a' + pick(rng, 26));
        const char capital = static_cast<char>('A' + pick(rng, 26));
        const char digit = static_cast<char>('0' + pick(rng, 10));
        text += kind == 0                      ? letter
                : kind == 1                    ? (pick(rng, 5) == 0 ? capital : letter)
                : kind == 2                    ? (pick(rng, 3) == 0 ? digit : pick(rng, 2) == 0 ? capital : letter)
                : kind == 3 && pick(rng, 9) == 0 ? "+/=_-"[pick(rng, 5)]
                                               : (pick(rng, 2) == 0 ? capital : letter);
      }
      text += " .,_-/=+\n"[pick(rng, 9)];
    }
    if (split(text) != naive_split(text)) {
      INFO(text);
      REQUIRE(split(text) == naive_split(text));
    }
  }
}

}  // namespace
}  // namespace cmem
