#include "report_rows.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "text.h"

namespace cli {
namespace {

// Of the report that is read and not counted, a session's: what goes first where there is little room. The rest stays.
constexpr std::pair<std::string_view, int> kDropOrder[] = {{"session", 7},     {"id", 6},   {"depth", 5},    {"kind", 4},
                                                           {"source_type", 3}, {"role", 2}, {"component", 1}};

void set_drop_order(Column& column) {
  const auto* const row =
      std::find_if(std::begin(kDropOrder), std::end(kDropOrder), [&](const auto& r) { return r.first == column.name; });
  column.drop_order = row == std::end(kDropOrder) ? 0 : row->second;
}

}  // namespace

ReportRows::ReportRows(coditect::Report report) : report_(std::move(report)) {
  for (std::size_t i = 0; i < report_.rows.column_count(); ++i) columns_.push_back(column_of(i));
  while (const coditect::Row* row = report_.rows.next()) rows_.push_back(held(*row));
  for (std::size_t i = 0; i < columns_.size(); ++i)
    if (columns_[i].kind == Kind::kPath && has_namesakes(i)) columns_[i].kind = Kind::kTail;
}

bool ReportRows::has_namesakes(std::size_t index) const {
  std::map<std::string_view, std::string_view> paths;  // by last component
  return std::any_of(rows_.begin(), rows_.end(), [&](const auto& row) {
    const std::string_view path = text_of(row[index]);
    return paths.emplace(last_component(path), path).first->second != path;
  });
}

int ReportRows::chart_column(std::string_view part) const {
  for (std::size_t i = 0; i < report_.columns.size(); ++i)
    if (report_.columns[i].chart == part) return static_cast<int>(i);
  return -1;
}

Column ReportRows::column_of(std::size_t index) const {
  const std::int32_t type = report_.rows.column_type(index);
  const coditect::ReportColumn& told = report_.columns.at(index);
  Column column;
  column.name = told.name;
  // Reports have their most telling columns first.
  column.drop_order = told.chart.empty() ? static_cast<int>(index) + 1 : 0;
  if (type == CMEM_TYPE_TIME) {
    column.kind = Kind::kMinute;
    column.drop_order += 100;
  } else if (type == CMEM_TYPE_INT) {
    column.kind = told.unit.empty()      ? Kind::kId
                  : told.unit == "ms"    ? Kind::kDuration
                  : told.unit == "bytes" ? Kind::kBytes
                                         : Kind::kInteger;
  } else if (type == CMEM_TYPE_REAL) {
    const bool is_change = told.name == "change" || told.name == "trend";
    column.kind = told.unit != "%" ? Kind::kReal : is_change ? Kind::kChange : Kind::kPercent;
  } else {
    column.kind = told.name == "project" ? Kind::kPath : told.name == "session" ? Kind::kSession : Kind::kText;
    column.min_width = told.chart == "label" ? 26 : 14;  // what a chart is by tells the rows apart
    if (told.name == "text") column.min_width = 40;
  }
  if (chart_column("label") < 0) set_drop_order(column);
  if (told.name == "verdict") column.drop_order = 0;  // for its sake the report is read
  return column;
}

std::vector<cmem_value> ReportRows::held(const coditect::Row& row) {
  std::vector<cmem_value> cells;
  for (std::size_t i = 0; i < row.size(); ++i) {
    cells.push_back(row[i].raw());
    if (cells.back().type != CMEM_TYPE_TEXT) continue;
    texts_.emplace_back(text_of(cells.back()));
    cells.back().text = texts_.back().data();
  }
  return cells;
}

}  // namespace cli
