#include "search/visible_text.h"

#include <algorithm>
#include <cstdint>

#include "base/escape_sequence.h"
#include "base/utf8.h"

namespace cmem {
namespace {

constexpr char kEscape = '\x1b';
constexpr std::size_t kMaxRunBytes = 64;  // more may be more than is wanted

bool is_space_point(std::uint32_t c) { return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0x2028 || c == 0x2029; }

// C0, DEL, C1, and what turns the direction of text around.
bool is_control_point(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069);
}

}  // namespace

VisibleText::Run VisibleText::next(std::size_t until) {
  bool after_space = false;
  while (at_ < text_.size()) {
    const std::size_t begin = at_;
    const char c = text_[begin];
    if (c == ' ') {
      after_space = true;
      ++at_;
    } else if (is_ascii_alnum(c)) {
      const std::size_t limit = std::min({until, text_.size(), begin + kMaxRunBytes});
      do {
        ++at_;
      } while (at_ < limit && is_ascii_alnum(text_[at_]));
      return {text_.substr(begin, at_ - begin), begin, after_space};
    } else if (is_ascii_punctuation(c)) {
      ++at_;
      return {text_.substr(begin, 1), begin, after_space};
    } else if (c == kEscape) {
      at_ = escape_sequence_end(text_, begin);
    } else if (const std::size_t length = utf8_sequence_length(text_, begin); length == 0) {
      ++at_;
    } else {
      const std::uint32_t point = utf8_decode(text_, at_);
      after_space = after_space || is_space_point(point);
      if (!is_space_point(point) && !is_control_point(point)) return {text_.substr(begin, length), begin, after_space};
    }
  }
  return {{}, text_.size(), after_space};
}

}  // namespace cmem
