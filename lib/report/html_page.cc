#include "report/html_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/time_text.h"
#include "base/wall_time.h"
#include "report/cell_text.h"
#include "report/chart.h"
#include "report/chart_svg.h"
#include "report/html_text.h"
#include "report/page_style.h"

namespace cmem {
namespace {

constexpr std::size_t kShortTextBytes = 24;
constexpr std::size_t kMaxRows = 5000;  // more is no page that anybody reads, and slow to open

std::string head(std::string_view title) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<link rel=\"icon\" href=\"data:,\">\n"
      "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n",
      html_text(title), kPageStyle);
}

std::string foot() {
  return fmt::format("<footer>Made by CODITECT memory {}.</footer>\n</main>\n</body>\n</html>\n", CMEM_WRITER_VERSION);
}

std::string words(std::string_view name) {
  std::string out(name);
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

// ------------------------------------------------------------------------------------------------------------ facts

// "2025-11-15", with the time of day if it is no whole day.
std::string bound_text(std::int64_t instant_ms, Zone zone) {
  const std::string text = minute_text(instant_ms, zone);
  return text.ends_with(" 00:00") ? text.substr(0, 10) : text;
}

std::string last_day_text(std::int64_t until_ms, Zone zone) {
  const std::string text = bound_text(until_ms, zone);
  return text.size() > 10 ? text : minute_text(until_ms - 1, zone).substr(0, 10);
}

std::string range_text(const ReportOptions& options) {
  const bool has_from = options.from_ms != TimeRange::kOpenFrom;
  const bool has_until = options.until_ms != TimeRange::kOpenUntil;
  if (!has_from && !has_until) return "all times";
  if (!has_until) return "from " + bound_text(options.from_ms, options.zone);
  const std::string last = last_day_text(options.until_ms, options.zone);
  if (!has_from) return "up to " + last;
  const std::string first = bound_text(options.from_ms, options.zone);
  return first == last ? first : first + " to " + last;
}

// The first and the last instant of all cells.
TimeRange span_of(const ReportTable& table) {
  TimeRange span{TimeRange::kOpenUntil, TimeRange::kOpenFrom};
  for (const ReportRow& row : table.rows)
    for (const ReportCell& cell : row)
      if (const auto* instant = std::get_if<Instant>(&cell)) {
        span.from_ms = std::min(span.from_ms, instant->ms);
        span.until_ms = std::max(span.until_ms, instant->ms);
      }
  return span;
}

std::string zone_text(const TimeRange& span, Zone zone) {
  if (zone == Zone::kUtc) return "UTC";
  if (span.from_ms > span.until_ms) return "local time";
  const std::string first = offset_text(span.from_ms, zone);
  const std::string last = offset_text(span.until_ms, zone);
  return first == last ? fmt::format("local time ({})", first) : fmt::format("local time ({}, later {})", first, last);
}

std::string facts(const TimeRange& span, const ReportOptions& options) {
  std::string out = fmt::format("<p class=\"facts\"><b>{}</b>", range_text(options));
  if (span.from_ms <= span.until_ms)
    out += fmt::format(" · first {}, last {}", minute_text(span.from_ms, options.zone), minute_text(span.until_ms, options.zone));
  out += " · days and times are " + zone_text(span, options.zone);
  for (const auto& [name, value] :
       {std::pair("project", &options.project), std::pair("component", &options.component), std::pair("session", &options.session)})
    if (!value->empty()) out += fmt::format(" · only {} <b>{}</b>", name, html_text(*value));
  return out + "</p>\n";
}

// ----------------------------------------------------------------------------------------------------------- totals

std::string totals(const Report& report, const ReportTable& table, const ReportOptions& options) {
  std::string out;
  for (const std::string_view name : totals_of(report)) {
    const auto column = std::find_if(report.columns.begin(), report.columns.end(), [&](const auto& c) { return c.name == name; });
    const auto at = static_cast<std::size_t>(column - report.columns.begin());
    std::int64_t sum = 0;
    bool any = false;
    for (const ReportRow& row : table.rows)
      if (const auto* number = std::get_if<std::int64_t>(&row[at])) sum += *number, any = true;
    if (any)
      out += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", html_text(words(name)),
                         html_text(cell_text(*column, sum, options.zone)));
  }
  return out.empty() ? out : "<dl class=\"totals\">" + out + "</dl>\n";
}

