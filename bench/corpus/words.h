// The synthetic vocabulary: common English function words first, then pronounceable invented words, with a Zipf distribution.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "corpus/rng.h"

namespace cmem::corpus {

// Draws an index with probability proportional to its integer weight, in constant time (Walker's alias method).
class AliasTable {
 public:
  explicit AliasTable(const std::vector<std::uint64_t>& weights);

  // Any uniform 64-bit number gives an index; the same number gives the same index.
  [[nodiscard]] std::uint32_t pick(std::uint64_t random) const noexcept {
    const auto slot = static_cast<std::uint32_t>(((random >> 32) * cells_.size()) >> 32);
    return static_cast<std::uint32_t>(random) < cells_[slot].threshold ? slot : cells_[slot].alias;
  }

 private:
  struct Cell {
    std::uint32_t threshold;  // of 2^32: below it the slot itself, else the alias
    std::uint32_t alias;
  };
  std::vector<Cell> cells_;
};

class Vocabulary {
 public:
  explicit Vocabulary(std::uint64_t seed);

  [[nodiscard]] std::string_view word(std::uint32_t index) const noexcept {
    return std::string_view(text_).substr(starts_[index], starts_[index + 1] - starts_[index]);
  }
  // By Zipf's law over the whole vocabulary.
  [[nodiscard]] std::uint32_t zipf_index(std::uint64_t random) const noexcept { return zipf_.pick(random); }
  // Uniform over the words from `first` on.
  [[nodiscard]] std::uint32_t tail_index(std::uint64_t random, std::uint32_t first) const noexcept {
    return first + static_cast<std::uint32_t>((random >> 32) * (starts_.size() - 1 - first) >> 32);
  }
  // One of the invented words, for names of files, functions and projects; a bounded set, so that names recur.
  [[nodiscard]] std::string name(Rng& rng) const;

 private:
  std::string text_;  // all words, end to end: half the memory of a vector of strings, and that decides the speed
  std::vector<std::uint32_t> starts_;
  AliasTable zipf_;
};

}  // namespace cmem::corpus
