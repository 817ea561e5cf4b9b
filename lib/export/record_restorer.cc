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

Result<const Shape*> RecordRestorer::parsed(const std::string& shape) {
  if (const auto known = shapes_.find(shape); known != shapes_.end()) return known->second.get();
  CMEM_ASSIGN_OR_RETURN(Shape made, Shape::parse(shape));
  return shapes_.emplace(shape, std::make_unique<Shape>(std::move(made))).first->second.get();
}

Result<const Shape*> RecordRestorer::shape_of(const MessageRow& message) {
  if (message.context->shape.empty()) return nullptr;
  auto shape = parsed(message.context->shape);
  if (!shape) return about(message, std::move(shape).error());
  return shape;
}

Result<std::string> RecordRestorer::render(const Shape& shape, const LineFields& fields, std::int64_t residue_id) {
  CMEM_ASSIGN_OR_RETURN(const auto residue, reader_->residue(residue_id));
  CMEM_ASSIGN_OR_RETURN(std::string line, render_line(shape, fields, residue));
  if (shape.has_newline()) line.push_back('\n');
  return line;
}

Result<std::string> RecordRestorer::render_message(const MessageRow& message, const Shape& shape, std::int64_t residue_id) {
  CMEM_ASSIGN_OR_RETURN(const std::string content, reader_->content(message));
  LineFields fields;
  fields.content = content;
  fields.origin = message.context->origin;
  fields.position = message.position;
  fields.time_ms = message.time_ms;
  fields.session = message.context->session;
  fields.project = message.context->stated_project;
  fields.role = message.context->role;
  auto line = render(shape, fields, residue_id);
  if (!line) return about(message, std::move(line).error());
  return line;
}

Result<std::string> RecordRestorer::line(const MessageRow& message) {
  CMEM_ASSIGN_OR_RETURN(const Shape* const shape, shape_of(message));
  if (!shape) return std::string();
  return render_message(message, *shape, message.id);
}

Result<std::string> RecordRestorer::line_of_copy(const MessageRow& message, const std::string& shape, std::int64_t copy_id) {
  CMEM_ASSIGN_OR_RETURN(const Shape* const form, parsed(shape));
  return render_message(message, *form, copy_id);
}

Result<std::string> RecordRestorer::kept_line(const std::string& shape, std::int64_t copy_id) {
  CMEM_ASSIGN_OR_RETURN(const Shape* const form, parsed(shape));
  return render(*form, {}, copy_id);
}

Result<bool> RecordRestorer::is_home_line(const MessageRow& message) {
  CMEM_ASSIGN_OR_RETURN(const Shape* const shape, shape_of(message));
  if (!shape || shape->pieces().empty()) return false;
  const SlotRole first = shape->pieces().front().role;
  return first == SlotRole::kBytes || first == SlotRole::kData || first == SlotRole::kWholeLine;
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
