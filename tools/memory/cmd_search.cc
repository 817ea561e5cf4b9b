#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>

#include "context.h"
#include "facets.h"
#include "failure.h"
#include "json_text.h"
#include "listing.h"
#include "message_head.h"
#include "questions.h"
#include "search_answer.h"
#include "text.h"

namespace cli {
namespace {

constexpr int kIndent = 4;
constexpr std::int64_t kMostContext = 100;

struct Question {
  std::string query;
  coditect::Filter filter;
  coditect::Order order;
  std::int64_t now_ms;  // so that all that is asked means the same yesterday
  bool utc;

  [[nodiscard]] coditect::Page page() const { return coditect::Page().order(order).utc(utc).now(now_ms); }
};

Question question_of(std::string query, const Options& options) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::move(query), filter_of(options), order_of(options, coditect::Order::relevance),
          std::chrono::duration_cast<std::chrono::milliseconds>(now).count(), options.utc};
}

std::string_view order_name(coditect::Order order) {
  if (order == coditect::Order::newest) return "newest first";
  return order == coditect::Order::oldest ? "oldest first" : "best first";
}

// ------------------------------------------------------------------------------------------------------ explanation

// A row of the explanation as a line for people.
std::string explanation_line(const RowView& row, bool utc) {
  std::string line = fmt::format("{:<6} {}", row.text("part"), printable_line(row.text("text")));
  if (row.text("part") == "term") line += fmt::format("  in {}", counted(row.integer("texts"), "text"));
  if (const std::string from = readable_time(row.time_ms("from"), utc); !from.empty()) line += "  from " + from;
  if (const std::string until = readable_time(row.time_ms("until"), utc); !until.empty()) line += "  until " + until;
  return line;
}

struct Explanation {
  std::vector<std::string> lines;
  std::vector<std::string> notes;
  std::string json;     // a member of the envelope
  std::string nothing;  // why there is nothing to search, if so
};

Explanation explanation_of(coditect::Cursor& search, bool utc) {
  Explanation out;
  auto cursor = search.explanation();
  const Columns columns = columns_of(cursor);
  while (const coditect::Row* row = cursor.next()) {
    const RowView view(columns, cells_of(*row));
    out.lines.push_back(explanation_line(view, utc));
    if (view.text("part") == "note") out.notes.emplace_back(view.text("text"));
    if (view.text("part") == "query" && view.text("text").starts_with("nothing to search")) out.nothing = view.text("text");
    out.json += out.json.empty() ? "{" : ",{";
    append_json_members(out.json, columns, cells_of(*row));
    out.json += "}";
  }
  out.json = R"(,"explanation":[)" + out.json + "]";
  return out;
}

// With a table where the hits are, in JSON in the envelope, else beside the data.
void show(Context& context, const Explanation& explanation) {
  for (const std::string& line : explanation.lines) {
    if (context.format == Format::kTable) context.out.write(line + "\n");
    if (context.format == Format::kJsonl || context.format == Format::kCsv) context.note(line);
  }
  if (context.format == Format::kTable) context.out.write("\n");
}

// ---------------------------------------------------------------------------------------------------------- context

// Calls visit(before, columns, cells) for the neighbours of a message, in file order.
template <typename Visit>
void for_each_neighbour(const Context& context, std::int64_t id, Visit&& visit) {
  const auto around = static_cast<std::uint32_t>(context.options.context);
  auto cursor = context.store.get(id, around, around);
  const Columns columns = columns_of(cursor);
  bool before = true;
  while (const coditect::Row* row = cursor.next()) {
    if ((*row)["id"].integer() == id) {
      before = false;
    } else {
      visit(before, columns, cells_of(*row));
    }
  }
}

std::string neighbours_json(const Context& context, std::int64_t id) {
  std::string before;
  std::string after;
  for_each_neighbour(context, id, [&](bool is_before, const Columns& columns, Cells cells) {
    std::string& out = is_before ? before : after;
    out += out.empty() ? "{" : ",{";
    append_json_members(out, columns, cells);
    out += "}";
  });
  return R"(,"before":[)" + before + R"(],"after":[)" + after + "]";
}

void check_context(const Context& context) {
  const std::int64_t around = context.options.context;
  if (around < 0 || around > kMostContext)
    throw Failure(CMEM_E_INVALID, fmt::format("--context is not between 0 and {}", kMostContext), "give a number in between");
  if (around > 0 && context.format == Format::kCsv)
    throw Failure(CMEM_E_INVALID, "--context has no place in csv", "use --format json or jsonl");
}

