// Loads extraction files into a store: one run a source, batches of messages, each batch one transaction.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/runs.h"
#include "store/store.h"

namespace cmem {

struct LoadOptions {
  bool strict = false;
  std::size_t max_line_bytes = std::size_t{16} << 20;
  std::string known_hashes_path;  // empty: none
  // (bytes done, bytes in all or -1, records read); true stops the load.
  std::function<bool(std::int64_t done, std::int64_t total, std::int64_t records)> progress;
};

// What is committed, also when the load failed.
struct LoadResult {
  std::int64_t files = 0;
  RunCounts counts;
  std::int64_t bytes_read = 0;
  std::int64_t first_run_id = 0;
  std::int64_t last_run_id = 0;
  std::int64_t sources_changed = 0;
};

// See cmem_load for the contract. Holds the store's write mutex throughout.
Status load_sources(Store& store, const std::vector<std::string>& paths, const LoadOptions& options, LoadResult& result);

}  // namespace cmem
