// cmem_tokens, cmem_message_counts.
#include <coditect/memory_home.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>

#include "base/time_buckets.h"
#include "capi/filter.h"
#include "capi/options.h"
#include "capi/read_table.h"
#include "store/schema.h"

namespace cmem {
namespace {

// Names separated by commas, each once and one of `known`.
template <std::size_t kSize>
Result<std::vector<std::string>> read_names(const char* text, std::size_t size, const std::array<std::string_view, kSize>& known,
                                            std::string_view what) {
  CMEM_ASSIGN_OR_RETURN(std::string_view rest, read_text(text, size, what));
  std::vector<std::string> names;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    std::string_view name = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    if (std::find(known.begin(), known.end(), name) == known.end())
      return Unexpected(Code::kInvalid, fmt::format("{}: \"{}\" is none of {}", what, name, fmt::join(known, ", ")));
    if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
  }
  return names;
}

Result<Zone> read_zone(std::uint32_t utc) {
  if (utc > 1) return Unexpected(Code::kInvalid, "utc is 0 or 1");
  return utc == 1 ? Zone::kUtc : Zone::kLocal;
}

// --------------------------------------------------------------------------------------------------------------- tokens

constexpr std::array<std::string_view, 4> kTokenKeys{"day", "model", "project", "session"};

// ?1 project id or NULL; ?2, ?3 the time range. The columns behind the time are those of kTokenKeys.
constexpr const char* kUsages =
    "SELECT m.time_ms, d.name, p.path, s.external_id, u.input, u.output, u.cache_creation, u.cache_read FROM main.token_usage u "
    "CROSS JOIN main.message m ON m.id = u.message_id JOIN main.context c ON c.id = m.context_id "
    "LEFT JOIN main.session s ON s.id = c.session_id LEFT JOIN main.project p ON p.id = coalesce(c.project_id, s.project_id) "
    "LEFT JOIN main.model d ON d.id = u.model_id WHERE (?1 IS NULL OR p.id = ?1) AND "
    "(?2 IS NULL OR (m.time_ms >= ?2 AND m.time_ms < ?3))";

constexpr const char* kNoUsages = "SELECT ?1, ?2, ?3 WHERE 0";

using Key = std::vector<std::optional<std::string>>;

struct Tokens {
  std::int64_t replies = 0;
  std::array<std::int64_t, 4> parts{};  // input, output, cache_creation, cache_read
  [[nodiscard]] std::int64_t total() const { return parts[0] + parts[1] + parts[2] + parts[3]; }
};

Key key_of(const sqlite::Statement& row, const std::vector<std::string>& by, Zone zone) {
  Key key;
  for (const std::string& name : by) {
    const auto column = static_cast<int>(std::find(kTokenKeys.begin(), kTokenKeys.end(), name) - kTokenKeys.begin());
    if (row.column_is_null(column))
      key.emplace_back();
    else if (column == 0)
      key.emplace_back(bucket_name(row.column_int(0), TimeUnit::kDay, zone));
    else
      key.emplace_back(row.column_text(column));
  }
  return key;
}

Result<std::map<Key, Tokens>> sum_tokens(sqlite::Statement& usages, const std::vector<std::string>& by, Zone zone) {
  std::map<Key, Tokens> sums;
  if (by.empty()) sums[{}];  // one row, also for nothing
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, usages.step());
    if (!row) return sums;
    Tokens& tokens = sums[key_of(usages, by, zone)];
    ++tokens.replies;
    for (std::size_t i = 0; i < tokens.parts.size(); ++i) tokens.parts[i] += usages.column_int(4 + static_cast<int>(i));
  }
}

// Days newest first and those without one last, else most tokens first.
std::vector<std::pair<Key, Tokens>> in_order(const std::map<Key, Tokens>& sums, const std::vector<std::string>& by) {
  std::vector<std::pair<Key, Tokens>> rows(sums.begin(), sums.end());
  const auto day = static_cast<std::size_t>(std::find(by.begin(), by.end(), "day") - by.begin());
  std::stable_sort(rows.begin(), rows.end(), [&](const auto& a, const auto& b) {
    if (day < by.size() && a.first[day] != b.first[day]) return a.first[day] > b.first[day];
    return a.second.total() > b.second.total();
  });
  return rows;
}

Result<std::unique_ptr<Table>> read_tokens(sqlite::Connection& db, const std::vector<std::string>& by, const MessageFilter& filter,
                                           Zone zone) {
  CMEM_ASSIGN_OR_RETURN(const bool has_usages, knows_homes(db));
  CMEM_ASSIGN_OR_RETURN(auto usages, db.prepare(has_usages ? kUsages : kNoUsages));
  CMEM_TRY(bind_project_and_time(db, usages, filter, "tokens"));
  CMEM_ASSIGN_OR_RETURN(const auto sums, sum_tokens(usages, by, zone));
  std::vector<Column> columns;
  for (const std::string& name : by) columns.push_back({name, CMEM_TYPE_TEXT});
  for (const char* name : {"replies", "input", "output", "cache_creation", "cache_read", "total"})
    columns.push_back({name, CMEM_TYPE_INT});
  auto table = std::make_unique<ReadyTable>(std::move(columns));
  for (const auto& [key, tokens] : in_order(sums, by)) {
    Row row;
    for (const auto& value : key) row.push_back(value ? Cell::string(*value) : Cell::null());
    row.push_back(Cell::number(tokens.replies));
    for (const std::int64_t part : tokens.parts) row.push_back(Cell::number(part));
    row.push_back(Cell::number(tokens.total()));
    table->add(std::move(row));
  }
  return std::unique_ptr<Table>(std::move(table));
}

