#include "secrets/secret_finder.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace cmem {
namespace {

constexpr std::size_t kKeyBytes = 4;

std::uint32_t key_at(const char* bytes) {
  std::uint32_t key;
  std::memcpy(&key, bytes, sizeof key);
  return key;
}

bool is_letter(char c) { return is_in(c, kLower | kUpper); }

// All ways to write four bytes in upper and lower case.
template <typename Visit>
void for_each_case(std::string bytes, std::size_t from, const Visit& visit) {
  if (from == bytes.size()) return visit(bytes);
  for_each_case(bytes, from + 1, visit);
  if (!is_letter(bytes[from])) return;
  bytes[from] = static_cast<char>(bytes[from] ^ 0x20);
  for_each_case(bytes, from + 1, visit);
}

// Fills up to four bytes with whatever may follow an anchor that is shorter.
template <typename Visit>
void for_each_ending(const std::string& bytes, Alphabet alphabet, const Visit& visit) {
  if (bytes.size() == kKeyBytes) return visit(bytes);
  for (int c = 0x21; c < 0x7F; ++c)
    if (is_in(static_cast<char>(c), alphabet)) for_each_ending(bytes + static_cast<char>(c), alphabet, visit);
}

// Three digits in base64: how an id begins.
template <typename Visit>
void for_each_id_beginning(const Visit& visit) {
  for (const char a : std::string_view("MNO"))
    for (const char b : std::string_view("DTjz"))
      for (const char c : std::string_view("AEIMQUYcgk"))
        for (const char d : std::string_view("wxyz012345")) visit(std::string{a, b, c, d});
}

// What a redaction put there is no part of a secret, though its name may look like a password.
bool is_in_placeholder(std::string_view text, std::size_t at) {
  constexpr std::string_view kBegin = "[REDACTED:";
  constexpr std::size_t kMaxPlaceholder = 64;
  const std::size_t open = text.substr(0, at).rfind('[');
  if (open == std::string_view::npos || at - open > kMaxPlaceholder || !text.substr(open).starts_with(kBegin)) return false;
  return text.substr(open, kMaxPlaceholder).find(']') >= at - open;
}

bool has_anchor(std::string_view text, const SecretRule& rule) {
  const std::string_view there = text.substr(0, rule.anchor.size());
  if (!rule.any_case) return there == rule.anchor;
  return std::equal(there.begin(), there.end(), rule.anchor.begin(), rule.anchor.end(),
                    [](char a, char b) { return a == b || (is_letter(a) && (a ^ 0x20) == b); });
}

}  // namespace

SecretFinder::SecretFinder() : filter_((std::size_t{1} << kFilterBits) / 64), slots_(std::size_t{1} << kSlotBits) {
  add_token_rules(rules_);
  token_rules_ = rules_.size();
  add_text_rules(rules_);
  std::vector<std::pair<std::uint32_t, std::uint16_t>> keys;
  for (std::uint16_t rule = 0; rule < rules_.size(); ++rule) add_keys(rule, keys);
  std::sort(keys.begin(), keys.end());
  for (const auto& [key, rule] : keys) {
    std::size_t at = key * kMultiplier >> (32 - kSlotBits);
    while (slots_[at].count != 0 && slots_[at].key != key) at = (at + 1) % slots_.size();
    if (slots_[at].count == 0) slots_[at] = {key, static_cast<std::uint32_t>(chains_.size()), 0};
    ++slots_[at].count;
    chains_.push_back(rule);
    const std::uint32_t bit = key * kMultiplier >> (32 - kFilterBits);
    filter_[bit / 64] |= std::uint64_t{1} << (bit % 64);
  }
}

void SecretFinder::add_keys(std::uint16_t rule, std::vector<std::pair<std::uint32_t, std::uint16_t>>& keys) const {
  const auto add = [&](const std::string& bytes) { keys.emplace_back(key_at(bytes.data()), rule); };
  const SecretRule& known = rules_[rule];
  const std::string begin(known.anchor.substr(0, kKeyBytes));
  if (begin.empty()) return for_each_id_beginning(add);
  if (known.any_case) return for_each_case(begin, 0, add);
  // Behind "://" may stand anything of a user's name.
  const Alphabet next =
      known.alphabet == 0 ? static_cast<Alphabet>(kUrl | kDot | kPercent | kTilde | kEquals | kPlusSlash) : known.alphabet;
  for_each_ending(begin, next, add);
  if (begin == "://") add("://:");
}

const SecretFinder::Slot* SecretFinder::slot_of(std::uint32_t key) const {
  std::size_t at = key * kMultiplier >> (32 - kSlotBits);
  while (slots_[at].count != 0) {
    if (slots_[at].key == key) return &slots_[at];
    at = (at + 1) % slots_.size();
  }
  return nullptr;
}

std::optional<SecretMatch> SecretFinder::match_at(std::string_view text, std::size_t at, std::size_t floor, std::uint32_t key,
                                                  bool tokens_only) const {
  const Slot* const slot = slot_of(key);
  if (slot == nullptr) return std::nullopt;
  for (std::uint32_t i = slot->first; i < slot->first + slot->count; ++i) {
    const SecretRule& rule = rules_[chains_[i]];
    if (tokens_only && chains_[i] >= token_rules_ && rule.anchor != "eyJ") continue;
    if (!has_anchor(text.substr(at), rule)) continue;
    const auto match = rule.match({text, at, floor, this}, rule);
    if (match && !is_in_placeholder(text, match->begin)) return match;
  }
  return std::nullopt;
}

void SecretFinder::find(std::string_view text, std::vector<SecretMatch>& out) const {
  if (text.size() < kKeyBytes) return;
  std::size_t floor = 0;
  const std::size_t last = text.size() - kKeyBytes;
  for (std::size_t at = 0; at <= last; ++at) {
    const std::uint32_t key = key_at(text.data() + at);
    if (!may_begin(key)) continue;
    const auto match = match_at(text, at, floor, key, false);
    if (!match) continue;
    out.push_back(*match);
    floor = match->end;
    if (match->end > at) at = match->end - 1;
  }
}

bool SecretFinder::finds_token(std::string_view value) const {
  for (std::size_t at = 0; at + kKeyBytes <= value.size(); ++at) {
    const std::uint32_t key = key_at(value.data() + at);
    if (may_begin(key) && match_at(value, at, 0, key, true)) return true;
  }
  return false;
}

}  // namespace cmem
