#include <fmt/format.h>

#include "context.h"
#include "failure.h"
#include "listing.h"
#include "message_head.h"
#include "questions.h"
#include "text.h"

namespace cli {
namespace {

constexpr int kIndent = 4;

struct Question {
  std::string query;
  coditect::Filter filter;
  coditect::Order order;
};

Question question_of(const Options& options) {
  std::string query;
  for (const std::string& word : options.arguments) query += (query.empty() ? "" : " ") + word;
  return {std::move(query), filter_of(options), order_of(options, coditect::Order::relevance)};
}

// The time of the first hit in this order; empty when it has none.
std::string edge_time(const Context& context, const Question& question, coditect::Order order) {
  auto cursor = context.store.search(question.query, question.filter, coditect::Page().order(order).limit(1).all_matches());
  const coditect::Row* row = cursor.next();
  return row == nullptr ? std::string() : readable_time((*row)["time"].time_ms(), context.options.utc, false);
}

std::string_view order_name(coditect::Order order) {
  if (order == coditect::Order::newest) return "newest first";
  return order == coditect::Order::oldest ? "oldest first" : "best first";
}

// Match marks as the terminal shows them. wrap() has made them visible symbols of one column, and so are the guillemets.
class MarkStyler {
 public:
  explicit MarkStyler(const Terminal& terminal) : color_(terminal.has_color()) {}

  std::string line(std::string_view text) {
    std::string out = color_ && open_ ? std::string(kBold) : std::string();
    while (!text.empty()) {
      const bool begin = text.starts_with(kBeginSymbol);
      if (begin || text.starts_with(kEndSymbol)) {
        open_ = begin;
        out += color_ ? (begin ? kBold : kReset) : (begin ? "«" : "»");
        text.remove_prefix(kBeginSymbol.size());
      } else {
        out.push_back(text.front());
        text.remove_prefix(1);
      }
    }
    return color_ && open_ ? out + std::string(kReset) : out;
  }

 private:
  static constexpr std::string_view kBeginSymbol = "␂";
  static constexpr std::string_view kEndSymbol = "␃";
  static constexpr std::string_view kBold = "\x1b[1m";
  static constexpr std::string_view kReset = "\x1b[0m";
  bool color_;
  bool open_ = false;
};

// Hits as blocks: when, where and who on one line, the snippet below.
class HitPrinter : public Printer {
 public:
  HitPrinter(Context& context, const Question& question) : context_(context), question_(question) {}

  void begin(const Listing& listing) override {
    columns_ = listing.columns;
    if (listing.total > 0) context_.out.write(first_line(listing.total));
  }
  void row(Cells cells) override {
    const RowView row(columns_, cells);
    std::string head = message_head(row, context_.options.utc, context_.terminal.width());
    if (const std::int64_t same = row.integer("same_text"); same > 1) head += fmt::format("  ({} times)", grouped(same));
    context_.out.write("\n" + context_.terminal.paint(Style::kDim, cut(head, context_.terminal.width())) + "\n");
    MarkStyler marks(context_.terminal);
    for (const std::string& line : wrap(row.text("snippet"), context_.terminal.width() - kIndent)) {
      context_.out.write(std::string(kIndent, ' ') + marks.line(line) + "\n");
    }
  }
  void end(std::string_view) override {}

 private:
  std::string first_line(std::int64_t total) const {
    const std::string first = edge_time(context_, question_, coditect::Order::oldest);
    const std::string last = edge_time(context_, question_, coditect::Order::newest);
    const std::string range = first.empty() ? "" : first == last ? " at " + first : fmt::format(" from {} to {}", first, last);
    const std::string line = fmt::format("{}{}, {}", counted(total, "hit"), range, order_name(question_.order));
    return cut(line, context_.terminal.width()) + "\n";
  }

  Context& context_;
  const Question& question_;
  Columns columns_;
};

}  // namespace

int run_search(Context& context) {
  const Question question = question_of(context.options);
  const std::int64_t limit = limit_of(context.options);
  coditect::Page page;
  page.order(question.order).limit(probe_limit(limit)).after(context.options.after).all_matches(context.options.all_matches);
  auto cursor = context.store.search(question.query, question.filter, page);
  const ListingPlan plan{{}, "no message matches", limit};
  if (context.format != Format::kTable) return print_listing(context, cursor, plan);
  HitPrinter printer(context, question);
  return print_listing(context, cursor, plan, printer);
}

}  // namespace cli
