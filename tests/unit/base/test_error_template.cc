#include <catch2/catch.hpp>
#include <regex>
#include <string>
#include <vector>

#include "base/error_template.h"
#include "base/masked_token.h"
#include "base/utf8.h"
#include "unit/support/random.h"

using namespace cmem;
using namespace cmem::test;

namespace {

std::string masked(std::string_view text) { return error_template(text).text; }

// What a line may be made of, with the template of each piece between spaces.
struct Piece {
  std::string text;
  std::string shown;
};

std::string digits(Rng& rng, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += static_cast<char>('0' + pick(rng, 10));
  return out;
}

std::string hex(Rng& rng, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += "0123456789abcdef"[pick(rng, 16)];
  return out;
}

std::string word(Rng& rng) {
  std::string out;
  for (std::size_t i = 1 + pick(rng, 8); i > 0; --i) out += static_cast<char>('g' + pick(rng, 20));
  return out;
}

Piece random_piece(Rng& rng) {
  switch (pick(rng, 16)) {
    case 0: return {digits(rng, 1 + pick(rng, 12)), "<num>"};
    case 1: return {digits(rng, 3) + "." + digits(rng, 2) + "ms", "<num>"};
    case 2: return {hex(rng, 8) + "-" + hex(rng, 4) + "-" + hex(rng, 4) + "-" + hex(rng, 4) + "-" + hex(rng, 12), "<uuid>"};
    case 3: return {"2025-" + digits(rng, 2) + "-" + digits(rng, 2) + "T" + digits(rng, 2) + ":" + digits(rng, 2) + ":" + digits(rng, 2) + "." + digits(rng, 3) + "Z", "<time>"};
    case 4: return {digits(rng, 2) + ":" + digits(rng, 2) + ":" + digits(rng, 2), "<time>"};
    case 5: return {"10." + digits(rng, 2) + "." + digits(rng, 1) + "." + digits(rng, 3) + ":" + digits(rng, 4), "<ip>"};
    case 6: return {"https://" + word(rng) + ".example/" + digits(rng, 2) + "?q=" + word(rng), "<url>"};
    case 7: return {word(rng) + digits(rng, 2) + "@" + word(rng) + ".example", "<email>"};
    case 8: return {"/" + word(rng) + "/" + word(rng) + ".py:" + digits(rng, 3), "<path>"};
    case 9: return {"C:\\" + word(rng) + "\\" + word(rng), "<path>"};
    case 10: return {word(rng) + "/" + word(rng) + "/" + word(rng) + ".ts", "<path>"};
    case 11: return {"0x" + hex(rng, 1 + pick(rng, 12)), "<hex>"};
    case 12: return {"req_" + digits(rng, 4) + "x" + hex(rng, 20) + "y" + digits(rng, 2), "<id>"};
    case 13: return {"\"" + word(rng) + " " + digits(rng, 2) + "\"", "\"<str>\""};
    case 14: return {"'/" + word(rng) + " " + word(rng) + "/" + word(rng) + "'", "'<path>'"};
    default: {
      const std::string plain = word(rng);
      return {plain, plain};
    }
  }
}

}  // namespace

TEST_CASE("what varies in an error is masked by what it is", "[base][template]") {
  const std::vector<Piece> cases{
      {"Error: Error: NON-FATAL: Lock acquisition failed for /home/ada/.local/share/x/2.0.33 (expected)",
       "Error: Error: NON-FATAL: Lock acquisition failed for <path> (expected)"},
      {R"(Error: 529 {"type":"error","error":{"type":"overloaded_error","message":"It is full"},"request_id":"req_795a3a3b94e19144"})",
       R"(Error: <num> {"type":"error","error":{"type":"overloaded_error","message":"<str>"},"request_id":"<id>"})"},
      {"1P event logging: 12 events failed (code=ECONNABORTED, timeout of 9000ms exceeded)",
       "<num>P event logging: <num> events failed (code=ECONNABORTED, timeout of <num> exceeded)"},
      {"can't open 'C:\\Users\\Ada Smith\\x.txt' because it isn't there", "can't open '<path>' because it isn't there"},
      {"See https://docs.example/a?b=1. Mail ada@tides.example, typescript-lsp@official.", "See <url>. Mail <email>, typescript-lsp@official."},
      {"at ::1 or fe80::1ff:fe23:4567:890a, 10.0.0.1:80!", "at <ip> or <ip>, <ip>!"},
      {"commit 26c7096 deadbeef took 1,234.5ms, 1m30s, 20MB, 30%", "commit <hex> deadbeef took <num>, <num>, <num>, <num>%"},
      {"v2.0.33 utf8 sha256 3/4 text/html textDocument/hover", "v<num>.<num> utf<num> sha<num> <num>/<num> text/html textDocument/hover"},
      {"(file:///opt/agent/x.js:12:3) src/a.py:3 ../b ~/c", "(<url>) <path> <path> <path>"},
      {"</html> <p>1</p> a->b", "</html> <p><num></p> a->b"},
      {"at 2025-10-18 12:37:51,618 and 12:37:51+01:00 on 2025/10/18", "at <time> and <time> on <time>"},
      {"\n  \n\tthe  first\tline \x1b[31mcounts\x1b[0m \nnot the second 2", "the first line counts"},
      {"", ""},
  };
  for (const Piece& each : cases) CHECK(masked(each.text) == each.shown);
}

