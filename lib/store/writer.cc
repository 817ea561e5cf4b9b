#include "store/writer.h"

#include <algorithm>
#include <limits>

#include "base/bytes.h"
#include "base/fault.h"

namespace cmem {
namespace {

constexpr std::size_t kRowCells = 5;  // id, text_id, time_ms, context_id, line
static_assert(sqlite::kNullCell == kNoTime, "a message without a time has NULL as its time_ms");
constexpr std::size_t kBufferedCells = kRowCells * 8192;
constexpr std::size_t kRecordBlockBytes = 128 * 1024;
constexpr std::size_t kKnownRecordBytes = std::size_t{1} << 20;
constexpr std::size_t kWaitingBytes = std::size_t{16} << 20;
// The log is moved into the file when it has grown so far; small enough that readers' look-ups in it stay quick.
constexpr std::int64_t kCheckpointBytes = std::int64_t{64} << 20;
constexpr std::int64_t kCheckpointAfterLoadBytes = std::int64_t{1} << 20;

}  // namespace

Writer::Writer(sqlite::Connection db, LockFile lock, const Clock& clock, Options options)
    : db_(std::move(db)),
      lock_(std::move(lock)),
      clock_(&clock),
      options_(options),
      compression_(kBlockCompressionLevel, kWaitingBytes),
      texts_(options.cache_bytes, compression_),
      records_("record_block", kRecordBlockBytes, BlockWriter::Closed::kCompressed, compression_),
      known_records_("record_block", kKnownRecordBytes),
      doc_values_(compression_) {}

// What was written is left in the file itself, so that somebody who copies it by hand copies the messages. If others are busy, the
// log has it.
Writer::~Writer() {
  rollback();
  if (!has_written_ || db_.wal_bytes() == 0 || db_.write_failed()) return;
  if (const auto guard = lock_.acquire(0, "memory checkpoint"); guard)
    static_cast<void>(db_.checkpoint(sqlite::CheckpointMode::truncate, nullptr, nullptr));
}

void Writer::reset_caches() {
  committed_csn_ = -1;
  for (NameTable* table : {&projects_, &origins_, &components_, &roles_, &shapes_}) table->reset();
  sessions_.reset();
  contexts_.reset();
  usages_.reset();
  texts_.reset();
  records_.reset();
  known_records_.clear();
  occurrences_.reset();
  doc_values_.reset();
  activity_.reset();
  errors_.reset();
  forget_extracted();
  rows_.clear();
}

void Writer::rollback() {
  if (!transaction_) return;
  transaction_.reset();
  reset_caches();
  guard_.reset();
}

Status Writer::begin(std::string_view purpose) {
  CMEM_TRY(begin_maintenance(purpose));
  if (auto status = refresh(); !status) {
    rollback();
    return status;
  }
  return {};
}

Status Writer::begin_maintenance(std::string_view purpose) {
  rollback();  // of a batch that an exception left open
  if (db_.write_failed())
    return Unexpected(Code::kIo,
                      "an earlier write to " + db_.path() + " failed; close the store, check the disk and open it again");
  CMEM_ASSIGN_OR_RETURN(auto guard, lock_.acquire(options_.busy_timeout_ms, purpose));
  guard_.emplace(std::move(guard));
  auto transaction = sqlite::Transaction::begin_immediate(db_);
  if (!transaction) {
    guard_.reset();
    return Unexpected(std::move(transaction).error());
  }
  transaction_.emplace(std::move(*transaction));
  return {};
}

Status Writer::read_state(State& state, std::int64_t& next_text_id, std::int64_t& next_segment_id) {
  CMEM_ASSIGN_OR_RETURN(
      auto row,
      db_.prepare(
          "SELECT csn, time_ms, next_message_id, messages, text_bytes, content_root, next_text_id, next_segment_id, rewrites "
          "FROM main.commit_clock"));
  CMEM_ASSIGN_OR_RETURN(const bool found, row.step());
  if (!found) return Unexpected(Code::kCorrupt, "commit_clock has no row; restore the store from a backup");
  state = {row.column_int(0), row.column_int(1), row.column_int(2),
           row.column_int(3), row.column_int(4), content_root_from_bytes(as_text(row.column_blob(5))),
           row.column_int(8)};
  next_text_id = row.column_int(6);
  next_segment_id = row.column_int(7);
  return {};
}

Status Writer::refresh() {
  std::int64_t next_text_id = 0;
  std::int64_t next_segment_id = 0;
  CMEM_TRY(read_state(state_, next_text_id, next_segment_id));
  first_message_id_ = state_.next_message_id;
  first_text_bytes_ = state_.text_bytes;
  if (state_.csn == committed_csn_) return {};
  // Texts that the caches know may be gone.
  if (state_.rewrites != known_rewrites_) {
    reset_caches();
    CMEM_TRY(forgotten_.load(db_));
    known_rewrites_ = state_.rewrites;
  }
  for (NameTable* table : {&projects_, &origins_, &components_, &roles_, &shapes_}) table->reset();
  sessions_.reset();
  contexts_.reset();
  usages_.reset();
  known_records_.clear();
  occurrences_.reset();
  errors_.reset();
  forget_extracted();
  CMEM_TRY(texts_.refresh(db_, next_text_id, next_segment_id));
  CMEM_TRY(records_.resume(db_, state_.next_message_id));
  return doc_values_.resume(db_, state_.next_message_id);
}

Status Writer::prepare_select_row() {
  if (!select_row_) {
    CMEM_ASSIGN_OR_RETURN(select_row_,
                          db_.prepare("SELECT m.text_id, m.time_ms, c.prefix, c.level, c.role_id, c.time_precision, c.shape_id "
                                      "FROM main.message m JOIN main.context c ON c.id = m.context_id WHERE m.id = ?1"));
  }
  return insert_rows();
}

// 0: it is new.
Result<std::int64_t> Writer::duplicate_of(const NewMessage& message, std::int64_t origin_id,
                                          const std::vector<std::int64_t>& candidates, SeenRecords& seen) {
  const bool has_line = message.position > 0;
  const std::int64_t nth = has_line ? 1 : seen.count(origin_id, message.position);
  if (candidates.empty()) return 0;
  CMEM_ASSIGN_OR_RETURN(const auto text_id, texts_.find(db_, message.text, message.text_hash));
  if (!text_id) return 0;
  CMEM_TRY(prepare_select_row());
  std::int64_t equal = 0;
  std::int64_t last = 0;
  for (const std::int64_t id : candidates) {
    CMEM_TRY(select_row_->bind(1, id));
    CMEM_ASSIGN_OR_RETURN(const bool row, select_row_->step());
    // A time that was guessed, of either, tells nothing apart.
    const bool guessed = message.time_precision != TimePrecision::kExact ||
                         (message.time_ms == kNoTime && select_row_->column_int(5) != static_cast<int>(TimePrecision::kExact));
    const bool same_time =
        row && (guessed || (select_row_->column_is_null(1) ? kNoTime : select_row_->column_int(1)) == message.time_ms);
    // The level is part of the content where the content begins with it.
    const bool same_level =
        message.prefix == TextPrefix::kNone || select_row_->column_int(3) == static_cast<std::int64_t>(message.level);
    if (row && same_time && select_row_->column_int(0) == *text_id &&
        select_row_->column_int(2) == static_cast<std::int64_t>(message.prefix) && same_level) {
      ++equal;
      last = id;
    }
    select_row_->reset();
  }
  return nth <= equal ? last : 0;
}

Status Writer::find_context(const NewMessage& message, ContextMemo& memo) {
  ContextKey key;
  key.origin_id = memo.origin_id;
  key.source_type = message.source_type;
  key.level = message.level;
  key.prefix = message.prefix;
  key.time_precision = message.time_precision;
  CMEM_ASSIGN_OR_RETURN(key.project_id, projects_.intern(db_, message.project));
  CMEM_ASSIGN_OR_RETURN(key.component_id, components_.intern(db_, message.component));
  CMEM_ASSIGN_OR_RETURN(key.role_id, roles_.intern(db_, message.role));
  CMEM_ASSIGN_OR_RETURN(key.shape_id, shapes_.intern(db_, message.shape));
  CMEM_ASSIGN_OR_RETURN(memo.session, sessions_.intern(db_, message.session));
  if (memo.session) key.session_id = memo.session->id;
  memo.project_id = key.project_id;
  CMEM_ASSIGN_OR_RETURN(memo.context, contexts_.intern(db_, key));
  if (memo.session) CMEM_TRY(sessions_.set_parent(db_, *memo.session, message.parent_session));
  if (memo.context->identity != 0) return {};
  const ContextIdentity identity{message.origin,
                                 message.session,
                                 message.project,
                                 message.role,
                                 to_string(message.source_type),
                                 to_string(message.level),
                                 static_cast<std::uint8_t>(message.prefix)};
  memo.context->identity = identity_hash(identity);
  memo.context->identity_kind = kind_hash(identity);
  return {};
}

// Whether the message with the record's identity is this very record. One that says something else is a message of its own.
Result<bool> Writer::says_the_same(const NewMessage& message, std::int64_t message_id, std::int64_t text_id) {
  CMEM_TRY(prepare_select_row());
  CMEM_TRY(select_row_->bind(1, message_id));
  CMEM_ASSIGN_OR_RETURN(const bool row, select_row_->step());
  CMEM_ASSIGN_OR_RETURN(const std::int64_t role_id, roles_.intern(db_, message.role));
  const bool same = row && select_row_->column_int(0) == text_id && select_row_->column_int(1) == message.time_ms &&
                    select_row_->column_int(4) == role_id;
  select_row_->reset();
  return same;
}

// The record stands at another place already: this one is kept as a copy's, unless it is known. Nothing: it is a new message.
Result<std::optional<AddOutcome>> Writer::add_copy(const NewMessage& message, const Hash128& identity, std::int64_t original,
                                                   std::int64_t position, TextMemo& text, ContextMemo& memo) {
  const std::optional<AddOutcome> nowhere;
  CMEM_ASSIGN_OR_RETURN(const auto text_id, texts_.find(db_, message.text, message.text_hash));
  if (!text_id) return nowhere;
  CMEM_ASSIGN_OR_RETURN(const bool same, says_the_same(message, original, *text_id));
  if (!same) return nowhere;
  CMEM_ASSIGN_OR_RETURN(const bool known, identities_.is_copied_to(db_, original, memo.origin_id, position));
  if (known) {
    if (message.restores_file) CMEM_TRY(keep_form(message, memo.origin_id, position, original));
    return std::optional(AddOutcome::kDuplicate);
  }
  text.text_id = *text_id;
  if (!memo.session) {
    CMEM_ASSIGN_OR_RETURN(memo.session, sessions_.intern(db_, message.session));
  }
  CMEM_ASSIGN_OR_RETURN(const std::int64_t shape_id, shapes_.intern(db_, message.shape));
  CMEM_TRY(add_copy_row({0, original, memo.origin_id, position, memo.session ? memo.session->id : 0, shape_id}, message.residue));
  state_.root.add(place_digest(identity, xxh3_64(message.origin), xxh3_64(message.session), position));
  return std::optional(AddOutcome::kCopy);
}

Result<std::int64_t> Writer::text_id_of(const NewMessage& message) {
  CMEM_ASSIGN_OR_RETURN(const auto known, texts_.find(db_, message.text, message.text_hash));
  if (known) return *known;
  state_.text_bytes += static_cast<std::int64_t>(message.text.size());
  return texts_.add(message.text, message.text_hash, indexing_of(message.role));
}

Result<AddOutcome> Writer::add(const NewMessage& message, SeenRecords& seen, TextMemo& text, ContextMemo& memo) {
  auto outcome = add_in_batch(message, seen, text, memo);
  if (!outcome) rollback();
  return outcome;
}

Result<AddOutcome> Writer::add_in_batch(const NewMessage& message, SeenRecords& seen, TextMemo& text, ContextMemo& memo) {
  last_message_id_ = 0;
  if (!forgotten_.empty() && message.position != 0 &&
      forgotten_.has_message(message.origin, message.position, message.text, message.uuid))
    return AddOutcome::kDuplicate;
  if (memo.origin_id == 0) {
    CMEM_ASSIGN_OR_RETURN(memo.origin_id, origins_.intern(db_, message.origin));
  }
  const std::int64_t origin_id = memo.origin_id;
  std::int64_t position = message.position;
  if (position == 0) {
    CMEM_ASSIGN_OR_RETURN(const std::int64_t last_line, occurrences_.last_line(db_, origin_id));
    if (last_line == std::numeric_limits<std::int64_t>::max())
      return Unexpected(Code::kLimit,
                        "the source " + std::string(message.origin) + " has no free line behind its last one; use another source");
    position = last_line + 1;
  } else {
    CMEM_ASSIGN_OR_RETURN(const auto* const candidates, occurrences_.find(db_, origin_id, position));
    CMEM_ASSIGN_OR_RETURN(const std::int64_t known, duplicate_of(message, origin_id, *candidates, seen));
    last_message_id_ = known;
    if (known != 0) {
      if (message.restores_file && position > 0) CMEM_TRY(keep_form(message, origin_id, position, known));
      return AddOutcome::kDuplicate;
    }
    if (is_extracted(message)) {
      CMEM_ASSIGN_OR_RETURN(const std::int64_t holder, holder_of(message, origin_id));
      if (holder != 0) return AddOutcome::kDuplicate;
    } else {
      CMEM_TRY(note_extracted(message, origin_id));
    }
  }
  std::optional<Hash128> identity;
  if (!message.uuid.empty()) {
    identity = identity_of(message.uuid);
    const auto parent = message.parent_uuid.empty() ? std::nullopt : std::optional(identity_of(message.parent_uuid));
    CMEM_ASSIGN_OR_RETURN(const std::int64_t original, identities_.find_or_add(db_, *identity, state_.next_message_id, parent));
    if (original != 0) {
      last_message_id_ = original;
      CMEM_ASSIGN_OR_RETURN(const auto outcome, add_copy(message, *identity, original, position, text, memo));
      if (outcome) return *outcome;
      identity.reset();  // it is taken by a message that says something else
    }
  }
  if (!memo.context) CMEM_TRY(find_context(message, memo));
  if (memo.session && memo.project_id != 0)
    CMEM_TRY(sessions_.claim_project(db_, *memo.session, memo.project_id, message.project, message.time_ms));
  ContextTable::Context* const context = memo.context;
  if (text.text_id == 0) {
    CMEM_ASSIGN_OR_RETURN(text.text_id, text_id_of(message));
  }
  const std::int64_t text_id = text.text_id;
  const std::int64_t id = last_message_id_ = state_.next_message_id++;
  const std::int64_t row[kRowCells] = {id, text_id, message.time_ms, context->id, position};
  rows_.insert(rows_.end(), std::begin(row), std::end(row));
  records_.append(message.residue);
  contexts_.count(*context, message.time_ms);
  ++state_.messages;
  add_digests(message, identity, position, *context);
  if (message.usage) CMEM_TRY(usages_.add(db_, id, *message.usage));
  CMEM_TRY(occurrences_.add(db_, origin_id, position, id));
  doc_values_.add(message.time_ms, context->id, text_id);
  activity_.add(message.time_ms, context->id);
  if (message.level == Level::kError) CMEM_TRY(errors_.add(db_, {id, message.time_ms, context->id, 0}, text_id, message.text));
  if (rows_.size() >= kBufferedCells) CMEM_TRY(insert_rows());
  return AddOutcome::kNew;
}

// What the message is, for the content root.
void Writer::add_digests(const NewMessage& message, const std::optional<Hash128>& identity, std::int64_t position,
                         const ContextTable::Context& context) {
  // A time that was guessed may be guessed otherwise when the file is read again.
  const std::int64_t time_ms = message.time_precision == TimePrecision::kExact ? message.time_ms : kNoTime;
  if (!identity) {
    state_.root.add(message_digest(context.identity, position, time_ms, message.text_hash, message.text.size()));
    return;
  }
  state_.root.add(record_digest(*identity, context.identity_kind, time_ms, message.text_hash, message.text.size()));
  state_.root.add(place_digest(*identity, xxh3_64(message.origin), xxh3_64(message.session), position));
}

Status Writer::insert_rows() {
  if (rows_.empty()) return {};
  if (!insert_rows_) {
    CMEM_ASSIGN_OR_RETURN(auto insert, sqlite::BatchInsert::create(db_, "message", kRowCells));
    insert_rows_.emplace(std::move(insert));
  }
  CMEM_TRY(insert_rows_->run(rows_));
  rows_.clear();
  return {};
}

Status Writer::write_clock() {
  ++state_.csn;
  state_.time_ms = std::max(clock_->now_ms(), state_.time_ms + 1);
  CMEM_ASSIGN_OR_RETURN(auto update,
                        db_.prepare("UPDATE main.commit_clock SET csn = ?1, time_ms = ?2, next_message_id = ?3, next_text_id = ?4, "
                                    "messages = ?5, text_bytes = ?6, content_root = ?7, next_segment_id = ?8"));
  CMEM_TRY(update.bind(1, state_.csn));
  CMEM_TRY(update.bind(2, state_.time_ms));
  CMEM_TRY(update.bind(3, state_.next_message_id));
  CMEM_TRY(update.bind(4, texts_.next_id()));
  CMEM_TRY(update.bind(5, state_.messages));
  CMEM_TRY(update.bind(6, state_.text_bytes));
  CMEM_TRY(update.bind_blob(7, as_bytes(to_bytes(state_.root))));
  CMEM_TRY(update.bind(8, texts_.next_segment_id()));
  CMEM_TRY(update.run());
  CMEM_ASSIGN_OR_RETURN(auto log, db_.prepare("INSERT INTO main.commit_log VALUES(?1, ?2, ?3, ?4)"));
  CMEM_TRY(log.bind(1, state_.csn));
  CMEM_TRY(log.bind(2, state_.time_ms));
  CMEM_TRY(log.bind(3, first_message_id_));
  CMEM_TRY(log.bind(4, state_.next_message_id - 1));
  return log.run();
}

Status Writer::write_batch() {
  // SQLite ends a transaction by itself after some failures; what is written after that would be stored piece by piece.
  if (!db_.in_transaction())
    return Unexpected(Code::kIo,
                      "a write to " + db_.path() + " failed and took its transaction with it; nothing of it is stored, try again");
  texts_.seal();
  CMEM_TRY(insert_rows());
  CMEM_CRASH_POINT("write.after-rows");
  CMEM_TRY(records_.flush(db_, nullptr));
  CMEM_TRY(doc_values_.flush(db_));
  CMEM_TRY(activity_.flush(db_));
  CMEM_TRY(errors_.flush(db_));
  CMEM_TRY(occurrences_.flush(db_));
  CMEM_TRY(contexts_.flush(db_));
  CMEM_CRASH_POINT("write.after-blocks");
  CMEM_TRY(texts_.flush(db_));
  CMEM_CRASH_POINT("write.after-derived");
  return write_clock();
}

Status Writer::commit() {
  CMEM_CRASH_POINT("write.before-commit");
  auto status = write_batch();
  if (status) status = transaction_->commit();
  if (!status) {
    rollback();
    return status;
  }
  CMEM_CRASH_POINT("write.after-commit");
  transaction_.reset();
  committed_csn_ = state_.csn;
  has_written_ = true;
  checkpoint_if_due();
  guard_.reset();
  return {};
}

// The batch is durable by now, and a commit that failed for this would be taken for a lost one and written again. What finds a
// reader in its way, or no space, is tried again after the next commit; after a failed write begin() refuses.
void Writer::checkpoint_if_due() {
  if (db_.wal_bytes() < kCheckpointBytes) return;
  CMEM_CRASH_POINT("checkpoint.before");
  static_cast<void>(db_.checkpoint(sqlite::CheckpointMode::passive, nullptr, nullptr));
  CMEM_CRASH_POINT("checkpoint.after");
}

Status Writer::checkpoint_after_load() {
  if (db_.wal_bytes() < kCheckpointAfterLoadBytes) return {};
  auto status = checkpoint(sqlite::CheckpointMode::truncate);
  if (!status && status.error().code == Code::kBusy) return {};
  return status;
}

Status Writer::compact() {
  CMEM_ASSIGN_OR_RETURN(auto guard, lock_.acquire(options_.busy_timeout_ms, "memory forget"));
  CMEM_TRY(db_.exec("VACUUM"));
  return db_.checkpoint(sqlite::CheckpointMode::truncate, nullptr, nullptr);
}

Status Writer::checkpoint(sqlite::CheckpointMode mode) {
  CMEM_ASSIGN_OR_RETURN(auto guard, lock_.acquire(options_.busy_timeout_ms, "memory checkpoint"));
  return db_.checkpoint(mode, nullptr, nullptr);
}

}  // namespace cmem
