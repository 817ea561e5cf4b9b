#include "ingest/extracted_lines.h"

#include "base/message_text.h"
#include "source/json_value.h"
#include "source/line_fields.h"
#include "source/record_shape.h"
#include "source/saved_versions.h"
#include "store/extracted_messages.h"

namespace cmem {
namespace {

Result<std::string> line_of(MessageReader& reader, const MessageRow& message, const Shape& shape) {
  CMEM_ASSIGN_OR_RETURN(const std::string content, reader.content(message));
  CMEM_ASSIGN_OR_RETURN(const auto residue, reader.residue(message.id));
  LineFields fields;
  fields.content = content;
  fields.origin = message.context->origin;
  fields.position = message.position;
  fields.time_ms = message.time_ms;
  fields.session = message.context->session;
  fields.project = message.context->stated_project;
  fields.role = message.context->role;
  return render_line(shape, fields, residue);
}

// Equal to what was loaded, as far as the writer looks for what holds it.
Result<ExtractedLine> find_holder(Writer& writer, MessageReader& reader, const MessageRow& message) {
  const MessageContext& context = *message.context;
  CMEM_ASSIGN_OR_RETURN(const Shape shape, Shape::parse(context.shape));
  ExtractedLine line{message.id, 0, context.origin, ""};
  CMEM_ASSIGN_OR_RETURN(line.bytes, line_of(reader, message, shape));
  CMEM_ASSIGN_OR_RETURN(const auto residue, reader.residue(message.id));
  CMEM_ASSIGN_OR_RETURN(const std::string metadata, render_metadata_json(shape, residue));
  const auto versions = saved_versions(context.origin, JsonValue(metadata)["metadata"].raw());
  CMEM_ASSIGN_OR_RETURN(const std::string_view stored, reader.text(message));
  const std::string text(stored);
  NewMessage told;
  told.source_type = context.source_type;
  told.prefix = context.prefix;
  told.level = context.level;
  told.time_ms = message.time_ms;
  told.text = text;
  told.origin = context.origin;
  told.position = message.position;
  told.sums_up = &versions;
  CMEM_ASSIGN_OR_RETURN(line.holder_id, writer.holder_of(told));
  return line;
}

}  // namespace

Result<std::int64_t> join_extracted(Store& store, Writer& writer) { return drop_extracted(store, writer, find_holder); }

}  // namespace cmem