// ------------------------------------------------------------------------------------------------------------- hits

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
  HitPrinter(Context& context, const Question& question, const coditect::SearchSummary& found, const Facets& facets)
      : context_(context), question_(question), found_(found), facets_(facets) {}

  void begin(const Listing& listing) override {
    columns_ = listing.columns;
    is_first_ = listing.total > 0;
  }
  void row(Cells cells) override {
    const RowView row(columns_, cells);
    if (is_first_) context_.out.write(first_line(row.real("score") > 0));
    is_first_ = false;
    std::string head = message_head(row, context_.options.utc, context_.terminal.width());
    if (const std::int64_t same = row.integer("same_text"); same > 1) head += fmt::format("  ({} times)", grouped(same));
    context_.out.write("\n");
    std::vector<std::string> later;
    if (context_.options.context > 0) later = print_neighbours_before(row.integer("id"));
    context_.out.write(context_.terminal.paint(Style::kDim, cut(head, context_.terminal.width())) + "\n");
    MarkStyler marks(context_.terminal);
    for (const std::string& line : wrap(row.text("snippet"), context_.terminal.width() - kIndent)) {
      context_.out.write(std::string(kIndent, ' ') + marks.line(line) + "\n");
    }
    for (const std::string& line : later) context_.out.write(line);
  }
  void end(std::string_view) override {
    if (is_first_) context_.out.write(first_line(true));  // a page behind the last hit
    context_.out.write(facets_text(facets_, context_.terminal));
  }

 private:
  // Returns the lines of those after it.
  std::vector<std::string> print_neighbours_before(std::int64_t id) {
    std::vector<std::string> later;
    for_each_neighbour(context_, id, [&](bool before, const Columns& columns, Cells cells) {
      const RowView row(columns, cells);
      const std::string text = fmt::format("{}  #{}  {}", readable_time(row.time_ms("time"), context_.options.utc),
                                           row.integer("id"), without_log_prefix(row.text("content")));
      const std::string line = "  " + context_.terminal.paint(Style::kDim, fit(text, context_.terminal.width() - 2)) + "\n";
      if (before) {
        context_.out.write(line);
      } else {
        later.push_back(line);
      }
    });
    return later;
  }

  // Without words to rank by, as with fields alone, all scores are 0 and the best are the newest.
  std::string first_line(bool has_scores) const {
    std::string line = counted(static_cast<std::int64_t>(found_.texts), "text");
    if (found_.messages != found_.texts)
      line += fmt::format(" in {}", counted(static_cast<std::int64_t>(found_.messages), "message"));
    const bool by_score = has_scores || question_.order != coditect::Order::relevance;
    line += fmt::format(", {}", order_name(by_score ? question_.order : coditect::Order::newest));
    if (found_.tier == coditect::Tier::expanded) line += "; also other forms of the words";
    if (found_.tier == coditect::Tier::fuzzy) line += "; also similar words";
    return cut(line, context_.terminal.width()) + "\n";
  }

  Context& context_;
  const Question& question_;
  const coditect::SearchSummary& found_;
  const Facets& facets_;
  Columns columns_;
  bool is_first_ = false;
};

coditect::Tiers tiers_of(const Options& options) {
  if (options.exact && options.fuzzy) throw Failure(CMEM_E_INVALID, "--exact and --fuzzy exclude each other", "give one of them");
  return options.exact ? coditect::Tiers::exact : options.fuzzy ? coditect::Tiers::fuzzy : coditect::Tiers::automatic;
}

// 0: not given.
double prose_weight_of(const Options& options) {
  const std::string& text = options.prose_weight;
  if (text.empty()) return 0;
  double weight = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), weight);
  if (error == std::errc() && end == text.data() + text.size() && weight > 0 && weight <= 10) return weight;
  throw Failure(CMEM_E_INVALID, fmt::format("--prose-weight {}: a number above 0, at most 10, is needed", text),
                "1 lets prompts and replies count like all other messages");
}

std::string summary_json(const coditect::SearchSummary& found) {
  constexpr std::string_view kNames[] = {"exact", "expanded", "fuzzy"};
  std::string json = fmt::format(R"(,"messages":{},"distinct":{},"total_is_exact":true,"tier":"{}","suggestion":)", found.messages,
                                 found.texts, kNames[static_cast<std::size_t>(found.tier)]);
  if (found.suggestion.empty()) return json + "null";
  append_json_string(json, found.suggestion);
  return json;
}

}  // namespace

int run_search(Context& context) { return print_search(context, query_of(context.options)); }

int print_search(Context& context, const std::string& query, std::string_view json_members) {
  check_context(context);
  check_facets(context);
  const Question question = question_of(query, context.options);
  const std::int64_t limit = limit_of(context.options);
  coditect::Page page = question.page();
  page.limit(probe_limit(limit))
      .after(context.options.after)
      .all_matches(context.options.all_matches)
      .tiers(tiers_of(context.options))
      .prose_weight(prose_weight_of(context.options));
  auto cursor = context.store.search(question.query, question.filter, page);
  const coditect::SearchSummary found = cursor.summary();
  ListingPlan plan{{}, "no message matches", limit, {}, {}};
  std::string members = std::string(json_members) + summary_json(found);
  Explanation explanation;
  if (context.options.explain || cursor.total() == 0) explanation = explanation_of(cursor, context.options.utc);
  if (context.options.explain) {
    show(context, explanation);
    members += explanation.json;
  } else if (context.format != Format::kJson) {
    for (const std::string& note : explanation.notes) context.note(note);
  }
  const Facets facets = read_facets(context, cursor);
  members += facets_json(facets);
  if (!explanation.nothing.empty()) plan.nothing = explanation.nothing;
  std::string nothing(plan.nothing);
  if (!found.suggestion.empty()) nothing += fmt::format("; did you mean: {}", found.suggestion);
  plan.nothing = nothing;
  plan.json_members = members;
  if (context.options.context > 0) {
    plan.row_members = [&context](const Columns& columns, Cells cells) {
      return neighbours_json(context, RowView(columns, cells).integer("id"));
    };
  }
  if (context.format == Format::kTable) {
    HitPrinter printer(context, question, found, facets);
    return print_listing(context, cursor, plan, printer);
  }
  const int code = print_listing(context, cursor, plan);
  if (context.format == Format::kJsonl) {
    context.out.write(facets_jsonl(facets));
    context.out.flush();
  }
  return code;
}

}  // namespace cli
