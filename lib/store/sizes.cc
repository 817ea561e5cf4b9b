#include "store/sizes.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace cmem {
namespace {

struct PartRule {
  std::string_view table;  // a table, with its indexes, or a prefix that ends in '*'
  const char* name;
  const char* rows_sql;  // nullptr: no rows of its own
  PartKind kind;
  const char* note;
};

// The first rule that fits a page's object takes it.
constexpr std::array<PartRule, 11> kRules{{
    {"message", "messages", "SELECT messages FROM main.commit_clock", PartKind::kTruth, "one row of small integers a message"},
    {"text_block", "texts", "SELECT next_text_id - 1 FROM main.commit_clock", PartKind::kTruth,
     "each distinct text once, in zstd blocks"},
    {"record_block", "records", "SELECT messages FROM main.commit_clock", PartKind::kTruth,
     "what a line says beyond its message, in zstd blocks"},
    {"context", "contexts", "SELECT count(*) FROM main.context", PartKind::kTruth,
     "what messages share: origin, session, component, level, counts"},
    {"text_segment*", "text index", nullptr, PartKind::kDerived, "which words stand where in the distinct texts"},
    {"text_lookup", "text look-up", nullptr, PartKind::kDerived, "8 bytes a distinct text, to find it again"},
    {"origin_lines", "origin lines", nullptr, PartKind::kDerived, "which line of which file is which message"},
    {"doc_values", "doc values", nullptr, PartKind::kDerived, "columns for filters, counts and orders"},
    {"activity", "activity", nullptr, PartKind::kDerived, "messages by context and quarter of an hour, for reports"},
    {"error_*", "error log", "SELECT count(*) FROM main.error_template", PartKind::kDerived, "errors by template, for reports"},
    {"*", "names, runs, rest", nullptr, PartKind::kTruth, "projects, sessions, origins, runs, quarantine, schema"},
}};

bool fits(const PartRule& rule, std::string_view table) {
  if (rule.table.back() != '*') return rule.table == table;
  return table.substr(0, rule.table.size() - 1) == rule.table.substr(0, rule.table.size() - 1);
}

}  // namespace

std::string_view to_string(PartKind kind) {
  constexpr std::array<std::string_view, 3> kNames{"truth", "derived", "free"};
  return kNames[static_cast<std::size_t>(kind)];
}

Result<std::vector<StorePart>> measure_sizes(sqlite::Connection& db) {
  std::vector<StorePart> parts;
  for (const PartRule& rule : kRules) {
    StorePart part{rule.name, 0, -1, rule.kind, rule.note};
    if (rule.rows_sql) {
      CMEM_ASSIGN_OR_RETURN(part.rows, db.query_int(rule.rows_sql));
    }
    parts.push_back(std::move(part));
  }
  CMEM_ASSIGN_OR_RETURN(auto objects, db.prepare("SELECT coalesce(s.tbl_name, d.name), sum(d.pgsize) FROM dbstat d "
                                                 "LEFT JOIN main.sqlite_schema s ON s.name = d.name GROUP BY 1"));
  std::int64_t used = 0;
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, objects.step());
    if (!row) break;
    const std::string table(objects.column_text(0));
    const auto rule = std::find_if(kRules.begin(), kRules.end(), [&](const PartRule& candidate) { return fits(candidate, table); });
    parts[static_cast<std::size_t>(rule - kRules.begin())].bytes += objects.column_int(1);
    used += objects.column_int(1);
  }
  CMEM_ASSIGN_OR_RETURN(const auto pages, db.query_int("PRAGMA page_count"));
  CMEM_ASSIGN_OR_RETURN(const auto page_bytes, db.query_int("PRAGMA page_size"));
  parts.push_back({"free pages", pages * page_bytes - used, -1, PartKind::kFree, "reused by later loads"});
  std::stable_sort(parts.begin(), parts.end(), [](const StorePart& a, const StorePart& b) { return a.bytes > b.bytes; });
  return parts;
}

}  // namespace cmem
