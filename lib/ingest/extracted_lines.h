// What an extraction file told of a home before the home itself was loaded.
#pragma once
#include <cstdint>

#include "base/result.h"
#include "store/store.h"

namespace cmem {

// Drops the messages of extraction files that messages of the home hold since; returns how many. With the store's write mutex,
// outside of a batch.
Result<std::int64_t> join_extracted(Store& store, Writer& writer);

}  // namespace cmem
