// The one way in which answers leave the program: rows to a table, JSON, JSON lines or CSV.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "columns.h"
#include "context.h"

namespace cli {

// More JSON members of a row, each with a comma before it; empty = none.
using RowMembers = std::function<std::string(const Columns&, Cells)>;

struct Listing {
  std::string_view command;
  Columns columns;
  std::int64_t total = -1;             // rows of the whole answer; -1 = not known
  std::string_view json_members = {};  // of the envelope, each with a comma before it
  RowMembers row_members = {};
};

class Printer {
 public:
  virtual ~Printer() = default;
  virtual void begin(const Listing& listing) = 0;
  virtual void row(Cells cells) = 0;
  // Whether the last row was shown: what a printer leaves out does not count for --limit.
  [[nodiscard]] virtual bool shows_last_row() const { return true; }
  // `next` is the position of the next page, empty on the last one.
  virtual void end(std::string_view next) = 0;
};

// As --format says. Both live no longer than the context.
std::unique_ptr<Printer> make_printer(Context& context);
std::unique_ptr<Printer> make_printer(Context& context, Output& out);  // to another place than standard output
std::unique_ptr<Printer> make_table_printer(Output& out, const Terminal& terminal, bool utc);

// One object with named fields instead of rows (stats, the result of a load): fields beside the envelope's in JSON, one row in
// JSON lines and CSV, a list of names and values in a table.
class Record {
 public:
  Record& integer(std::string_view name, std::int64_t value, Kind kind = Kind::kInteger);
  Record& real(std::string_view name, double value);
  Record& boolean(std::string_view name, bool value);
  Record& time(std::string_view name, std::int64_t time_ms);
  Record& text(std::string_view name, std::string_view value);  // borrows `value`

  void print(Context& context) const;
  // The JSON members alone, to be followed by others.
  [[nodiscard]] std::string json_members() const;
  [[nodiscard]] const Columns& columns() const { return columns_; }
  [[nodiscard]] Cells cells() const { return cells_; }

 private:
  Record& add(std::string_view name, Kind kind, const cmem_value& value);
  void print_fields(Context& context) const;

  Columns columns_;
  std::vector<cmem_value> cells_;
};

// `{"schema_version":1,"command":"…"`: what every JSON envelope begins with.
std::string envelope_start(std::string_view command);

// One cell as tables show it: printable, on one line; `width` bounds the work for long texts.
std::string table_cell(Kind kind, const cmem_value& value, bool utc, int width);
bool right_aligned(Kind kind, const cmem_value& value);

}  // namespace cli
