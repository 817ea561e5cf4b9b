#include "ingest/loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <optional>
#include <utility>

#include "base/fault.h"
#include "base/file.h"
#include "ingest/batch.h"
#include "ingest/known_hashes.h"
#include "ingest/pipeline.h"
#include "ingest/run_loader.h"
#include "ingest/source_hash.h"
#include "ingest/source_list.h"
#include "store/runs.h"

namespace cmem {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kMaxPendingEnds = 16;
constexpr auto kProgressInterval = std::chrono::milliseconds(200);

// Standard input and pipes.
bool gives_bytes_once(const std::string& source) {
  const auto stat = stat_file(source);
  return source == "-" || (stat && !stat->is_regular);
}

// Progress of one load_sources call over all its sources.
class Progress {
 public:
  Progress(const LoadOptions& options, const std::vector<std::string>& sources) : options_(options) {
    for (const std::string& source : sources) {
      const auto stat = stat_file(source);
      if (gives_bytes_once(source) || !stat) total_bytes_ = -1;
      if (total_bytes_ >= 0) total_bytes_ += stat->size_bytes;
    }
  }

  // kCancelled when the callback asks to stop.
  Status report(std::int64_t source_bytes, std::int64_t records, bool now) {
    if (!options_.progress) return {};
    const auto time = SteadyClock::now();
    if (!now && time - last_ < kProgressInterval) return {};
    last_ = time;
    if (!options_.progress(done_bytes_ + source_bytes, total_bytes_, records)) return {};
    return Unexpected(Code::kCancelled, "the load was cancelled; what was committed stays, and loading again adds the rest");
  }
  void finish_source(std::int64_t source_bytes) { done_bytes_ += source_bytes; }

 private:
  const LoadOptions& options_;
  std::int64_t total_bytes_ = 0;
  std::int64_t done_bytes_ = 0;
  SteadyClock::time_point last_ = SteadyClock::now();
};

// A source that is loaded and whose end is not written yet: its file is hashed again beside the load of the next one. What was
// hashed on the way is what was loaded, so a difference means that the source changed meanwhile.
struct PendingEnd {
  std::int64_t run_id;
  std::int64_t batch_number;  // in which the run's last messages are
  SourceEnd end;
  std::future<Result<std::string>> sha256_after;
};

class Loader {
 public:
  Loader(Writer& writer, const LoadOptions& options, const Redactor* redactor, LoadResult& result)
      : batch_(writer), options_(options), result_(result) {
    pipeline_options_.redactor = redactor;
    pipeline_options_.max_line_bytes = options.max_line_bytes;
    pipeline_options_.parser_threads = default_parser_threads();
  }

  Status load(const std::vector<std::string>& sources) {
    Progress progress(options_, sources);
    if (!options_.known_hashes_path.empty()) {
      CMEM_ASSIGN_OR_RETURN(auto known, KnownHashes::read(options_.known_hashes_path));
      known_.emplace(std::move(known));
    }
    for (const std::string& source : sources)
      if (options_.strict) CMEM_TRY(check(source));
    Status status;
    for (std::size_t i = 0; status && i < sources.size(); ++i) status = load_source(sources[i], progress);
    const Status ended = finish(status.has_value());
    result_.counts = batch_.committed();
    return status ? ended : status;
  }

 private:
  Status check(const std::string& source) {
    if (gives_bytes_once(source))
      return Unexpected(Code::kInvalid,
                        "a strict load reads its source twice, which standard input and pipes do not allow; give a file");
    const ChunkConsumer refuse{[&](PreparedChunk& prepared, const ChunkProgress&) -> Status {
                                 if (prepared.parsed.rejects.empty()) return {};
                                 const Reject& reject = prepared.parsed.rejects.front();
                                 return Unexpected(Code::kRejected,
                                                   fmt::format("{}, line {}, byte {}: {}; nothing was written", source,
                                                               reject.line_number, reject.byte_offset, reject.message),
                                                   reject.line_number);
                               },
                               {}};
    CMEM_ASSIGN_OR_RETURN(const auto end, run_pipeline(source, pipeline_options_, refuse));
    if (end.damage) return Unexpected(Code::kRejected, fmt::format("{}: {}; nothing was written", source, end.damage->text));
    return {};
  }

