// The level that a server gave its own lines, where the log of its client has them as the client's errors: what an MCP server
// writes to its standard error is logged as ERROR, whatever it is.
#pragma once
#include <string_view>

#include "base/terms.h"

namespace cmem {

// `text` is that of a log event, without its prefix. Of several lines the gravest; kNone: the text is of no server, or no line of
// it says.
Level nested_level(std::string_view text) noexcept;

}  // namespace cmem
