// Queries that users keep under a name. They are rows; what "yesterday" means in one is found out when it is run.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "index/tokenizer.h"
#include "sqlite/connection.h"

namespace cmem {

inline constexpr std::size_t kMaxSavedSearches = 1'000;
inline constexpr std::size_t kMaxSavedNameBytes = 64;

struct SavedSearch {
  std::string name;
  std::string query;  // as typed
  std::int64_t created_ms = 0;
  std::int64_t changed_ms = 0;  // when its query was last set
};

// Run these in a write transaction of the caller. A name is UTF-8 without spaces and control characters and does not begin with
// "-", so that it can be typed in a shell as it is; case matters.
//
// Returns whether one of this name was replaced. kInvalid: a name that cannot be, a query with nothing to search, or there is one
// of this name and `replace` is false. kLimit: the query is over a limit of compile_query, or there are kMaxSavedSearches.
Result<bool> add_saved_search(sqlite::Connection& db, const SavedSearch& search, bool replace, Tokenizer& tokenizer);
// Returns whether there was one.
Result<bool> remove_saved_search(sqlite::Connection& db, std::string_view name);

// By name; all of them, or the one that is called `name`. A store of format 1, which had none, has no rows.
Result<std::vector<SavedSearch>> list_saved_searches(sqlite::Connection& db, std::string_view name = {});

}  // namespace cmem
