#include "store/message_reader.h"

#include <fmt/format.h>

#include "base/message_text.h"
#include "base/time_text.h"

namespace cmem {
namespace {

constexpr const char* kSelect = "SELECT text_id, time_ms, line, context_id FROM main.message WHERE id = ?1";

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
  if (!found) {
    select_.reset();
    return Unexpected(Code::kNotFound, fmt::format("there is no message {}", message_id));
  }
  MessageRow row;
  row.id = message_id;
  row.text_id = select_.column_int(0);
  row.time_ms = select_.column_is_null(1) ? kNoTime : select_.column_int(1);
  row.position = select_.column_int(2);
  const std::int64_t context_id = select_.column_int(3);
  select_.reset();
  CMEM_ASSIGN_OR_RETURN(row.context, contexts_->get(*db_, context_id));
  // A row without its context is damage, not a message that never was.
  if (!row.context)
    return Unexpected(Code::kCorrupt,
                      fmt::format("message {}: its context is missing; restore the store from a backup", message_id));
  CMEM_TRY(check(row));
  return row;
}

Result<MessageRow> MessageReader::read_listed(std::int64_t message_id) {
  auto message = read(message_id);
  if (message || message.error().code != Code::kNotFound) return message;
  return Unexpected(Code::kCorrupt, fmt::format("message {}: its row is missing; restore the store from a backup", message_id));
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
