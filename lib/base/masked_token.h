// What varies from one message to the next of the same kind: numbers, times, paths and the like, found by their form alone.
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
