// Finds numbers of a rising list.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace cmem {

// Finds a text's slot, its place in a list of texts: a bit for each text up to the last of them, and the number of bits before each
// word of those.
class SlotFinder {
 public:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  // `text_ids` rise.
  explicit SlotFinder(const std::vector<std::uint32_t>& text_ids) {
    if (text_ids.empty()) return;
    words_.resize(text_ids.back() / 64 + 1);
    for (const std::uint32_t id : text_ids) words_[id / 64].bits |= std::uint64_t{1} << (id % 64);
    std::uint32_t before = 0;
    for (Word& word : words_) {
      word.before = before;
      before += count_bits(word.bits);
    }
  }

  [[nodiscard]] bool contains(std::uint32_t text_id) const {
    return text_id / 64 < words_.size() && (words_[text_id / 64].bits >> (text_id % 64) & 1) != 0;
  }
  [[nodiscard]] std::size_t find(std::uint32_t text_id) const {
    if (!contains(text_id)) return kNone;
    const Word& word = words_[text_id / 64];
    return word.before + count_bits(word.bits & ((std::uint64_t{1} << (text_id % 64)) - 1));
  }

  // Calls visit(slot, text_id) for all, rising.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    std::size_t slot = 0;
    for (std::size_t word = 0; word < words_.size(); ++word)
      for (std::uint64_t left = words_[word].bits; left != 0; left &= left - 1)
        visit(slot++, static_cast<std::uint32_t>(word * 64) + static_cast<std::uint32_t>(std::countr_zero(left)));
  }

  [[nodiscard]] std::size_t memory_bytes() const { return words_.size() * sizeof(Word); }

 private:
  // Without a processor's own instruction, which a build for all x86-64 may not use, std::popcount is a call.
  static constexpr std::uint32_t count_bits(std::uint64_t bits) {
    bits -= bits >> 1 & 0x5555555555555555;
    bits = (bits & 0x3333333333333333) + (bits >> 2 & 0x3333333333333333);
    bits = (bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0F;
    return static_cast<std::uint32_t>(bits * 0x0101010101010101 >> 56);
  }
  struct Word {
    std::uint64_t bits = 0;
    std::uint32_t before = 0;
  };
  std::vector<Word> words_;
};

}  // namespace cmem
