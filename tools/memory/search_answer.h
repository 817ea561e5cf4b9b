// The answer of a search as `search` and `saved run` print it.
#pragma once
#include <string>
#include <string_view>

#include "context.h"

namespace cli {

// Searches for `query` with the options of the verb. `json_members` come into the envelope ahead of the others: `,"name":"x"`, or
// nothing. Returns the exit code.
int print_search(Context& context, const std::string& query, std::string_view json_members = {});

}  // namespace cli
