#include "source/line_fields.h"

#include <charconv>
#include <cstring>

#include "base/hash.h"
#include "base/varint.h"

namespace cmem {
namespace {

constexpr std::string_view kLineMark = ":line-";
constexpr std::size_t kUuidBytes = 36;

bool is_uuid(std::string_view text) noexcept {
  for (std::size_t i = 0; i < kUuidBytes; ++i) {
    const char c = text[i];
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

}  // namespace

std::string_view last_component(std::string_view origin) noexcept {
  const void* slash = ::memrchr(origin.data(), '/', origin.size());
  if (slash == nullptr) return origin;
  return origin.substr(static_cast<std::size_t>(static_cast<const char*>(slash) - origin.data()) + 1);
}

std::string compose_source(std::string_view origin, std::int64_t position) {
  std::string source(origin);
  if (position < 1) return source;
  source += kLineMark;
  return source += std::to_string(position);
}

std::string_view split_source(std::string_view source, std::int64_t& position) noexcept {
  position = 0;
  std::size_t digits = source.size();
  while (digits > 0 && source[digits - 1] >= '0' && source[digits - 1] <= '9') --digits;
  const std::string_view number = source.substr(digits);
  if (number.empty() || number[0] == '0' || !source.substr(0, digits).ends_with(kLineMark)) return source;
  std::int64_t line = 0;
  if (std::from_chars(number.data(), number.data() + number.size(), line).ec != std::errc{}) return source;
  position = line;
  return source.substr(0, digits - kLineMark.size());
}

std::string_view uuid_in(std::string_view text) noexcept {
  for (std::size_t at = 0; at + kUuidBytes <= text.size(); ++at) {
    if (is_uuid(text.substr(at, kUuidBytes))) return text.substr(at, kUuidBytes);
  }
  return {};
}

std::int64_t fingerprint(std::string_view identity) noexcept {
  const std::uint64_t hash = xxh3_64(identity) & 0x7FFFFFFFFFFFFFFFU;
  return hash == 0 ? -1 : -static_cast<std::int64_t>(hash);
}

void append_identity(std::string& identity, std::string_view part) {
  put_varint(identity, part.size());
  identity += part;
}

void append_message_json(std::string& out, std::string_view content, std::string_view role) {
  out += "{\"content\": ";
  json_append_string(out, content, JsonStyle::kAscii);
  out += ", \"role\": ";
  json_append_string(out, role, JsonStyle::kAscii);
  out += '}';
}

}  // namespace cmem
