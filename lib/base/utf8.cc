#include "base/utf8.h"

#include <simdjson.h>

namespace cmem {
namespace {

unsigned char at_byte(std::string_view bytes, std::size_t i) noexcept { return static_cast<unsigned char>(bytes[i]); }

}  // namespace

std::size_t utf8_sequence_length(std::string_view bytes, std::size_t at) noexcept {
  const unsigned char first = at_byte(bytes, at);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (bytes.size() - at < length) return 0;
  const unsigned char second = at_byte(bytes, at + 1);
  const unsigned char lowest = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned char highest = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (second < lowest || second > highest) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((at_byte(bytes, at + i) & 0xC0U) != 0x80U) return 0;
  }
  return length;
}

bool utf8_valid(std::string_view bytes) noexcept { return simdjson::validate_utf8(bytes.data(), bytes.size()); }

std::size_t utf8_first_error(std::string_view bytes) noexcept {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::size_t length = utf8_sequence_length(bytes, at);
    if (length == 0) return at;
    at += length;
  }
  return kUtf8Valid;
}

std::size_t utf8_encode(std::uint32_t code_point, char* out) noexcept {
  const auto continuation = [code_point](unsigned shift) { return static_cast<char>(0x80U | ((code_point >> shift) & 0x3FU)); };
  if (code_point < 0x80) {
    out[0] = static_cast<char>(code_point);
    return 1;
  }
  if (code_point < 0x800) {
    out[0] = static_cast<char>(0xC0U | (code_point >> 6U));
    out[1] = continuation(0);
    return 2;
  }
  if (code_point < 0x10000) {
    out[0] = static_cast<char>(0xE0U | (code_point >> 12U));
    out[1] = continuation(6);
    out[2] = continuation(0);
    return 3;
  }
  out[0] = static_cast<char>(0xF0U | (code_point >> 18U));
  out[1] = continuation(12);
  out[2] = continuation(6);
  out[3] = continuation(0);
  return 4;
}

std::uint32_t utf8_decode(std::string_view valid, std::size_t& at) noexcept {
  const unsigned char first = at_byte(valid, at++);
  if (first < 0x80) return first;
  const int more = first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
  std::uint32_t code_point = first & (0x3FU >> static_cast<unsigned>(more));
  for (int i = 0; i < more; ++i) code_point = (code_point << 6U) | (at_byte(valid, at++) & 0x3FU);
  return code_point;
}

std::string_view utf8_truncate(std::string_view valid, std::size_t max_bytes) noexcept {
  if (valid.size() <= max_bytes) return valid;
  std::size_t end = max_bytes;
  while (end > 0 && (at_byte(valid, end) & 0xC0U) == 0x80U) --end;
  return valid.substr(0, end);
}

}  // namespace cmem
