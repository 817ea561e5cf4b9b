// Puts messages into the store. One batch is one transaction: begin(), add() any number of times, commit(). Everything a batch
// changes (rows, texts, full-text index, look-up tables, doc values, counts) becomes visible at once, or not at all.
//
// One thread at a time. Between batches other processes may write: begin() notices by the csn and brings the caches up to date.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/lock_file.h"
#include "base/result.h"
#include "sqlite/batch_insert.h"
#include "sqlite/connection.h"
#include "sqlite/transaction.h"
#include "store/activity.h"
#include "store/block_log.h"
#include "store/content_root.h"
#include "store/dimensions.h"
#include "store/doc_values.h"
#include "store/error_log.h"
#include "store/file_store.h"
#include "store/forgotten.h"
#include "store/new_message.h"
#include "store/occurrences.h"
#include "store/record_identities.h"
#include "store/text_table.h"
#include "store/token_usage.h"

namespace cmem {

struct ExtractedLine;

// What one load has seen so far of records that have no line of their own: how often each came. The k-th record of a source is a
// duplicate of the k-th equal one in the store, so that equal todos of one list stay apart and loading the list again adds nothing.
class SeenRecords {
 public:
  // Counts one more; returns how often it has been seen now, from 1.
  std::int64_t count(std::int64_t origin_id, std::int64_t position) { return ++seen_[{origin_id, position}]; }

 private:
  struct Key {
    std::int64_t origin_id;
    std::int64_t position;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      return static_cast<std::size_t>(key.position ^ (key.origin_id * 0x9E3779B97F4A7C15LL));
    }
  };
  std::unordered_map<Key, std::int64_t, KeyHash> seen_;
};

// What add() found out about a message's text, or about all else that it shares with others. Messages that are known to have the
// same text, or the same context, may share a memo within one batch: the look-up is then done once. A default memo knows nothing.
struct TextMemo {
  std::int64_t text_id = 0;
};
struct ContextMemo {
  std::int64_t origin_id = 0;
  std::int64_t project_id = 0;
  SessionTable::Session* session = nullptr;
  ContextTable::Context* context = nullptr;
};

// kCopy: a record that stands elsewhere too; the place is kept, and the message counts once.
// kKept: what was to be replaced says the same.
enum class AddOutcome { kNew, kDuplicate, kCopy, kKept };

class Writer {
 public:
  struct Options {
    int busy_timeout_ms = 10'000;
    std::size_t cache_bytes = std::size_t{64} << 20;  // decoded texts, to compare with
  };
  Writer(sqlite::Connection db, LockFile lock, const Clock& clock, Options options);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Waits its turn for the writer lock and starts a batch. kBusy, kIo (an earlier write failed: reopen the store).
  Status begin(std::string_view purpose);
  // The same without bringing the caches up to date, so that damaged derived tables do not stand in the way of their repair: only
  // db(), reload() and rollback() may be used, and after reload() everything.
  Status begin_maintenance(std::string_view purpose);
  Result<AddOutcome> add(const NewMessage& message, SeenRecords& seen) {
    TextMemo text;
    ContextMemo context;
    return add(message, seen, text, context);
  }
  // After an error the batch is rolled back.
  Result<AddOutcome> add(const NewMessage& message, SeenRecords& seen, TextMemo& text, ContextMemo& context);
  // The same for an event that was added as it stood, as the message `id`, and may have gone on since: that message goes, and this
  // one is added. Readers learn of it as of something forgotten, which it is not: no tombstone is left. If the event was forgotten,
  // so is what it became. Of messages without an identity.
  Result<AddOutcome> replace(std::int64_t id, const NewMessage& message, SeenRecords& seen, TextMemo& text, ContextMemo& context);
  // That the last add() or replace() made or found; 0: it was forgotten.
  [[nodiscard]] std::int64_t last_message_id() const { return last_message_id_; }
  // Keeps a line that gives no message, so that its file is given back whole. After an error the batch is rolled back.
  Status add_line(std::string_view origin, std::int64_t line, std::string_view bytes);
  // Whether anything was forgotten, and whether such a line was. In a batch.
  [[nodiscard]] bool has_forgotten() const { return !forgotten_.empty(); }
  [[nodiscard]] bool has_forgotten(std::string_view origin, std::int64_t line, std::string_view bytes) const {
    return !forgotten_.empty() && forgotten_.has_message(origin, line, bytes, {});
  }
  // Keeps a file byte for byte, as it was at that time. After an error the batch is rolled back.
  Status add_file(std::string_view origin, std::string_view bytes, std::int64_t mtime_ms);
  // An absolute path of which versions may be kept.
  Status add_tracked_path(std::string_view path);
  // The message of a home's file that holds the event which this record of an extraction file tells of; 0: none. In a batch.
  Result<std::int64_t> holder_of(const NewMessage& message);
  // Keeps the line of an extraction file whose message goes, once. In a batch.
  Status keep_extracted_line(const ExtractedLine& line);
  // Makes the batch durable. On failure nothing of the batch is stored.
  Status commit();
  void rollback();

  // For run rows and maintenance inside a batch.
  sqlite::Connection& db() { return db_; }
  // Of the texts that this batch has brought, which stay in memory until it is committed.
  [[nodiscard]] std::int64_t new_text_bytes() const { return state_.text_bytes - first_text_bytes_; }
  // True if another writer waits for this batch to end.
  [[nodiscard]] bool is_awaited() const { return guard_ && guard_->is_awaited(); }
  [[nodiscard]] bool in_batch() const { return transaction_.has_value(); }
  [[nodiscard]] std::int64_t now_ms() const { return clock_->now_ms(); }
  [[nodiscard]] std::int64_t next_message_id() const { return state_.next_message_id; }
  // Forgets the caches. Outside a batch.
  void reset_caches();
  // Inside a batch: reads state and caches anew, after something has changed the tables past this writer.
  Status reload() {
    reset_caches();
    return refresh();
  }

