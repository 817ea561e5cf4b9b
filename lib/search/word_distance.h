// How many typing errors lie between two words: the optimal string alignment distance over code points. Inserting, deleting or
// replacing one, or swapping two neighbours, counts 1; no part of a word is edited twice.
//
// Bit-parallel, one column of the table a step: Hyyrö, "A bit-vector algorithm for computing Levenshtein and Damerau edit
// distances", Nordic Journal of Computing 10 (2003). Some 30 ns for a word of a vocabulary.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace cmem {

// Compares one word with many. Immutable, so any number of threads may use it.
class WordDistance {
 public:
  static constexpr std::size_t kMaxCodePoints = 64;

  // A word of more than kMaxCodePoints, or an empty one, has no distance to any. Words of the index are never longer.
  explicit WordDistance(std::string_view word);

  // The distance to `other` if it is at most `limit`. Bytes that are not UTF-8 count as a character each.
  [[nodiscard]] std::optional<unsigned> within(std::string_view other, unsigned limit) const;

 private:
  [[nodiscard]] std::uint64_t places_of(std::uint32_t code_point) const;

  std::size_t size_ = 0;  // in code points
  // Bit i of a character's places is set if it is the word's i-th.
  std::array<std::uint64_t, 128> ascii_places_{};
  std::vector<std::pair<std::uint32_t, std::uint64_t>> other_places_;
};

// Code points of a word; bytes that are not UTF-8 count as one each.
[[nodiscard]] std::size_t count_characters(std::string_view word);

// Ids and hashes: a word with a digit, or 8 and more characters that are all hex digits. Nobody mistypes them by one letter;
// another letter is another thing.
[[nodiscard]] bool is_id(std::string_view word);

// Typing errors that a word of a query may have: one from 5 characters, two from 9, none in an id. The first one is always right.
[[nodiscard]] unsigned allowed_typos(std::string_view word);

}  // namespace cmem
