// Loads the home of a coding agent: everything the first time, then what is new. Files are told apart by what was read of them:
// grown ones are read on, replaced ones anew, renamed and compressed ones keep their origin, and of those that are gone everything
// stays.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "base/result.h"
#include "store/runs.h"
#include "store/store.h"

namespace cmem {

struct HomeLoadOptions {
  std::string agent;  // "claude"
  std::string home;
  std::size_t max_line_bytes = std::size_t{16} << 20;
  // A file that was not written for so long is settled: an event at its end is complete.
  std::int64_t settled_ms = 1000;
  // As in LoadOptions.
  std::function<bool(std::int64_t done, std::int64_t total, std::int64_t records)> progress;
};

// What is committed, also when the load failed.
struct HomeLoadResult {
  std::int64_t files = 0;                       // that the home has
  std::int64_t read = 0;                        // of which something was read
  std::int64_t unchanged = 0;                   // of which nothing was
  std::int64_t waiting = 0;                     // whose last line or event is not complete yet
  std::int64_t gone = 0;                        // that were there another time
  std::int64_t failed = 0;                      // that could not be read: see the quarantine of the run
  std::map<std::string, std::int64_t> skipped;  // by why
  std::int64_t copies = 0;                      // among the duplicates: records that stand in several files
  RunCounts counts;
  std::int64_t bytes_read = 0;  // uncompressed
  std::int64_t run_id = 0;      // 0: nothing was new
};

// Holds the store's write mutex throughout. kNotFound: no such home or agent.
Status load_home(Store& store, const HomeLoadOptions& options, HomeLoadResult& result);

}  // namespace cmem
