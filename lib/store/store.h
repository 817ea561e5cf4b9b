// An open store: the file, its lock, one connection for reading and, once something is written, one for writing.
//
// Threads: hold read_mutex() while using reader() and the caches beside it, write_mutex() while using writer(). The two do not
// exclude each other: readers see the last commit.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/fair_mutex.h"
#include "base/result.h"
#include "sqlite/connection.h"
#include "sqlite/transaction.h"
#include "store/block_log.h"
#include "store/context_columns.h"
#include "store/doc_values.h"
#include "store/filter_cache.h"
#include "store/message_reader.h"
#include "store/shared_store.h"
#include "store/text_index_reader.h"
#include "store/vocabulary.h"
#include "store/writer.h"

namespace cmem {

struct StoreOptions {
  bool read_only = false;
  bool create = false;
  bool full_sync = true;
  int busy_timeout_ms = 10'000;
  std::size_t cache_bytes = std::size_t{64} << 20;
  // A search that finds more messages new leaves them to a thread. Half a million take some 60 ms; that is more than a batch has.
  std::int64_t most_learnt_in_search = 1 << 19;
};

// What a search asks of the store first.
struct KnownFilter {
  std::shared_ptr<const ResolvedFilter> filter = std::make_shared<ResolvedFilter>();
  // The messages that pass all but what is asked of times; nothing: not known.
  std::optional<TextMessagesParts> messages;
};

class Store {
 public:
  static Result<std::unique_ptr<Store>> open(const std::string& path, const StoreOptions& options,
                                             const Clock& clock = system_clock());

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] bool read_only() const { return options_.read_only; }
  [[nodiscard]] const StoreOptions& options() const { return options_; }
  [[nodiscard]] const Clock& clock() const { return *clock_; }

  FairMutex& read_mutex() { return read_mutex_; }
  // Held for a search, inside of read_mutex(): of all that ask this file in this process some go on, the others wait for their
  // turn.
  FairMutex& search_turn() { return shared_->searching; }
  sqlite::Connection& reader() { return *reader_; }
  BlockReader& texts() { return texts_; }
  BlockReader& records() { return records_; }
  // In the caller's read transaction, and to its end.
  Result<MessageReader> message_reader() { return MessageReader::create(*reader_, texts_, records_, message_contexts_); }
  DocValueReader& doc_values() { return doc_values_; }
  TextIndexReader& text_index() { return text_index_; }
  Vocabulary& vocabulary() { return *vocabulary_; }
  ContextColumns& contexts() { return contexts_; }
  // For a search: the filter, and what is known of the messages that pass it. In the caller's read transaction, like the caches
  // above. The first few searches of a process do without what later ones keep.
  Result<KnownFilter> resolve_filter(const MessageFilter& filter);
  // A read transaction, with the caches brought up to date if something was forgotten meanwhile. With read_mutex() held.
  Result<sqlite::Transaction> begin_read();
  // A further connection for reading, for a cursor that outlives the call (SQL).
  [[nodiscard]] Result<sqlite::Connection> open_reader() const;
  // Forgets what the reader caches, and what all handles know together; after derived tables were made anew.
  void clear_caches();

  // What this handle loads is redacted, whatever the store's policy says.
  void redact_loads(bool redact) { redacts_loads_ = redact; }
  [[nodiscard]] bool redacts_loads() const { return redacts_loads_; }

  std::mutex& write_mutex() { return write_mutex_; }
  // kReadOnly for a read-only store. The pointer lives as long as the store.
  Result<Writer*> writer();

 private:
  Store(std::string path, const StoreOptions& options, const Clock& clock);
  Result<sqlite::Connection> open_for_writing(bool create);
  [[nodiscard]] Status check_existing(bool create) const;
  Status initialize(sqlite::Connection& db);
  Status share();
  void clear_own_caches();

  std::string path_;
  StoreOptions options_;
  const Clock* clock_;
  FairMutex read_mutex_;
  std::shared_ptr<SharedStore> shared_;
  std::shared_ptr<SharedStore> retired_;  // whose search_turn() the caller may still have, until the next transaction
  std::optional<sqlite::Connection> reader_;
  BlockReader texts_;
  BlockReader records_;
  MessageContexts message_contexts_;
  DocValueReader doc_values_;
  TextIndexReader text_index_;
  std::optional<Vocabulary> vocabulary_;
  ContextColumns contexts_;
  FilterCache filters_;
  std::optional<TextMessagesCache> messages_;
  std::int64_t rewrites_ = 0;  // that the caches know of
  std::atomic<bool> redacts_loads_ = false;
  std::mutex write_mutex_;
  std::unique_ptr<Writer> writer_;
};

}  // namespace cmem
