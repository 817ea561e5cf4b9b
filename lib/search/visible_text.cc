#include "search/visible_text.h"

#include <algorithm>
#include <cstdint>

namespace cmem {
namespace {

// A string sequence (a window title, say) that is not closed within so many bytes is taken for text after its introducer.
constexpr std::size_t kMaxEscapeStringBytes = 256;

constexpr char kEscape = '\x1b';
constexpr char kBell = '\x07';

bool in_range(char c, char low, char high) { return c >= low && c <= high; }

std::size_t skip_range(std::string_view text, std::size_t at, char low, char high) {
  while (at < text.size() && in_range(text[at], low, high)) ++at;
  return at;
}

// The end of `ESC ] … BEL` or `ESC ] … ESC \`; the text begins after the introducer.
std::size_t escape_string_end(std::string_view text, std::size_t begin) {
  const std::size_t limit = std::min(text.size(), begin + kMaxEscapeStringBytes);
  for (std::size_t at = begin; at < limit && text[at] != '\n'; ++at) {
    if (text[at] == kBell) return at + 1;
    if (text[at] == kEscape) return at + 1 < text.size() && text[at + 1] == '\\' ? at + 2 : at;
  }
  return begin;
}

// The end of the escape sequence (ECMA-48) whose ESC stands at text[at].
std::size_t escape_end(std::string_view text, std::size_t at) {
  const std::size_t next = at + 1;
  if (next >= text.size()) return next;
  const char kind = text[next];
  if (kind == '[') {
    std::size_t end = skip_range(text, next + 1, '\x30', '\x3f');
    end = skip_range(text, end, '\x20', '\x2f');
    return end < text.size() && in_range(text[end], '\x40', '\x7e') ? end + 1 : end;
  }
  if (std::string_view("]PX^_").find(kind) != std::string_view::npos) return escape_string_end(text, next + 1);
  const std::size_t end = skip_range(text, next, '\x20', '\x2f');
  return end < text.size() && in_range(text[end], '\x30', '\x7e') ? end + 1 : end;
}

// Bytes of the valid UTF-8 code point at text[at], or 0.
std::size_t utf8_length_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(at);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() - at < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_utf8_continuation(text[at + i])) return 0;
  }
  const unsigned second = byte(at + 1);
  const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  const bool no_scalar = (lead == 0xED && second > 0x9F) || (lead == 0xF4 && second > 0x8F);
  return overlong || no_scalar ? 0 : length;
}

std::uint32_t code_point(std::string_view bytes) {
  const auto lead = static_cast<unsigned char>(bytes[0]);
  if (bytes.size() == 1) return lead;
  std::uint32_t value = lead & (0x7FU >> bytes.size());
  for (const char c : bytes.substr(1)) value = value << 6 | (static_cast<unsigned char>(c) & 0x3FU);
  return value;
}

bool is_space_point(std::uint32_t c) { return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0x2028 || c == 0x2029; }

// C0, DEL, C1, and what turns the direction of text around.
bool is_control_point(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069);
}

}  // namespace

VisibleText::Glyph VisibleText::next() {
  bool after_space = false;
  while (at_ < text_.size()) {
    if (text_[at_] == kEscape) {
      at_ = escape_end(text_, at_);
      continue;
    }
    const std::size_t begin = at_;
    const std::size_t length = utf8_length_at(text_, begin);
    at_ += std::max<std::size_t>(length, 1);
    if (length == 0) continue;
    const std::string_view bytes = text_.substr(begin, length);
    const std::uint32_t point = code_point(bytes);
    if (is_space_point(point)) {
      after_space = true;
    } else if (!is_control_point(point)) {
      return {bytes, begin, after_space};
    }
  }
  return {{}, text_.size(), after_space};
}

}  // namespace cmem