  Status load_source(const std::string& source, Progress& progress) {
    RunLoader run(batch_, source, known_ ? &*known_ : nullptr);
    auto status = read_source(source, run, progress);
    if (!status) {
      forget_lost_ends();
      run.interrupt();
    }
    records_read_ += run.records_read();
    if (run.id() == 0) return status;  // nothing of it is stored
    ++result_.files;
    result_.bytes_read += run.bytes();
    if (result_.first_run_id == 0) result_.first_run_id = run.id();
    result_.last_run_id = run.id();
    return status;
  }

  Status read_source(const std::string& source, RunLoader& run, Progress& progress) {
    const ChunkConsumer consumer{[&](PreparedChunk& chunk, const ChunkProgress& at) -> Status {
                                   if (auto added = run.consume(chunk); !added) {
                                     batch_.rollback();  // it may hold half of a message
                                     return added;
                                   }
                                   return progress.report(at.file_bytes_read, records_read_ + run.records_read(), false);
                                 },
                                 [&] { return run.idle(); }};
    CMEM_ASSIGN_OR_RETURN(const auto end, run_pipeline(source, pipeline_options_, consumer));
    if (end.damage) CMEM_TRY(run.note_damage(*end.damage));
    CMEM_TRY(run.finish());
    pending_.push_back({run.id(), batch_.number(), end, std::async(std::launch::async, [source, sha256 = end.sha256] {
                          return gives_bytes_once(source) ? Result<std::string>(sha256) : hash_file(source);
                        })});
    progress.finish_source(end.file_bytes);
    if (pending_.size() >= kMaxPendingEnds) CMEM_TRY(write_pending_ends());
    return progress.report(0, records_read_ + run.records_read(), true);
  }

  // After a rollback the runs whose last messages were in it are not in the store any more.
  void forget_lost_ends() {
    if (batch_.is_open()) return;
    std::erase_if(pending_, [this](const PendingEnd& pending) { return pending.batch_number > batch_.last_committed(); });
  }

  // The last messages become durable before the wait for the last sources' second hash.
  Status finish(bool all_loaded) {
    if (all_loaded) CMEM_TRY(batch_.commit());
    CMEM_TRY(write_pending_ends());
    return batch_.commit();
  }

  Status write_pending_ends() {
    if (pending_.empty()) return {};
    std::vector<RunEnd> ends;
    for (PendingEnd& pending : pending_) {
      // Hashing a large file takes seconds, for which nobody else should have to wait.
      if (pending.sha256_after.wait_for(std::chrono::seconds(0)) != std::future_status::ready) CMEM_TRY(batch_.commit());
      const auto sha256_after = pending.sha256_after.get();
      const bool changed = !sha256_after || *sha256_after != pending.end.sha256;
      if (changed) ++result_.sources_changed;
      ends.push_back({changed ? kRunSourceChanged : kRunComplete, pending.end.file_bytes, pending.end.sha256,
                      sha256_after ? *sha256_after : "", batch_.writer().now_ms()});
    }
    CMEM_TRY(batch_.open());
    CMEM_CRASH_POINT("ingest.before-finish");
    for (std::size_t i = 0; i < ends.size(); ++i) {
      if (auto status = finish_run(batch_.writer().db(), pending_[i].run_id, ends[i]); !status) {
        batch_.rollback();
        return status;
      }
    }
    pending_.clear();
    return {};
  }

  Batch batch_;
  const LoadOptions& options_;
  LoadResult& result_;
  std::int64_t records_read_ = 0;
  PipelineOptions pipeline_options_;
  std::vector<PendingEnd> pending_;
  std::optional<KnownHashes> known_;
};

}  // namespace

Status load_sources(Store& store, const std::vector<std::string>& paths, const LoadOptions& options, LoadResult& result) {
  CMEM_ASSIGN_OR_RETURN(const auto sources, expand_sources(paths));
  const std::lock_guard lock(store.write_mutex());
  CMEM_ASSIGN_OR_RETURN(Writer* const writer, store.writer());
  CMEM_ASSIGN_OR_RETURN(const auto redactor, redactor_of(store));
  CMEM_TRY(Loader(*writer, options, redactor.get(), result).load(sources));
  return writer->checkpoint_after_load();
}

}  // namespace cmem
