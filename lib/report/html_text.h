// Text inside HTML and SVG.
#pragma once
#include <string>
#include <string_view>

namespace cmem {

// For content and quoted attributes. Control characters, which no page may have, become U+FFFD.
std::string html_text(std::string_view text);
// The first `max_characters` code points, with "…" if something is missing.
std::string shortened(std::string_view text, std::size_t max_characters);

}  // namespace cmem
