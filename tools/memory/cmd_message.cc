#include <fmt/format.h>

#include <algorithm>

#include "context.h"
#include "failure.h"
#include "listing.h"
#include "message_head.h"
#include "text.h"

namespace cli {
namespace {

constexpr std::uint32_t kMostContext = 10'000;
constexpr int kLabelColumns = 13;

// What search does not know of it stands behind the bytes that it does.
bool is_indexed_in_part(const RowView& row) {
  const bool of_tool = row.text("role") == "tool_use" || row.text("role") == "tool_result";
  return of_tool && row.text("content").size() > CMEM_INDEXED_BEGIN_BYTES;
}

// The asked message with all its fields; its neighbours as a head and one line.
class MessagePrinter : public Printer {
 public:
  explicit MessagePrinter(Context& context) : context_(context) {}

  void begin(const Listing& listing) override { columns_ = listing.columns; }
  void row(Cells cells) override {
    const RowView row(columns_, cells);
    if (!first_) context_.out.write("\n");
    first_ = false;
    if (row.integer("id") == context_.options.number)
      print_whole(row, cells);
    else
      print_neighbour(row);
  }
  void end(std::string_view) override {}

 private:
  [[nodiscard]] int width() const { return context_.terminal.width(); }

  void print_neighbour(const RowView& row) {
    const std::string head = message_head(row, context_.options.utc, width());
    context_.out.write(context_.terminal.paint(Style::kDim, head) + "\n    " +
                       fit(without_log_prefix(row.text("content")), width() - 4) + "\n");
  }
  void print_label(std::string_view label, const std::string& text) {
    context_.out.write(context_.terminal.paint(Style::kDim, pad_right(label, kLabelColumns)) + text + "\n");
  }
  void print_whole(const RowView& row, Cells cells) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].name != "content") print_field(columns_[i], cells[i]);
    }
    if (is_indexed_in_part(row))
      print_label("indexed", fmt::format("the first {} of {} bytes", grouped(CMEM_INDEXED_BEGIN_BYTES),
                                         grouped(std::ssize(row.text("content")))));
    context_.out.write("\n");
    for (const std::string& line : wrap(row.text("content"), width())) context_.out.write(line + "\n");
  }
  // Names and ids are whole here: this is where people come to copy them.
  void print_field(const Column& column, const cmem_value& value) {
    const Kind kind = column.kind == Kind::kPath || column.kind == Kind::kSession ? Kind::kText : column.kind;
    const bool text = value.type == CMEM_TYPE_TEXT;
    std::string label = column.name;
    std::replace(label.begin(), label.end(), '_', ' ');
    const auto lines = text ? wrap(text_of(value), width() - kLabelColumns)
                            : std::vector<std::string>{table_cell(kind, value, context_.options.utc, width())};
    for (const std::string& line : lines) {
      if (line.empty()) continue;
      context_.out.write(context_.terminal.paint(Style::kDim, pad_right(label, kLabelColumns)) + line + "\n");
      label.clear();
    }
  }

  Context& context_;
  Columns columns_;
  bool first_ = true;
};

}  // namespace

int run_message_show(Context& context) {
  const auto around = static_cast<std::uint32_t>(std::min<std::int64_t>(context.options.context, kMostContext));
  auto cursor = context.store.get(context.options.number, around, around);
  const auto members = [](const Columns& columns, Cells cells) {
    return is_indexed_in_part(RowView(columns, cells)) ? fmt::format(R"(,"indexed_bytes":{})", CMEM_INDEXED_BEGIN_BYTES)
                                                       : std::string();
  };
  if (context.format != Format::kTable) return print_listing(context, cursor, {.row_members = members});
  MessagePrinter printer(context);
  return print_listing(context, cursor, {}, printer);
}

}  // namespace cli
