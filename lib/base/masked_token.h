// What varies from one message to the next of the same kind: numbers, times, paths and the like, found by their form alone. Each
// but <url> ends where no word char follows. The first of these that fits counts:
//
//   <uuid>   8-4-4-4-12 hexadecimal digits
//   <time>   a clock: 12:37:51, with a fraction behind . or , and with Z, +01:00, +0100 or +01; or a date, 2025-10-18 or
//            2025/10/18, alone or with a clock behind T or a space
//   <ip>     four numbers of one to three digits, also with a port; or hexadecimal digits, a decimal one among them, and colons:
//            seven, or two that stand together
//   <url>    letters, digits, + - . and "://", and on to a space, quote, bracket or one of | \ , ; without . : ! ? at the end
//   <email>  letters, digits, . _ % + -, "@" and a domain with a dot that ends in a letter
//   <path>   C:\ or \server, with either slash; or a path with / that begins with / ~/ ./ or ../, has two slashes, or one and an
//            extension (a letter and up to four bytes more). It ends at a space, quote, bracket or one of | , ; : * ? = (and \) and
//            without . and ! (and \), but for its place: :12 or :12:5
//   <num>    digits, with . and , between them, also with units: 6ms, 1m30s, 20MB
//   <hex>    0x and hexadecimal digits, or six or more with a decimal one among them
//   <id>     a word with three runs of digits, or with one and 16 bytes or more
#pragma once
#include <array>
#include <cstddef>
#include <string_view>

namespace cmem {

// What may stand for them in a masked text.
inline constexpr std::array<std::string_view, 10> kPlaceholders{"<time>", "<uuid>", "<ip>",  "<url>", "<email>",
                                                                "<path>", "<num>",  "<hex>", "<id>",  "<str>"};

struct MaskedToken {
  std::size_t bytes = 0;  // 0: none begins here
  std::string_view placeholder;
};

// Of words: letters, digits, "_", and all beyond ASCII.
[[nodiscard]] bool is_word_char(char byte) noexcept;

// The token that begins at text[at], where a word, a path or an address may begin. It never ends inside a word.
[[nodiscard]] MaskedToken masked_token_at(std::string_view text, std::size_t at) noexcept;

// Bytes of the placeholder at text[at], 0: there is none.
[[nodiscard]] std::size_t placeholder_bytes(std::string_view text, std::size_t at) noexcept;

}  // namespace cmem
