// How much of the store an answer knows less well than the rest.
#pragma once
#include <cstdint>

#include "base/result.h"
#include "sqlite/connection.h"

namespace cmem {

// Messages whose time their record does not state: it is that of a neighbour, or of their file. `session_id`: of this session and
// its parts; 0: of all.
Result<std::int64_t> count_approximate_times(sqlite::Connection& db, std::int64_t session_id);

struct IndexedTexts {
  std::int64_t in_part = 0;     // distinct texts that are found by their first kIndexedBegin bytes
  std::int64_t not_at_all = 0;  // that no search finds
};
// Decodes every text.
Result<IndexedTexts> count_indexed_texts(sqlite::Connection& db);

}  // namespace cmem
