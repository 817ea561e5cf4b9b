#include "printer.h"

#include <fmt/format.h>

#include "json_text.h"
#include "text.h"

namespace cli {
namespace {

class JsonPrinter : public Printer {
 public:
  explicit JsonPrinter(Output& out) : out_(out) {}

  void begin(const Listing& listing) override {
    columns_ = listing.columns;
    row_members_ = listing.row_members;
    std::string text = envelope_start(listing.command) + R"(,"total":)";
    text += listing.total < 0 ? "null" : fmt::format("{}", listing.total);
    text += listing.json_members;
    out_.write(text + R"(,"rows":[)");
  }
  void row(Cells cells) override {
    std::string text = first_ ? "{" : ",{";
    first_ = false;
    append_json_members(text, columns_, cells);
    if (row_members_) text += row_members_(columns_, cells);
    out_.write(text + "}");
  }
  // `next` stands behind the rows because it is known only then, and rows are never held back.
  void end(std::string_view next) override {
    std::string text = R"(],"next":)";
    if (next.empty())
      text += "null";
    else
      append_json_string(text, next);
    out_.write(text + "}\n");
  }

 private:
  Output& out_;
  Columns columns_;
  RowMembers row_members_;
  bool first_ = true;
};

class JsonlPrinter : public Printer {
 public:
  explicit JsonlPrinter(Output& out) : out_(out) {}

  void begin(const Listing& listing) override {
    columns_ = listing.columns;
    row_members_ = listing.row_members;
  }
  void row(Cells cells) override {
    std::string text = "{";
    append_json_members(text, columns_, cells);
    if (row_members_) text += row_members_(columns_, cells);
    out_.write(text + "}\n");
  }
  void end(std::string_view) override {}

 private:
  Output& out_;
  Columns columns_;
  RowMembers row_members_;
};

// RFC 4180. On a terminal control characters are made visible; elsewhere the data stays as it is.
class CsvPrinter : public Printer {
 public:
  CsvPrinter(Output& out, bool to_terminal) : out_(out), to_terminal_(to_terminal) {}

  void begin(const Listing& listing) override {
    columns_ = listing.columns;
    std::string line;
    for (const Column& column : columns_) append_field(line, column.name);
    end_line(line);
  }
  void row(Cells cells) override {
    std::string line;
    for (std::size_t i = 0; i < columns_.size(); ++i) append_field(line, cell(columns_[i].kind, cells[i]));
    end_line(line);
  }
  void end(std::string_view) override {}

 private:
  static std::string cell(Kind kind, const cmem_value& value) {
    switch (value.type) {
      case CMEM_TYPE_INT:
        return kind == Kind::kBool ? (value.i64 != 0 ? "true" : "false") : fmt::format("{}", value.i64);
      case CMEM_TYPE_REAL:
        return fmt::format("{}", value.f64);
      case CMEM_TYPE_TIME:
        return rfc3339(value.i64);
      case CMEM_TYPE_TEXT:
      case CMEM_TYPE_BYTES:
        break;
      default:
        return {};
    }
    if (kind == Kind::kAny && value.type == CMEM_TYPE_BYTES) return hex_of(text_of(value));
    return kind == Kind::kSnippet ? parse_snippet(text_of(value)).text : std::string(text_of(value));
  }
  void append_field(std::string& line, const std::string& text) const {
    const std::string shown = to_terminal_ ? printable_line(text) : text;
    const bool quote = shown.find_first_of("\",\r\n") != std::string::npos;
    if (quote) line += '"';
    for (const char c : shown) line.append(quote && c == '"' ? 2 : 1, c);
    line += quote ? "\"," : ",";
  }
  void end_line(std::string& line) {
    line.back() = '\r';
    out_.write(line + "\n");
  }

  Output& out_;
  bool to_terminal_;
  Columns columns_;
};

cmem_value value_of(std::int32_t type) {
  cmem_value value{};
  value.type = type;
  return value;
}

}  // namespace

std::unique_ptr<Printer> make_printer(Context& context) { return make_printer(context, context.out); }

std::unique_ptr<Printer> make_printer(Context& context, Output& out) {
  switch (context.format) {
    case Format::kJson:
      return std::make_unique<JsonPrinter>(out);
    case Format::kJsonl:
      return std::make_unique<JsonlPrinter>(out);
    case Format::kCsv:
      return std::make_unique<CsvPrinter>(out, context.terminal.is_terminal());
    default:
      return make_table_printer(out, context.terminal, context.options.utc);
  }
}

std::string envelope_start(std::string_view command) { return fmt::format(R"({{"schema_version":1,"command":"{}")", command); }

Record& Record::add(std::string_view name, Kind kind, const cmem_value& value) {
  Column column;
  column.name = name;
  column.kind = kind;
  columns_.push_back(std::move(column));
  cells_.push_back(value);
  return *this;
}

Record& Record::integer(std::string_view name, std::int64_t value, Kind kind) {
  cmem_value cell = value_of(CMEM_TYPE_INT);
  cell.i64 = value;
  return add(name, kind, cell);
}

Record& Record::real(std::string_view name, double value) {
  cmem_value cell = value_of(CMEM_TYPE_REAL);
  cell.f64 = value;
  return add(name, Kind::kReal, cell);
}

Record& Record::boolean(std::string_view name, bool value) { return integer(name, value ? 1 : 0, Kind::kBool); }

Record& Record::time(std::string_view name, std::int64_t time_ms) {
  cmem_value cell = value_of(time_ms == coditect::kNoTime ? CMEM_TYPE_NULL : CMEM_TYPE_TIME);
  cell.i64 = time_ms;
  return add(name, Kind::kTime, cell);
}

Record& Record::text(std::string_view name, std::string_view value) {
  cmem_value cell = value_of(CMEM_TYPE_TEXT);
  cell.text = value.data();
  cell.text_len = value.size();
  return add(name, Kind::kText, cell);
}

std::string Record::json_members() const {
  std::string out;
  append_json_members(out, columns_, cells_);
  return out;
}

void Record::print(Context& context) const {
  if (context.format == Format::kJson) {
    context.out.write(envelope_start(context.command.name) + "," + json_members() + "}\n");
  } else if (context.format == Format::kTable) {
    print_fields(context);
  } else {
    const auto printer = make_printer(context);
    printer->begin({context.command.name, columns_, 1, {}, {}});
    printer->row(cells_);
    printer->end({});
  }
}

void Record::print_fields(Context& context) const {
  std::size_t longest = 0;
  for (const Column& column : columns_) longest = std::max(longest, column.name.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::string label = columns_[i].name;
    for (char& c : label) c = c == '_' ? ' ' : c;
    const int room = context.terminal.width() - static_cast<int>(longest) - 2;
    const std::string value = table_cell(columns_[i].kind, cells_[i], context.options.utc, room);
    context.out.write(fmt::format("{:<{}}  {}\n", label, longest, value.empty() ? "-" : cut(value, room)));
  }
}

}  // namespace cli
