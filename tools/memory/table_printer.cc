// Tables that fit the terminal.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "printer.h"
#include "text.h"

namespace cli {
namespace {

constexpr int kGap = 2;  // columns between two columns

// Widths come from the first rows; later ones are cut to them, so that memory stays bounded.
constexpr std::size_t kMeasuredRows = 500;

struct TableColumn {
  std::size_t index;  // in the row
  std::string title;
  Kind kind;
  int min_width;
  int drop_order;
  int width;
  bool right = false;
};

using TableRow = std::vector<std::string>;

int total_width(const std::vector<TableColumn>& columns, int TableColumn::*width) {
  int sum = columns.empty() ? 0 : -kGap;
  for (const TableColumn& column : columns) sum += column.*width + kGap;
  return sum;
}

// Leaves columns out until the least widths fit; false if they cannot.
bool drop_columns(std::vector<TableColumn>& columns, int room) {
  while (total_width(columns, &TableColumn::min_width) > room) {
    const auto victim = std::max_element(columns.begin(), columns.end(),
                                         [](const TableColumn& a, const TableColumn& b) { return a.drop_order < b.drop_order; });
    if (victim == columns.end() || victim->drop_order == 0) return false;
    columns.erase(victim);
  }
  return true;
}

// Takes from the widest column until all fit.
void shrink(std::vector<TableColumn>& columns, int room) {
  while (total_width(columns, &TableColumn::width) > room) {
    const auto slack = [](const TableColumn& c) { return c.width > c.min_width ? c.width : 0; };
    const auto widest = std::max_element(columns.begin(), columns.end(),
                                         [&](const TableColumn& a, const TableColumn& b) { return slack(a) < slack(b); });
    if (slack(*widest) == 0) return;
    --widest->width;
  }
}

std::string title_of(const std::string& name) {
  std::string title = printable_line(name);
  for (char& c : title) c = c == '_' ? ' ' : c;
  return title;
}

class TablePrinter : public Printer {
 public:
  TablePrinter(Output& out, const Terminal& terminal, bool utc) : out_(out), terminal_(terminal), utc_(utc) {}

  void begin(const Listing& listing) override {
    for (std::size_t i = 0; i < listing.columns.size(); ++i) {
      const Column& column = listing.columns[i];
      if (!column.in_table) continue;
      columns_.push_back({i, title_of(column.name), column.kind, column.min_width, column.drop_order, 0});
    }
  }

  void row(Cells cells) override {
    TableRow row;
    for (TableColumn& column : columns_) {
      const cmem_value& value = cells[column.index];
      row.push_back(table_cell(column.kind, value, utc_, measured_ ? column.width : terminal_.width()));
      if (!measured_) column.right = column.right || right_aligned(column.kind, value);
    }
    if (measured_) return print(row);
    pending_.push_back(std::move(row));
    if (pending_.size() == kMeasuredRows) print_pending();
  }

  void end(std::string_view) override {
    if (!measured_ && !pending_.empty()) print_pending();
  }

 private:
  void print_pending() {
    measure();
    if (!as_blocks_) print_header();
    for (const TableRow& row : pending_) print(row);
    pending_.clear();
  }

  void measure() {
    for (std::size_t i = 0; i < columns_.size(); ++i) measure(i);
    std::vector<TableColumn> all = columns_;
    std::vector<TableColumn> kept;
    for (const TableColumn& column : columns_) {
      if (column.width > 0 || column.drop_order == 0) kept.push_back(column);
    }
    for (TableColumn& column : kept) column.width = std::max(column.width, display_width(column.title));
    for (TableColumn& column : kept) column.min_width = least_width(column);
    std::vector<TableColumn> fitting = kept;
    as_blocks_ = !drop_columns(fitting, terminal_.width());
    if (!as_blocks_) shrink(fitting, terminal_.width());
    columns_ = as_blocks_ ? std::move(kept) : std::move(fitting);
    select_cells(all);
    measured_ = true;
  }

  // Numbers and titles are never cut.
  static int least_width(const TableColumn& column) {
    const bool may_be_cut = !column.right && column.kind != Kind::kTime && column.kind != Kind::kMinute;
    return may_be_cut ? std::min(column.width, std::max(column.min_width, display_width(column.title))) : column.width;
  }

  // The natural width of column `i`; 0 if it is empty in all rows, which lets it be left out.
  void measure(std::size_t i) {
    for (const TableRow& row : pending_) columns_[i].width = std::max(columns_[i].width, display_width(row[i]));
  }

  // Pending rows hold a cell for every column of `all`: keeps those of the columns that are left.
  void select_cells(const std::vector<TableColumn>& all) {
    for (TableRow& row : pending_) {
      TableRow selected;
      for (std::size_t i = 0; i < all.size(); ++i) {
        const bool kept =
            std::any_of(columns_.begin(), columns_.end(), [&](const TableColumn& c) { return c.index == all[i].index; });
        if (kept) selected.push_back(std::move(row[i]));
      }
      row = std::move(selected);
    }
  }

