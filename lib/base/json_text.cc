#include "base/json_text.h"

#include <algorithm>
#include <bit>
#include <cstring>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/utf8.h"

namespace cmem {
namespace {

bool is_special(char c) noexcept { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

#if defined(__SSE2__)
// Bit i = byte i of the 16 is special.
unsigned special_mask(const char* at) noexcept {
  const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const __m128i quote = _mm_cmpeq_epi8(block, _mm_set1_epi8('"'));
  const __m128i slash = _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'));
  const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1F)), block);  // unsigned block <= 0x1f
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, slash), control)));
}
#endif

// Four hex digits as a number, or -1.
int hex4(std::string_view text, std::size_t at) noexcept {
  if (text.size() < at + 4) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    const char c = text[i];
    const int digit = is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

// text[at] is a backslash; the length of the escape, 0 if it is none.
std::size_t escape_length(std::string_view text, std::size_t at) noexcept {
  if (at + 1 >= text.size()) return 0;
  if (text[at + 1] == 'u') return hex4(text, at + 2) >= 0 ? 6 : 0;
  return std::string_view("\"\\/bfnrt").find(text[at + 1]) != std::string_view::npos ? 2 : 0;
}

std::size_t skip_digits(std::string_view text, std::size_t at) noexcept {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

JsonEnd skip_number(std::string_view text, std::size_t at) noexcept {
  const std::size_t integer = at + (text[at] == '-' ? 1 : 0);
  at = skip_digits(text, integer);
  if (at == integer || (text[integer] == '0' && at > integer + 1)) return {integer, JsonFault::kNumber};
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = at + 1;
    at = skip_digits(text, fraction);
    if (at == fraction) return {at, JsonFault::kNumber};
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    std::size_t exponent = at + 1;
    if (exponent < text.size() && (text[exponent] == '+' || text[exponent] == '-')) ++exponent;
    at = skip_digits(text, exponent);
    if (at == exponent) return {at, JsonFault::kNumber};
  }
  return {at, JsonFault::kNone};
}

JsonEnd skip_scalar(std::string_view text, std::size_t at) noexcept {
  if (text[at] == '"') {
    bool has_escape = false;
    return json_skip_string(text, at, has_escape);
  }
  if (text[at] == '-' || is_digit(text[at])) return skip_number(text, at);
  for (const std::string_view word : {std::string_view("true"), std::string_view("false"), std::string_view("null")}) {
    if (text.substr(at, word.size()) == word) return {at + word.size(), JsonFault::kNone};
  }
  return {at, JsonFault::kSyntax};
}

// Walks arrays and objects without recursion: one bit per open level says whether it is an object.
class Walker {
 public:
  Walker(std::string_view text, std::size_t at, int max_depth) noexcept
      : text_(text), at_(at), max_depth_(std::min(max_depth, kJsonMaxDepth)) {}

  JsonEnd run() noexcept {
    do {
      if (!value()) return end_;
    } while (depth_ > 0);
    return {at_, JsonFault::kNone};
  }

 private:
  bool fail(JsonFault fault) noexcept {
    end_ = {at_, at_ >= text_.size() ? JsonFault::kTruncated : fault};
    return false;
  }
  bool accept(JsonEnd end) noexcept {
    end_ = end;
    at_ = end.at;
    return end.fault == JsonFault::kNone;
  }
  void space() noexcept { at_ = json_skip_space(text_, at_); }
  bool take(char c) noexcept {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  [[nodiscard]] bool in_object() const noexcept { return (objects_ & 1U) != 0; }

  bool key() noexcept {
    space();
    if (at_ >= text_.size() || text_[at_] != '"') return fail(JsonFault::kSyntax);
    if (!accept(skip_scalar(text_, at_))) return false;
    space();
    if (!take(':')) return fail(JsonFault::kSyntax);
    space();
    return true;
  }

  // Opens the containers that begin here, or skips a scalar; afterwards stands before the next value or outside all of them.
  bool value() noexcept {
    if (at_ >= text_.size()) return fail(JsonFault::kSyntax);
    const char c = text_[at_];
    if (c != '{' && c != '[') return accept(skip_scalar(text_, at_)) && after_value();
    if (depth_ >= max_depth_) return end_ = {at_, JsonFault::kDepth}, false;
    ++at_;
    ++depth_;
    objects_ = (objects_ << 1U) | (c == '{' ? 1U : 0U);
    space();
    if (take(c == '{' ? '}' : ']')) return close() && after_value();
    return !in_object() || key();
  }

  bool close() noexcept {
    --depth_;
    objects_ >>= 1U;
    return true;
  }

  bool after_value() noexcept {
    while (depth_ > 0) {
      space();
      if (take(',')) {
        space();
        return !in_object() || key();
      }
      if (!take(in_object() ? '}' : ']')) return fail(JsonFault::kSyntax);
      close();
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_;
  int max_depth_;
  int depth_ = 0;
  std::uint64_t objects_ = 0;  // 64 levels: kJsonMaxDepth
  JsonEnd end_;
};

void append_u16(std::string& out, std::uint32_t unit) {
  static constexpr char kDigits[] = "0123456789abcdef";
  const char escape[6] = {
      '\\', 'u', kDigits[(unit >> 12U) & 15U], kDigits[(unit >> 8U) & 15U], kDigits[(unit >> 4U) & 15U], kDigits[unit & 15U]};
  out.append(escape, sizeof escape);
}

void append_escaped(std::string& out, std::uint32_t code_point) {
  switch (code_point) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (code_point < 0x10000) return append_u16(out, code_point);
  append_u16(out, 0xD800U + ((code_point - 0x10000U) >> 10U));
  append_u16(out, 0xDC00U + ((code_point - 0x10000U) & 0x3FFU));
}

bool plain_ascii(char c) noexcept { return c >= 0x20 && c <= 0x7E && c != '"' && c != '\\'; }

void append_ascii(std::string& out, std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = at;
    while (end < text.size() && plain_ascii(text[end])) ++end;
    out.append(text, at, end - at);
    at = end;
    if (at < text.size()) append_escaped(out, utf8_decode(text, at));
  }
}

void append_utf8(std::string& out, std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    const char* special = json_find_special(at, end);
    out.append(at, static_cast<std::size_t>(special - at));
    if (special == end) break;
    append_escaped(out, static_cast<unsigned char>(*special));
    at = special + 1;
  }
}

// The code unit(s) of the \u escape at inside[at]; moves `at` past them.
std::uint32_t take_unicode_escape(std::string_view inside, std::size_t& at, bool& lone) noexcept {
  const auto first = static_cast<std::uint32_t>(hex4(inside, at + 2));
  at += 6;
  if (first < 0xD800 || first > 0xDFFF) return first;
  if (first < 0xDC00 && inside.substr(at, 2) == "\\u") {
    const auto second = static_cast<std::uint32_t>(hex4(inside, at + 2));
    if (second >= 0xDC00 && second <= 0xDFFF) {
      at += 6;
      return 0x10000U + ((first - 0xD800U) << 10U) + (second - 0xDC00U);
    }
  }
  lone = true;
  return 0xFFFD;
}

char short_escape(char c) noexcept {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

}  // namespace

const char* to_string(JsonFault fault) noexcept {
  switch (fault) {
    case JsonFault::kNone:
      return "no fault";
    case JsonFault::kSyntax:
      return "unexpected character";
    case JsonFault::kDepth:
      return "nested too deeply";
    case JsonFault::kControlCharacter:
      return "control character in a string";
    case JsonFault::kEscape:
      return "bad escape in a string";
    case JsonFault::kNumber:
      return "malformed number";
    case JsonFault::kTruncated:
      return "the text ends too early";
  }
  return "unknown fault";
}

const char* json_find_special(const char* at, const char* end) noexcept {
#if defined(__SSE2__)
  for (; end - at >= 16; at += 16) {
    if (const unsigned mask = special_mask(at); mask != 0) return at + std::countr_zero(mask);
  }
#endif
  while (at < end && !is_special(*at)) ++at;
  return at;
}

std::size_t json_skip_space(std::string_view text, std::size_t at) noexcept {
  while (at < text.size() && is_space(text[at])) ++at;
  return at;
}

JsonEnd json_skip_string(std::string_view text, std::size_t begin, bool& has_escape) noexcept {
  const char* const base = text.data();
  const char* const end = base + text.size();
  const char* at = base + begin + 1;
  while (true) {
    at = json_find_special(at, end);
    const auto offset = static_cast<std::size_t>(at - base);
    if (at == end) return {offset, JsonFault::kTruncated};
    if (*at == '"') return {offset + 1, JsonFault::kNone};
    if (*at != '\\') return {offset, JsonFault::kControlCharacter};
    const std::size_t length = escape_length(text, offset);
    if (length == 0) return {offset, JsonFault::kEscape};
    has_escape = true;
    at += length;
  }
}

JsonEnd json_skip_value(std::string_view text, std::size_t begin, int max_depth) noexcept {
  return Walker(text, begin, max_depth).run();
}

JsonDecoded json_decode_string(std::string_view inside, char* out) noexcept {
  JsonDecoded result;
  char* to = out;
  std::size_t at = 0;
  while (at < inside.size()) {
    const char* from = inside.data() + at;
    const auto run = static_cast<std::size_t>(json_find_special(from, inside.data() + inside.size()) - from);
    if (run != 0) std::memcpy(to, from, run);
    to += run;
    at += run;
    if (at >= inside.size()) break;
    if (inside[at] == '\\' && inside[at + 1] == 'u') {
      to += utf8_encode(take_unicode_escape(inside, at, result.lone_surrogate), to);
    } else {
      *to++ = short_escape(inside[at + 1]);
      at += 2;
    }
  }
  result.size = static_cast<std::size_t>(to - out);
  return result;
}

std::string json_decode_string(std::string_view inside) {
  std::string out(inside.size(), '\0');
  out.resize(json_decode_string(inside, out.data()).size);
  return out;
}

void json_append_string(std::string& out, std::string_view text, JsonStyle style) {
  out += '"';
  if (style == JsonStyle::kAscii) {
    append_ascii(out, text);
  } else {
    append_utf8(out, text);
  }
  out += '"';
}

}  // namespace cmem
