#include "base/escape_sequence.h"

#include <algorithm>

namespace cmem {
namespace {

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

}  // namespace

std::size_t escape_sequence_end(std::string_view text, std::size_t at) noexcept {
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

}  // namespace cmem
