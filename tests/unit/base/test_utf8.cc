#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "unit/support/random.h"

using namespace cmem;
using namespace cmem::test;

namespace {

// The oracle: the encoding of every scalar value, written from the table of RFC 3629.
std::string encoded(std::uint32_t c) {
  const auto byte = [](std::uint32_t v) { return static_cast<char>(v); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xC0 + c / 64), byte(0x80 + c % 64)};
  if (c < 0x10000) return {byte(0xE0 + c / 4096), byte(0x80 + c / 64 % 64), byte(0x80 + c % 64)};
  return {byte(0xF0 + c / 262144), byte(0x80 + c / 4096 % 64), byte(0x80 + c / 64 % 64), byte(0x80 + c % 64)};
}

}  // namespace

TEST_CASE("every scalar value survives encoding and decoding", "[base]") {
  std::size_t wrong = 0;
  for (std::uint32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    char buffer[4];
    const std::string text(buffer, utf8_encode(c, buffer));
    std::size_t at = 0;
    const bool good = text == encoded(c) && utf8_first_error(text) == kUtf8Valid && utf8_decode(text, at) == c && at == text.size();
    wrong += good ? 0U : 1U;
  }
  CHECK(wrong == 0);
}

TEST_CASE("the first error stands where the bad sequence begins", "[base]") {
  const std::vector<std::string> bad = {
      "\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
      "\xFF", "\xC3",     "\xE2\x82", "\xF0\x9F\x98", "\xC3(",        "\xE2\x82(",        "\xF0\x9F\x98("};
  for (const std::string& sequence : bad) {
    CHECK(utf8_first_error("ab\xC3\xA9" + sequence) == 4);
    CHECK_FALSE(utf8_valid("ab\xC3\xA9" + sequence));
  }
  CHECK(utf8_first_error("plain") == kUtf8Valid);
  CHECK(utf8_first_error("") == kUtf8Valid);
}

TEST_CASE("the two validators agree on random bytes", "[base][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng random(seed);
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (int i = 0; i < 6; ++i)
      text += random() % 2 != 0 ? encoded(static_cast<std::uint32_t>(random() % 0xD800))
                                : std::string(1, static_cast<char>(random() % 256));
    CHECK(utf8_valid(text) == (utf8_first_error(text) == kUtf8Valid));
  }
}

TEST_CASE("truncation never cuts a code point in two", "[base]") {
  const std::string text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z";
  for (std::size_t max = 0; max <= text.size() + 1; ++max) {
    const std::string_view cut = utf8_truncate(text, max);
    CHECK(cut.size() <= max);
    CHECK(utf8_valid(cut));
    CHECK(cut.size() + 4 > std::min(max, text.size()));
  }
}
