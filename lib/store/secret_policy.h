// Whether what is loaded into this store is redacted first; kept in the store, for every program that loads into it.
#pragma once
#include "base/result.h"
#include "store/store.h"

namespace cmem {

Result<bool> read_redacts(sqlite::Connection& db);
// Takes the store's write mutex. Loads that run already go on as they began.
Status write_redacts(Store& store, bool redacts);

}  // namespace cmem
