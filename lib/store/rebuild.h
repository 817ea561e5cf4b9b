// Makes all derived data anew from the rows.
#pragma once
#include <cstdint>
#include <functional>

#include "base/result.h"
#include "store/store.h"

namespace cmem {

// (messages done, messages in all); true stops.
using RebuildProgress = std::function<bool(std::int64_t done, std::int64_t total)>;

// Text index, text look-up, origin lines, doc values, context counts, totals and content root, in one transaction: on failure or
// when stopped (kCancelled) the store is unchanged. Takes both mutexes of the store. kCorrupt: the rows themselves are damaged.
Status rebuild_derived(Store& store, const RebuildProgress& progress);
// The same within the writer's batch, which the caller has begun with begin_maintenance() and ends; its caches are reloaded.
Status rebuild_in_batch(Writer& writer, const RebuildProgress& progress);

}  // namespace cmem
