// Which errors are the same: a message's text without what varies.
//
// Drain (He, Zhu, Zheng and Lyu, ICWS 2017) masks what has a known form, and then learns with a tree which other words vary. Only
// the first half is done here: what the tree learns depends on the order of the messages, so a store that is built anew, or that
// loads the same files in another order, would show other templates. This is a function of the text alone.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "base/terms.h"

namespace cmem {

inline constexpr std::size_t kMaxTemplateBytes = 256;

// Templates are stored: a change that gives a text another one, or another level, needs a step of the format (store/schema.cc).
struct ErrorTemplate {
  // Of the first line that is not blank, up to 512 bytes: spaces folded, escape sequences dropped, and in place of what varies
  // <time>, <uuid>, <ip>, <url>, <email>, <path>, <num> (with its unit), <hex>, <id> (other words with digits) and <str> (quoted).
  // Has no digit. Ends in "…" if something was cut off. Of a template that is not cut, the template is the same.
  std::string text;
  // What the line says of itself, where it is one of another program: `stderr: 2025-10-18 12:37:51 | INFO | …`. The log of a coding
  // agent has what an MCP server writes to its standard error as its own ERROR, often several lines of it: then the gravest.
  Level level_inside = Level::kNone;
  friend bool operator==(const ErrorTemplate&, const ErrorTemplate&) = default;
};

[[nodiscard]] ErrorTemplate error_template(std::string_view text);

}  // namespace cmem
