#include "store/message_contexts.h"

namespace cmem {
namespace {

constexpr const char* kSelect =
    "SELECT c.origin_id, c.session_id, c.source_type, c.level, c.prefix, p.path, s.external_id, k.name, r.name, o.path, h.text, "
    "sp.path FROM main.context c JOIN main.origin o ON o.id = c.origin_id LEFT JOIN main.session s ON s.id = c.session_id "
    "LEFT JOIN main.project p ON p.id = coalesce(c.project_id, s.project_id) LEFT JOIN main.project sp ON sp.id = c.project_id "
    "LEFT JOIN main.component k ON k.id = c.component_id LEFT JOIN main.role r ON r.id = c.role_id "
    "LEFT JOIN main.shape h ON h.id = c.shape_id WHERE c.id = ?1";

// Of the cache itself, for each context.
constexpr std::size_t kOverheadBytes = 128;

std::shared_ptr<const MessageContext> context_of(const sqlite::Statement& row) {
  auto context = std::make_shared<MessageContext>();
  context->origin_id = row.column_int(0);
  context->session_id = row.column_int(1);
  context->source_type = static_cast<SourceType>(row.column_int(2));
  context->level = static_cast<Level>(row.column_int(3));
  context->prefix = static_cast<TextPrefix>(row.column_int(4));
  context->project = row.column_text(5);
  context->session = row.column_text(6);
  context->component = row.column_text(7);
  context->role = row.column_text(8);
  context->origin = row.column_text(9);
  context->shape = row.column_text(10);
  context->stated_project = row.column_text(11);
  return context;
}

std::size_t memory_bytes(const MessageContext& context) {
  std::size_t bytes = kOverheadBytes + sizeof(MessageContext);
  for (const auto* name : {&context.project, &context.stated_project, &context.session, &context.component, &context.role,
                           &context.origin, &context.shape})
    bytes += name->size();
  return bytes;
}

}  // namespace

Status MessageContexts::refresh(sqlite::Connection& db) {
  CMEM_ASSIGN_OR_RETURN(const std::int64_t data_version, db.query_int("PRAGMA data_version"));
  if (data_version != data_version_) contexts_.clear();
  data_version_ = data_version;
  return {};
}

Result<std::shared_ptr<const MessageContext>> MessageContexts::get(sqlite::Connection& db, std::int64_t context_id) {
  if (const auto* const known = contexts_.find(context_id)) return *known;
  if (!select_) {
    CMEM_ASSIGN_OR_RETURN(select_, db.prepare(kSelect));
  }
  CMEM_TRY(select_->bind(1, context_id));
  CMEM_ASSIGN_OR_RETURN(const bool found, select_->step());
  const auto context = found ? context_of(*select_) : nullptr;
  select_->reset();
  if (!found) return context;
  const std::size_t bytes = memory_bytes(*context);
  return contexts_.put(context_id, context, bytes);
}

}  // namespace cmem
