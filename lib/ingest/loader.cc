#include "ingest/loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <optional>
#include <utility>

#include "base/fault.h"
#include "base/file.h"
#include "ingest/known_hashes.h"
#include "ingest/pipeline.h"
#include "ingest/source_hash.h"
#include "ingest/source_list.h"
#include "store/runs.h"

namespace cmem {
namespace {

using SteadyClock = std::chrono::steady_clock;

// A batch ends after this time, so that other writers get their turn; or earlier, to bound memory.
constexpr auto kBatchTime = std::chrono::milliseconds(500);
constexpr std::int64_t kBatchMessages = 300'000;
constexpr std::int64_t kBatchBytes = std::int64_t{128} << 20;
constexpr std::size_t kMaxPendingEnds = 16;
constexpr auto kProgressInterval = std::chrono::milliseconds(200);

NewMessage to_message(const Record& record) {
  NewMessage message;
  message.source_type = record.source_type;
  message.prefix = record.prefix;
  message.level = record.level;
  message.time_ms = record.time_ms;
  message.text = record.text;
  message.text_hash = record.text_hash;
  message.origin = record.origin;
  message.position = record.position;
  message.session = record.session;
  message.project = record.project;
  message.component = record.component;
  message.role = record.role;
  message.shape = record.shape->text();
  message.residue = record.residue;
  return message;
}

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

// The load of one source.
class Run {
 public:
  Run(Writer& writer, std::string source, const KnownHashes* known) : writer_(writer), source_(std::move(source)), known_(known) {}

  // After an error nothing of the open batch is kept: it may be half of a message.
  Status consume(PreparedChunk& prepared) {
    auto status = add_all(prepared);
    if (!status) writer_.rollback();
    return status;
  }

  Status note_damage(const Error& damage) {
    CMEM_TRY(open_batch());
    return quarantine({0, bytes_, 0, "damaged-source: " + damage.text, ""});
  }

  // Makes all that was consumed durable. The run stays "running" until its end is written.
  Status finish() {
    CMEM_TRY(open_batch());
    return commit();
  }

  // Commits what is complete of an interrupted load. After a failed write the run keeps what was committed before.
  void interrupt() {
    const bool complete = writer_.in_batch();
    if (!complete && !is_stored_) run_id_ = 0;  // its row went with the batch
    if (!complete && (run_id_ == 0 || !open_batch())) return;
    if (!complete) counts_ = committed_;
    const RunEnd end{kRunInterrupted, -1, "", "", writer_.now_ms()};
    if (!finish_run(writer_.db(), run_id_, end) || !commit()) writer_.rollback();
  }

  // What the store holds by now.
  [[nodiscard]] const RunCounts& committed() const { return committed_; }
  [[nodiscard]] std::int64_t records_read() const { return counts_.records_read; }
  [[nodiscard]] std::int64_t bytes() const { return bytes_; }
  [[nodiscard]] std::int64_t id() const { return run_id_; }

 private:
  Status add_all(PreparedChunk& prepared) {
    ParsedChunk& chunk = prepared.parsed;
    text_memos_.assign(prepared.groups.text_groups, TextMemo());
    context_memos_.assign(prepared.groups.context_groups, ContextMemo());
    bytes_ += chunk.bytes;
    for (const Reject& reject : chunk.rejects) {
      CMEM_TRY(open_batch());
      CMEM_TRY(quarantine({reject.line_number, reject.byte_offset, reject.length_bytes,
                           fmt::format("{}: {}", to_string(reject.reason), reject.message), reject.excerpt}));
    }
    for (std::size_t i = 0; i < chunk.records.size(); ++i) {
      CMEM_TRY(add(chunk.records[i], prepared.groups.text[i], prepared.groups.context[i]));
      if ((++since_check_ & 0xFF) != 0) continue;
      CMEM_CRASH_POINT("ingest.mid-batch");
      if (batch_is_due()) CMEM_TRY(commit());
    }
    batch_bytes_ += chunk.bytes;
    CMEM_CRASH_POINT("ingest.after-chunk");
    return batch_is_due() ? commit() : Status{};
  }

