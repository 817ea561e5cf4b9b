// Messages that are replaced: events of logs that were added before all of their lines were written.
#include <algorithm>
#include <limits>
#include <optional>

#include "base/wall_time.h"
#include "store/writer.h"

namespace cmem {

struct Writer::Replaced {
  std::int64_t id;
  std::int64_t text_id;
  std::int64_t time_ms;
  std::int64_t context_id;
  std::int64_t origin_id;
  Hash128 digest;
};

Result<AddOutcome> Writer::replace(std::int64_t id, const NewMessage& message, SeenRecords& seen, TextMemo& text,
                                   ContextMemo& memo) {
  auto outcome = replace_in_batch(id, message, seen, text, memo);
  if (!outcome) rollback();
  return outcome;
}

Result<AddOutcome> Writer::replace_in_batch(std::int64_t id, const NewMessage& message, SeenRecords& seen, TextMemo& text,
                                            ContextMemo& memo) {
  CMEM_TRY(insert_rows());
  CMEM_ASSIGN_OR_RETURN(const auto old, find_replaced(id, message));
  if (!old) {
    CMEM_ASSIGN_OR_RETURN(auto buried, db_.prepare("SELECT 1 FROM main.tombstone WHERE id = ?1"));
    CMEM_TRY(buried.bind(1, id));
    CMEM_ASSIGN_OR_RETURN(const bool is_forgotten, buried.step());
    if (!is_forgotten) return add_in_batch(message, seen, text, memo);
    last_message_id_ = 0;
    CMEM_TRY(forgotten_.add_message(db_, message.origin, message.position, message.text));
    CMEM_TRY(raise_rewrites());
    return AddOutcome::kDuplicate;
  }
  last_message_id_ = id;
  CMEM_ASSIGN_OR_RETURN(const auto text_id, texts_.find(db_, message.text, message.text_hash));
  if (text_id && *text_id == old->text_id) return AddOutcome::kKept;
  CMEM_TRY(take_out(*old));
  CMEM_ASSIGN_OR_RETURN(const AddOutcome outcome, add_in_batch(message, seen, text, memo));
  const bool has_same_span = memo.context && memo.context->id == old->context_id && message.time_ms == old->time_ms;
  if (outcome != AddOutcome::kNew || !has_same_span) CMEM_TRY(correct_span(*old));
  return outcome;
}

// Nothing: there is no such message at the place of `message`.
Result<std::optional<Writer::Replaced>> Writer::find_replaced(std::int64_t id, const NewMessage& message) {
  CMEM_ASSIGN_OR_RETURN(
      auto row, db_.prepare("SELECT m.text_id, m.time_ms, m.context_id, c.origin_id, c.prefix, c.time_precision, s.external_id, "
                            "p.path, r.name, t.name, l.name FROM main.message m JOIN main.context c ON c.id = m.context_id "
                            "JOIN main.origin o ON o.id = c.origin_id JOIN main.source_type t ON t.id = c.source_type "
                            "LEFT JOIN main.session s ON s.id = c.session_id LEFT JOIN main.project p ON p.id = c.project_id "
                            "LEFT JOIN main.role r ON r.id = c.role_id LEFT JOIN main.level l ON l.id = c.level "
                            "WHERE m.id = ?1 AND m.line = ?2 AND o.path = ?3"));
  CMEM_TRY(row.bind(1, id));
  CMEM_TRY(row.bind(2, message.position));
  CMEM_TRY(row.bind_text(3, message.origin));
  CMEM_ASSIGN_OR_RETURN(const bool found, row.step());
  if (!found) return std::optional<Replaced>();
  Replaced old{id, row.column_int(0), row.column_is_null(1) ? kNoTime : row.column_int(1), row.column_int(2), row.column_int(3),
               {}};
  const ContextIdentity identity{message.origin,
                                 row.column_text(6),
                                 row.column_text(7),
                                 row.column_text(8),
                                 row.column_text(9),
                                 row.column_text(10),
                                 static_cast<std::uint8_t>(row.column_int(4))};
  const std::int64_t time_ms = row.column_int(5) == static_cast<int>(TimePrecision::kExact) ? old.time_ms : kNoTime;
  CMEM_ASSIGN_OR_RETURN(const std::string_view text, texts_.read(db_, old.text_id));
  old.digest = message_digest(identity_hash(identity), message.position, time_ms, xxh3_64(text), text.size());
  return std::optional(old);
}

// The text stays: nobody has it now, as after forgetting, and a search that finds it finds no message. So does the residue.
Status Writer::take_out(const Replaced& old) {
  CMEM_TRY(contexts_.flush(db_));
  CMEM_TRY(activity_.flush(db_));
  CMEM_TRY(occurrences_.flush(db_));
  CMEM_TRY(occurrences_.remove(db_, old.origin_id, old.id));
  for (const char* const sql : {"DELETE FROM main.message WHERE id = ?1", "DELETE FROM main.record_copy WHERE message_id = ?1"}) {
    CMEM_ASSIGN_OR_RETURN(auto remove, db_.prepare(sql));
    CMEM_TRY(remove.bind(1, old.id));
    CMEM_TRY(remove.run());
  }
  CMEM_TRY(doc_values_.take_out(db_, old.id));
  CMEM_ASSIGN_OR_RETURN(auto count, db_.prepare("UPDATE main.context SET messages = messages - 1, without_time = without_time - ?2 "
                                                "WHERE id = ?1"));
  CMEM_TRY(count.bind(1, old.context_id));
  CMEM_TRY(count.bind(2, std::int64_t{old.time_ms == kNoTime}));
  CMEM_TRY(count.run());
  CMEM_TRY(take_out_of_activity(db_, old.context_id, old.time_ms));
  CMEM_TRY(errors_.take_out(db_, old.id));
  --state_.messages;
  state_.root.subtract(old.digest);
  return raise_rewrites();
}

// What was taken out may have been the first or the last of its context. A context is of one origin.
Status Writer::correct_span(const Replaced& old) {
  CMEM_TRY(insert_rows());
  CMEM_TRY(contexts_.flush(db_));
  CMEM_TRY(occurrences_.flush(db_));
  CMEM_TRY(activity_.flush(db_));
  CMEM_ASSIGN_OR_RETURN(const auto messages, read_occurrences(db_, old.origin_id));
  CMEM_ASSIGN_OR_RETURN(auto row, db_.prepare("SELECT time_ms FROM main.message WHERE id = ?1 AND context_id = ?2 AND time_ms "
                                              "IS NOT NULL"));
  CMEM_TRY(row.bind(2, old.context_id));
  std::int64_t first_ms = std::numeric_limits<std::int64_t>::max();
  std::int64_t last_ms = kNoTime;
  ActivityCell cell{old.context_id, floor_div(old.time_ms, kQuarterMs), 0, 0, 0};
  for (const Occurrence& message : messages) {
    CMEM_TRY(row.bind(1, message.message_id));
    CMEM_ASSIGN_OR_RETURN(const bool found, row.step());
    if (found) {
      first_ms = std::min(first_ms, row.column_int(0));
      last_ms = std::max(last_ms, row.column_int(0));
      add_to_activity(cell, row.column_int(0));
    }
    row.reset();
  }
  if (old.time_ms != kNoTime) CMEM_TRY(write_activity(db_, cell));
  CMEM_ASSIGN_OR_RETURN(auto update, db_.prepare("UPDATE main.context SET first_ms = ?2, last_ms = ?3 WHERE id = ?1"));
  CMEM_TRY(update.bind(1, old.context_id));
  CMEM_TRY(last_ms == kNoTime ? update.bind_null(2) : update.bind(2, first_ms));
  CMEM_TRY(last_ms == kNoTime ? update.bind_null(3) : update.bind(3, last_ms));
  return update.run();
}

// What readers know of the store does not hold any more; what this writer knows does.
Status Writer::raise_rewrites() {
  CMEM_TRY(db_.exec("UPDATE main.commit_clock SET rewrites = rewrites + 1"));
  known_rewrites_ = ++state_.rewrites;
  return {};
}

}  // namespace cmem