// ----------------------------------------------------------------------------------------------------------- charts

std::string legend(const Chart& chart) {
  if (chart.series.size() < 2) return {};
  std::string out = "<ul class=\"legend\">";
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    const ChartLabel& name = chart.series[i].name;
    out += fmt::format(
        "<li{}><svg viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect class=\"s{}\" width=\"10\" height=\"10\" "
        "rx=\"2\"/></svg>{}</li>",
        name.full.empty() ? "" : fmt::format(" title=\"{}\"", html_text(name.full)), i, html_text(name.text));
  }
  return out + "</ul>\n";
}

std::string figure(const Chart& chart, const std::string& id) {
  if (chart.labels.empty()) return {};
  std::string left_out;
  if (chart.left_out > 0)
    left_out = fmt::format(" <small>the {} {} of {}; the table has all</small>", chart.is_over_time ? "last" : "first",
                           chart.labels.size(), chart.labels.size() + chart.left_out);
  return fmt::format("<figure>\n<figcaption>{}{}</figcaption>\n{}{}</figure>\n", html_text(chart.title), left_out, legend(chart),
                     chart_svg(chart, id));
}

// ------------------------------------------------------------------------------------------------------------ table

bool is_number(const ReportColumn& column) { return column.type == CellType::kInt || column.type == CellType::kReal; }

// "ms" is shown as hours and minutes, and "%" stands in each cell.
std::string shown_unit(const ReportColumn& column) {
  if (column.unit.empty() || column.unit == "ms" || column.unit == "%" || column.unit == column.name) return {};
  return fmt::format("<small>{}</small>", html_text(column.unit));
}

std::string header_row(const Report& report) {
  std::string out = "<thead><tr>";
  for (const ReportColumn& column : report.columns)
    out += fmt::format("<th scope=\"col\"{} title=\"{}\">{}{}</th>", is_number(column) ? " class=\"n\"" : "",
                       html_text(column.meaning), html_text(words(column.name)), shown_unit(column));
  return out + "</tr></thead>\n";
}

// Short texts stay on one line, so that columns of such take no more room than they need.
std::string_view text_class(std::string_view text) { return text.size() <= kShortTextBytes ? "t" : "x"; }

// What a cell looks like: attributes of its element.
std::string look_of(const ReportColumn& column, const ReportCell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return fmt::format(" class=\"{}\"", text_class(*text));
  if (column.type == CellType::kTime) return " class=\"t\"";
  const bool is_bad = column.name.starts_with("error");
  const auto* share = std::get_if<double>(&cell);
  if (column.unit == "%" && share != nullptr && !is_change(column))
    return fmt::format(" class=\"n p{}\" style=\"--v:{:.1f}%\"", is_bad && *share > 0 ? " bad" : "",
                       std::clamp(*share, 0.0, 100.0));
  const auto* number = std::get_if<std::int64_t>(&cell);
  return is_bad && number != nullptr && *number > 0 ? " class=\"n bad\"" : " class=\"n\"";
}

std::string cell(const ReportColumn& column, const ReportCell& value, Zone zone, const ProjectNames& projects) {
  if (std::holds_alternative<std::monostate>(value))
    return is_number(column) ? "<td class=\"n none\">–</td>" : "<td class=\"none\">–</td>";
  const std::string text = cell_text(column, value, zone);
  if (is_project(column))
    return fmt::format("<td class=\"{}\" title=\"{}\">{}</td>", text_class(projects.name(text)), html_text(text),
                       html_text(projects.name(text)));
  return fmt::format("<td{}>{}</td>", look_of(column, value), html_text(text));
}

// The first column heads its row.
std::string row_header(const ReportColumn& column, const ReportCell& value, Zone zone, const ProjectNames& projects) {
  const std::string text = cell_text(column, value, zone);
  if (text.empty()) return "<th scope=\"row\">(none)</th>";
  const std::string full = is_project(column) ? fmt::format(" title=\"{}\"", html_text(text)) : "";
  const bool may_wrap = column.type == CellType::kText && !is_project(column);
  return fmt::format("<th scope=\"row\" class=\"{}\"{}>{}</th>", may_wrap ? text_class(text) : "t", full,
                     html_text(is_project(column) ? projects.name(text) : text));
}

