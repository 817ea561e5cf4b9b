// JSON at the level of its bytes: one strict value scanner (RFC 8259) that says where a value ends, string decoding, and the
// two string encodings that Python's json.dumps writes. The line format is kept byte for byte, so values stay spans of text.
// simdjson is not used here: it refuses lone surrogates and integers beyond 64 bits, which Python writes, and gives no offsets.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cmem {

enum class JsonStyle : std::uint8_t {
  kAscii,  // json.dumps(ensure_ascii=True): non-ASCII and 0x7f as \uXXXX (lower-case hex, surrogate pairs)
  kUtf8,   // json.dumps(ensure_ascii=False): only ", \ and control characters escaped
};

enum class JsonFault : std::uint8_t { kNone, kSyntax, kDepth, kControlCharacter, kEscape, kNumber, kTruncated };

struct JsonEnd {
  std::size_t at = 0;  // one past the value, or where the fault is
  JsonFault fault = JsonFault::kNone;
};

const char* to_string(JsonFault fault) noexcept;

inline constexpr int kJsonMaxDepth = 64;

// The end of the value that begins at text[begin] (no leading space). Checks everything but UTF-8 and lone surrogates.
// `max_depth` counts arrays and objects, the value itself included.
JsonEnd json_skip_value(std::string_view text, std::size_t begin, int max_depth = kJsonMaxDepth) noexcept;
std::size_t json_skip_space(std::string_view text, std::size_t at) noexcept;
// text[begin] is the opening quote. `has_escape` becomes true if a backslash occurs.
JsonEnd json_skip_string(std::string_view text, std::size_t begin, bool& has_escape) noexcept;

// First byte in [at, end) that is a quote, a backslash or a control character (< 0x20); `end` if none.
const char* json_find_special(const char* at, const char* end) noexcept;

struct JsonDecoded {
  std::size_t size = 0;         // bytes written
  bool lone_surrogate = false;  // at least one \uD800..\uDFFF without its pair; written as U+FFFD
};
// Decodes the inside of a string that json_skip_string accepted. `out` has room for inside.size() bytes.
JsonDecoded json_decode_string(std::string_view inside, char* out) noexcept;
std::string json_decode_string(std::string_view inside);

// Appends `text` (valid UTF-8) as a JSON string, quotes included.
void json_append_string(std::string& out, std::string_view text, JsonStyle style);

}  // namespace cmem
