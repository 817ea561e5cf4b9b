#include "search/visible_text.h"

#include <algorithm>
#include <cstdint>

#include "base/escape_sequence.h"
#include "base/utf8.h"

namespace cmem {
namespace {

constexpr char kEscape = '\x1b';

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
      at_ = escape_sequence_end(text_, at_);
      continue;
    }
    const std::size_t begin = at_;
    const std::size_t length = utf8_sequence_length(text_, begin);
    at_ += std::max<std::size_t>(length, 1);
    if (length == 0) continue;
    const std::string_view bytes = text_.substr(begin, length);
    std::size_t end = 0;
    const std::uint32_t point = utf8_decode(bytes, end);
    if (is_space_point(point)) {
      after_space = true;
    } else if (!is_control_point(point)) {
      return {bytes, begin, after_space};
    }
  }
  return {{}, text_.size(), after_space};
}

}  // namespace cmem
