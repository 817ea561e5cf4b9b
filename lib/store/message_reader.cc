#include "store/message_reader.h"

#include <fmt/format.h>

#include "base/message_text.h"
#include "base/time_text.h"

namespace cmem {
namespace {

constexpr const char* kSelect =
    "SELECT m.text_id, m.time_ms, m.line, c.origin_id, c.session_id, c.source_type, c.level, c.prefix, p.path, s.external_id, "
    "k.name, r.name, "
    "o.path, h.text, sp.path FROM main.message m JOIN main.context c ON c.id = m.context_id JOIN main.origin o ON o.id = "
    "c.origin_id "
    "LEFT JOIN main.session s ON s.id = c.session_id LEFT JOIN main.project p ON p.id = coalesce(c.project_id, s.project_id) "
    "LEFT JOIN main.project sp ON sp.id = c.project_id LEFT JOIN main.component k ON k.id = c.component_id "
    "LEFT JOIN main.role r ON r.id = c.role_id LEFT JOIN main.shape h ON h.id = c.shape_id WHERE m.id = ?1";

}  // namespace

Result<MessageRow> MessageReader::read(std::int64_t message_id) {
  if (!select_) {
    CMEM_ASSIGN_OR_RETURN(auto select, db_->prepare(kSelect));
    select_.emplace(std::move(select));
  }
  CMEM_TRY(select_->bind(1, message_id));
  CMEM_ASSIGN_OR_RETURN(const bool found, select_->step());
  if (!found) {
    select_->reset();
    return no_message(message_id);
  }
  MessageRow row;
  row.id = message_id;
  row.text_id = select_->column_int(0);
  row.time_ms = select_->column_is_null(1) ? kNoTime : select_->column_int(1);
  row.position = select_->column_int(2);
  row.origin_id = select_->column_int(3);
  row.session_id = select_->column_int(4);
  row.source_type = static_cast<SourceType>(select_->column_int(5));
  row.level = static_cast<Level>(select_->column_int(6));
  row.prefix = static_cast<TextPrefix>(select_->column_int(7));
  row.project = select_->column_text(8);
  row.session = select_->column_text(9);
  row.component = select_->column_text(10);
  row.role = select_->column_text(11);
  row.origin = select_->column_text(12);
  row.shape = select_->column_text(13);
  row.stated_project = select_->column_text(14);
  select_->reset();
  const bool known = static_cast<std::size_t>(row.source_type) < kSourceTypes.size() &&
                     static_cast<std::size_t>(row.level) < kLevelNames.size() && row.prefix <= TextPrefix::kLevel;
  if (!known)
    return Unexpected(Code::kCorrupt,
                      fmt::format("message {}: its context has a source type, level or prefix that is none", message_id));
  if (row.prefix == TextPrefix::kTimeLevel && (row.time_ms < kMinIsoMs || row.time_ms > kMaxIsoMs))
    return Unexpected(Code::kCorrupt, fmt::format("message {}: its content begins with its time, and it has none", message_id));
  return row;
}

Result<MessageRow> MessageReader::read_listed(std::int64_t message_id) {
  auto message = read(message_id);
  if (message || message.error().code != Code::kNotFound) return message;
  return Unexpected(Code::kCorrupt, fmt::format("message {}: its row is missing; restore the store from a backup", message_id));
}

// A row without its context is damage, not a message that never was.
Unexpected MessageReader::no_message(std::int64_t message_id) {
  const auto rows = db_->query_int(fmt::format("SELECT count(*) FROM main.message WHERE id = {}", message_id));
  if (!rows) return Unexpected(rows.error());
  if (*rows == 0) return Unexpected(Code::kNotFound, fmt::format("there is no message {}", message_id));
  return Unexpected(Code::kCorrupt, fmt::format("message {}: its context is missing; restore the store from a backup", message_id));
}

Result<std::string_view> MessageReader::part(BlockReader& blocks, std::int64_t entry_id, std::int64_t message_id) {
  auto entry = blocks.read(*db_, entry_id);
  if (entry || entry.error().code != Code::kNotFound) return entry;
  return Unexpected(Code::kCorrupt, fmt::format("message {}: {}; restore the store from a backup", message_id, entry.error().text));
}

Result<std::string> MessageReader::content(const MessageRow& message) {
  CMEM_ASSIGN_OR_RETURN(const auto stored, text(message));
  return compose_content(message.prefix, message.time_ms, message.level, stored);
}

}  // namespace cmem
