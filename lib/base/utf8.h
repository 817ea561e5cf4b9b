// UTF-8: validation and the encoding of one code point.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cmem {

inline constexpr std::size_t kUtf8Valid = static_cast<std::size_t>(-1);

bool utf8_valid(std::string_view bytes) noexcept;
// Offset of the first byte of the first bad sequence; kUtf8Valid if there is none.
std::size_t utf8_first_error(std::string_view bytes) noexcept;
// Bytes of the good sequence that begins at `at`, 0 if it is bad (RFC 3629: no overlong form, no surrogate, <= U+10FFFF).
std::size_t utf8_sequence_length(std::string_view bytes, std::size_t at) noexcept;
// Writes 1 to 4 bytes to `out` and returns how many; `code_point` is a scalar value (no surrogate, <= 0x10FFFF).
std::size_t utf8_encode(std::uint32_t code_point, char* out) noexcept;
// Reads the code point at `at` of valid UTF-8 and moves `at` past it.
std::uint32_t utf8_decode(std::string_view valid, std::size_t& at) noexcept;
// The longest prefix of valid UTF-8 that has at most `max_bytes` and cuts no code point in two.
std::string_view utf8_truncate(std::string_view valid, std::size_t max_bytes) noexcept;

}  // namespace cmem
