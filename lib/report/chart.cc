#include "report/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <optional>

#include "base/clock.h"
#include "report/cell_text.h"

namespace cmem {
namespace {

constexpr std::size_t kMaxPeriods = 400;
constexpr std::size_t kMaxRanked = 20;
constexpr std::string_view kPeriod = "period";

constexpr std::array kChoices{
    ChartChoice{"project-activity", "Time of activity by project", kPeriod, "project", "active"},
    ChartChoice{"project-activity", "Messages by project", kPeriod, "project", "messages"},
    ChartChoice{"timeline", "Messages", kPeriod, "", "messages"},
    ChartChoice{"timeline", "Time of activity", kPeriod, "", "active"},
    ChartChoice{"timeline", "Errors", kPeriod, "", "errors"},
    ChartChoice{"component-usage", "Messages by component and tool", "component", "", "occurrences"},
    ChartChoice{"session-activity", "Time of activity by session", "title", "", "active"},
    ChartChoice{"error-analysis", "Errors by template", "template", "", "errors"},
    ChartChoice{"extraction-audit", "New messages by source", "source", "", "new"},
};

struct Totals {
  std::string_view report;
  std::array<std::string_view, 5> columns;
};

constexpr std::array kTotals{
    Totals{"project-activity", {"active", "messages", "prompts", "errors", "tokens"}},
    Totals{"timeline", {"active", "messages", "prompts", "errors", ""}},
    Totals{"component-usage", {"occurrences", "errors", "", "", ""}},
};

std::optional<std::size_t> index_of(const Report& report, std::string_view column) {
  for (std::size_t i = 0; i < report.columns.size(); ++i)
    if (report.columns[i].name == column) return i;
  return std::nullopt;
}

std::optional<ChartChoice> first_choice(const Report& report) {
  ChartChoice choice{report.name, report.title, "", "", ""};
  if (index_of(report, kPeriod)) choice.label = kPeriod;
  for (const ReportColumn& column : report.columns) {
    if (choice.label.empty() && column.type == CellType::kText) choice.label = column.name;
    if (choice.value.empty() && column.type == CellType::kInt && !column.unit.empty()) choice.value = column.name;
  }
  if (choice.label.empty() || choice.value.empty()) return std::nullopt;
  return choice;
}

double number_of(const ReportCell& cell) {
  if (const auto* whole = std::get_if<std::int64_t>(&cell)) return static_cast<double>(*whole);
  const auto* real = std::get_if<double>(&cell);
  return real ? *real : 0;
}

std::string text_of(const ReportCell& cell) {
  const auto* text = std::get_if<std::string>(&cell);
  return text ? *text : std::string();
}

ChartLabel label_of(const ReportColumn& column, const ProjectNames& projects, const std::string& text) {
  if (text.empty()) return {"(none)", {}};
  if (is_project(column)) return {projects.name(text), text};
  return {text, {}};
}

// Value by label and series.
using Values = std::map<std::string, std::map<std::string, double>>;

struct PeriodRange {
  std::string name;
  TimeRange range;
};

// From the first to the last, with those between that have no row: an axis of time has no gaps.
std::vector<std::string> periods_of(const Values& values, Zone zone) {
  std::vector<PeriodRange> known;
  for (const auto& [name, series] : values) {
    const auto range = parse_time_range(name, system_clock().now_ms(), zone);
    if (range) known.push_back({name, *range});
  }
  std::sort(known.begin(), known.end(), [](const auto& a, const auto& b) { return a.range.from_ms < b.range.from_ms; });
  std::vector<std::string> names;
  for (const PeriodRange& period : known) {
    if (!names.empty()) {
      const TimeUnit unit = period.name.find('W') != std::string::npos   ? TimeUnit::kWeek
                            : period.name.find('T') != std::string::npos ? TimeUnit::kHour
                            : period.name.size() == 7                    ? TimeUnit::kMonth
                                                                         : TimeUnit::kDay;
      for (std::int64_t at = parse_time_range(names.back(), 0, zone)->until_ms;
           at < period.range.from_ms && names.size() < kMaxPeriods; at = bucket_of(at, unit, zone).until_ms)
        names.push_back(bucket_name(at, unit, zone));
    }
    names.push_back(period.name);
  }
  return names;
}

std::vector<std::string> ranked(const Values& values) {
  std::vector<std::pair<double, std::string>> sums;
  for (const auto& [name, series] : values) {
    double sum = 0;
    for (const auto& [key, value] : series) sum += value;
    if (sum > 0) sums.emplace_back(-sum, name);
  }
  std::sort(sums.begin(), sums.end());
  std::vector<std::string> names;
  for (auto& [sum, name] : sums) names.push_back(std::move(name));
  return names;
}

Values by_series(const Values& values) {
  Values turned;
  for (const auto& [label, series] : values)
    for (const auto& [name, value] : series) turned[name][label] += value;
  return turned;
}

// `first` as they are, then what else there is.
std::vector<std::string> in_order(std::vector<std::string> first, const std::vector<std::string>& rest) {
  for (const std::string& name : rest)
    if (std::find(first.begin(), first.end(), name) == first.end()) first.push_back(name);
  return first;
}

// Those of `names` in their order; the last ones as one, if they are too many.
std::vector<ChartSeries> series_of(const Values& values, const std::vector<std::string>& labels,
                                   const std::vector<std::string>& names, const ReportColumn* column,
                                   const ProjectNames& projects) {
  const std::size_t own = names.size() <= kMaxSeries ? names.size() : kMaxSeries - 1;
  std::vector<ChartSeries> all;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i <= own) {
      ChartLabel name = column == nullptr ? ChartLabel() : label_of(*column, projects, names[i]);
      if (i == own) name = {fmt::format("{} others", names.size() - own), {}};
      all.push_back({std::move(name), std::vector<double>(labels.size())});
    }
    for (std::size_t at = 0; at < labels.size(); ++at) {
      const auto label = values.find(labels[at]);
      if (label == values.end()) continue;
      const auto found = label->second.find(names[i]);
      if (found != label->second.end()) all.back().values[at] += found->second;
    }
  }
  return all;
}

