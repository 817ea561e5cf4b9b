// Which texts are prose: those whose first message is a prompt or a reply. In the order of ids, so it never changes once a text is
// there, whatever other messages have it later.
#pragma once
#include <vector>

#include "base/result.h"
#include "sqlite/connection.h"

namespace cmem {

// By text id; a look at every message row. In the caller's transaction.
Result<std::vector<bool>> find_prose_texts(sqlite::Connection& db);

}  // namespace cmem
