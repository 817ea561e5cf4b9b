// Reports: tables that answer a question about times of work. Each is made in one read transaction from what the store keeps
// counted (store/activity.h, contexts, token usage), not from texts. What a column counts, and in which unit, is said once, in
// kReports' columns, for the C API, the documents and the pages alike.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time_buckets.h"
#include "base/time_expr.h"
#include "store/message_filter.h"
#include "store/store.h"

namespace cmem {

enum class CellType : std::uint8_t { kInt, kReal, kText, kTime };

struct ReportColumn {
  std::string_view name;
  CellType type = CellType::kInt;
  std::string_view unit;  // "messages", "ms", "%" …; empty: none, as of names
  std::string_view meaning;
};

// Milliseconds since the Unix epoch.
struct Instant {
  std::int64_t ms = kNoTime;
  friend bool operator==(const Instant&, const Instant&) = default;
};

// Empty: not known, or there is none.
using ReportCell = std::variant<std::monostate, std::int64_t, double, std::string, Instant>;
using ReportRow = std::vector<ReportCell>;

inline ReportCell name_cell(std::string_view name) { return name.empty() ? ReportCell() : ReportCell(std::string(name)); }
inline ReportCell time_cell(std::int64_t ms) { return ms == kNoTime ? ReportCell() : ReportCell(Instant{ms}); }

struct ReportOptions {
  std::string project;                          // a path or its last component; empty: all
  std::string component;                        // empty: all
  std::string session;                          // id or the first characters of it; empty: all, but the report `session` needs one
  std::int64_t from_ms = TimeRange::kOpenFrom;  // half-open, at whole quarters of an hour
  std::int64_t until_ms = TimeRange::kOpenUntil;
  std::optional<TimeUnit> by;  // nothing: the report's own
  Zone zone = Zone::kLocal;
  std::int64_t pause_ms =
      kQuarterMs;  // a longer gap between two messages of a session counts as so long; below kQuarterMs all messages are looked at
  std::uint64_t limit = 0;  // rows of reports that rank; 0: all

  // All but times.
  [[nodiscard]] MessageFilter filter() const;
};

// Rows that are made when they are asked for, from what was read already: a session may have a hundred thousand events.
class LaterRows {
 public:
  LaterRows() = default;
  virtual ~LaterRows() = default;
  LaterRows(const LaterRows&) = delete;
  LaterRows& operator=(const LaterRows&) = delete;
  [[nodiscard]] virtual std::size_t size() const = 0;
  // Replaces the cells of the row. Quickest from the first to the last.
  virtual void make(std::size_t index, ReportRow& row) = 0;
};

struct ReportTable {
  std::span<const ReportColumn> columns;
  std::vector<ReportRow> rows;
  std::vector<std::string> notes;              // sentences that a reader must know: what was capped, left out, not known
  std::unique_ptr<LaterRows> later = nullptr;  // behind `rows`; null: none

  [[nodiscard]] std::size_t row_count() const { return rows.size() + (later ? later->size() : 0); }
  // From now on all are in `rows`.
  void make_all();
};

struct Report {
  std::string_view name;
  std::string_view title;
  std::string_view question;  // that it answers
  std::span<const ReportColumn> columns;
  Result<ReportTable> (*make)(Store&, const ReportOptions&);
};

// In the order in which they are listed.
std::span<const Report> all_reports();
// kNotFound, with the names.
Result<const Report*> find_report(std::string_view name);
// In the caller's read transaction, with the store's read mutex held. kInvalid: times that are no whole quarters, a pause below a
// second; kNotFound: no such project or session; kAmbiguous.
Result<ReportTable> make_report(Store& store, const Report& report, const ReportOptions& options);

}  // namespace cmem
