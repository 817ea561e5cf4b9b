#include "export/record_restorer.h"

#include <fmt/format.h>

#include "base/hash.h"

namespace cmem {
namespace {

Unexpected about(const MessageRow& message, Error error) {
  error.text = fmt::format("message {}: {}", message.id, error.text);
  return Unexpected(std::move(error));
}

}  // namespace

Result<const Shape*> RecordRestorer::shape_of(const MessageRow& message) {
  if (message.context->shape.empty()) return nullptr;
  if (const auto known = shapes_.find(message.context->shape); known != shapes_.end()) return known->second.get();
  auto shape = Shape::parse(message.context->shape);
  if (!shape) return about(message, std::move(shape).error());
  return shapes_.emplace(message.context->shape, std::make_unique<Shape>(std::move(*shape))).first->second.get();
}

Result<std::string> RecordRestorer::line(const MessageRow& message) {
  CMEM_ASSIGN_OR_RETURN(const Shape* const shape, shape_of(message));
  if (!shape) return std::string();
  CMEM_ASSIGN_OR_RETURN(const std::string content, reader_->content(message));
  CMEM_ASSIGN_OR_RETURN(const auto residue, reader_->residue(message.id));
  LineFields fields;
  fields.content = content;
  fields.origin = message.context->origin;
  fields.position = message.position;
  fields.time_ms = message.time_ms;
  fields.session = message.context->session;
  fields.project = message.context->stated_project;
  fields.role = message.context->role;
  auto line = render_line(*shape, fields, residue);
  if (!line) return about(message, std::move(line).error());
  if (shape->has_newline()) line->push_back('\n');
  return line;
}

Result<std::string> RecordRestorer::hash(const MessageRow& message) {
  CMEM_ASSIGN_OR_RETURN(const Shape* const shape, shape_of(message));
  if (shape) {
    CMEM_ASSIGN_OR_RETURN(const auto residue, reader_->residue(message.id));
    auto given = given_hash(*shape, residue);
    if (!given) return about(message, std::move(given).error());
    if (!given->empty()) return given;
  }
  CMEM_ASSIGN_OR_RETURN(const std::string content, reader_->content(message));
  return to_hex(sha256(content));
}

Result<std::string> RecordRestorer::metadata(const MessageRow& message) {
  CMEM_ASSIGN_OR_RETURN(const Shape* const shape, shape_of(message));
  if (!shape) return std::string("{}");
  CMEM_ASSIGN_OR_RETURN(const auto residue, reader_->residue(message.id));
  auto metadata = render_metadata_json(*shape, residue);
  if (!metadata) return about(message, std::move(metadata).error());
  return metadata;
}

}  // namespace cmem
