#include "report/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "report/reports.h"

namespace cmem {
namespace {

Status check(const ReportOptions& options) {
  for (const std::int64_t bound : {options.from_ms, options.until_ms})
    if (bound != TimeRange::kOpenFrom && bound != TimeRange::kOpenUntil && bound % kQuarterMs != 0)
      return Unexpected(Code::kInvalid, "a report begins and ends at a whole quarter of an hour, such as the begin of a day");
  if (options.pause_ms < 1000) return Unexpected(Code::kInvalid, "a pause is at least a second");
  return {};
}

}  // namespace

MessageFilter ReportOptions::filter() const {
  MessageFilter filter;
  if (!project.empty()) filter.add(FilterField::kProject, project);
  if (!component.empty()) filter.add(FilterField::kComponent, component);
  if (!session.empty()) filter.add(FilterField::kSession, session);
  return filter;
}

void ReportTable::make_all() {
  if (!later) return;
  rows.reserve(row_count());
  for (std::size_t i = 0; i < later->size(); ++i) later->make(i, rows.emplace_back());
  later.reset();
}

std::span<const Report> all_reports() {
  static const std::array kReports{kProjectActivity, kTimeline,      kSessionActivity, kComponentUsage,
                                   kErrorAnalysis,   kSessionReport, kExtractionAudit};
  return kReports;
}

Result<const Report*> find_report(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Report& report : all_reports()) {
    if (report.name == name) return &report;
    names.push_back(report.name);
  }
  return Unexpected(Code::kNotFound, fmt::format("there is no report \"{}\"; there are {}", name, fmt::join(names, ", ")));
}

Result<ReportTable> make_report(Store& store, const Report& report, const ReportOptions& options) {
  CMEM_TRY(check(options));
  return report.make(store, options);
}

}  // namespace cmem
