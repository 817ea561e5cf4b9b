#include "columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace cli {
namespace {

struct ColumnRow {
  std::string_view name;
  Kind kind;
  int min_width;
  int drop_order;
};

// What a name means wherever it appears; names that are not here are as their declared type says.
constexpr ColumnRow kKnown[] = {
    {"id", Kind::kId, 1, 0},
    {"run", Kind::kId, 1, 0},
    {"line", Kind::kId, 1, 0},
    {"offset", Kind::kId, 1, 3},
    {"time", Kind::kTime, 19, 0},
    {"started", Kind::kTime, 19, 0},
    {"first", Kind::kMinute, 16, 4},
    {"last", Kind::kMinute, 16, 3},
    {"project", Kind::kPath, 8, 7},
    {"session", Kind::kSession, 8, 8},
    {"source_type", Kind::kText, 7, 9},
    {"role", Kind::kText, 4, 4},
    {"component", Kind::kText, 6, 5},
    {"level", Kind::kText, 5, 6},
    {"source", Kind::kTail, 16, 2},
    {"content", Kind::kContent, 36, 0},
    {"snippet", Kind::kSnippet, 20, 0},
    {"metadata", Kind::kJson, 10, 2},
    {"title", Kind::kText, 24, 1},
    {"path", Kind::kTail, 24, 0},
    {"name", Kind::kText, 16, 0},
    {"excerpt", Kind::kText, 12, 1},
    {"reason", Kind::kText, 50, 0},
    {"status", Kind::kText, 8, 0},
    {"bytes", Kind::kBytes, 1, 0},
    {"length", Kind::kBytes, 1, 2},
    {"ok", Kind::kBool, 1, 0},
    {"derived", Kind::kBool, 1, 0},
    {"note", Kind::kText, 12, 1},
    {"known", Kind::kInteger, 1, 2},
    {"seconds", Kind::kReal, 1, 3},
};

Kind kind_of_type(std::int32_t type) {
  switch (type) {
    case CMEM_TYPE_INT:
      return Kind::kInteger;
    case CMEM_TYPE_REAL:
      return Kind::kReal;
    case CMEM_TYPE_TIME:
      return Kind::kTime;
    case CMEM_TYPE_TEXT:
    case CMEM_TYPE_BYTES:
      return Kind::kText;
    default:
      return Kind::kAny;
  }
}

Column known_column(std::string_view name, std::int32_t type) {
  const auto* row = std::find_if(std::begin(kKnown), std::end(kKnown), [&](const ColumnRow& r) { return r.name == name; });
  // Columns of sql have no declared type: a name there need not mean what it means elsewhere.
  if (row == std::end(kKnown) || type == CMEM_TYPE_NULL) return {std::string(name), kind_of_type(type)};
  return {std::string(name), row->kind, row->min_width, row->drop_order};
}

bool broken_down(std::int64_t time_ms, bool utc, std::tm& out) {
  const auto seconds = static_cast<std::time_t>(time_ms >= 0 ? time_ms / 1000 : (time_ms - 999) / 1000);
  return (utc ? ::gmtime_r(&seconds, &out) : ::localtime_r(&seconds, &out)) != nullptr;
}

std::string date_and_time(const std::tm& tm, char separator) {
  return fmt::format("{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, separator, tm.tm_hour,
                     tm.tm_min, tm.tm_sec);
}

}  // namespace

Columns columns_of(const coditect::Cursor& cursor, std::span<const std::string_view> shown) {
  Columns columns;
  for (std::size_t i = 0; i < cursor.column_count(); ++i) {
    Column column = known_column(cursor.column_name(i), cursor.column_type(i));
    column.in_table = shown.empty() || std::find(shown.begin(), shown.end(), column.name) != shown.end();
    columns.push_back(std::move(column));
  }
  return columns;
}

std::string hex_of(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

Snippet parse_snippet(std::string_view marked) {
  Snippet out;
  for (const char c : marked) {
    if (c == '\x02')
      out.matches.push_back({out.text.size(), out.text.size()});
    else if (c != '\x03')
      out.text.push_back(c);
    else if (!out.matches.empty())
      out.matches.back().end = out.text.size();
  }
  return out;
}

std::string rfc3339(std::int64_t time_ms) {
  std::tm tm{};
  if (!broken_down(time_ms, true, tm)) return fmt::format("{}", time_ms);
  return fmt::format("{}.{:03}Z", date_and_time(tm, 'T'), ((time_ms % 1000) + 1000) % 1000);
}

std::string readable_time(std::int64_t time_ms, bool utc, bool with_seconds) {
  std::tm tm{};
  if (time_ms == coditect::kNoTime || !broken_down(time_ms, utc, tm)) return {};
  const std::string text = date_and_time(tm, ' ');
  return with_seconds ? text : text.substr(0, text.size() - 3);
}

}  // namespace cli
