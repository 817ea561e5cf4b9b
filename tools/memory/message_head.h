// The line that stands above a message wherever messages are shown as blocks.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "columns.h"

namespace cli {

// A row whose cells are asked for by name. A name that is not there reads as NULL.
class RowView {
 public:
  RowView(const Columns& columns, Cells cells) : columns_(columns), cells_(cells) {}

  [[nodiscard]] const cmem_value* find(std::string_view name) const;
  [[nodiscard]] std::string_view text(std::string_view name) const;
  [[nodiscard]] std::int64_t integer(std::string_view name) const;
  [[nodiscard]] double real(std::string_view name) const;
  [[nodiscard]] std::int64_t time_ms(std::string_view name) const;

 private:
  const Columns& columns_;
  Cells cells_;
};

// "2025-11-15 10:30:05  #1234  my-app  6932fd00  LSP  ERROR": without what is not known. At most `width` columns.
std::string message_head(const RowView& row, bool utc, int width);

}  // namespace cli