  // Moves a log of some size into the file, so that a load leaves a compact store. Nothing happens if somebody is in the way.
  Status checkpoint_after_load();
  // Moves the log into the file while holding the lock.
  Status checkpoint(sqlite::CheckpointMode mode);
  // Writes the file anew without its free pages, and empties the log. kBusy: somebody reads, and the log still has old pages.
  Status compact();

 private:
  struct State {
    std::int64_t csn = -1;
    std::int64_t time_ms = 0;
    std::int64_t next_message_id = 0;
    std::int64_t messages = 0;
    std::int64_t text_bytes = 0;
    ContentRoot root;
    std::int64_t rewrites = 0;
  };

  // What is compared of a stored message.
  struct StoredRow {
    std::int64_t text_id = 0;
    std::int64_t time_ms = kNoTime;
    TextPrefix prefix = TextPrefix::kNone;
    Level level = Level::kNone;
    TimePrecision time_precision = TimePrecision::kExact;
    std::int64_t shape_id = 0;
  };

  Result<AddOutcome> add_in_batch(const NewMessage& message, SeenRecords& seen, TextMemo& text, ContextMemo& context);
  struct Replaced;
  Result<AddOutcome> replace_in_batch(std::int64_t id, const NewMessage& message, SeenRecords& seen, TextMemo& text,
                                      ContextMemo& context);
  Result<std::optional<Replaced>> find_replaced(std::int64_t id, const NewMessage& message);
  Status take_out(const Replaced& old);
  Status correct_span(const Replaced& old);
  Status raise_rewrites();
  Status refresh();
  Status read_state(State& state, std::int64_t& next_text_id, std::int64_t& next_segment_id);
  Status prepare_select_row();
  Result<std::int64_t> duplicate_of(const NewMessage& message, std::int64_t origin_id, const std::vector<std::int64_t>& candidates,
                                    SeenRecords& seen);
  Result<std::optional<AddOutcome>> add_copy(const NewMessage& message, const Hash128& identity, std::int64_t original,
                                             std::int64_t position, TextMemo& text, ContextMemo& memo);
  Status keep_form(const NewMessage& message, std::int64_t origin_id, std::int64_t position, std::int64_t message_id);
  Status keep_line(std::string_view origin, std::int64_t line, std::string_view bytes);
  Status add_line_row(RecordCopy copy, std::string_view bytes);
  Status add_copy_row(RecordCopy copy, std::string_view residue);
  Result<RecordCopy> newest_at(std::int64_t origin_id, std::int64_t position);
  Result<bool> has_residue(std::int64_t id, std::string_view residue);
  Result<bool> says_the_same(const NewMessage& message, std::int64_t message_id, std::int64_t text_id);
  void forget_extracted() {
    extraction_shapes_.clear();
    home_origins_.clear();
  }
  static bool is_extracted(const NewMessage& message);
  static bool holds(const StoredRow& event, std::string_view text, const NewMessage& message, std::int64_t skipped);
  Result<std::int64_t> holder_of(const NewMessage& message, std::int64_t origin_id);
  Result<std::int64_t> holder_of_versions(const NewMessage& message, std::int64_t origin_id);
  Result<std::int64_t> holder_of_lines(const NewMessage& message, std::int64_t origin_id);
  Result<StoredRow> stored_row(std::int64_t id);
  Result<bool> is_extraction_shape_id(std::int64_t shape_id);
  Result<bool> has_home_lines(std::int64_t origin_id);
  Status note_extracted(const NewMessage& message, std::int64_t origin_id);
  void add_digests(const NewMessage& message, const std::optional<Hash128>& identity, std::int64_t position,
                   const ContextTable::Context& context);
  Status find_context(const NewMessage& message, ContextMemo& memo);
  Result<std::int64_t> text_id_of(const NewMessage& message);
  Status insert_rows();
  Status write_batch();
  Status write_clock();
  void checkpoint_if_due();

  sqlite::Connection db_;
  LockFile lock_;
  const Clock* clock_;
  Options options_;
  std::optional<LockFile::Guard> guard_;
  std::optional<sqlite::Transaction> transaction_;

  State state_;                      // as it will be after the commit
  std::int64_t committed_csn_ = -1;  // the csn our caches belong to
  std::int64_t known_rewrites_ = 0;  // that forgotten_ knows of
  bool has_written_ = false;
  std::int64_t first_message_id_ = 0;  // of this batch
  std::int64_t first_text_bytes_ = 0;  // before this batch
  std::int64_t last_message_id_ = 0;
  std::vector<std::int64_t> rows_;  // kRowCells a message, in id order
  NameTable projects_{"project", "path"};
  NameTable origins_{"origin", "path"};
  NameTable components_{"component", "name"};
  NameTable roles_{"role", "name"};
  NameTable shapes_{"shape", "text"};
  SessionTable sessions_;
  ContextTable contexts_;
  RecordIdentities identities_;
  TokenUsages usages_;
  FileStore files_;
  Forgotten forgotten_;
  CompressionQueue compression_;
  TextTable texts_;
  BlockWriter records_;
  BlockReader known_records_;
  Occurrences occurrences_;
  DocValueWriter doc_values_;
  ActivityWriter activity_;
  ErrorLogWriter errors_;
  std::unordered_map<std::int64_t, bool> extraction_shapes_;  // by shape: it is of an extraction file's line
  std::unordered_map<std::int64_t, bool> home_origins_;       // by origin: lines of a home are known of it
  std::optional<sqlite::BatchInsert> insert_rows_;
  std::optional<sqlite::Statement> select_row_;
};

}  // namespace cmem
