// Reports for people, and as JSON.
#pragma once
#include <string>

#include "context.h"
#include "report_rows.h"

namespace cli {

// Title, range, table with bars, lines of what changed over time, notes.
void print_report_table(Context& context, const ReportRows& rows, const std::string& range, Output& out);
std::string report_markdown(const ReportRows& rows, const std::string& range, bool utc);
// Members of the envelope: report, title, question, from, until, zone, columns, notes.
std::string report_json(const Options& options, const coditect::Report& report, const coditect::TimeRange& range);

}  // namespace cli
