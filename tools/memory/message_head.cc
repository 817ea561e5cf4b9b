#include "message_head.h"

#include <fmt/format.h>

#include "text.h"

namespace cli {

const cmem_value* RowView::find(std::string_view name) const {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].name == name) return &cells_[i];
  }
  return nullptr;
}

std::string_view RowView::text(std::string_view name) const {
  const cmem_value* value = find(name);
  return value == nullptr ? std::string_view() : text_of(*value);
}

std::int64_t RowView::integer(std::string_view name) const {
  const cmem_value* value = find(name);
  return value != nullptr && value->type == CMEM_TYPE_INT ? value->i64 : 0;
}

double RowView::real(std::string_view name) const {
  const cmem_value* value = find(name);
  return value != nullptr && value->type == CMEM_TYPE_REAL ? value->f64 : 0;
}

std::int64_t RowView::time_ms(std::string_view name) const {
  const cmem_value* value = find(name);
  return value != nullptr && value->type == CMEM_TYPE_TIME ? value->i64 : coditect::kNoTime;
}

std::string message_head(const RowView& row, bool utc, int width) {
  std::string out;
  const auto add = [&out](std::string_view part) {
    if (!part.empty()) out += (out.empty() ? "" : "  ") + printable_line(part);
  };
  add(readable_time(row.time_ms("time"), utc));
  add(fmt::format("#{}", row.integer("id")));
  add(last_component(row.text("project")));
  add(short_session(row.text("session")));
  add(row.text("role"));
  add(row.text("component"));
  add(row.text("level"));
  return cut(out, width);
}

}  // namespace cli
