// Which errors are the same: a message's text without what varies.
//
// Its first line that is not blank is walked through from the left:
// - A placeholder stays.
// - A quote becomes <str>: "…", with \ before what does not close it, or '…' and `…`, which open where no word stands before, and
//   close where none follows. If all of it is one token, or it begins with a path, it becomes that token. It stays if it is empty,
//   or if it is a name in "…" behind { [ , or : within braces or brackets: of at most 32 letters and "_".
// - A token (base/masked_token.h) becomes its placeholder. It begins where a word does, or with / ~ . \ or : where no word, the
//   same byte or a quote ends; not behind a placeholder, and with / not behind < . or ).
// - In other words runs of digits become <num>. The rest stays.
// A line states a level by level=, lvl=, severity= or levelname=, or such a name with : in JSON, also as a number (30: INFO); by
// the word behind "stderr:", "stdout:" or a time; or by the first word of the line, or one of the next two behind a time, if one of
// | - : ] ) follows. The first that does counts.
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