// --------------------------------------------------------------------------------------------------------------- counts

constexpr std::array<std::string_view, 7> kCountFields{"source", "level", "component", "role", "project", "session", "day"};

// By field, but day: the value, and where it comes from.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kCountSources{{
    {"t.name", "JOIN main.source_type t ON t.id = c.source_type"},
    {"l.name", "LEFT JOIN main.level l ON l.id = c.level"},
    {"k.name", "LEFT JOIN main.component k ON k.id = c.component_id"},
    {"r.name", "LEFT JOIN main.role r ON r.id = c.role_id"},
    {"p.path",
     "LEFT JOIN main.session s ON s.id = c.session_id LEFT JOIN main.project p ON p.id = coalesce(c.project_id, s.project_id)"},
    {"s.external_id", "LEFT JOIN main.session s ON s.id = c.session_id"},
}};

Status count_values(sqlite::Connection& db, std::size_t field, ReadyTable& table) {
  const auto& [value, join] = kCountSources[field];
  CMEM_ASSIGN_OR_RETURN(auto rows,
                        db.prepare(fmt::format("SELECT '{}', {} AS value, sum(c.messages) AS total FROM main.context c {} "
                                               "GROUP BY value HAVING total > 0 ORDER BY value IS NULL, total DESC, value",
                                               kCountFields[field], value, join)));
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) return {};
    table.add(read_cells(rows, table.columns()));
  }
}

// The only one of the fields that no context has.
Status count_days(Store& store, Zone zone, ReadyTable& table) {
  TimeCounter counter(TimeUnit::kDay, zone);
  std::vector<std::int64_t> times;
  CMEM_ASSIGN_OR_RETURN(const auto spans, store.doc_values().spans(store.reader()));
  for (const SegmentSpan& span : spans) {
    CMEM_ASSIGN_OR_RETURN(const auto segment, store.doc_values().read(store.reader(), span));
    times.clear();
    for (std::size_t i = 0; i < segment->size(); ++i) {
      if (segment->context_id(i) != 0) times.push_back(segment->time_ms(i));
    }
    counter.add(std::span<const std::int64_t>(times), [](std::int64_t time_ms) { return time_ms; });
  }
  const auto add = [&table](Cell day, std::int64_t count) {
    table.add({Cell::string("day"), std::move(day), Cell::number(count)});
  };
  auto days = counter.buckets();
  std::reverse(days.begin(), days.end());
  for (const TimeBucket& day : days) add(Cell::string(bucket_name(day.from_ms, TimeUnit::kDay, zone)), day.count);
  if (counter.without_time() > 0) add(Cell::null(), counter.without_time());
  return {};
}

}  // namespace
}  // namespace cmem

using namespace cmem;

cmem_status cmem_tokens(cmem_cursor** out, cmem_store* store, const char* by, size_t by_len, const cmem_filter* filter,
                        uint32_t utc, cmem_error* err) {
  return table_call(out, store, err, [&](sqlite::Connection& db) -> Result<std::unique_ptr<Table>> {
    CMEM_ASSIGN_OR_RETURN(const auto names, read_names(by, by_len, kTokenKeys, "by"));
    CMEM_ASSIGN_OR_RETURN(const auto message_filter, read_filter(filter));
    CMEM_ASSIGN_OR_RETURN(const Zone zone, read_zone(utc));
    return read_tokens(db, names, message_filter, zone);
  });
}

cmem_status cmem_message_counts(cmem_cursor** out, cmem_store* store, const char* fields, size_t fields_len, uint32_t utc,
                                cmem_error* err) {
  return table_call(out, store, err, [&](sqlite::Connection& db) -> Result<std::unique_ptr<Table>> {
    CMEM_ASSIGN_OR_RETURN(const auto names, read_names(fields, fields_len, kCountFields, "fields"));
    CMEM_ASSIGN_OR_RETURN(const Zone zone, read_zone(utc));
    auto table = std::make_unique<ReadyTable>(
        std::vector<Column>{{"field", CMEM_TYPE_TEXT}, {"value", CMEM_TYPE_TEXT}, {"messages", CMEM_TYPE_INT}});
    for (const std::string& name : names) {
      const auto field = static_cast<std::size_t>(std::find(kCountFields.begin(), kCountFields.end(), name) - kCountFields.begin());
      CMEM_TRY(name == "day" ? count_days(*store->store, zone, *table) : count_values(db, field, *table));
    }
    return std::unique_ptr<Table>(std::move(table));
  });
}
