// A small change of the store as a batch of its own.
#pragma once
#include <mutex>
#include <string_view>

#include "base/result.h"
#include "store/store.h"

namespace cmem {

// Waits for the writer lock, calls change(writer), which returns a Result<bool>: whether there is something to commit, and commits.
// Durable when it returns true. On an error nothing is stored.
template <typename Change>
Result<bool> change_in_batch(Store& store, std::string_view purpose, Change&& change) {
  const std::lock_guard lock(store.write_mutex());
  CMEM_ASSIGN_OR_RETURN(Writer* const writer, store.writer());
  CMEM_TRY(writer->begin(purpose));
  Result<bool> changed = change(*writer);
  if (!changed || !*changed) {
    writer->rollback();
    return changed;
  }
  CMEM_TRY(writer->commit());
  return true;
}

}  // namespace cmem
