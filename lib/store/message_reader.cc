#include "store/message_reader.h"

#include <fmt/format.h>

#include <limits>

#include "base/message_text.h"
#include "base/time_text.h"

namespace cmem {
namespace {

constexpr const char* kSelect = "SELECT id, text_id, time_ms, line, context_id FROM main.message WHERE id = ?1";
constexpr const char* kSelectFrom = "SELECT id, text_id, time_ms, line, context_id FROM main.message WHERE id >= ?1 ORDER BY id";
// To step over so many rows takes as long as to look for one.
constexpr std::int64_t kNearIds = 8;

Status check(const MessageRow& message) {
  const MessageContext& context = *message.context;
  const bool known = static_cast<std::size_t>(context.source_type) < kSourceTypes.size() &&
                     static_cast<std::size_t>(context.level) < kLevelNames.size() && context.prefix <= TextPrefix::kLevel;
  if (!known)
    return Unexpected(Code::kCorrupt,
                      fmt::format("message {}: its context has a source type, level or prefix that is none", message.id));
  if (context.prefix == TextPrefix::kTimeLevel && (message.time_ms < kMinIsoMs || message.time_ms > kMaxIsoMs))
    return Unexpected(Code::kCorrupt, fmt::format("message {}: its content begins with its time, and it has none", message.id));
  return {};
}

Unexpected row_is_missing(std::int64_t message_id) {
  return Unexpected(Code::kCorrupt, fmt::format("message {}: its row is missing; restore the store from a backup", message_id));
}

}  // namespace

Result<MessageReader> MessageReader::create(sqlite::Connection& db, BlockReader& texts, BlockReader& records,
                                            MessageContexts& contexts) {
  CMEM_TRY(contexts.refresh(db));
  CMEM_ASSIGN_OR_RETURN(auto select, db.prepare(kSelect));
  return MessageReader(db, texts, records, contexts, std::move(select));
}

Result<MessageRow> MessageReader::read(std::int64_t message_id) {
  CMEM_TRY(select_.bind(1, message_id));
  CMEM_ASSIGN_OR_RETURN(const bool found, select_.step());
  Result<MessageRow> row = Unexpected(Code::kNotFound, fmt::format("there is no message {}", message_id));
  if (found) row = row_of(select_);
  select_.reset();
  return row;
}

Result<MessageRow> MessageReader::row_of(const sqlite::Statement& columns) {
  MessageRow row;
  row.id = columns.column_int(0);
  row.text_id = columns.column_int(1);
  row.time_ms = columns.column_is_null(2) ? kNoTime : columns.column_int(2);
  row.position = columns.column_int(3);
  CMEM_ASSIGN_OR_RETURN(row.context, contexts_->get(*db_, columns.column_int(4)));
  // A row without its context is damage, not a message that never was.
  if (!row.context)
    return Unexpected(Code::kCorrupt, fmt::format("message {}: its context is missing; restore the store from a backup", row.id));
  CMEM_TRY(check(row));
  return row;
}

Result<MessageRow> MessageReader::read_listed(std::int64_t message_id) {
  auto message = read(message_id);
  if (message || message.error().code != Code::kNotFound) return message;
  return row_is_missing(message_id);
}

Result<std::vector<MessageRow>> MessageReader::read_listed(std::span<const std::int64_t> message_ids) {
  CMEM_ASSIGN_OR_RETURN(auto rows, db_->prepare(kSelectFrom));
  std::vector<MessageRow> messages;
  messages.reserve(message_ids.size());
  std::int64_t at = std::numeric_limits<std::int64_t>::min();  // the row that the statement is at
  for (const std::int64_t id : message_ids) {
    if (messages.empty() || id - at > kNearIds) {
      rows.reset();
      CMEM_TRY(rows.bind(1, id));
      at = std::numeric_limits<std::int64_t>::min();
    }
    while (at < id) {
      CMEM_ASSIGN_OR_RETURN(const bool found, rows.step());
      at = found ? rows.column_int(0) : std::numeric_limits<std::int64_t>::max();
    }
    if (at != id) return row_is_missing(id);
    CMEM_ASSIGN_OR_RETURN(auto message, row_of(rows));
    messages.push_back(std::move(message));
  }
  return messages;
}

Result<std::string_view> MessageReader::part(BlockReader& blocks, std::int64_t entry_id, std::int64_t message_id) {
  auto entry = blocks.read(*db_, entry_id);
  if (entry || entry.error().code != Code::kNotFound) return entry;
  return Unexpected(Code::kCorrupt, fmt::format("message {}: {}; restore the store from a backup", message_id, entry.error().text));
}

Result<std::string> MessageReader::content(const MessageRow& message) {
  CMEM_ASSIGN_OR_RETURN(const auto stored, text(message));
  return compose_content(message.context->prefix, message.time_ms, message.context->level, stored);
}

}  // namespace cmem
