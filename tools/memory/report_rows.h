// A report as the command shows it: its rows, held as long as they are looked at, and what the charts of a terminal need of them.
#pragma once
#include <coditect/memory.hpp>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "columns.h"

namespace cli {

class ReportRows {
 public:
  // Reads all rows: bars need the greatest of them.
  explicit ReportRows(coditect::Report report);

  [[nodiscard]] const coditect::Report& report() const { return report_; }
  [[nodiscard]] const std::vector<std::vector<cmem_value>>& rows() const { return rows_; }
  // As printers show them. Columns that are of the chart are never left out, times first.
  [[nodiscard]] const Columns& columns() const { return columns_; }
  // Of the column that is "label", "series" or "value" of the chart; -1: there is none.
  [[nodiscard]] int chart_column(std::string_view part) const;

 private:
  [[nodiscard]] Column column_of(std::size_t index) const;
  // Whether paths in it have one last component: then their ends are shown.
  [[nodiscard]] bool has_namesakes(std::size_t index) const;
  std::vector<cmem_value> held(const coditect::Row& row);

  coditect::Report report_;
  Columns columns_;
  std::vector<std::vector<cmem_value>> rows_;
  std::deque<std::string> texts_;  // of the cells
};

}  // namespace cli
