// Finds secrets in text: one pass that looks four bytes up in a table, and at the places where a rule's anchor stands asks the
// rule. Works on plain text and on JSON as it is written, escapes included.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "secrets/secret_rules.h"

namespace cmem {

// Immutable after it is made: any number of threads may use one.
class SecretFinder {
 public:
  SecretFinder();

  // Appends the matches in `text` to `out`, in order; none overlaps another.
  void find(std::string_view text, std::vector<SecretMatch>& out) const;
  // Whether `value` holds a token that says by itself what it is.
  [[nodiscard]] bool finds_token(std::string_view value) const;

 private:
  static constexpr unsigned kFilterBits = 17;
  static constexpr unsigned kSlotBits = 14;
  // The rules whose anchors begin with these four bytes.
  struct Slot {
    std::uint32_t key = 0;
    std::uint32_t first = 0;  // in chains_
    std::uint32_t count = 0;  // 0: free
  };

  void add_keys(std::uint16_t rule, std::vector<std::pair<std::uint32_t, std::uint16_t>>& keys) const;
  [[nodiscard]] const Slot* slot_of(std::uint32_t key) const;
  [[nodiscard]] bool may_begin(std::uint32_t key) const {
    const std::uint32_t bit = key * kMultiplier >> (32 - kFilterBits);
    return (filter_[bit / 64] >> (bit % 64) & 1) != 0;
  }
  [[nodiscard]] std::optional<SecretMatch> match_at(std::string_view text, std::size_t at, std::size_t floor, std::uint32_t key,
                                                    bool tokens_only) const;

  static constexpr std::uint32_t kMultiplier = 0x9E3779B1;
  std::vector<SecretRule> rules_;
  std::size_t token_rules_ = 0;  // how many of the rules are tokens'; they are first
  std::vector<std::uint64_t> filter_;
  std::vector<Slot> slots_;
  std::vector<std::uint16_t> chains_;
};

}  // namespace cmem
