// One term of a query in the words of a text.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "search/query_language.h"

namespace cmem {

// Finds one term in the words of a text: for all places in the term at once, a bit each, whether the last positions of the text
// are the term up to there (Baeza-Yates and Gonnet, "A new approach to text searching", 1992). Several words may stand at one
// position, and a position of the term that has no word of its own fits any. The work for a word of the text is a look-up and a bit
// for each position of the term, however often that repeats itself.
class TermFinder {
 public:
  explicit TermFinder(const QueryTerm& term) : term_(&term), size_(term.parts.back().offset + 1), any_(blocks(), 0) {
    for (std::size_t position = 0; position < size_; ++position) set(any_, position);
    for (const QueryTerm::Part& part : term.parts) clear(any_, part.offset);
    for (std::size_t i = 0; i + 1 < term.parts.size(); ++i) {
      auto place = std::ranges::find(words_, term.parts[i].word, &WordPlaces::word);
      if (place == words_.end()) place = words_.insert(place, {term.parts[i].word, Row(blocks(), 0)});
      set(place->places, term.parts[i].offset);
    }
    std::ranges::sort(words_, {}, &WordPlaces::word);
    before_ = now_ = Row(blocks(), 0);
  }

  // How many positions it takes.
  [[nodiscard]] std::size_t size() const { return size_; }

  // A camelCase word in one piece.
  [[nodiscard]] bool is_whole(std::string_view word) const { return !term_->whole.empty() && fits(word, term_->whole); }

  // Before the first word of a text.
  void start() { std::ranges::fill(now_, 0); }

  // True if the last words may be the begin of the term; else any words but its first leave it as it is.
  [[nodiscard]] bool is_inside() const {
    return size_ > 1 && std::ranges::any_of(now_, [](Bits bits) { return bits != 0; });
  }

  // True if the term ends with this word; `first`: the one before stood at another position.
  bool feed(std::string_view word, bool first) {
    if (size_ == 1) return fits(word, term_->parts.back().word);
    if (first) {
      std::swap(before_, now_);
      std::ranges::fill(now_, 0);
    }
    const Row* const places = find(word);
    const bool last = fits(word, term_->parts.back().word);
    bool carry = true;  // the term may begin at any position
    for (std::size_t i = 0; i < before_.size(); ++i) {
      const Bits shifted = before_[i] << 1 | (carry ? 1 : 0);
      carry = before_[i] >> (kBits - 1) != 0;
      now_[i] |= shifted & (any_[i] | (places != nullptr ? (*places)[i] : 0) | (last ? last_bit(i) : 0));
    }
    return last && (now_.back() & last_bit(blocks() - 1)) != 0;
  }

 private:
  using Bits = std::uint64_t;
  using Row = std::vector<Bits>;  // a bit for each position of the term
  struct WordPlaces {
    std::string_view word;
    Row places;
  };
  static constexpr std::size_t kBits = 64;

  [[nodiscard]] std::size_t blocks() const { return (size_ + kBits - 1) / kBits; }
  [[nodiscard]] Bits last_bit(std::size_t block) const { return block + 1 == blocks() ? Bits{1} << ((size_ - 1) % kBits) : 0; }
  static void set(Row& row, std::size_t position) { row[position / kBits] |= Bits{1} << (position % kBits); }
  static void clear(Row& row, std::size_t position) { row[position / kBits] &= ~(Bits{1} << (position % kBits)); }
  [[nodiscard]] const Row* find(std::string_view word) const {
    const auto found = std::ranges::lower_bound(words_, word, {}, &WordPlaces::word);
    return found != words_.end() && found->word == word ? &found->places : nullptr;
  }
  [[nodiscard]] bool fits(std::string_view word, const std::string& wanted) const {
    return term_->prefix ? word.starts_with(wanted) : word == wanted;
  }

  const QueryTerm* term_;
  std::size_t size_;
  Row any_;                        // positions without a word
  std::vector<WordPlaces> words_;  // all but the last, which may be a prefix, by word
  Row before_;                     // at the position before
  Row now_;                        // at this one
};

}  // namespace cmem
