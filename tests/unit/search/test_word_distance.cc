// The bit-parallel distance against the plain table, and the rule of what may be a typing error.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "search/word_distance.h"
#include "unit/support/random.h"

namespace cmem::test {
namespace {

using Letters = std::vector<std::uint32_t>;

std::string utf8_of(const Letters& letters) {
  std::string out;
  for (const std::uint32_t letter : letters) {
    char bytes[4];
    out.append(bytes, utf8_encode(letter, bytes));
  }
  return out;
}

unsigned plain_distance(const Letters& a, const Letters& b) {
  std::vector<std::vector<unsigned>> table(a.size() + 1, std::vector<unsigned>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t k = 0; k <= b.size(); ++k) {
      if (i == 0 || k == 0) {
        table[i][k] = static_cast<unsigned>(i + k);
        continue;
      }
      table[i][k] = std::min({table[i - 1][k] + 1, table[i][k - 1] + 1, table[i - 1][k - 1] + (a[i - 1] == b[k - 1] ? 0 : 1)});
      if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
        table[i][k] = std::min(table[i][k], table[i - 2][k - 2] + 1);
    }
  }
  return table[a.size()][b.size()];
}

class WordMaker {
 public:
  explicit WordMaker(Rng& rng) : rng_(rng) {}
  Letters make(std::size_t longest) {
    Letters letters(1 + rng_() % longest);
    for (std::uint32_t& letter : letters) letter = any();
    return letters;
  }
  Letters edit(Letters letters) {
    for (std::size_t edits = rng_() % 5; edits > 0 && letters.size() > 1; --edits) {
      const auto at = static_cast<std::ptrdiff_t>(rng_() % letters.size());
      switch (rng_() % 4) {
        case 0:
          letters.insert(letters.begin() + at, any());
          break;
        case 1:
          letters.erase(letters.begin() + at);
          break;
        case 2:
          letters[static_cast<std::size_t>(at)] = any();
          break;
        default:
          std::swap(letters[static_cast<std::size_t>(at)], letters[(static_cast<std::size_t>(at) + 1) % letters.size()]);
      }
    }
    return letters;
  }

 private:
  // Few letters, so that words often meet; of one to four bytes.
  std::uint32_t any() {
    const Letters alphabet{'a', 'b', 'c', 'd', 0xFC, 0xDF, 0x4E2D, 0x1F600};
    return alphabet[rng_() % alphabet.size()];
  }
  Rng& rng_;
};

TEST_CASE("the distance of two words is that of the plain table, up to the limit", "[search][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  WordMaker words(rng);
  for (int round = 0; round < 20000; ++round) {
    const Letters a = words.make(round % 10 == 0 ? 64 : 12);
    const Letters b = round % 3 == 0 ? words.make(12) : words.edit(a);
    const unsigned expected = plain_distance(a, b);
    const WordDistance distance(utf8_of(a));
    INFO(utf8_of(a) << " and " << utf8_of(b));
    for (const unsigned limit : {0U, 1U, 2U, 3U, 200U}) {
      const auto found = distance.within(utf8_of(b), limit);
      REQUIRE(found.has_value() == (expected <= limit));
      if (found) REQUIRE(*found == expected);
    }
  }
}

TEST_CASE("a swap of neighbours is one typing error, and each letter is edited once", "[search]") {
  CHECK(WordDistance("server").within("sevrer", 2) == 1U);
  CHECK(WordDistance("ca").within("abc", 9) == 3U);  // 2 if the swapped letters could be edited again
  CHECK(WordDistance("größe").within("grösse", 9) == 2U);
  CHECK(WordDistance("word").within("word", 0) == 0U);
  CHECK(WordDistance("word").within("", 9) == 4U);
}

TEST_CASE("words that are empty or too long have no distance", "[search]") {
  CHECK_FALSE(WordDistance("").within("", 9).has_value());
  CHECK_FALSE(WordDistance(std::string(65, 'a')).within(std::string(65, 'a'), 99).has_value());
  CHECK(WordDistance(std::string(64, 'a')).within(std::string(70, 'a'), 99) == 6U);
}

TEST_CASE("bytes that are not UTF-8 are characters of their own", "[search]") {
  CHECK(WordDistance("a\xff"
                     "b")
            .within("a\xfe"
                    "b",
                    9) == 1U);
  CHECK(WordDistance("a\xff"
                     "b")
            .within("a\xff"
                    "b",
                    9) == 0U);
  CHECK(count_characters("\xe4\xb8") == 2);
}

TEST_CASE("short words, ids and hashes have no typing errors", "[search]") {
  CHECK(allowed_typos("hook") == 0);
  CHECK(allowed_typos("hooks") == 1);
  CHECK(allowed_typos("straßen") == 1);
  CHECK(allowed_typos("database") == 1);
  CHECK(allowed_typos("databases") == 2);
  CHECK(allowed_typos("utf8proc") == 0);
  CHECK(allowed_typos("deadbeef") == 0);
  CHECK(allowed_typos("effaced") == 1);  // seven: a word that happens to have no other letters
  CHECK(allowed_typos("öäüß") == 0);     // four characters in eight bytes
}

}  // namespace
}  // namespace cmem::test
