// A report as one page of HTML that needs nothing else: charts, the table, notes. Light and dark as the reader's system is, and fit
// to be printed. No script, and a policy that forbids to load anything.
#pragma once
#include <span>
#include <string>

#include "report/report.h"

namespace cmem {

std::string report_page(const Report& report, const ReportTable& table, const ReportOptions& options);

struct IndexEntry {
  const Report* report;
  ReportTable table;
};
// Leads to the pages of reports, each named as its report: "timeline.html".
std::string index_page(std::span<const IndexEntry> entries, const ReportOptions& options);

}  // namespace cmem