  Status open_batch() {
    if (writer_.in_batch()) return {};
    CMEM_CRASH_POINT("ingest.before-begin");
    CMEM_TRY(writer_.begin("memory ingest"));
    batch_start_ = SteadyClock::now();
    batch_messages_ = batch_bytes_ = 0;
    // What was looked up in an earlier batch may not hold any more.
    std::fill(text_memos_.begin(), text_memos_.end(), TextMemo());
    std::fill(context_memos_.begin(), context_memos_.end(), ContextMemo());
    if (run_id_ != 0) return {};
    CMEM_TRY(mark_interrupted_runs(writer_.db(), writer_.now_ms()));
    CMEM_ASSIGN_OR_RETURN(run_id_, insert_run(writer_.db(), source_, writer_.now_ms()));
    CMEM_CRASH_POINT("ingest.after-run");
    return {};
  }

  Status add(const Record& record, std::size_t text_group, std::size_t context_group) {
    ++counts_.records_read;
    if (record.hash_mismatch) ++counts_.hash_mismatches;
    if (known_ && known_->contains(record.content_sha256)) {
      ++counts_.known_skipped;
      return {};
    }
    CMEM_TRY(open_batch());
    CMEM_ASSIGN_OR_RETURN(const AddOutcome outcome, writer_.add(to_message(record), seen_, text_memos_[text_group], context_memos_[context_group]));
    ++batch_messages_;
    ++(outcome == AddOutcome::kNew ? counts_.messages_new : counts_.duplicates);
    return {};
  }

  Status quarantine(const RejectedRecord& record) {
    ++counts_.records_read;
    ++counts_.rejected;
    CMEM_TRY(insert_rejected(writer_.db(), run_id_, counts_.rejected, record));
    CMEM_CRASH_POINT("ingest.after-quarantine");
    return {};
  }

  [[nodiscard]] bool batch_is_due() const {
    return writer_.in_batch() && (batch_messages_ >= kBatchMessages || batch_bytes_ >= kBatchBytes ||
                                  SteadyClock::now() - batch_start_ >= kBatchTime);
  }

  Status commit() {
    CMEM_TRY(update_run(writer_.db(), run_id_, counts_));
    CMEM_TRY(writer_.commit(run_id_));
    committed_ = counts_;
    is_stored_ = true;
    CMEM_CRASH_POINT("ingest.after-commit");
    return {};
  }

  Writer& writer_;
  std::string source_;
  const KnownHashes* known_;
  SeenRecords seen_;
  std::vector<TextMemo> text_memos_;        // by text group of the current chunk
  std::vector<ContextMemo> context_memos_;  // by context group
  RunCounts counts_;
  RunCounts committed_;
  std::int64_t run_id_ = 0;
  bool is_stored_ = false;  // the run's row is committed
  std::int64_t bytes_ = 0;
  std::int64_t batch_messages_ = 0;
  std::int64_t batch_bytes_ = 0;
  std::uint64_t since_check_ = 0;
  SteadyClock::time_point batch_start_;
};

// A source that is loaded and whose end is not written yet: its file is hashed again beside the load of the next one. What was hashed on
// the way is what was loaded, so a difference means that the source changed meanwhile.
struct PendingEnd {
  std::int64_t run_id;
  SourceEnd end;
  std::future<Result<std::string>> sha256_after;
};

class Loader {
 public:
  Loader(Writer& writer, const LoadOptions& options, LoadResult& result) : writer_(writer), options_(options), result_(result) {
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
    const auto ended = write_pending_ends();
    return status ? ended : status;
  }

