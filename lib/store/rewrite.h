// Changes what is stored: for forgetting. Rows else only come.
#pragma once
#include <functional>
#include <string_view>

#include "base/result.h"
#include "store/store.h"

namespace cmem {

struct RewriteOptions {
  std::string_view purpose;
  bool dry_run = false;  // everything is done, and then undone
};

// Runs change(db) in one write transaction and makes all derived data anew. After that the file is written without its free pages
// and the log is emptied, so that nothing of what was there before is in either. False: somebody reads, and the old pages stay in
// the log and the file until a checkpoint. Takes both mutexes of the store. On failure the store is unchanged.
Result<bool> rewrite_store(Store& store, const RewriteOptions& options,
                           const std::function<Status(sqlite::Connection& db)>& change);

}  // namespace cmem
