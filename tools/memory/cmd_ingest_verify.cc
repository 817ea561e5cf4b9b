#include <fmt/format.h>

#include <map>

#include "context.h"
#include "failure.h"
#include "listing.h"
#include "message_head.h"
#include "text.h"

namespace cli {
namespace {

// Counts the files by state. A table shows only those that are not as they were loaded.
class VerifyPrinter : public Printer {
 public:
  explicit VerifyPrinter(Context& context) : context_(context) {
    if (context.format != Format::kTable) inner_ = make_printer(context);
  }

  void begin(const Listing& listing) override {
    columns_ = listing.columns;
    if (inner_) inner_->begin(listing);
  }
  void row(Cells cells) override {
    const RowView row(columns_, cells);
    const std::string state(row.text("state"));
    ++counts_[state];
    if (inner_) return inner_->row(cells);
    if (state == "loaded" || context_.options.quiet) return;
    context_.out.write(fmt::format("{:<10}  {}/{}\n", state, printable_line(row.text("home")), printable_line(row.text("path"))));
  }
  void end(std::string_view next) override {
    if (inner_) return inner_->end(next);
    std::string summary;
    for (const auto& [state, files] : counts_)
      summary += fmt::format("{}{} {}", summary.empty() ? "" : ", ", grouped(files), state);
    if (!context_.options.quiet) context_.out.write("files: " + summary + "\n");
  }
  // What a load would add. What is gone is lost in the home alone.
  [[nodiscard]] std::int64_t missing() const {
    std::int64_t files = 0;
    for (const auto& [state, count] : counts_)
      if (state != "loaded" && state != "waiting" && state != "gone") files += count;
    return files;
  }

 private:
  Context& context_;
  std::unique_ptr<Printer> inner_;
  Columns columns_;
  std::map<std::string, std::int64_t> counts_;
};

}  // namespace

int run_ingest_verify(Context& context) {
  auto cursor = context.store.verify_homes(context.options.argument);
  VerifyPrinter printer(context);
  print_listing(context, cursor, {}, printer);
  if (printer.missing() == 0) return kExitOk;
  context.out.flush();
  context.note(counted(printer.missing(), "file") + " with something that is not in the store; `memory ingest` loads it");
  return kExitDiffers;
}

}  // namespace cli
