// How each text is indexed: as its first message's role wants. In the order of ids, so it never changes once a text is there,
// whatever other messages have it later.
#pragma once
#include <vector>

#include "base/result.h"
#include "base/terms.h"
#include "sqlite/connection.h"

namespace cmem {

// By text id; a look at every message row. In the caller's transaction.
Result<std::vector<Indexing>> find_indexing(sqlite::Connection& db);

}  // namespace cmem
