#include <fmt/format.h>

#include <vector>

#include "context.h"
#include "json_text.h"
#include "listing.h"
#include "questions.h"

namespace cli {
namespace {

// A listing whose table ends with a row of sums.
class TokensPrinter : public Printer {
 public:
  // Both must outlive the printer.
  TokensPrinter(Printer& inner, const coditect::Row& totals) : inner_(inner), totals_(totals) {}

  void begin(const Listing& listing) override {
    key_columns_ = listing.columns.size() - totals_.size();
    inner_.begin(listing);
  }
  void row(Cells cells) override {
    inner_.row(cells);
    ++rows_;
  }
  void end(std::string_view next) override {
    if (key_columns_ > 0 && rows_ > 1) inner_.row(total_row());
    inner_.end(next);
  }

 private:
  [[nodiscard]] std::vector<cmem_value> total_row() const {
    constexpr std::string_view kTitle = "total";
    std::vector<cmem_value> cells(key_columns_);
    cells.front().type = CMEM_TYPE_TEXT;
    cells.front().text = kTitle.data();
    cells.front().text_len = kTitle.size();
    for (std::size_t i = 0; i < totals_.size(); ++i) cells.push_back(totals_[i].raw());
    return cells;
  }

  Printer& inner_;
  const coditect::Row& totals_;
  std::size_t key_columns_ = 0;
  std::size_t rows_ = 0;
};

}  // namespace

int run_tokens(Context& context) {
  const Options& options = context.options;
  const auto filter = filter_of(options);
  auto cursor = context.store.tokens(options.by.empty() ? "day" : options.by, filter, options.utc);
  auto all = context.store.tokens({}, filter, options.utc);
  const coditect::Row& totals = *all.next();
  const auto inner = make_printer(context);
  TokensPrinter with_totals(*inner, totals);
  std::string members = R"(,"totals":{)";
  append_json_members(members, columns_of(all), cells_of(totals));
  members += '}';
  ListingPlan plan{{}, "no tokens"};
  plan.json_members = members;
  return print_listing(context, cursor, plan, context.format == Format::kTable ? static_cast<Printer&>(with_totals) : *inner);
}

}  // namespace cli
