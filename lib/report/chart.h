// What of a report is drawn, and the numbers of the drawing.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "report/report.h"

namespace cmem {

// Names of columns. A chart over time has a `label` that is a period, and stacks the values of each `series`; any other one ranks.
struct ChartChoice {
  std::string_view report;
  std::string_view title;
  std::string_view label;
  std::string_view series;  // empty: one
  std::string_view value;
};

// The charts of a report: those that were chosen for it, else one of its first number by its period, or by its first name. Empty:
// it has nothing to draw.
std::vector<ChartChoice> charts_of(const Report& report);
// Names of columns whose sum over all rows means something.
std::vector<std::string_view> totals_of(const Report& report);
// "label", "series" or "value" in the first chart of the report; empty: not in it.
std::string_view chart_part_of(const Report& report, std::string_view column);

struct ChartLabel {
  std::string text;
  std::string full;  // where `text` is a part of it
};

struct ChartSeries {
  ChartLabel name;
  std::vector<double> values;  // of each label
};

struct Chart {
  std::string title;
  std::string unit;
  bool is_over_time = false;  // labels are periods without gaps; else they are ranked, most first
  std::vector<ChartLabel> labels;
  std::vector<ChartSeries> series;  // greatest first; the last one may be all others
  std::size_t left_out = 0;         // labels that are not in it
};

// The colours that a page tells apart, the one of "others" included.
inline constexpr std::size_t kMaxSeries = 8;

// No labels: all values are 0 or missing.
Chart make_chart(const Report& report, const ChartChoice& choice, const ReportTable& table, const ReportOptions& options);

}  // namespace cmem
