// The load of one source: its run row, its quarantine, its messages.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "ingest/batch.h"
#include "ingest/known_hashes.h"
#include "ingest/pipeline.h"
#include "store/runs.h"

namespace cmem {

class RunLoader {
 public:
  // `known` may be null.
  RunLoader(Batch& batch, std::string source, const KnownHashes* known)
      : batch_(batch), source_(std::move(source)), known_(known) {}
  // Of the files of a home, which are given back byte for byte.
  RunLoader(Batch& batch, std::string home) : batch_(batch), source_(std::move(home)), restores_files_(true) {}

  struct Consuming {
    // The message that the first record is to replace: an event that was stored before all of its lines were there. 0: none.
    std::int64_t replaces = 0;
    bool keeps_batch = false;  // nothing is committed: more has to be in the same batch
  };
  // Puts the records of a chunk into the batch, and commits whenever one is due.
  Status consume(PreparedChunk& prepared, const Consuming& how = {0, false});
  // What became of the last record.
  [[nodiscard]] AddOutcome last_outcome() const { return last_outcome_; }
  // Bytes that were read before are counted once.
  void discount(std::int64_t bytes) { bytes_ -= bytes; }
  // Secrets that were taken out of the source.
  void note_redactions(const SecretCounts& counts);
  // Makes sure that a batch is open in which the run has its row.
  Status open_batch();
  // Commits if a batch is due while no chunk arrives, so that a slow source does not keep other writers waiting.
  Status idle() { return commit_if_due(true); }
  // A compressed source that ends too early: noted in the quarantine.
  Status note_damage(const Error& damage);
  // All is consumed: the run's row and counts are in the batch, which stays open. The run is "running" until its end is written.
  Status finish();
  // Commits the batch, in which the run's row and counts are.
  Status commit();
  // So many messages of extraction files became part of new ones, so that these are no more messages than before. Outside of a
  // batch.
  void note_joined(std::int64_t messages);
  // The batch was rolled back: the run is again what it was after its last commit.
  void take_back();
  // What comes from here on may be what came before, read again.
  void forget_seen() { seen_ = {}; }
  // The load stops here: commits what is complete, and marks the run interrupted. Never fails: what cannot be written is left out.
  void interrupt();

  [[nodiscard]] std::int64_t records_read() const { return counts_.records_read; }
  // Records that stand elsewhere too; among the duplicates.
  [[nodiscard]] std::int64_t copies() const { return copies_; }
  [[nodiscard]] std::int64_t bytes() const { return bytes_; }
  // 0 before the first batch.
  [[nodiscard]] std::int64_t id() const { return run_id_; }

 private:
  Status commit_if_due(bool source_is_slow);
  Status add(const Record& record, std::size_t text_group, std::size_t context_group, std::int64_t replaces);
  Status quarantine(const RejectedRecord& record);
  Status write_row();
  Status write_redactions();

  Batch& batch_;
  std::string source_;
  const KnownHashes* known_ = nullptr;
  bool restores_files_ = false;
  SeenRecords seen_;
  std::vector<TextMemo> text_memos_;        // by text group of the current chunk
  std::vector<ContextMemo> context_memos_;  // by context group
  RunCounts counts_;                        // of what was consumed
  RunCounts written_;                       // of what is in the run's row
  RunCounts committed_;                     // of what is durable
  SecretCounts redactions_;                 // of what was consumed
  SecretCounts committed_redactions_;       // of what is durable
  std::int64_t run_id_ = 0;
  std::int64_t batch_number_ = 0;      // of the batch that the memos and first_message_id_ belong to
  std::int64_t first_message_id_ = 0;  // of this run in the batch
  std::int64_t bytes_ = 0;
  std::int64_t copies_ = 0;
  std::uint64_t since_check_ = 0;
  bool row_is_durable_ = false;
  AddOutcome last_outcome_ = AddOutcome::kDuplicate;
};

}  // namespace cmem
