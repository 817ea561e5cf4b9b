// The columns that every table of messages begins with.
#pragma once
#include <string>
#include <vector>

#include "capi/table.h"
#include "store/message_reader.h"

namespace cmem {

// id, time, project, session, source_type, role, component, level, source, line, and `text_column`.
inline std::vector<Column> message_columns(const char* text_column) {
  return {{"id", CMEM_TYPE_INT},           {"time", CMEM_TYPE_TIME}, {"project", CMEM_TYPE_TEXT},   {"session", CMEM_TYPE_TEXT},
          {"source_type", CMEM_TYPE_TEXT}, {"role", CMEM_TYPE_TEXT}, {"component", CMEM_TYPE_TEXT}, {"level", CMEM_TYPE_TEXT},
          {"source", CMEM_TYPE_TEXT},      {"line", CMEM_TYPE_INT},  {text_column, CMEM_TYPE_TEXT}};
}

inline Row message_row(const MessageRow& message, Cell text) {
  const MessageContext& context = *message.context;
  Row row;
  row.reserve(16);
  row.push_back(Cell::number(message.id));
  row.push_back(Cell::time(message.time_ms));
  row.push_back(Cell::name(context.project));
  row.push_back(Cell::name(context.session));
  row.push_back(Cell::string(std::string(to_string(context.source_type))));
  row.push_back(Cell::name(context.role));
  row.push_back(Cell::name(context.component));
  row.push_back(Cell::name(std::string(to_string(context.level))));
  row.push_back(Cell::string(context.origin));
  row.push_back(message.position > 0 ? Cell::number(message.position) : Cell::null());
  row.push_back(std::move(text));
  return row;
}

}  // namespace cmem