Values read_values(const Report& report, const ChartChoice& choice, const ReportTable& table) {
  const auto label = index_of(report, choice.label);
  const auto value = index_of(report, choice.value);
  const auto series = index_of(report, choice.series);
  Values values;
  for (const ReportRow& row : table.rows)
    values[text_of(row[*label])][series ? text_of(row[*series]) : std::string()] += number_of(row[*value]);
  return values;
}

// A series has one colour in all charts of a page: its place in the first of them.
std::vector<std::string> series_names(const Report& report, const ChartChoice& choice, const ReportTable& table,
                                      const Values& values) {
  const std::vector<std::string> own = ranked(by_series(values));
  const ChartChoice first = charts_of(report).front();
  if (first.series != choice.series || first.value == choice.value) return own;
  return in_order(ranked(by_series(read_values(report, first, table))), own);
}

}  // namespace

std::vector<ChartChoice> charts_of(const Report& report) {
  std::vector<ChartChoice> charts;
  const auto has = [&](std::string_view column) { return column.empty() || index_of(report, column); };
  for (const ChartChoice& choice : kChoices)
    if (choice.report == report.name && has(choice.label) && has(choice.series) && has(choice.value)) charts.push_back(choice);
  if (!charts.empty()) return charts;
  if (const auto choice = first_choice(report)) charts.push_back(*choice);
  return charts;
}

std::vector<std::string_view> totals_of(const Report& report) {
  std::vector<std::string_view> names;
  for (const Totals& totals : kTotals) {
    if (totals.report != report.name) continue;
    std::copy_if(totals.columns.begin(), totals.columns.end(), std::back_inserter(names),
                 [&](std::string_view name) { return !name.empty() && index_of(report, name); });
  }
  return names;
}

std::string_view chart_part_of(const Report& report, std::string_view column) {
  const auto charts = charts_of(report);
  if (charts.empty() || column.empty()) return {};
  if (column == charts.front().label) return "label";
  if (column == charts.front().series) return "series";
  return column == charts.front().value ? "value" : "";
}

Chart make_chart(const Report& report, const ChartChoice& choice, const ReportTable& table, const ReportOptions& options) {
  Chart chart{std::string(choice.title), {}, choice.label == kPeriod, {}, {}, 0};
  const ReportColumn& label = report.columns[*index_of(report, choice.label)];
  chart.unit = report.columns[*index_of(report, choice.value)].unit;
  const Values values = read_values(report, choice, table);
  std::vector<std::string> labels = ranked(values);
  if (labels.empty()) return chart;
  if (chart.is_over_time) labels = periods_of(values, options.zone);
  const std::size_t most = chart.is_over_time ? kMaxPeriods : kMaxRanked;
  if (labels.size() > most) {
    chart.left_out = labels.size() - most;
    // Of a long time the end is shown.
    const auto cut = labels.begin() + static_cast<std::ptrdiff_t>(chart.is_over_time ? chart.left_out : most);
    labels = chart.is_over_time ? std::vector(cut, labels.end()) : std::vector(labels.begin(), cut);
  }
  const auto series = index_of(report, choice.series);
  const ProjectNames projects(report.columns, table);
  chart.series =
      series_of(values, labels, series_names(report, choice, table, values), series ? &report.columns[*series] : nullptr, projects);
  for (const std::string& name : labels) chart.labels.push_back(label_of(label, projects, name));
  return chart;
}

}  // namespace cmem
