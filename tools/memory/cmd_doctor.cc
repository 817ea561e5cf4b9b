#include <fmt/format.h>

#include "context.h"
#include "failure.h"
#include "message_head.h"
#include "printer.h"
#include "text.h"

namespace cli {
namespace {

bool failed(const RowView& row) { return row.integer("ok") == 0; }

std::string_view mark_of(const RowView& row) {
  if (!failed(row)) return "ok";
  return row.text("severity") == "info" ? "note" : row.text("severity");
}

// "ok       quick_check  no damage", and for what is not ok a hint below.
class CheckPrinter : public Printer {
 public:
  explicit CheckPrinter(Context& context) : context_(context) {}

  void begin(const Listing& listing) override { columns_ = listing.columns; }
  void row(Cells cells) override {
    const RowView row(columns_, cells);
    const std::string mark(mark_of(row));
    const std::string name = pad_right(printable_line(row.text("check")), kCheckColumns);
    const std::string start = context_.terminal.paint(style_of_level(mark), pad_right(mark, kMarkColumns)) + name + "  ";
    print_wrapped(start, row.text("detail"));
    const std::string_view hint = row.text("hint");
    if (failed(row) && !hint.empty())
      print_wrapped(std::string(kMarkColumns + kCheckColumns, ' ') + "  ", "hint: " + std::string(hint));
  }
  void end(std::string_view) override {}

 private:
  static constexpr int kMarkColumns = 9;
  static constexpr int kCheckColumns = 18;

  // Details stand beside the name, or below it on a narrow terminal.
  void print_wrapped(const std::string& start, std::string_view text) {
    constexpr int kLeastRoom = 30;
    const int beside = kMarkColumns + kCheckColumns + 2;
    const bool narrow = context_.terminal.width() < beside + kLeastRoom;
    const int indent = narrow ? 4 : beside;
    const bool has_start = start.find_first_not_of(' ') != std::string::npos;
    if (narrow && has_start) context_.out.write(start.substr(0, start.find_last_not_of(' ') + 1) + "\n");
    std::string line_start = narrow ? std::string(static_cast<std::size_t>(indent), ' ') : start;
    for (const std::string& line : wrap(text.empty() ? "-" : text, context_.terminal.width() - indent)) {
      context_.out.write(line_start + line + "\n");
      line_start.assign(static_cast<std::size_t>(indent), ' ');
    }
  }

  Context& context_;
  Columns columns_;
};

std::unique_ptr<Printer> check_printer(Context& context) {
  if (context.format == Format::kTable) return std::make_unique<CheckPrinter>(context);
  return make_printer(context);
}

}  // namespace

int run_doctor(Context& context) {
  auto cursor = context.store.check(context.options.deep);
  const Listing listing{context.command.name, columns_of(cursor), cursor.total()};
  const auto printer = check_printer(context);
  printer->begin(listing);
  bool damaged = false;
  while (const coditect::Row* row = cursor.next()) {
    const RowView view(listing.columns, cells_of(*row));
    damaged = damaged || (failed(view) && view.text("severity") == "error");
    printer->row(cells_of(*row));
  }
  printer->end({});
  return damaged ? kExitCorrupt : kExitOk;
}

}  // namespace cli
