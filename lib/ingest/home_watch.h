// Follows the homes of coding agents: what they write is in the store within a second.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ingest/home_loader.h"
#include "store/runs.h"
#include "store/store.h"

namespace cmem {

struct WatchedHome {
  std::string agent;  // empty: told by what is in the home
  std::string home;
};

// What became durable since the last report.
struct WatchReport {
  std::size_t home = 0;  // index
  bool committed = false;
  bool polls = false;  // some home is looked at each second, since the system does not tell what changes in it
  std::int64_t files_read = 0;
  std::int64_t bytes_read = 0;
  RunCounts counts;
};

struct HomeWatchOptions {
  std::vector<WatchedHome> homes;
  HomeLoadOptions load;  // but for agent, home and progress
  bool poll = false;     // look at everything each second
  // Called after each commit, and at least about once a second; false ends the watch. Must be there.
  std::function<bool(const WatchReport&)> report;
};

// Returns when `report` says so, with everything that was read committed, or with an error. Holds the store's write mutex only
// while it loads. A store that is busy and a home that is gone for a while are no errors. kNotFound: no such home or agent.
Status watch_homes(Store& store, const HomeWatchOptions& options);

}  // namespace cmem