 private:
  Status check(const std::string& source) {
    if (gives_bytes_once(source))
      return Unexpected(Code::kInvalid, "a strict load reads its source twice, which standard input and pipes do not allow; give a file");
    CMEM_ASSIGN_OR_RETURN(const auto end, run_pipeline(source, pipeline_options_, [&](PreparedChunk& prepared, const ChunkProgress&) -> Status {
      const ParsedChunk& chunk = prepared.parsed;
      if (chunk.rejects.empty()) return {};
      const Reject& reject = chunk.rejects.front();
      return Unexpected(Code::kRejected, fmt::format("{}, line {}, byte {}: {}; nothing was written", source, reject.line_number,
                                                     reject.byte_offset, reject.message), reject.line_number);
    }));
    if (end.damage) return Unexpected(Code::kRejected, fmt::format("{}: {}; nothing was written", source, end.damage->text));
    return {};
  }

  Status load_source(const std::string& source, Progress& progress) {
    Run run(writer_, source, known_ ? &*known_ : nullptr);
    auto status = read_source(source, run, progress);
    if (!status) run.interrupt();
    add_to_result(run);
    return status;
  }

  Status read_source(const std::string& source, Run& run, Progress& progress) {
    CMEM_ASSIGN_OR_RETURN(const auto end, run_pipeline(source, pipeline_options_, [&](PreparedChunk& chunk, const ChunkProgress& at) -> Status {
      CMEM_TRY(run.consume(chunk));
      return progress.report(at.file_bytes_read, result_.records_read + run.records_read(), false);
    }));
    if (end.damage) CMEM_TRY(run.note_damage(*end.damage));
    CMEM_TRY(run.finish());
    pending_.push_back({run.id(), end, std::async(std::launch::async, [source, sha256 = end.sha256] {
                          return gives_bytes_once(source) ? Result<std::string>(sha256) : hash_file(source);
                        })});
    progress.finish_source(end.file_bytes);
    if (pending_.size() >= kMaxPendingEnds) CMEM_TRY(write_pending_ends());
    return progress.report(0, result_.records_read + run.records_read(), true);
  }

  Status write_pending_ends() {
    if (pending_.empty()) return {};
    std::vector<RunEnd> ends;
    for (PendingEnd& pending : pending_) {
      const auto sha256_after = pending.sha256_after.get();
      const bool changed = !sha256_after || *sha256_after != pending.end.sha256;
      if (changed) ++result_.sources_changed;
      ends.push_back({changed ? kRunSourceChanged : kRunComplete, pending.end.file_bytes, pending.end.sha256,
                      sha256_after ? *sha256_after : "", writer_.now_ms()});
    }
    CMEM_TRY(writer_.begin("memory ingest"));
    CMEM_CRASH_POINT("ingest.before-finish");
    for (std::size_t i = 0; i < ends.size(); ++i) {
      if (auto status = finish_run(writer_.db(), pending_[i].run_id, ends[i]); !status) {
        writer_.rollback();
        return status;
      }
    }
    pending_.clear();
    return writer_.commit(0);
  }

  void add_to_result(const Run& run) {
    if (run.id() == 0) return;  // nothing of it is stored
    const RunCounts& counts = run.committed();
    ++result_.files;
    result_.records_read += counts.records_read;
    result_.messages_new += counts.messages_new;
    result_.duplicates += counts.duplicates;
    result_.known_skipped += counts.known_skipped;
    result_.rejected += counts.rejected;
    result_.hash_mismatches += counts.hash_mismatches;
    result_.bytes_read += run.bytes();
    if (result_.first_run_id == 0) result_.first_run_id = run.id();
    result_.last_run_id = run.id();
  }

  Writer& writer_;
  const LoadOptions& options_;
  LoadResult& result_;
  PipelineOptions pipeline_options_;
  std::vector<PendingEnd> pending_;
  std::optional<KnownHashes> known_;
};

}  // namespace

Status load_sources(Store& store, const std::vector<std::string>& paths, const LoadOptions& options, LoadResult& result) {
  CMEM_ASSIGN_OR_RETURN(const auto sources, expand_sources(paths));
  const std::lock_guard lock(store.write_mutex());
  CMEM_ASSIGN_OR_RETURN(Writer* const writer, store.writer());
  return Loader(*writer, options, result).load(sources);
}

}  // namespace cmem
