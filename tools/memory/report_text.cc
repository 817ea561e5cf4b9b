#include "report_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "json_text.h"
#include "printer.h"
#include "text.h"
#include "zone.h"

namespace cli {
namespace {

constexpr int kBar = 16;
constexpr std::size_t kMaxLines = 12;
constexpr std::size_t kMaxPeriods = 5000;  // more is no line on any terminal
constexpr int kLongestName = 30;

double number_of(const cmem_value& value) {
  if (value.type == CMEM_TYPE_INT) return static_cast<double>(value.i64);
  return value.type == CMEM_TYPE_REAL ? value.f64 : 0;
}

cmem_value text_value(const std::string& text) {
  cmem_value value{};
  value.type = CMEM_TYPE_TEXT;
  value.text = text.data();
  value.text_len = text.size();
  return value;
}

// The table, with a bar behind the value that the chart of the report shows where each row has a label of its own.
void print_table(const Context& context, const ReportRows& rows, Output& out) {
  const int value = rows.chart_column("value");
  const bool has_bar = value >= 0 && rows.chart_column("series") < 0;
  Columns columns = rows.columns();
  double most = 0;
  if (has_bar) {
    for (const auto& row : rows.rows()) most = std::max(most, number_of(row[static_cast<std::size_t>(value)]));
    Column bar;
    bar.kind = Kind::kText;
    bar.min_width = kBar;
    bar.drop_order = 4;
    columns.insert(columns.begin() + value + 1, bar);
  }
  const auto printer = make_table_printer(out, context.terminal, context.options.utc);
  printer->begin({context.command.name, columns, -1, {}, {}});
  for (auto row : rows.rows()) {
    std::string bar;
    if (has_bar) {
      bar = bar_text(number_of(row[static_cast<std::size_t>(value)]), most, kBar, context.terminal.is_terminal());
      row.insert(row.begin() + value + 1, text_value(bar));
    }
    printer->row(row);
  }
  printer->end({});
}

// -------------------------------------------------------------------------------------------- lines over the periods

// Where each period stands in a line of time that leaves none out.
std::map<std::string, std::size_t> places_of(const ReportRows& rows, std::size_t label, bool utc) {
  std::vector<std::pair<coditect::TimeRange, std::string>> periods;
  std::map<std::string, std::size_t> places;
  for (const auto& row : rows.rows())
    if (const std::string name(text_of(row[label])); !name.empty() && places.emplace(name, 0).second)
      periods.emplace_back(coditect::parse_time_range(name, utc), name);
  std::sort(periods.begin(), periods.end(), [](const auto& a, const auto& b) { return a.first.from_ms < b.first.from_ms; });
  std::size_t place = 0;
  for (std::size_t i = 0; i < periods.size(); ++i) {
    if (i > 0) {
      const auto& [before, name] = periods[i - 1];
      const double length = static_cast<double>(before.until_ms - before.from_ms);
      place += 1 + static_cast<std::size_t>(std::lround(static_cast<double>(periods[i].first.from_ms - before.until_ms) / length));
    }
    places[periods[i].second] = place;
  }
  return places;
}

struct Line {
  std::string name;
  std::vector<double> values;
  double sum = 0;
};

std::vector<Line> lines_of(const ReportRows& rows, const std::map<std::string, std::size_t>& places, std::size_t periods) {
  const auto label = static_cast<std::size_t>(rows.chart_column("label"));
  const auto series = static_cast<std::size_t>(rows.chart_column("series"));
  const auto value = static_cast<std::size_t>(rows.chart_column("value"));
  std::map<std::string, Line> by_name;
  for (const auto& row : rows.rows()) {
    const auto place = places.find(std::string(text_of(row[label])));
    if (place == places.end() || place->second >= periods) continue;
    Line& line = by_name[std::string(text_of(row[series]))];
    line.values.resize(periods);
    line.values[place->second] += number_of(row[value]);
    line.sum += number_of(row[value]);
  }
  std::vector<Line> lines;
  for (auto& [name, line] : by_name) {
    const bool is_path = rows.columns()[series].kind == Kind::kPath;
    line.name = name.empty() ? "(none)" : printable_line(is_path ? last_component(name) : name);
    if (line.sum > 0) lines.push_back(std::move(line));
  }
  std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.sum > b.sum; });
  return lines;
}

std::string line_text(const Line& line, Kind kind, int name_width, std::size_t room) {
  const std::size_t skipped = line.values.size() > room ? line.values.size() - room : 0;
  const std::vector<double> shown(line.values.begin() + static_cast<std::ptrdiff_t>(skipped), line.values.end());
  const auto sum = static_cast<std::int64_t>(line.sum);
  return fmt::format("{}  {}  {}\n", pad_right(fit_end(line.name, name_width), name_width), sparkline(shown),
                     kind == Kind::kDuration ? report_duration(sum) : grouped(sum));
}

