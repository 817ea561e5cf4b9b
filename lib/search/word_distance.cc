#include "search/word_distance.h"

#include <algorithm>

#include "base/utf8.h"

namespace cmem {
namespace {

constexpr std::size_t kOneTypoFrom = 5;
constexpr std::size_t kTwoTyposFrom = 9;
constexpr std::size_t kHexFrom = 8;

// Takes the character at `at`. Bytes that are none get values beyond Unicode, so that they equal themselves alone.
std::uint32_t next_character(std::string_view word, std::size_t& at) {
  const auto byte = static_cast<unsigned char>(word[at]);
  if (byte >= 0x80) {
    if (utf8_sequence_length(word, at) != 0) return utf8_decode(word, at);
    ++at;
    return 0x110000U + byte;
  }
  ++at;
  return byte;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

WordDistance::WordDistance(std::string_view word) {
  const std::size_t size = count_characters(word);
  if (size > kMaxCodePoints) return;
  size_ = size;
  std::uint64_t bit = 1;
  for (std::size_t at = 0; at < word.size(); bit <<= 1U) {
    const std::uint32_t character = next_character(word, at);
    if (character < ascii_places_.size()) {
      ascii_places_[character] |= bit;
      continue;
    }
    const auto known = std::ranges::find(other_places_, character, &std::pair<std::uint32_t, std::uint64_t>::first);
    if (known != other_places_.end()) {
      known->second |= bit;
    } else {
      other_places_.emplace_back(character, bit);
    }
  }
}

std::uint64_t WordDistance::places_of(std::uint32_t code_point) const {
  if (code_point < ascii_places_.size()) return ascii_places_[code_point];
  for (const auto& [known, places] : other_places_)
    if (known == code_point) return places;
  return 0;
}

std::optional<unsigned> WordDistance::within(std::string_view other, unsigned limit) const {
  const std::size_t columns = count_characters(other);
  const std::size_t difference = std::max(size_, columns) - std::min(size_, columns);
  if (size_ == 0 || difference > limit) return std::nullopt;
  const std::uint64_t last_row = std::uint64_t{1} << (size_ - 1);
  std::uint64_t rises = ~std::uint64_t{0};  // rows where the table's column rises by one (VP), falls (VN)
  std::uint64_t falls = 0;
  std::uint64_t diagonal_zero = 0;  // rows that equal their left upper neighbour (D0)
  std::uint64_t places_before = 0;
  std::size_t distance = size_;
  std::size_t left = columns;
  for (std::size_t at = 0; at < other.size();) {
    const std::uint64_t places = places_of(next_character(other, at));
    const std::uint64_t swapped = ((~diagonal_zero & places) << 1U) & places_before;
    diagonal_zero = (((places & rises) + rises) ^ rises) | places | falls | swapped;
    std::uint64_t row_rises = falls | ~(diagonal_zero | rises);
    std::uint64_t row_falls = diagonal_zero & rises;
    distance += (row_rises & last_row) != 0 ? 1 : 0;
    distance -= (row_falls & last_row) != 0 ? 1 : 0;
    // Each column that is left can take one off at most.
    if (distance > limit + --left) return std::nullopt;
    row_rises = row_rises << 1U | 1U;
    row_falls <<= 1U;
    rises = row_falls | ~(diagonal_zero | row_rises);
    falls = row_rises & diagonal_zero;
    places_before = places;
  }
  return static_cast<unsigned>(distance);
}

std::size_t count_characters(std::string_view word) {
  unsigned seen = 0;
  for (const char byte : word) seen |= static_cast<unsigned char>(byte);
  if (seen < 0x80) return word.size();  // nearly always
  std::size_t count = 0;
  for (std::size_t at = 0; at < word.size(); ++count) next_character(word, at);
  return count;
}

bool is_id(std::string_view word) {
  if (std::ranges::any_of(word, is_digit)) return true;
  return word.size() >= kHexFrom && std::ranges::all_of(word, [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'f'; });
}

unsigned allowed_typos(std::string_view word) {
  const std::size_t size = count_characters(word);
  if (size < kOneTypoFrom || is_id(word)) return 0;
  return size < kTwoTyposFrom ? 1 : 2;
}

}  // namespace cmem
