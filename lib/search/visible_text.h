// A text as it may go to a terminal: without control characters, escape sequences, text direction overrides and invalid UTF-8.
#pragma once
#include <cstddef>
#include <string_view>

namespace cmem {

// Walks over a text. `text` must live as long as the walk.
class VisibleText {
 public:
  struct Run {
    std::string_view bytes;    // one code point, or several letters and digits of ASCII; empty at the end of the text
    std::size_t at = 0;        // where it stands in the text
    bool after_space = false;  // white space stands between it and the run before, or the begin of the walk
  };

  VisibleText(std::string_view text, std::size_t from) : text_(text), at_(from) {}

  // What comes next, but no several code points across text[until]; past the last one a Run without bytes.
  Run next(std::size_t until);

 private:
  std::string_view text_;
  std::size_t at_;
};

// True for a byte that only continues a code point.
[[nodiscard]] constexpr bool is_utf8_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Space, tab and the line ends of ASCII.
[[nodiscard]] constexpr bool is_ascii_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

[[nodiscard]] constexpr bool is_ascii_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// What ASCII has besides letters, digits, spaces and control characters.
[[nodiscard]] constexpr bool is_ascii_punctuation(char c) {
  return (c > ' ' && c < '0') || (c > '9' && c < 'A') || (c > 'Z' && c < 'a') || (c > 'z' && c < '\x7f');
}

}  // namespace cmem
