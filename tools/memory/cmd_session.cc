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

// A session as it is read: who and when, then what was said.
class TranscriptPrinter : public Printer {
 public:
  explicit TranscriptPrinter(Context& context) : context_(context) {}

  void begin(const Listing& listing) override {
    columns_ = listing.columns;
    total_ = listing.total;
  }
  void row(Cells cells) override {
    const RowView row(columns_, cells);
    if (first_) print_title(row);
    first_ = false;
    const std::string head = row_head(row);
    const int room = width() - display_width(head) - 2;
    const std::string_view content = without_log_prefix(row.text("content"));
    const bool short_line = !row.text("level").empty() && content.find('\n') == std::string_view::npos;
    if (short_line && display_width(printable_line(content)) <= room) return print_log_line(row, head, content);
    context_.out.write(context_.terminal.paint(Style::kDim, head) + "\n");
    for (const std::string& line : wrap(content, width() - kIndent)) {
      context_.out.write(line.empty() ? "\n" : std::string(kIndent, ' ') + line + "\n");
    }
  }
  void end(std::string_view) override {}

 private:
  [[nodiscard]] int width() const { return context_.terminal.width(); }

  void print_title(const RowView& row) {
    std::string title = fmt::format("session {}", printable_line(row.text("session")));
    if (const auto project = row.text("project"); !project.empty()) title += "  " + printable_line(project);
    if (total_ >= 0) title += "  " + counted(total_, "message");
    context_.out.write(context_.terminal.paint(Style::kBold, cut(title, width())) + "\n\n");
  }
  // Without project and session: the title has them.
  [[nodiscard]] std::string row_head(const RowView& row) const {
    std::string out = readable_time(row.time_ms("time"), context_.options.utc);
    out += fmt::format("{}#{}", out.empty() ? "" : "  ", row.integer("id"));
    for (const std::string_view name : {"role", "component", "level"}) {
      if (const auto part = row.text(name); !part.empty()) out += "  " + printable_line(part);
    }
    return cut(out, width());
  }
  void print_log_line(const RowView& row, const std::string& head, std::string_view content) {
    const Style style = style_of_level(row.text("level"));
    context_.out.write(context_.terminal.paint(Style::kDim, head) + "  " + context_.terminal.paint(style, printable_line(content)) +
                       "\n");
  }

  Context& context_;
  Columns columns_;
  std::int64_t total_ = -1;
  bool first_ = true;
};

}  // namespace

int run_session_list(Context& context) {
  const std::int64_t limit = limit_of(context.options);
  auto cursor = context.store.sessions(filter_of(context.options), probe_limit(limit));
  return print_listing(context, cursor, {{}, "no such sessions", limit});
}

int run_session_show(Context& context) {
  const std::int64_t limit = limit_of(context.options, 0);
  coditect::Page page;
  page.order(coditect::Order::oldest).limit(probe_limit(limit)).after(context.options.after);
  auto cursor = context.store.query(coditect::Filter().session(context.options.argument), page);
  const bool short_prefix = context.options.argument.size() < 4;
  const ListingPlan plan{{}, short_prefix ? "no such session; give at least 4 characters of its id" : "no such session", limit};
  if (context.format != Format::kTable) return print_listing(context, cursor, plan);
  TranscriptPrinter printer(context);
  return print_listing(context, cursor, plan, printer);
}

}  // namespace cli
