// What the columns of an answer mean, for every printer.
#pragma once
#include <coditect/memory.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

enum class Kind {
  kAny,  // as the cell's own type says (sql)
  kText,
  kContent,   // of a message; tables leave out what a log line repeats of other columns
  kPath,      // tables show the last path component
  kTail,      // tables cut it at its begin: the end of a path says more
  kSession,   // tables show the first characters of a UUID
  kInteger,   // a count
  kId,        // a number that is a name: no thousands separators
  kBytes,     // a size
  kDuration,  // milliseconds
  kPercent,
  kChange,  // percent more or less than before
  kReal,
  kBool,
  kTime,
  kMinute,   // a time that tables show without seconds
  kJson,     // a JSON text, put into JSON as it is
  kSnippet,  // matches stand between \x02 and \x03
};

struct Column {
  std::string name;
  Kind kind = Kind::kAny;
  int min_width = 6;   // tables shrink it down to this
  int drop_order = 0;  // tables too narrow even so leave the highest out first; 0 = never
  bool in_table = true;
};

using Columns = std::vector<Column>;
using Cells = std::span<const cmem_value>;

// The columns of a cursor. In tables only those of `shown` appear; empty = all.
Columns columns_of(const coditect::Cursor& cursor, std::span<const std::string_view> shown = {});

inline Cells cells_of(const coditect::Row& row) { return {&row[0].raw(), row.size()}; }

inline std::string_view text_of(const cmem_value& value) {
  return value.type == CMEM_TYPE_TEXT || value.type == CMEM_TYPE_BYTES ? std::string_view(value.text, value.text_len)
                                                                       : std::string_view();
}

// How a blob of sql is shown, which may be anything.
std::string hex_of(std::string_view bytes);

// A snippet taken apart: the text without marks, and where the matches are, in bytes of that text.
struct Snippet {
  struct Match {
    std::size_t begin;
    std::size_t end;
  };
  std::string text;
  std::vector<Match> matches;
};
Snippet parse_snippet(std::string_view marked);

// "2025-11-15T10:30:05.250Z"
std::string rfc3339(std::int64_t time_ms);
// "2025-11-15 10:30:05", in the local zone or in UTC.
std::string readable_time(std::int64_t time_ms, bool utc, bool with_seconds = true);

}  // namespace cli
