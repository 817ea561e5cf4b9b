// The audit trail: one row of `run` per source that is loaded, and the quarantine of its bad records.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sqlite/connection.h"

namespace cmem {

// A run is always in one of these. A run that is "running" in the file while its process is gone is interrupted.
inline constexpr std::string_view kRunRunning = "running";
inline constexpr std::string_view kRunComplete = "complete";
inline constexpr std::string_view kRunInterrupted = "interrupted";
inline constexpr std::string_view kRunSourceChanged = "source-changed";

struct RunCounts {
  std::int64_t records_read = 0;
  std::int64_t messages_new = 0;
  std::int64_t duplicates = 0;
  std::int64_t known_skipped = 0;
  std::int64_t rejected = 0;
  std::int64_t hash_mismatches = 0;

  RunCounts& operator+=(const RunCounts& other);
  friend RunCounts operator-(RunCounts a, const RunCounts& b);
};

struct RunEnd {
  std::string_view status;
  std::int64_t source_bytes = -1;  // -1: not known
  std::string sha256_before;       // empty: not known
  std::string sha256_after;
  std::int64_t finished_ms = 0;
};

struct RejectedRecord {
  std::int64_t line = 0;
  std::int64_t byte_offset = 0;
  std::int64_t byte_length = 0;
  std::string_view reason;
  std::string_view excerpt;
};

// "<pid> <start time> <boot id>": names this process beyond reuse of its pid.
std::string this_process();
// False when a process named by this_process() on this machine is gone.
bool is_alive(std::string_view process);

// All of these run inside the caller's write transaction.
// `classifier_version` is that of the table that finds the run's components.
Result<std::int64_t> insert_run(sqlite::Connection& db, const std::string& source, int classifier_version, std::int64_t now_ms);
Status update_run(sqlite::Connection& db, std::int64_t run_id, const RunCounts& counts);
// The run's messages in one batch: ids first_id … last_id. Nothing if there are none.
Status insert_run_messages(sqlite::Connection& db, std::int64_t run_id, std::int64_t first_id, std::int64_t last_id);
Status finish_run(sqlite::Connection& db, std::int64_t run_id, const RunEnd& end);
Status insert_rejected(sqlite::Connection& db, std::int64_t run_id, std::int64_t seq, const RejectedRecord& record);
// Marks the runs whose processes are gone.
Status mark_interrupted_runs(sqlite::Connection& db, std::int64_t now_ms);

}  // namespace cmem