  void print_header() {
    std::string titles;
    std::string rule;
    for (const TableColumn& column : columns_) {
      const std::string title = fit(column.title, column.width);
      titles += column.right ? pad_left(title, column.width) : pad_right(title, column.width);
      for (int i = 0; i < column.width; ++i) rule += "─";
      titles.append(kGap, ' ');
      rule.append(kGap, ' ');
    }
    out_.write(terminal_.paint(Style::kBold, trimmed(titles)) + "\n" + terminal_.paint(Style::kDim, trimmed(rule)) + "\n");
  }

  void print(const TableRow& row) {
    if (as_blocks_) return print_block(row);
    std::string line;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const TableColumn& column = columns_[i];
      const std::string cell = column.kind == Kind::kTail ? fit_end(row[i], column.width) : fit(row[i], column.width);
      const std::string padded = column.right ? pad_left(cell, column.width) : pad_right(cell, column.width);
      const bool last = i + 1 == columns_.size();
      const Style style = column.title == "level" || column.title == "severity" ? style_of_level(row[i]) : Style::kPlain;
      line += terminal_.paint(style, last ? std::string(trimmed(padded)) : padded);
      line.append(kGap, ' ');
    }
    out_.write(std::string(trimmed(line)) + "\n");
  }

  // Too narrow for a table: each row becomes a list of names and values.
  void print_block(const TableRow& row) {
    int longest = 0;
    for (const TableColumn& column : columns_)
      longest = std::max(longest, std::min(display_width(column.title), terminal_.width() / 3));
    if (!first_block_) out_.write("\n");
    first_block_ = false;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (row[i].empty()) continue;
      const std::string label = pad_right(fit(columns_[i].title, longest), longest);
      out_.write(label + "  " + fit(row[i], terminal_.width() - longest - kGap) + "\n");
    }
  }

  static std::string_view trimmed(std::string_view line) {
    while (line.ends_with(' ')) line.remove_suffix(1);
    return line;
  }

  Output& out_;
  const Terminal& terminal_;
  bool utc_;
  std::vector<TableColumn> columns_;
  std::vector<TableRow> pending_;
  bool measured_ = false;
  bool as_blocks_ = false;
  bool first_block_ = true;
};

std::string integer_cell(Kind kind, std::int64_t value) {
  switch (kind) {
    case Kind::kBool:
      return value != 0 ? "yes" : "no";
    case Kind::kBytes:
      return byte_count(value);
    case Kind::kInteger:
      return grouped(value);
    case Kind::kDuration:
      return report_duration(value);
    default:
      return fmt::format("{}", value);
  }
}

std::string real_cell(Kind kind, double value) {
  if (kind == Kind::kAny) return fmt::format("{}", value);
  if (kind == Kind::kPercent) return fmt::format("{:.1f} %", value);
  if (kind == Kind::kChange) return fmt::format("{:+.0f} %", value);
  return std::abs(value) < 100 ? fmt::format("{:.2f}", value) : grouped(std::llround(value));
}

// Texts can be megabytes: no more than a table can show is looked at. A column takes at most four bytes, white space and what
// has no width aside.
std::string_view head(std::string_view text, int width) {
  constexpr std::size_t kBytesPerColumn = 16;
  return text.substr(0, kBytesPerColumn * static_cast<std::size_t>(std::max(width, 1)) + 1024);
}

std::string text_cell(Kind kind, std::string_view text, int width) {
  if (kind == Kind::kPath) text = last_component(text);
  if (kind == Kind::kContent) text = without_log_prefix(text);
  if (kind == Kind::kSession) text = short_session(text);
  if (kind == Kind::kSnippet) return fit(parse_snippet(text).text, width);
  if (kind == Kind::kTail) return fit_end(text, width);
  return fit(head(text, width), width);
}

}  // namespace

std::string table_cell(Kind kind, const cmem_value& value, bool utc, int width) {
  switch (value.type) {
    case CMEM_TYPE_INT:
      return integer_cell(kind, value.i64);
    case CMEM_TYPE_REAL:
      return real_cell(kind, value.f64);
    case CMEM_TYPE_TIME:
      return readable_time(value.i64, utc, kind != Kind::kMinute);
    case CMEM_TYPE_BYTES:
      if (kind == Kind::kAny) return fit(hex_of(head(text_of(value), width)), width);
      [[fallthrough]];
    case CMEM_TYPE_TEXT:
      return text_cell(kind, text_of(value), width);
    default:
      return {};
  }
}

bool right_aligned(Kind kind, const cmem_value& value) {
  return (value.type == CMEM_TYPE_INT && kind != Kind::kBool) || value.type == CMEM_TYPE_REAL;
}

std::unique_ptr<Printer> make_table_printer(Output& out, const Terminal& terminal, bool utc) {
  return std::make_unique<TablePrinter>(out, terminal, utc);
}

}  // namespace cli
