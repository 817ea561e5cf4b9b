// Which part of the program a debug line comes from, from the line's own words and a table. A change of the table or of a rule
// raises kComponentClassifierVersion, so that a store knows which of its components were found by an older table.
#pragma once
#include <string_view>

namespace cmem {

inline constexpr int kComponentClassifierVersion = 1;

// `body` is the line after time and level. The result points into `body` or to a constant; "Other" if nothing fits.
std::string_view classify_component(std::string_view body) noexcept;

}  // namespace cmem
