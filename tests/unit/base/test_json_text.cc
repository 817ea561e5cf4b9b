#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/json_text.h"
#include "unit/support/random.h"

using namespace cmem;
using namespace cmem::test;

namespace {

bool whole_value(std::string_view text) {
  const JsonEnd end = json_skip_value(text, 0);
  return end.fault == JsonFault::kNone && end.at == text.size();
}

std::string as_json(std::string_view text, JsonStyle style) {
  std::string out;
  json_append_string(out, text, style);
  return out;
}

}  // namespace

TEST_CASE("a value ends where it ends and what follows it is not looked at", "[base]") {
  for (const std::string value : {"1", "-0.5e+10", "\"a\\\"b\"", "true", "null", "[]", "{}", "[1, {\"a\": [ ]}]"}) {
    const std::string text = value + ", rest";
    CHECK(json_skip_value(text, 0).at == value.size());
  }
}

TEST_CASE("each fault of a value is named with its place", "[base]") {
  struct Bad {
    std::string text;
    JsonFault fault;
    std::size_t at;
  };
  const std::vector<Bad> bad = {
      {"[1,]", JsonFault::kSyntax, 3},
      {"{\"a\" 1}", JsonFault::kSyntax, 5},
      {"{1:2}", JsonFault::kSyntax, 1},
      {"[1 2]", JsonFault::kSyntax, 3},
      {"tru", JsonFault::kSyntax, 0},
      {"NaN", JsonFault::kSyntax, 0},
      {"\"a\nb\"", JsonFault::kControlCharacter, 2},
      {"\"a\\x\"", JsonFault::kEscape, 2},
      {"\"\\u12g4\"", JsonFault::kEscape, 1},
      {"-", JsonFault::kNumber, 1},
      {"01", JsonFault::kNumber, 0},
      {"1.", JsonFault::kNumber, 2},
      {"1e", JsonFault::kNumber, 2},
      {"\"abc", JsonFault::kTruncated, 4},
      {"[1", JsonFault::kTruncated, 2},
      {"", JsonFault::kTruncated, 0},
      {"{\"a\":", JsonFault::kTruncated, 5},
      {"[}", JsonFault::kSyntax, 1},
      {"\"\\", JsonFault::kEscape, 1},
  };
  for (const Bad& one : bad) {
    INFO(one.text);
    const JsonEnd end = json_skip_value(one.text, 0);
    CHECK(std::string(to_string(end.fault)) == to_string(one.fault));
    CHECK(end.at == one.at);
  }
}

TEST_CASE("nesting is counted and stops at the limit, however long the bomb", "[base]") {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']');
  };
  CHECK(whole_value(nested(kJsonMaxDepth)));
  CHECK(json_skip_value(nested(kJsonMaxDepth + 1), 0).fault == JsonFault::kDepth);
  CHECK(json_skip_value(std::string(1000000, '['), 0).fault == JsonFault::kDepth);
  CHECK(json_skip_value(nested(3), 0, 2).fault == JsonFault::kDepth);
  std::string mixed = "1";
  for (int i = 0; i < kJsonMaxDepth; ++i) mixed = i % 2 == 0 ? "{\"k\": " + mixed + "}" : "[0, " + mixed + "]";
  CHECK(whole_value(mixed));
}

TEST_CASE("strings are written as Python's json.dumps writes them", "[base]") {
  const std::string text = std::string("q\" b\\ n\n r\r t\t b\b f\f z\0", 23) + " \x1f \x7f \xC3\xA9 \xF0\x9F\x98\x80 /";
  CHECK(as_json(text, JsonStyle::kAscii) ==
        "\"q\\\" b\\\\ n\\n r\\r t\\t b\\b f\\f z\\u0000 \\u001f \\u007f \\u00e9 \\ud83d\\ude00 /\"");
  CHECK(as_json(text, JsonStyle::kUtf8) ==
        "\"q\\\" b\\\\ n\\n r\\r t\\t b\\b f\\f z\\u0000 \\u001f \x7f \xC3\xA9 \xF0\x9F\x98\x80 /\"");
}

TEST_CASE("lone surrogates become U+FFFD and are reported; pairs are not", "[base]") {
  char out[64];
  for (const std::string_view lone : {"\\ud800", "\\udfff", "\\ud800\\ud800", "\\ud83dx", "\\ude00\\ud83d", "\\ud800\\u0041"}) {
    CHECK(json_decode_string(lone, out).lone_surrogate);
  }
  const JsonDecoded pair = json_decode_string("\\uD83D\\uDE00", out);
  CHECK_FALSE(pair.lone_surrogate);
  CHECK(std::string(out, pair.size) == "\xF0\x9F\x98\x80");
  CHECK(json_decode_string("a\\ud800z") == "a\xEF\xBF\xBDz");
}

TEST_CASE("the scanner and the decoder agree with nlohmann::json on random text", "[base][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng random(seed);
  const std::vector<std::string> parts = {"{",         "}",
                                          "[",         "]",
                                          ",",         ":",
                                          "\"a\"",     "\"k\\n\\u00e9\"",
                                          "1",         "-2.5e-3",
                                          "0",         "true",
                                          "false",     "null",
                                          " ",         "\"",
                                          "\\",        "\"x y z with more than sixteen bytes\"",
                                          "01",        "\\u",
                                          "\"\\/\\b\""};
  int valid = 0;
  for (int round = 0; round < 200000; ++round) {
    std::string text;
    const auto length = 1 + random() % 9;
    for (unsigned i = 0; i < length; ++i) text += parts[random() % parts.size()];
    const std::size_t begin = json_skip_space(text, 0);
    const JsonEnd end = json_skip_value(text, begin);
    const bool ours = end.fault == JsonFault::kNone && json_skip_space(text, end.at) == text.size();
    const auto oracle = nlohmann::json::parse(text, nullptr, false);
    REQUIRE(ours == !oracle.is_discarded());
    if (!ours) continue;
    ++valid;
    if (text[begin] == '"')
      CHECK(json_decode_string(std::string_view(text).substr(begin + 1, end.at - begin - 2)) == oracle.get<std::string>());
  }
  CHECK(valid > 1000);
}

TEST_CASE("decoding gives back what was written in either style, for random text", "[base][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng random(seed);
  for (int round = 0; round < 5000; ++round) {
    std::string text;
    for (auto i = random() % 40; i > 0; --i) {
      // 0x7f is left out: the oracle writes it as it is in ASCII style too, Python does not.
      auto c = random() % 3 != 0 ? random() % 0x7F : random() % 0xD800;
      if (c == 0x7F) c = 0x7E;
      char hex[16];
      std::snprintf(hex, sizeof hex, "\"\\u%04x\"", static_cast<unsigned>(c));
      text += nlohmann::json::parse(hex).get<std::string>();
    }
    for (const JsonStyle style : {JsonStyle::kAscii, JsonStyle::kUtf8}) {
      const std::string json = as_json(text, style);
      CHECK(json_decode_string(std::string_view(json).substr(1, json.size() - 2)) == text);
      CHECK(json == nlohmann::json(text).dump(-1, ' ', style == JsonStyle::kAscii));
    }
  }
}
