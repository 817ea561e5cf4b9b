// cmem_report, cmem_report_columns, cmem_report_notes, cmem_report_html.
#include <coditect/memory_report.h>

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "capi/guard.h"
#include "capi/handles.h"
#include "capi/options.h"
#include "report/chart.h"
#include "report/html_page.h"
#include "report/report.h"

namespace cmem {
namespace {

struct TypeInfo {
  std::int32_t type;
  const char* name;
};

// Indexed by CellType.
constexpr std::array<TypeInfo, 4> kTypes{
    {{CMEM_TYPE_INT, "INT"}, {CMEM_TYPE_REAL, "REAL"}, {CMEM_TYPE_TEXT, "TEXT"}, {CMEM_TYPE_TIME, "TIME"}}};
constexpr const TypeInfo& info_of(CellType type) { return kTypes[static_cast<std::size_t>(type)]; }

struct ToCell {
  Cell operator()(std::monostate) const { return Cell::null(); }
  Cell operator()(std::int64_t value) const { return Cell::number(value); }
  Cell operator()(double value) const { return Cell::real_number(value); }
  Cell operator()(std::string&& value) const { return Cell::string(std::move(value)); }
  Cell operator()(Instant value) const { return Cell::time(value.ms); }
};

class ReportRows final : public Table {
 public:
  explicit ReportRows(ReportTable report) : report_(std::move(report)) {
    for (const ReportColumn& column : report_.columns) columns_.push_back({std::string(column.name), info_of(column.type).type});
  }
  [[nodiscard]] const std::vector<Column>& columns() const override { return columns_; }
  Result<bool> next(Row& row) override {
    if (next_ == report_.row_count()) return false;
    if (next_ < report_.rows.size())
      made_ = std::move(report_.rows[next_]);
    else
      report_.later->make(next_ - report_.rows.size(), made_);
    ++next_;
    row.clear();
    for (ReportCell& cell : made_) row.push_back(std::visit(ToCell(), std::move(cell)));
    return true;
  }
  [[nodiscard]] std::int64_t total() const override { return static_cast<std::int64_t>(report_.row_count()); }
  [[nodiscard]] const std::vector<std::string>& notes() const { return report_.notes; }

 private:
  ReportTable report_;
  ReportRow made_;
  std::vector<Column> columns_;
  std::size_t next_ = 0;
};

constexpr std::array<TimeUnit, 4> kUnits{TimeUnit::kHour, TimeUnit::kDay, TimeUnit::kWeek, TimeUnit::kMonth};

Result<ReportOptions> read_report_options(const cmem_report_options* given) {
  CMEM_ASSIGN_OR_RETURN(const auto raw, read_options(given, cmem_report_options CMEM_REPORT_OPTIONS_INIT, "options"));
  if (raw.utc > 1) return Unexpected(Code::kInvalid, "options: utc is 0 or 1");
  if (raw.by > kUnits.size()) return Unexpected(Code::kInvalid, "options: by is one of CMEM_HISTOGRAM_…");
  if (raw.pause_ms < 0) return Unexpected(Code::kInvalid, "options: pause_ms is negative");
  ReportOptions options;
  CMEM_ASSIGN_OR_RETURN(options.project, read_text(raw.project, raw.project_len, "project"));
  CMEM_ASSIGN_OR_RETURN(options.component, read_text(raw.component, raw.component_len, "component"));
  CMEM_ASSIGN_OR_RETURN(options.session, read_text(raw.session, raw.session_len, "session"));
  if (raw.from_ms != 0 || raw.until_ms != 0) {
    options.from_ms = raw.from_ms;
    options.until_ms = raw.until_ms;
  }
  if (raw.by != 0) options.by = kUnits[raw.by - 1];
  if (raw.utc == 1) options.zone = Zone::kUtc;
  if (raw.pause_ms != 0) options.pause_ms = raw.pause_ms;
  options.limit = raw.limit;
  return options;
}

constexpr std::string_view kIndex = "index";

// The report of one session needs to be told which.
bool is_left_out(const Report& report, const ReportOptions& options) { return report.name == "session" && options.session.empty(); }

Result<std::string> make_page(Store& store, std::string_view name, const ReportOptions& options) {
  const std::lock_guard lock(store.read_mutex());
  CMEM_ASSIGN_OR_RETURN(auto transaction, store.begin_read());
  if (name != kIndex) {
    CMEM_ASSIGN_OR_RETURN(const Report* const report, find_report(name));
    CMEM_ASSIGN_OR_RETURN(auto table, make_report(store, *report, options));
    table.make_all();
    return report_page(*report, table, options);
  }
  std::vector<IndexEntry> entries;
  for (const Report& report : all_reports()) {
    if (is_left_out(report, options)) continue;
    CMEM_ASSIGN_OR_RETURN(auto table, make_report(store, report, options));
    table.make_all();
    entries.push_back({&report, std::move(table)});
  }
  return index_page(entries, options);
}

}  // namespace
}  // namespace cmem

