// Cells of reports as people read them.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "report/report.h"

namespace cmem {

// 1494 -> "1,494"
std::string grouped_number(std::int64_t number);
// "1 message has", "1,494 messages have": how a note begins.
std::string count_has(std::int64_t count, std::string_view noun);
// 11,520,000 -> "3 h 12 min"; from a minute on whole minutes, and from 100 hours on whole hours.
std::string duration_words(std::int64_t ms);
// An instant on the clocks of a zone: "2025-11-15 10:30".
std::string minute_text(std::int64_t instant_ms, Zone zone);
// "UTC+01:00", of the zone at an instant.
std::string offset_text(std::int64_t instant_ms, Zone zone);

// Says how much more or less there is than before: shown with its sign.
inline bool is_change(const ReportColumn& column) {
  return column.unit == "%" && (column.name == "change" || column.name == "trend");
}
// Full paths, which tables show by their last component.
inline bool is_project(const ReportColumn& column) { return column.name == "project"; }

// Projects by the last components of their paths: one, or as many as tell those of a table apart.
class ProjectNames {
 public:
  ProjectNames(std::span<const ReportColumn> columns, const ReportTable& table);
  [[nodiscard]] std::string name(const std::string& path) const;

 private:
  std::map<std::string, std::string, std::less<>> names_;  // by path
};

// Empty for an empty cell.
std::string cell_text(const ReportColumn& column, const ReportCell& cell, Zone zone);

}  // namespace cmem
