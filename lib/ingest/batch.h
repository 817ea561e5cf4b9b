// The transaction that a load is writing, shared by the runs of its sources: small sources share one, a large source needs many.
#pragma once
#include <chrono>
#include <cstdint>

#include "base/fault.h"
#include "base/result.h"
#include "store/runs.h"
#include "store/writer.h"

namespace cmem {

class Batch {
 public:
  explicit Batch(Writer& writer) : writer_(writer) {}

  Writer& writer() { return writer_; }

  // Starts a transaction if none is open. Its number tells whether what was looked up earlier may still be used.
  Status open() {
    if (writer_.in_batch()) return {};
    CMEM_CRASH_POINT("ingest.before-begin");
    CMEM_TRY(writer_.begin("memory ingest"));
    start_ = std::chrono::steady_clock::now();
    messages_ = bytes_ = 0;
    ++number_;
    return {};
  }
  [[nodiscard]] std::int64_t number() const { return number_; }
  [[nodiscard]] std::int64_t last_committed() const { return last_committed_; }

  // What has been put in since open().
  void note_message() { ++messages_; }
  void note_bytes(std::int64_t bytes) { bytes_ += bytes; }
  void note_counts(const RunCounts& delta) { uncommitted_ += delta; }

  // True when it is time to commit: so that other writers get their turn, so that what came shows while more is waited for, or so
  // that memory stays bounded. Otherwise a batch may be long, since each commit costs a part of the text index that is merged
  // later.
  [[nodiscard]] bool is_due(bool source_is_slow) const {
    if (!writer_.in_batch()) return false;
    const auto age = std::chrono::steady_clock::now() - start_;
    return messages_ >= kMaxMessages || bytes_ >= kMaxBytes || writer_.new_text_bytes() >= kMaxTextBytes || age >= kMaxTime ||
           (age >= kTurn && (source_is_slow || writer_.is_awaited()));
  }
  [[nodiscard]] bool is_open() const { return writer_.in_batch(); }

  // On failure nothing of the transaction is stored.
  Status commit() {
    if (!writer_.in_batch()) return {};
    const auto status = writer_.commit();
    if (status) {
      committed_ += uncommitted_;
      last_committed_ = number_;
    }
    uncommitted_ = {};
    if (status) CMEM_CRASH_POINT("ingest.after-commit");
    return status;
  }
  void rollback() {
    writer_.rollback();
    uncommitted_ = {};
  }

  // The sum over all committed transactions.
  [[nodiscard]] const RunCounts& committed() const { return committed_; }

 private:
  static constexpr auto kTurn = std::chrono::milliseconds(300);
  static constexpr auto kMaxTime = std::chrono::seconds(2);
  static constexpr std::int64_t kMaxMessages = 300'000;
  static constexpr std::int64_t kMaxTextBytes = std::int64_t{24} << 20;
  static constexpr std::int64_t kMaxBytes = std::int64_t{64} << 20;

  Writer& writer_;
  std::chrono::steady_clock::time_point start_;
  std::int64_t number_ = 0;
  std::int64_t last_committed_ = 0;
  std::int64_t messages_ = 0;
  std::int64_t bytes_ = 0;
  RunCounts uncommitted_;
  RunCounts committed_;
};

}  // namespace cmem