std::string table_html(const Report& report, const ReportTable& table, const ReportOptions& options) {
  if (table.rows.empty()) return "<h2>Table</h2>\n<p>Nothing was found for this range.</p>\n";
  const std::size_t shown = std::min(table.rows.size(), kMaxRows);
  std::string caption =
      fmt::format("{} row{}", grouped_number(static_cast<std::int64_t>(table.rows.size())), table.rows.size() == 1 ? "" : "s");
  if (shown < table.rows.size())
    caption += fmt::format("; the first {} are here", grouped_number(static_cast<std::int64_t>(shown)));
  std::string out = fmt::format(
      "<h2>Table</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table\">\n<table>\n"
      "<caption>{}</caption>\n{}<tbody>\n",
      caption, header_row(report));
  const ProjectNames projects(report.columns, table);
  for (std::size_t i = 0; i < shown; ++i) {
    const ReportRow& row = table.rows[i];
    const bool again = i > 0 && row[0] == table.rows[i - 1][0];
    out += (again ? "<tr class=\"again\">" : "<tr>") + row_header(report.columns[0], row[0], options.zone, projects);
    for (std::size_t at = 1; at < row.size(); ++at) out += cell(report.columns[at], row[at], options.zone, projects);
    out += "</tr>\n";
  }
  return out + "</tbody>\n</table>\n</div>\n";
}

std::string notes_html(const ReportTable& table) {
  if (table.notes.empty()) return {};
  std::string out = "<h2>Notes</h2>\n<ul class=\"notes\">\n";
  for (const std::string& note : table.notes) out += fmt::format("<li>{}</li>\n", html_text(note));
  return out + "</ul>\n";
}

std::string meanings(const Report& report) {
  std::string out = "<h2>What the columns mean</h2>\n<dl class=\"columns\">\n";
  for (const ReportColumn& column : report.columns)
    out += fmt::format("<dt>{}</dt><dd>{}</dd>\n", html_text(words(column.name)), html_text(column.meaning));
  return out + "</dl>\n";
}

}  // namespace

std::string report_page(const Report& report, const ReportTable& table, const ReportOptions& options) {
  std::string out = head(fmt::format("{} · {}", report.title, range_text(options)));
  out += fmt::format("<header>\n<h1>{}</h1>\n<p class=\"question\">{}</p>\n{}</header>\n", html_text(report.title),
                     html_text(report.question), facts(span_of(table), options));
  out += totals(report, table, options);
  std::size_t number = 0;
  for (const ChartChoice& choice : charts_of(report))
    out += figure(make_chart(report, choice, table, options), fmt::format("chart{}", ++number));
  return out + table_html(report, table, options) + notes_html(table) + meanings(report) + foot();
}

std::string index_page(std::span<const IndexEntry> entries, const ReportOptions& options) {
  TimeRange span{TimeRange::kOpenUntil, TimeRange::kOpenFrom};
  for (const IndexEntry& entry : entries) {
    const TimeRange own = span_of(entry.table);
    span = {std::min(span.from_ms, own.from_ms), std::max(span.until_ms, own.until_ms)};
  }
  std::string out = head("Reports · " + range_text(options));
  out += "<header>\n<h1>Reports</h1>\n" + facts(span, options) + "</header>\n<div class=\"cards\">\n";
  for (const IndexEntry& entry : entries) {
    const Report& report = *entry.report;
    out += fmt::format("<section>\n<h2><a href=\"{}.html\">{}</a></h2>\n<p class=\"question\">{} <small>{} rows</small></p>\n",
                       report.name, html_text(report.title), html_text(report.question),
                       grouped_number(static_cast<std::int64_t>(entry.table.rows.size())));
    const auto charts = charts_of(report);
    if (!charts.empty()) out += figure(make_chart(report, charts.front(), entry.table, options), std::string(report.name));
    out += "</section>\n";
  }
  return out + "</div>\n" + foot();
}

}  // namespace cmem
