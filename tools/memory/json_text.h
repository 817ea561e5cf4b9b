// JSON, written straight into a string: rows are many and are never held as a tree.
#pragma once
#include <coditect/memory.h>

#include <string>
#include <string_view>

#include "columns.h"

namespace cli {

// A quoted string. Damaged UTF-8 becomes U+FFFD. DEL and the C1 controls are escaped too: terminals obey them.
void append_json_string(std::string& out, std::string_view text);

// `"name":value`. A snippet gives two keys: `"snippet"` without marks, and `"matches"`, a list of [begin, end) in code points.
void append_json_member(std::string& out, const Column& column, const cmem_value& value);

// The members of a row, separated by commas, without braces.
void append_json_members(std::string& out, const Columns& columns, Cells cells);

}  // namespace cli
