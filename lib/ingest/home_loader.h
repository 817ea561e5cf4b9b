// Loads the home of a coding agent: everything the first time, then what is new. Files are told apart by what was read of them:
// grown ones are read on, replaced ones anew, renamed and compressed ones keep their origin, and of those that are gone everything
// stays.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "ingest/batch.h"
#include "ingest/home_plan.h"
#include "ingest/home_reader.h"
#include "ingest/home_scan.h"
#include "ingest/run_loader.h"
#include "ingest/source_redactor.h"
#include "store/home_files.h"
#include "store/runs.h"
#include "store/store.h"

namespace cmem {

struct HomeLoadOptions {
  std::string agent;  // "claude"
  std::string home;
  std::size_t max_line_bytes = std::size_t{16} << 20;
  // A file that was not written for so long is settled: an event at its end is complete.
  std::int64_t settled_ms = 1000;
  // Files that are not written line by line are left alone until they are settled: they may be half written.
  bool leaves_unsettled = false;
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
  std::int64_t bytes_read = 0;         // uncompressed
  std::int64_t run_id = 0;             // 0: nothing was new
  std::vector<std::string> unsettled;  // paths with something to be read when they are settled, even if they do not change
};

// Loads one home any number of times, as one run. The caller holds the store's write mutex during each call; nothing stays open
// between commit() and the next load.
class HomeLoader {
 public:
  // `options.home` has no symbolic links in it. The store outlives the loader.
  HomeLoader(Store& store, Writer& writer, const Agent& agent, HomeLoadOptions options);

  // What is new of all files. `result` gets what this loader has committed so far, and of the files what this call saw.
  Status load(HomeLoadResult& result);
  // What is new of the files at these paths alone; each may be gone, or be no source.
  Status load(const std::vector<std::string>& paths, HomeLoadResult& result);
  // Makes durable what was loaded.
  Status commit();
  // Makes it durable, and the run complete.
  Status end();
  // After an error: what is not committed is dropped, and can be loaded again.
  void take_back();
  // After an error: commits what is complete, and marks the run interrupted.
  void interrupt();
  // Adds to `result` what is committed, by all calls so far.
  void count(HomeLoadResult& result) const;

 private:
  Result<KnownHomeFiles> known_files(const HomeListing& listing, const std::vector<std::string>* paths);
  Status load(const HomeListing& listing, const std::vector<std::string>* paths, HomeLoadResult& result);
  Status read(const HomePlan& plan, HomeLoadResult& result);
  Status consume(const HomeReading& reading, HomePiece& piece, HomeLoadResult& result);
  Status add(const HomeReading& reading, HomePiece& piece, HomeLoadResult& result);
  Status add_records(const HomeReading& reading, HomePiece& piece);
  void drop_forgotten_excerpts(const std::string& origin, ParsedChunk& parsed);
  Status note_failure(const HomeReading& reading, const Error& failure, HomeLoadResult& result);
  Status keep_track(const HomePlan& plan, const std::vector<HomeFileState>& gone);
  Status report();
  Result<std::int64_t> home();

  Store& store_;
  Writer& writer_;
  const Agent& agent_;
  HomeLoadOptions options_;
  Batch batch_;
  RunLoader run_;
  std::unique_ptr<Redactor> redactor_;  // null: secrets are kept
  HomeFileWriter files_;
  bool has_begun_ = false;  // something was there to be loaded
  std::int64_t home_id_ = 0;
  std::int64_t home_batch_ = -1;  // that home_id_ belongs to
  std::int64_t total_bytes_ = 0;
  std::chrono::steady_clock::time_point last_report_ = std::chrono::steady_clock::now();
};

// A home's path without symbolic links. kNotFound: there is no such folder.
Result<std::string> real_home(const std::string& home);

// Holds the store's write mutex throughout. kNotFound: no such home or agent.
Status load_home(Store& store, const HomeLoadOptions& options, HomeLoadResult& result);

}  // namespace cmem