using namespace cmem;

cmem_status cmem_report_columns(cmem_cursor** out, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(require(out, "out"));
    *out = nullptr;
    std::vector<Column> columns;
    for (const char* name : {"report", "title", "question", "column", "type", "unit", "meaning", "chart"})
      columns.push_back({name, CMEM_TYPE_TEXT});
    auto table = std::make_unique<ReadyTable>(std::move(columns));
    const auto text = [](std::string_view value) { return Cell::name(std::string(value)); };
    for (const Report& report : all_reports())
      for (const ReportColumn& column : report.columns)
        table->add({text(report.name), text(report.title), text(report.question), text(column.name),
                    text(info_of(column.type).name), text(column.unit), text(column.meaning),
                    text(chart_part_of(report, column.name))});
    return give_cursor(out, std::move(table));
  });
}

cmem_status cmem_report(cmem_cursor** out, cmem_store* store, const char* name, size_t name_len, const cmem_report_options* options,
                        cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(check_call(out, store));
    CMEM_ASSIGN_OR_RETURN(const auto report_name, read_text(name, name_len, "name"));
    CMEM_ASSIGN_OR_RETURN(const Report* const report, find_report(report_name));
    CMEM_ASSIGN_OR_RETURN(const auto report_options, read_report_options(options));
    const std::lock_guard lock(store->store->read_mutex());
    CMEM_ASSIGN_OR_RETURN(auto transaction, store->store->begin_read());
    CMEM_ASSIGN_OR_RETURN(auto table, make_report(*store->store, *report, report_options));
    return give_cursor(out, std::make_unique<ReportRows>(std::move(table)));
  });
}

cmem_status cmem_report_notes(cmem_cursor** out, const cmem_cursor* report, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(require(out, "out"));
    *out = nullptr;
    CMEM_TRY(require(report, "report"));
    const auto* const rows = dynamic_cast<const ReportRows*>(report->table.get());
    if (!rows) return Unexpected(Code::kInvalid, "only the cursor of a report has notes");
    auto table = std::make_unique<ReadyTable>(std::vector<Column>{{"note", CMEM_TYPE_TEXT}});
    for (const std::string& note : rows->notes()) table->add({Cell::string(note)});
    return give_cursor(out, std::move(table));
  });
}

cmem_status cmem_report_html(cmem_store* store, const char* name, size_t name_len, const cmem_report_options* options,
                             cmem_write_fn write, void* payload, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(require(store, "store"));
    CMEM_TRY(require(reinterpret_cast<const void*>(write), "write"));
    CMEM_ASSIGN_OR_RETURN(const auto report_name, read_text(name, name_len, "name"));
    CMEM_ASSIGN_OR_RETURN(const auto report_options, read_report_options(options));
    CMEM_ASSIGN_OR_RETURN(const std::string page, make_page(*store->store, report_name, report_options));
    if (write(page.data(), page.size(), payload) != 0) return Unexpected(Code::kCancelled, "the receiver of the page said stop");
    return {};
  });
}
