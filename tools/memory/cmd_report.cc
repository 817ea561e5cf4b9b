#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "failure.h"
#include "heap.h"
#include "listing.h"
#include "output_file.h"
#include "printer.h"
#include "report_rows.h"
#include "report_text.h"
#include "zone.h"

namespace cli {
namespace {

coditect::TimeRange range_from(std::string_view text, bool utc) { return coditect::parse_time_range(text, utc); }

// Reports are of whole days: "2 hours ago" is of its day.
std::string day_of(std::int64_t instant_ms, bool utc) { return readable_time(instant_ms, utc).substr(0, 10); }

coditect::TimeRange whole_days(coditect::TimeRange range, bool utc) {
  if (range.from_ms != INT64_MIN) range.from_ms = range_from(day_of(range.from_ms, utc), utc).from_ms;
  if (range.until_ms != INT64_MAX) range.until_ms = range_from(day_of(range.until_ms - 1, utc), utc).until_ms;
  return range;
}

coditect::TimeRange range_of(const Options& options) {
  const bool has_ends = !options.start_date.empty() || !options.end_date.empty();
  if (!options.date.empty()) {
    if (has_ends)
      throw Failure(CMEM_E_INVALID, "--date and --start-date/--end-date are given together", "--date A..B says the same");
    return whole_days(range_from(options.date, options.utc), options.utc);
  }
  if (!has_ends) return {0, 0};
  coditect::TimeRange range{INT64_MIN, INT64_MAX};
  if (!options.start_date.empty()) range.from_ms = range_from(options.start_date, options.utc).from_ms;
  if (!options.end_date.empty()) range.until_ms = range_from(options.end_date, options.utc).until_ms;
  if (range.from_ms >= range.until_ms) throw Failure(CMEM_E_INVALID, "--end-date is before --start-date", "exchange them");
  return whole_days(range, options.utc);
}

coditect::ReportOptions report_options(const Options& options) {
  coditect::ReportOptions out;
  out.project = options.project;
  out.component = options.component;
  out.session = options.session;
  out.range = range_of(options);
  out.utc = options.utc;
  out.limit = static_cast<std::uint64_t>(options.top);
  out.pause = std::chrono::minutes(options.pause_min);
  using coditect::Histogram;
  for (const auto& [name, unit] : {std::pair("hour", Histogram::hour), std::pair("day", Histogram::day),
                                   std::pair("week", Histogram::week), std::pair("month", Histogram::month)})
    if (options.by == name) out.by = unit;
  return out;
}

// "2025-11-15 to 2025-11-17 · Europe/Berlin · only project my-app"
std::string range_text(const Options& options, const coditect::TimeRange& range) {
  std::string out;
  const std::string first = range.from_ms == INT64_MIN ? "" : day_of(range.from_ms, options.utc);
  const std::string last = range.until_ms == INT64_MAX ? "" : day_of(range.until_ms - 1, options.utc);
  if (range.from_ms == 0 && range.until_ms == 0)
    out = "all times";
  else if (last.empty())
    out = first.empty() ? "all times" : "from " + first;
  else
    out = first.empty() ? "up to " + last : first == last ? first : first + " to " + last;
  out += " · " + zone_name(options);
  if (!options.project.empty()) out += " · only project " + options.project;
  if (!options.component.empty()) out += " · only component " + options.component;
  return out;
}

void print_rows(Context& context, const ReportRows& rows, const coditect::TimeRange& range, Printer& printer) {
  const std::string members = report_json(context.options, rows.report(), range);
  printer.begin({context.command.name, rows.columns(), static_cast<std::int64_t>(rows.rows().size()), members, {}});
  for (const auto& row : rows.rows()) printer.row(row);
  printer.end({});
  if (context.format == Format::kJson) return;
  for (const std::string& note : rows.report().notes) context.note(note);
}

int print_report(Context& context, const std::string& name, Output& out) {
  const coditect::ReportOptions options = report_options(context.options);
  if (context.format == Format::kHtml) {
    out.write(context.store.report_html(name, options));
    out.flush();
    return kExitOk;
  }
  const ReportRows rows(context.store.report(name, options));
  const std::string range = range_text(context.options, options.range);
  if (context.format == Format::kTable)
    print_report_table(context, rows, range, out);
  else if (context.format == Format::kMarkdown)
    out.write(report_markdown(rows, range, context.options.utc));
  else
    print_rows(context, rows, options.range, *make_printer(context, out));
  out.flush();
  return rows.rows().empty() ? kExitNothingFound : kExitOk;
}

int print_report_to(Context& context, const std::string& name, const std::string& path) {
  OutputFile file(path);
  Output out(file.fd(), path);
  context.terminal = Terminal::of(file.fd(), true, static_cast<int>(context.options.width));
  const int exit_code = print_report(context, name, out);
  file.keep();
  context.note("written to " + path);
  return exit_code;
}

// The reports, each once.
std::vector<std::string> report_names() {
  std::vector<std::string> names;
  auto columns = coditect::Store::report_columns();
  while (const coditect::Row* row = columns.next())
    if (const std::string name((*row)["report"].text()); names.empty() || names.back() != name) names.push_back(name);
  return names;
}

int write_all(Context& context) {
  const std::string& folder = context.options.output;
  if (folder.empty()) throw Failure(CMEM_E_INVALID, "`memory report all` needs a folder", "name one with -o DIR");
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) throw system_failure("making " + folder, errno);
  const coditect::ReportOptions options = report_options(context.options);
  std::vector<std::string> names = report_names();
  if (options.session.empty()) std::erase(names, "session");
  names.emplace_back("index");
  for (const std::string& name : names) {
    const std::string path = folder + "/" + name + ".html";
    OutputFile file(path);
    Output out(file.fd(), path);
    out.write(context.store.report_html(name, options));
    out.flush();
    file.keep();
  }
  context.note(fmt::format("{} pages are in {}; begin with index.html", names.size(), folder));
  return kExitOk;
}

int list_reports(Context& context) {
  const auto printer = make_printer(context, context.out);
  const std::string_view kNames[] = {"report", "question"};
  auto cursor = coditect::Store::report_columns();
  Columns columns;
  for (const std::string_view name : kNames) columns.push_back({std::string(name), Kind::kText, 18, 0});
  const auto names = report_names();
  printer->begin({context.command.name, columns, static_cast<std::int64_t>(names.size()), {}, {}});
  std::string last;
  while (const coditect::Row* row = cursor.next()) {
    if ((*row)["report"].text() == last) continue;
    last = (*row)["report"].text();
    const cmem_value cells[] = {(*row)["report"].raw(), (*row)["question"].raw()};
    printer->row(cells);
  }
  printer->end({});
  return kExitOk;
}

}  // namespace

int run_report(Context& context) {
  const std::string& name = context.options.argument;
  if (name == "list") return list_reports(context);
  prepare_heap();
  context.store_path = store_path(context.options);
  context.store = open_store(context.store_path, StoreUse::kRead);
  if (name == "all") return write_all(context);
  const std::string& path = context.options.output;
  return path.empty() || path == "-" ? print_report(context, name, context.out) : print_report_to(context, name, path);
}

}  // namespace cli
