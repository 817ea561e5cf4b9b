// How each kind is told: a few fixed bytes, the anchor, and what has to stand around it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "secrets/secret_chars.h"

namespace cmem {

struct SecretMatch {
  std::size_t begin = 0;  // of the secret itself, without what names it
  std::size_t end = 0;
  std::uint8_t kind = 0;  // index of secret_kinds()
};

class SecretFinder;

// An anchor that was met.
struct AnchorPlace {
  std::string_view text;
  std::size_t at = 0;     // of the anchor
  std::size_t floor = 0;  // nothing before it may be part of a match
  const SecretFinder* finder = nullptr;
};

struct SecretRule;
using SecretMatcher = std::optional<SecretMatch> (*)(const AnchorPlace& place, const SecretRule& rule);

// What the characters of a token have to be like, beside the alphabet.
enum class TokenCheck : std::uint8_t { kNone, kDigit, kMixed };  // kMixed: lower and upper case and a digit

struct SecretRule {
  std::string_view anchor;  // 3 bytes at least, or 2 before hex digits
  std::uint8_t kind = 0;
  SecretMatcher match = nullptr;
  // Of tokens: what follows the anchor.
  Alphabet alphabet = 0;
  std::uint16_t min = 0;
  std::uint16_t max = 0;
  TokenCheck check = TokenCheck::kNone;
  bool any_case = false;  // of the anchor
};

inline constexpr std::uint16_t kNoMax = 0xFFFF;

// Rules with the same anchor are asked in order. The rule with an empty anchor is that of Discord's tokens.
void add_token_rules(std::vector<SecretRule>& rules);
void add_text_rules(std::vector<SecretRule>& rules);

// Whether a token may begin there: behind a letter or digit it would be a part of something else, unless that is the end of an
// escape (\n, \u001b, %3D, a colour).
bool starts_at(std::string_view text, std::size_t at, std::size_t floor);

std::optional<SecretMatch> match_assignment(const AnchorPlace& place, const SecretRule& rule);
std::optional<SecretMatch> match_key_block(const AnchorPlace& place, const SecretRule& rule);
std::optional<SecretMatch> match_key_block_end(const AnchorPlace& place, const SecretRule& rule);

}  // namespace cmem
