#include <catch2/catch.hpp>

#include "report/cell_text.h"
#include "report/chart.h"
#include "report/chart_svg.h"
#include "report/html_page.h"
#include "report/html_text.h"

using namespace cmem;

namespace {

constexpr std::int64_t kHour = 3'600'000;

const Report& activity() { return **find_report("project-activity"); }

ReportRow row(const char* project, const char* period, std::int64_t messages, std::int64_t active_ms) {
  return {std::string(project), std::string(period), messages, std::int64_t{1}, active_ms, std::int64_t{0}, std::int64_t{0}, 0.0,
          Instant{0}, Instant{0}, std::int64_t{1}, ReportCell(), ReportCell()};
}

ReportTable table_of(std::vector<ReportRow> rows) { return {activity().columns, std::move(rows), {}}; }

ReportOptions utc() {
  ReportOptions options;
  options.zone = Zone::kUtc;
  return options;
}

}  // namespace

TEST_CASE("cells of reports are shown with units and signs") {
  CHECK(duration_words(0) == "0 min");
  CHECK(duration_words(14) == "14 ms");
  CHECK(duration_words(3 * kHour + 12 * 60'000) == "3 h 12 min");
  CHECK(duration_words(1'234 * kHour) == "1,234 h");
  CHECK(grouped_number(-1'494) == "-1,494");
  CHECK(cell_text({"change", CellType::kReal, "%", ""}, 12.4, Zone::kUtc) == "+12 %");
  CHECK(cell_text({"error_rate", CellType::kReal, "%", ""}, 12.44, Zone::kUtc) == "12.4 %");
  CHECK(cell_text({"active", CellType::kInt, "ms", ""}, 5 * kHour, Zone::kUtc) == "5 h");
  CHECK(cell_text({"id", CellType::kInt, "", ""}, ReportCell(), Zone::kUtc).empty());
}

TEST_CASE("text in a page is escaped and cut between characters") {
  CHECK(html_text("<a href=\"x\">&\x1b") == "&lt;a href=&quot;x&quot;&gt;&amp;\xEF\xBF\xBD");
  CHECK(shortened("äöü", 3) == "äöü");
  CHECK(shortened("äöüß", 3) == "äö…");
}

TEST_CASE("a chart over time has the periods between, also over the end of a year") {
  const auto table = table_of({row("/a", "2025-W51", 3, 0), row("/a", "2026-W02", 5, 0)});
  const Chart chart = make_chart(activity(), charts_of(activity())[1], table, utc());
  std::vector<std::string> names;
  for (const ChartLabel& label : chart.labels) names.push_back(label.text);
  CHECK(names == std::vector<std::string>{"2025-W51", "2025-W52", "2026-W01", "2026-W02"});
  CHECK(chart.series.at(0).values == std::vector<double>{3, 0, 0, 5});
}

TEST_CASE("many series end in one of others, and a series has one place in all charts") {
  std::vector<ReportRow> rows;
  for (int i = 0; i < 12; ++i) rows.push_back(row(("/p" + std::to_string(i)).c_str(), "2025-W46", 100 - i, (i + 1) * kHour));
  const auto table = table_of(rows);
  const Chart active = make_chart(activity(), charts_of(activity())[0], table, utc());
  const Chart messages = make_chart(activity(), charts_of(activity())[1], table, utc());
  REQUIRE(active.series.size() == kMaxSeries);
  CHECK(active.series[0].name.text == "p11");
  CHECK(active.series.back().name.text == "5 others");
  CHECK(messages.series[0].name.text == "p11");
  double sum = 0;
  for (const ChartSeries& series : messages.series) sum += series.values[0];
  CHECK(sum == 12 * 100 - 66);
}

TEST_CASE("projects of one name are told apart") {
  const auto table = table_of({row("/home/a/atlas", "2025-W46", 1, 0), row("/home/b/atlas", "2025-W46", 1, 0), row("/x/y", "2025-W46", 1, 0)});
  const ProjectNames names(activity().columns, table);
  CHECK(names.name("/home/a/atlas") == "a/atlas");
  CHECK(names.name("/home/b/atlas") == "b/atlas");
  CHECK(names.name("/x/y") == "y");
}

TEST_CASE("a page of nothing has no chart and says so") {
  const std::string page = report_page(activity(), table_of({}), utc());
  CHECK(page.find("Nothing was found") != std::string::npos);
  CHECK(page.find("<figure") == std::string::npos);
}

TEST_CASE("a report without a chart of its own gets one of its first number") {
  static constexpr ReportColumn kColumns[] = {{"name", CellType::kText, "", "n"}, {"size", CellType::kInt, "things", "s"}};
  const Report other{"other", "Other", "What?", kColumns, nullptr};
  REQUIRE(charts_of(other).size() == 1);
  CHECK(chart_part_of(other, "name") == "label");
  CHECK(chart_part_of(other, "size") == "value");
  ReportTable table{kColumns, {{std::string("a"), std::int64_t{2}}, {std::string("b"), std::int64_t{7}}}, {}};
  const Chart chart = make_chart(other, charts_of(other)[0], table, utc());
  CHECK_FALSE(chart.is_over_time);
  CHECK(chart.labels.at(0).text == "b");
  CHECK(chart_svg(chart, "c").find("b: 7") != std::string::npos);
}