std::string lines_text(const Context& context, const ReportRows& rows) {
  if (rows.chart_column("series") < 0 || rows.chart_column("label") < 0 || rows.rows().empty()) return {};
  const auto places = places_of(rows, static_cast<std::size_t>(rows.chart_column("label")), context.options.utc);
  std::size_t periods = 0;
  for (const auto& [name, place] : places) periods = std::max(periods, place + 1);
  if (periods < 2 || periods > kMaxPeriods) return {};
  const std::vector<Line> lines = lines_of(rows, places, periods);
  if (lines.empty()) return {};
  int name_width = 0;
  for (const Line& line : lines) name_width = std::max(name_width, std::min(display_width(line.name), kLongestName));
  const auto room = static_cast<std::size_t>(std::max(context.terminal.width() - name_width - 20, 8));
  const auto value = static_cast<std::size_t>(rows.chart_column("value"));
  std::string title = rows.columns()[value].name + " over time";
  if (periods > room) title += fmt::format(", the last {} periods", room);
  std::string out = "\n" + context.terminal.paint(Style::kBold, title) + ", each line on a scale of its own\n";
  for (std::size_t i = 0; i < lines.size() && i < kMaxLines; ++i)
    out += line_text(lines[i], rows.columns()[value].kind, name_width, room);
  if (lines.size() > kMaxLines) out += fmt::format("… and {} more\n", lines.size() - kMaxLines);
  return out;
}

std::string notes_text(const Context& context, const coditect::Report& report) {
  std::string out;
  for (const std::string& note : report.notes)
    for (const std::string& line : wrap(printable_line(note), context.terminal.width())) out += line + "\n";
  return out.empty() ? out : "\n" + context.terminal.paint(Style::kDim, out.substr(0, out.size() - 1)) + "\n";
}

std::string markdown_cell(const Column& column, const cmem_value& value, bool utc) {
  std::string out;
  for (const char c : table_cell(column.kind, value, utc, 2000))
    out.append(c == '|' || c == '\\' || c == '<' ? "\\" : "").push_back(c);
  return out;
}

}  // namespace

void print_report_table(Context& context, const ReportRows& rows, const std::string& range, Output& out) {
  const coditect::Report& report = rows.report();
  out.write(context.terminal.paint(Style::kBold, report.title) + " · " + range + "\n\n");
  print_table(context, rows, out);
  if (rows.rows().empty()) out.write("nothing in this range\n");
  out.write(lines_text(context, rows));
  out.write(notes_text(context, report));
}

std::string report_markdown(const ReportRows& rows, const std::string& range, bool utc) {
  const coditect::Report& report = rows.report();
  std::string out = fmt::format("# {}\n\n{}\n\n{}\n", report.title, report.question, range);
  std::string titles = "\n|";
  std::string rule = "|";
  for (std::size_t i = 0; i < rows.columns().size(); ++i) {
    std::string title = rows.columns()[i].name;
    std::replace(title.begin(), title.end(), '_', ' ');
    titles += " " + title + " |";
    const std::int32_t type = report.rows.column_type(i);
    rule += type == CMEM_TYPE_INT || type == CMEM_TYPE_REAL ? " ---: |" : " --- |";
  }
  out += titles + "\n" + rule + "\n";
  for (const auto& row : rows.rows()) {
    out += "|";
    for (std::size_t i = 0; i < row.size(); ++i) out += " " + markdown_cell(rows.columns()[i], row[i], utc) + " |";
    out += "\n";
  }
  for (const std::string& note : report.notes) out += "\n" + printable_line(note) + "\n";
  return out;
}

std::string report_json(const Options& options, const coditect::Report& report, const coditect::TimeRange& range) {
  std::string out;
  const auto text = [&out](std::string_view name, std::string_view value) {
    out += fmt::format("{}\"{}\":", out.empty() || out.back() == '{' ? "" : ",", name);
    if (value.empty())
      out += "null";
    else
      append_json_string(out, value);
  };
  const bool is_open = range.from_ms == 0 && range.until_ms == 0;
  text("report", report.name);
  text("title", report.title);
  text("question", report.question);
  text("from", is_open || range.from_ms == INT64_MIN ? "" : rfc3339(range.from_ms));
  text("until", is_open || range.until_ms == INT64_MAX ? "" : rfc3339(range.until_ms));
  text("zone", zone_name(options));
  out += ",\"columns\":[";
  for (std::size_t i = 0; i < report.columns.size(); ++i) {
    out += i == 0 ? "{" : ",{";
    text("name", report.columns[i].name);
    text("unit", report.columns[i].unit);
    text("meaning", report.columns[i].meaning);
    out += "}";
  }
  out += "],\"notes\":[";
  for (std::size_t i = 0; i < report.notes.size(); ++i) {
    if (i > 0) out += ",";
    append_json_string(out, report.notes[i]);
  }
  return "," + out + "]";
}

}  // namespace cli
