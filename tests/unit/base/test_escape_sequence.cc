#include <catch2/catch.hpp>
#include <string>

#include "base/escape_sequence.h"
#include "unit/support/random.h"

namespace cmem {
namespace {

using namespace test;

TEST_CASE("an escape sequence ends where ECMA-48 says", "[base]") {
  struct Case {
    std::string text;
    std::string rest;
  };
  const std::string title(300, 't');
  for (const Case& one : std::initializer_list<Case>{{"\x1b[31mred", "red"},
                                                     {"\x1b[1;38;5;42mx", "x"},
                                                     {"\x1b[?25lx", "x"},
                                                     {"\x1b[2 qx", "x"},
                                                     {"\x1b[", ""},
                                                     {"\x1b[12", ""},
                                                     {"\x1b[12\nx", "\nx"},
                                                     {"\x1b]0;title\x07x", "x"},
                                                     {"\x1b]8;;http://y\x1b\\x", "x"},
                                                     {"\x1bPq\x1b\\x", "x"},
                                                     {"\x1b]0;no end", "0;no end"},
                                                     {"\x1b]0;a line\nx\x07", "0;a line\nx\x07"},
                                                     {"\x1b]" + title + "\x07", title + "\x07"},
                                                     {"\x1b]ab\x1b[mx", "\x1b[mx"},
                                                     {"\x1b(Bx", "x"},
                                                     {"\x1b" "7x", "x"},
                                                     {"\x1b" "cx", "x"},
                                                     {"\x1b\nx", "\nx"},
                                                     {"\x1b\x1b[mx", "\x1b[mx"},
                                                     {"\x1b", ""}}) {
    INFO(one.text.substr(1));
    CHECK(one.text.substr(escape_sequence_end(one.text, 0)) == one.rest);
    CHECK(escape_sequence_end("ab" + one.text, 2) == 2 + escape_sequence_end(one.text, 0));
  }
}

TEST_CASE("the end of any escape sequence lies behind its begin and inside the text", "[base][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng random(seed);
  for (int i = 0; i < 20'000; ++i) {
    std::string text = "\x1b";
    for (std::size_t n = random() % 20; n > 0; --n) text += random() % 2 == 0 ? "[]P^_;m\x07\x1b\\ (1"[random() % 13] : static_cast<char>(random());
    const std::size_t end = escape_sequence_end(text, 0);
    if (end == 0 || end > text.size()) FAIL("seed " << seed << ": " << text.substr(1));
  }
}

}  // namespace
}  // namespace cmem