TEST_CASE("the level that a wrapped line states itself is found", "[base][template]") {
  const std::vector<std::pair<std::string, Level>> cases{
      {"MCP server \"x\" Server stderr: 2025-10-18 12:37:51.618 | INFO | db:run - x", Level::kInfo},
      {"MCP server \"x\" Server stderr: 2025-10-18 12:37:51.618 | INFO | x\n2025-10-18 12:37:52 | ERROR | y\nINFO: z", Level::kError},
      {"MCP server \"x\" Server stderr: it starts\n  [warn] it is old\n", Level::kWarn},
      {"Hook output: 2025-10-18 12:37:51.618 | INFO | x\n2025-10-18 12:37:52 | ERROR | y", Level::kInfo},
      {"MCP server \"x\" Server stderr: 2025-10-18 12:37:51,618 - uvicorn.error - WARNING - x", Level::kWarn},
      {"MCP server \"x\" Server stderr: 2026-02-20T22:49:01Z DEBUG x", Level::kDebug},
      {"MCP server \"x\" Server stderr: INFO:     Started server process [4711]", Level::kInfo},
      {"MCP server \"x\" Server stderr: [warn] it is old", Level::kWarn},
      {"MCP server \"x\" Server stderr: {\"level\":\"info\",\"msg\":\"it listens\"}", Level::kInfo},
      {"MCP server \"x\" Server stderr: {\"time\":1763570044944,\"level\":50,\"msg\":\"x\"}", Level::kError},
      {"Server stderr: ts=1 level=warn msg=\"slow\"", Level::kWarn},
      {"2025-10-18 12:37:51 [main] FATAL - it is over", Level::kError},
      {"MCP server \"x\" Server stderr: the INFO is missing", Level::kNone},
      {"at 2025-10-18 12:37:51 it said so and then ERROR", Level::kNone},
      {"INFO about the tides", Level::kNone},
      {"Error: no such file", Level::kNone},
  };
  for (const auto& [text, level] : cases) {
    INFO(text);
    CHECK(error_template(text).level_inside == level);
  }
}

TEST_CASE("a long error is cut to a template that is valid, and its own", "[base][template]") {
  for (std::size_t words : {10, 30, 200}) {
    std::string text;
    for (std::size_t i = 0; i < words; ++i) text += "tide潮 " + std::to_string(i) + " ";
    const std::string shown = masked(text);
    CHECK(shown.size() <= kMaxTemplateBytes);
    CHECK(utf8_valid(shown));
    CHECK(shown.ends_with("…") == (words > 10));
    CHECK(masked(shown) == shown);
  }
  for (const std::string& text : {std::string(3000, 'x'), std::string(511, 'x') + "潮汐", "潮" + std::string(600, '\'')}) {
    const std::string shown = masked(text);
    CHECK(shown.ends_with("…"));
    CHECK(utf8_valid(shown));
    CHECK(masked(shown) == shown);
  }
}

TEST_CASE("lines that differ in what varies have one template", "[base][template]") {
  Rng rng(test_seed());
  for (int round = 0; round < 2000; ++round) {
    std::string text, expected;
    for (std::size_t i = 1 + pick(rng, 6); i > 0; --i) {
      const Piece piece = random_piece(rng);
      text += (text.empty() ? "" : " ") + piece.text;
      expected += (expected.empty() ? "" : " ") + piece.shown;
    }
    INFO(text);
    if (expected.size() <= kMaxTemplateBytes) REQUIRE(masked(text) == expected);
  }
}

TEST_CASE("a number is masked as a regular expression would", "[base][template]") {
  // The same for lines of words and numbers alone.
  const std::regex number("[0-9]+([.,][0-9]+)*(ms|s|MB)?(?![0-9A-Za-z_])");
  Rng rng(test_seed() + 1);
  for (int round = 0; round < 500; ++round) {
    std::string text;
    for (std::size_t i = 1 + pick(rng, 5); i > 0; --i)
      text += pick(rng, 2) == 0 ? word(rng) + " " : digits(rng, 1 + pick(rng, 3)) + (pick(rng, 3) == 0 ? "," + digits(rng, 3) : "") + std::string(std::vector<const char*>{" ", "ms ", "MB ", "; "}[pick(rng, 4)]);
    text.pop_back();
    INFO(text);
    REQUIRE(masked(text) == std::regex_replace(text, number, "<num>"));
  }
}

TEST_CASE("no digit survives whatever the text is, and a template is its own template", "[base][template]") {
  const std::vector<std::string> parts{"'", "\"", "`", "/", "\\", ":", "::", ".", "..", "-", "@", "{", "}", "[", "]", "<", ">", "(", ")", ",", " ", "\n", "\t", "\x1b[1m",
                                       "a", "b2", "Z", "ms", "0x", "12", "2025-10-18", "12:37:51", "T", "stderr:", "INFO", "level", "=", "潮", "_", "~", "http", "://", "C:\\", "<x>", "…",
                                       "deadbeef0", "~/", "\"type\":", "|"};
  Rng rng(test_seed() + 2);
  for (int round = 0; round < 60'000; ++round) {
    std::string text;
    for (std::size_t i = pick(rng, round % 100 == 0 ? 400 : 12); i > 0; --i) text += parts[pick(rng, parts.size())];
    const std::string shown = masked(text);
    INFO(text);
    REQUIRE(shown.find_first_of("0123456789") == std::string::npos);
    REQUIRE(shown.size() <= kMaxTemplateBytes);
    REQUIRE(utf8_valid(shown));
    // What stands before a cut may be taken for something else once the rest is gone.
    if (text.size() < kMaxTemplateBytes / 2) REQUIRE(masked(shown) == shown);
  }
}
