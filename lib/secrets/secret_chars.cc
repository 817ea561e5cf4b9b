#include "secrets/secret_chars.h"

#include <algorithm>
#include <cmath>

namespace cmem {
namespace {

constexpr std::size_t kFewDistinct = 4;

char fold(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

constexpr std::array<std::string_view, 17> kPlaceholderParts{
    "example", "changeme", "change_me", "change-me", "placeholder", "redacted", "your", "xxxx", "****",
    "dummy",   "sample",   "insert",    "${",        "$(",          "{{",       "<",    "..."};
constexpr std::array<std::string_view, 27> kPlaceholders{
    "password", "passwd", "pass",   "pwd",      "pw",        "secret", "token",  "test",  "none",
    "null",     "nil",    "true",   "false",    "undefined", "string", "number", "empty", "required",
    "optional", "masked", "hidden", "username", "user",      "root",   "admin",  "guest", "foobar"};

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  return c == '/' || c == '_' ? 63 : -1;
}

}  // namespace

std::size_t distinct_bytes(std::string_view text) {
  std::array<bool, 256> seen{};
  std::size_t count = 0;
  for (const char c : text) {
    bool& known = seen[static_cast<unsigned char>(c)];
    count += known ? 0 : 1;
    known = true;
  }
  return count;
}

double entropy(std::string_view text) {
  std::array<unsigned, 256> counts{};
  for (const char c : text) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  for (const unsigned count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(text.size());
    bits -= share * std::log2(share);
  }
  return bits;
}

bool equals_folded(std::string_view text, std::string_view word) {
  return std::equal(text.begin(), text.end(), word.begin(), word.end(), [](char a, char b) { return fold(a) == b; });
}

bool contains_folded(std::string_view text, std::string_view word) {
  return std::search(text.begin(), text.end(), word.begin(), word.end(), [](char a, char b) { return fold(a) == b; }) != text.end();
}

bool is_placeholder(std::string_view value) {
  if (value.empty() || distinct_bytes(value) <= std::min(kFewDistinct, value.size() / 2)) return true;
  if (value.front() == '$' || value.front() == '%' || value.front() == '{') return true;
  return std::any_of(kPlaceholders.begin(), kPlaceholders.end(),
                     [&](std::string_view word) { return equals_folded(value, word); }) ||
         std::any_of(kPlaceholderParts.begin(), kPlaceholderParts.end(),
                     [&](std::string_view word) { return contains_folded(value, word); });
}

std::size_t decode_base64(std::string_view text, char* out, std::size_t room) {
  std::size_t size = 0;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    const int value = base64_value(c);
    if (value < 0) return c == '=' ? size : 0;
    bits = bits << 6 | static_cast<unsigned>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    if (size == room) return size;
    out[size++] = static_cast<char>(bits >> count & 0xFF);
  }
  return size;
}

}  // namespace cmem
