#include "report/chart_svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "report/cell_text.h"
#include "report/html_text.h"

namespace cmem {
namespace {

// Sizes in units of the drawing, which a page of full width shows as pixels.
constexpr double kWidth = 960;
constexpr double kHourMs = 3'600'000;
constexpr double kMinuteMs = 60'000;

struct Axis {
  double step = 1;  // between two lines
  double end = 1;
};

// At most five lines, at 1, 2 or 5 times a power of ten; times at whole minutes or hours.
Axis axis_of(double most, bool is_time) {
  const double unit = !is_time ? 1 : most >= kHourMs ? kHourMs : kMinuteMs;
  const double wanted = std::max(most / unit / 5, 1e-9);
  const double power = std::max(1.0, std::pow(10, std::floor(std::log10(wanted))));
  double step = power;
  for (const double factor : {2.0, 5.0, 10.0})
    if (step < wanted) step = factor * power;
  return {step * unit, std::max(1.0, std::ceil(most / unit / step - 1e-9)) * step * unit};
}

std::string tick_text(const Chart& chart, double value) {
  if (chart.unit == "ms" && value > 0)
    return value >= kHourMs ? grouped_number(std::llround(value / kHourMs)) + " h" : fmt::format("{:.0f} min", value / kMinuteMs);
  return grouped_number(std::llround(value));
}

double sum_at(const Chart& chart, std::size_t label) {
  return std::accumulate(chart.series.begin(), chart.series.end(), 0.0,
                         [label](double sum, const ChartSeries& series) { return sum + series.values[label]; });
}

double greatest_sum(const Chart& chart) {
  double most = 0;
  for (std::size_t i = 0; i < chart.labels.size(); ++i) most = std::max(most, sum_at(chart, i));
  return most;
}

std::string description(const Chart& chart) {
  if (chart.labels.empty()) return {};
  const std::string what =
      chart.series.size() > 1 ? fmt::format(" The parts are {} kinds, shown in colours.", chart.series.size()) : "";
  std::size_t top = 0;
  for (std::size_t i = 1; i < chart.labels.size(); ++i)
    if (sum_at(chart, i) > sum_at(chart, top)) top = i;
  return fmt::format("{} bars, from {} to {}; the longest is {} with {}.{} The table below has all numbers.", chart.labels.size(),
                     chart.labels.front().text, chart.labels.back().text, chart.labels[top].text,
                     chart_value_text(chart, sum_at(chart, top)), what);
}

std::string begin_svg(const Chart& chart, const std::string& id, double height) {
  return fmt::format(
      "<svg role=\"img\" aria-labelledby=\"{0}-t {0}-d\" viewBox=\"0 0 {1:.0f} {2:.0f}\">"
      "<title id=\"{0}-t\">{3}</title><desc id=\"{0}-d\">{4}</desc>\n",
      id, kWidth, height, html_text(chart.title), html_text(description(chart)));
}

std::string bar_title(const Chart& chart, std::size_t label, const ChartSeries& series, double value) {
  const std::string& name = chart.labels[label].full.empty() ? chart.labels[label].text : chart.labels[label].full;
  const std::string part = series.name.text.empty() ? "" : " · " + series.name.text;
  return html_text(name + part + ": " + chart_value_text(chart, value));
}

std::string rect(std::size_t color, double x, double y, double width, double height, const std::string& title) {
  return fmt::format("<rect class=\"s{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"><title>{}</title></rect>\n",
                     color, x, y, width, height, title);
}

std::string text(std::string_view anchor, double x, double y, std::string_view words, std::string_view css = "tick") {
  return fmt::format("<text class=\"{}\" text-anchor=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", css, anchor, x, y,
                     html_text(words));
}

// ---------------------------------------------------------------------------------------------- columns over a time

constexpr double kLeft = 64;
constexpr double kTop = 22;
constexpr double kPlotHeight = 240;
constexpr double kBottom = 30;
constexpr double kMaxBar = 56;
constexpr double kLabelRoom = 84;
constexpr std::size_t kFewColumns = 14;  // as many have their sum above them

std::string grid(const Chart& chart, const Axis& axis) {
  std::string out;
  const double lines = std::round(axis.end / axis.step);
  for (double i = 0; i <= lines; ++i) {
    const double y = kTop + kPlotHeight * (1 - i / lines);
    out += fmt::format("<line class=\"{}\" x1=\"{:.0f}\" x2=\"{:.0f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>\n", i == 0 ? "base" : "grid",
                       kLeft, kWidth, y, y);
    out += text("end", kLeft - 8, y + 4, tick_text(chart, i * axis.step));
  }
  return out;
}

std::string column(const Chart& chart, std::size_t label, double x, double width, double end) {
  std::string out;
  double y = kTop + kPlotHeight;
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    const double value = chart.series[i].values[label];
    if (value <= 0) continue;
    const double height = std::max(value / end * kPlotHeight, 0.5);
    y -= height;
    // A line of the ground between two parts, where there is room for one.
    out += rect(i, x, y, width, std::max(height - (height > 3 ? 1.0 : 0.0), 0.5), bar_title(chart, label, chart.series[i], value));
  }
  if (!out.empty() && chart.labels.size() <= kFewColumns)
    out += text("middle", x + width / 2, y - 6, chart_value_text(chart, sum_at(chart, label)), "value");
  return out;
}

std::string columns_svg(const Chart& chart, const std::string& id) {
  const Axis axis = axis_of(greatest_sum(chart), chart.unit == "ms");
  const auto count = static_cast<double>(chart.labels.size());
  const double step = (kWidth - kLeft) / count;
  const double width = std::min(step * 0.76, kMaxBar);
  const auto every = static_cast<std::size_t>(std::ceil(kLabelRoom / step));
  std::string out = begin_svg(chart, id, kTop + kPlotHeight + kBottom) + grid(chart, axis);
  for (std::size_t i = 0; i < chart.labels.size(); ++i) {
    const double middle = kLeft + step * (static_cast<double>(i) + 0.5);
    out += column(chart, i, middle - width / 2, width, axis.end);
    if (i % every == 0)
      out += text("middle", std::clamp(middle, kLeft, kWidth - 36), kTop + kPlotHeight + 20, chart.labels[i].text);
  }
  return out + "</svg>\n";
}

// ------------------------------------------------------------------------------------------------------ ranked bars

constexpr double kRow = 26;
constexpr double kBar = 16;
constexpr double kNames = 220;
constexpr double kValues = 130;
constexpr std::size_t kNameCharacters = 30;

std::string bars_svg(const Chart& chart, const std::string& id) {
  const double most = std::max(greatest_sum(chart), 1e-9);
  std::string out = begin_svg(chart, id, kRow * static_cast<double>(chart.labels.size()) + 6);
  for (std::size_t i = 0; i < chart.labels.size(); ++i) {
    const double y = 3 + kRow * static_cast<double>(i);
    out += text("end", kNames - 10, y + kBar - 2, shortened(chart.labels[i].text, kNameCharacters), "name");
    double x = kNames;
    for (std::size_t part = 0; part < chart.series.size(); ++part) {
      const double value = chart.series[part].values[i];
      if (value <= 0) continue;
      const double width = std::max(value / most * (kWidth - kNames - kValues), 1.0);
      out += rect(part, x, y, width, kBar, bar_title(chart, i, chart.series[part], value));
      x += width;
    }
    out += text("start", x + 8, y + kBar - 2, chart_value_text(chart, sum_at(chart, i)), "value");
  }
  return out + "</svg>\n";
}

}  // namespace

std::string chart_value_text(const Chart& chart, double value) {
  return chart.unit == "ms" ? duration_words(std::llround(value)) : grouped_number(std::llround(value));
}

std::string chart_svg(const Chart& chart, const std::string& id) {
  return chart.is_over_time ? columns_svg(chart, id) : bars_svg(chart, id);
}

}  // namespace cmem
