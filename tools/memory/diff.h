// What differs between two texts, line by line.
#pragma once
#include <string>
#include <string_view>

namespace cli {

// Bytes that are no text for people: with a NUL near the begin, as git and diff have it.
bool is_binary(std::string_view bytes);

// A unified diff with three lines of context, as patch(1) takes it: the fewest lines that change `before` to `after`, unless that
// are thousands; then one piece is replaced as a whole. Empty if the two are equal.
std::string unified_diff(std::string_view before, std::string_view after, std::string_view before_name,
                         std::string_view after_name);

}  // namespace cli
