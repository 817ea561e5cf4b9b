// Terminal escape sequences (ECMA-48), which are neither words nor printable.
#pragma once
#include <cstddef>
#include <string_view>

namespace cmem {

// The end of the sequence whose ESC stands at text[at]. A string sequence (a window title, say) that is not closed soon is taken
// for text after its introducer.
[[nodiscard]] std::size_t escape_sequence_end(std::string_view text, std::size_t at) noexcept;

}  // namespace cmem
