// What the handles of one process that have one file open know together of its messages: one of them, or a thread, sorts them, and
// all search with that.
//
// Messages are never changed, so what was learnt of them stays true, until some are forgotten or replaced: that rewrites the store, and what is
// known of one rewriting is never used for another.
#pragma once
#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sqlite/connection.h"
#include "store/doc_values.h"
#include "store/learnt_messages.h"
#include "store/selections.h"

namespace cmem {

// A store, by whatever path it was opened. A file that takes the place of another at its path is another one.
struct StoreFile {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::string store_id;
  std::int64_t rewrites = 0;  // of its messages: what was known before does not hold any more
  friend auto operator<=>(const StoreFile&, const StoreFile&) = default;
};
// Of the file that `db` has open.
Result<StoreFile> identify(sqlite::Connection& db);

// Any thread may use it.
class SharedMessages {
 public:
  SharedMessages(StoreFile file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
  // Ends the thread, in the middle of its work.
  ~SharedMessages();
  SharedMessages(const SharedMessages&) = delete;
  SharedMessages& operator=(const SharedMessages&) = delete;

  [[nodiscard]] std::shared_ptr<const LearntMessages> learnt() const;
  // Gives `next`, which was made of `base`, to all; not if they know more by now.
  void publish(const LearntMessages& base, std::shared_ptr<const LearntMessages> next);
  // So many of the first parts are not to be merged: the thread does it.
  [[nodiscard]] std::size_t kept_parts() const;
  // For a search that learns: whoever waits for it mostly finds that it has been done.
  std::mutex& turn() { return turn_; }
  // Becomes true when no handle is left.
  [[nodiscard]] const std::atomic<bool>& stopping() const { return stopping_; }

  // A search did without this many segments, and decoded some since the last one. Returns whether searches have by now lost as much
  // time as it takes to learn them.
  bool add_loss(std::size_t segments, std::size_t decoded);
  // Starts the thread, which learns until at most so many messages are left. False: it has failed.
  bool learn_in_thread(std::int64_t most_left);

  Selections& selections() { return selections_; }
  // Forgets all.
  void clear();

 private:
  void start(bool learn, std::int64_t most_left);
  void work(bool learn, std::int64_t most_left) noexcept;
  Status learn_parts(std::int64_t most_left);
  Result<std::int64_t> learn_part(sqlite::Connection& db, DocValueReader& doc_values);
  void merge_parts();
  std::shared_ptr<const LearntMessages> take();

  const StoreFile file_;
  const std::string path_;
  Selections selections_;
  std::mutex turn_;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;  // guards what follows, for moments only
  std::shared_ptr<const LearntMessages> learnt_ = std::make_shared<const LearntMessages>();
  std::size_t lost_ = 0;
  bool is_working_ = false;
  bool has_failed_ = false;
  std::size_t kept_parts_ = 0;
  std::thread thread_;
};

// A handle's view of that: its read transactions see a moment that may be older or newer than what is known. One thread at a time.
class TextMessagesCache {
 public:
  // A search learns so many messages by itself; more are learnt by a thread.
  TextMessagesCache(std::shared_ptr<SharedMessages> shared, std::int64_t most_in_search)
      : shared_(std::move(shared)), most_in_search_(most_in_search) {}

  // The messages of `spans`, which are those of the caller's read transaction; nothing: not known yet. A few searches do without
  // them, so that a single one does not pay for it, and so do those that come while the thread learns.
  Result<std::optional<TextMessagesParts>> update(sqlite::Connection& db, DocValueReader& doc_values,
                                                  const std::vector<SegmentSpan>& spans);
  // Those that pass the filter's names.
  [[nodiscard]] TextMessagesParts select(const TextMessagesParts& parts, const ResolvedFilter& filter) const;
  // For all handles.
  void clear() { shared_->clear(); }

 private:
  void take_shared(std::int64_t end_id);
  Status learn(sqlite::Connection& db, DocValueReader& doc_values, const std::vector<SegmentSpan>& spans);

  std::shared_ptr<SharedMessages> shared_;
  std::int64_t most_in_search_;
  std::size_t decoded_ = 0;  // segments, up to the last search
  std::shared_ptr<const LearntMessages> learnt_ = std::make_shared<const LearntMessages>();
};

}  // namespace cmem
