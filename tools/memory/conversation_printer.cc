#include "conversation_printer.h"

#include <fmt/format.h>

#include "conversation_text.h"
#include "message_head.h"
#include "text.h"

namespace cli {
namespace {

constexpr int kIndent = 4;
constexpr int kLeastTextWidth = 20;

// "2026-02-20 08:00 to 2026-02-20 09:30 (1 h 30 min)"
std::string span_text(const coditect::Row& session, bool utc) {
  const std::int64_t first = session["first"].time_ms();
  const std::int64_t last = session["last"].time_ms();
  if (first == coditect::kNoTime) return {};
  const std::string begin = readable_time(first, utc, false);
  const std::string end = readable_time(last, utc, false);
  return (begin == end ? begin : begin + " to " + end) + " (" + duration_text(last - first) + ")";
}

// Title, project, times, messages: what a conversation begins with, without what is not known.
std::vector<std::pair<std::string_view, std::string>> header_of(const coditect::Row& session, bool utc) {
  std::vector<std::pair<std::string_view, std::string>> lines;
  const auto add = [&lines](std::string_view name, std::string value) {
    if (!value.empty()) lines.emplace_back(name, std::move(value));
  };
  add("title", printable_line(session["title"].text()));
  add("project", printable_line(session["project"].text()));
  add("time", span_text(session, utc));
  add("records", grouped(session["records"].integer()));
  if (session["errors"].integer() > 0) add("errors", grouped(session["errors"].integer()));
  add("part of", printable_line(session["parent"].text()));
  return lines;
}

// "agent-27780595" of a subagent's session.
std::string agent_name(std::string_view session) { return printable_line(session.substr(session.rfind('/') + 1)); }

bool is_error(const RowView& row) { return row.text("level") == "ERROR"; }

class TerminalConversation : public ConversationPrinter {
 public:
  TerminalConversation(Context& context, const coditect::Row& session) : context_(context), session_(session) {}

  void begin(const Listing& listing) override {
    columns_ = listing.columns;
    last_session_ = session_["session"].text();
    write(0, Style::kBold, "session " + printable_line(last_session_));
    for (const auto& [name, value] : header_of(session_, context_.options.utc))
      context_.out.write(context_.terminal.paint(Style::kDim, pad_right(name, kLabelColumns)) +
                         fit(value, context_.terminal.width() - kLabelColumns) + "\n");
  }
  void row(Cells cells) override {
    const RowView row(columns_, cells);
    begin_row();
    if (!context_.options.full && is_left_out(row)) return leave_out();
    show_change_of_session(row);
    if (context_.options.full || record_kind_of(row) == RecordKind::kSpeech)
      print_block(row);
    else
      print_folded(row);
  }
  void end(std::string_view) override {}

 private:
  static constexpr int kLabelColumns = 9;

  static int indent_of(const RowView& row) { return static_cast<int>(row.integer("depth")) * kIndent; }
  // Deep subagents on narrow terminals keep some room.
  [[nodiscard]] int room(int indent) const { return std::max(context_.terminal.width() - indent, kLeastTextWidth); }
  void write(int indent, Style style, const std::string& line) {
    context_.out.write(std::string(static_cast<std::size_t>(indent), ' ') +
                       context_.terminal.paint(style, cut(line, room(indent))) + "\n");
  }

  void show_change_of_session(const RowView& row) {
    if (row.text("session") == last_session_) return;
    last_session_ = row.text("session");
    context_.out.write("\n");
    const bool own = row.integer("depth") == 0;
    write(indent_of(row), Style::kBold, own ? "back in the session" : "subagent " + agent_name(last_session_));
    after_fold_ = false;
  }

  [[nodiscard]] std::string head_of(const RowView& row) const {
    std::string head = readable_time(row.time_ms("time"), context_.options.utc);
    head += fmt::format("{}#{}", head.empty() ? "" : "  ", row.integer("id"));
    if (const auto from = row.text("copied_from"); !from.empty())
      head += fmt::format("  from {}", printable_line(short_session(from)));
    return head;
  }

  void print_block(const RowView& row) {
    const int indent = indent_of(row);
    context_.out.write("\n");
    std::string head = head_of(row) + "  " + printable_line(row.text("role"));
    if (is_error(row)) head += "  ERROR";
    write(indent, is_error(row) ? Style::kRed : Style::kBold, head);
    auto [speech, call] = split_speech(row.text("content"), row.text("component"));
    if (context_.options.full || record_kind_of(row) != RecordKind::kSpeech) {
      speech = row.text("content");
      call = {};
    }
    for (const std::string& line : wrap(speech, room(indent + kIndent)))
      context_.out.write(line.empty() ? "\n" : std::string(static_cast<std::size_t>(indent + kIndent), ' ') + line + "\n");
    after_fold_ = false;
    if (!call.empty()) print_fold(row, call_text(call), {});
  }

  static std::string call_text(std::string_view call) {
    const FoldedCall folded = fold_call(call);
    return "→ " + printable_line(folded.tool) + (folded.argument.empty() ? "" : "  " + printable_line(folded.argument));
  }

  void print_folded(const RowView& row) {
    const std::string_view content = row.text("content");
    switch (record_kind_of(row)) {
      case RecordKind::kCall:
        return print_fold(row, call_text(content), {});
      case RecordKind::kResult:
        return print_fold(row, (is_error(row) ? "← error: " : "← ") + printable_line(first_line(content)), size_note(content));
      default:
        return print_fold(row, printable_line(row.text("role")) + ": " + printable_line(first_line(content)), size_note(content));
    }
  }

  // One line; `note` is never cut.
  void print_fold(const RowView& row, const std::string& text, const std::string& note) {
    const int indent = indent_of(row);
    if (!after_fold_) context_.out.write("\n");
    after_fold_ = true;
    const std::string head = head_of(row) + "  ";
    const int left = room(indent) - display_width(head) - (note.empty() ? 0 : display_width(note) + 2);
    std::string line = cut(text, std::max(left, kLeastTextWidth));
    if (!note.empty()) line += "  " + note;
    context_.out.write(std::string(static_cast<std::size_t>(indent), ' ') + context_.terminal.paint(Style::kDim, head) +
                       context_.terminal.paint(is_error(row) ? Style::kRed : Style::kPlain, line) + "\n");
  }

  Context& context_;
  const coditect::Row& session_;
  Columns columns_;
  std::string last_session_;
  bool after_fold_ = false;
};

// Markdown that shows what is in a text as it is, whatever marks it holds.
class MarkdownConversation : public ConversationPrinter {
 public:
  MarkdownConversation(Context& context, const coditect::Row& session) : context_(context), session_(session) {}

  void begin(const Listing& listing) override {
    columns_ = listing.columns;
    last_session_ = session_["session"].text();
    const std::string title = printable_line(session_["title"].text());
    context_.out.write("# " + (title.empty() ? "Session" : title) + "\n\n- session: " + code(last_session_) + "\n");
    for (const auto& [name, value] : header_of(session_, context_.options.utc)) {
      if (name != "title") context_.out.write(fmt::format("- {}: {}\n", name, name == "project" ? code(value) : value));
    }
  }
  void row(Cells cells) override {
    const RowView row(columns_, cells);
    begin_row();
    if (!context_.options.full && is_left_out(row)) return leave_out();
    quote_.clear();
    for (std::int64_t i = 0; i < row.integer("depth"); ++i) quote_ += "> ";
    if (row.text("session") != last_session_) {
      last_session_ = row.text("session");
      // What is between two quotes belongs to neither.
      context_.out.write("\n");
      if (!quote_.empty()) line("**subagent** " + code(agent_name(last_session_)));
    }
    line("");
    if (record_kind_of(row) == RecordKind::kSpeech)
      print_speech(row);
    else if (context_.options.full)
      print_whole(row);
    else
      print_folded(row);
  }
  void end(std::string_view) override {}

 private:
  void line(std::string_view text) {
    std::string out = quote_;
    out += text;
    while (out.ends_with(' ')) out.pop_back();
    context_.out.write(out + "\n");
  }

  // More backticks than the text has in a row.
  static std::string fence(std::string_view text, std::size_t least) {
    std::size_t longest = 0;
    std::size_t run = 0;
    for (const char c : text) {
      run = c == '`' ? run + 1 : 0;
      longest = std::max(longest, run);
    }
    return std::string(std::max(longest + 1, least), '`');
  }
  static std::string code(std::string_view text) {
    constexpr int kMostColumns = 200;
    const std::string shown = fit(text, kMostColumns);
    const std::string marks = fence(shown, 1);
    const bool pad = shown.starts_with('`') || shown.ends_with('`');
    return marks + (pad ? " " : "") + shown + (pad ? " " : "") + marks;
  }
  static std::vector<std::string> lines_of(std::string_view text) {
    constexpr int kUnbroken = 1'000'000'000;
    return wrap(text, kUnbroken);
  }

  [[nodiscard]] std::string note_of(const RowView& row) const {
    std::string note;
    if (const auto from = row.text("copied_from"); !from.empty()) note += " · from " + code(short_session(from));
    if (is_error(row)) note += " · **ERROR**";
    return note;
  }
  void print_heading(const RowView& row) {
    const std::string time = readable_time(row.time_ms("time"), context_.options.utc);
    line("## " + printable_line(row.text("role")) + (time.empty() ? "" : " · " + time) + note_of(row));
    line("");
  }
  void print_speech(const RowView& row) {
    print_heading(row);
    const auto [speech, call] = split_speech(row.text("content"), row.text("component"));
    for (const std::string& text : lines_of(speech)) line(text);
    if (call.empty()) return;
    line("");
    if (context_.options.full)
      print_code(call);
    else
      print_call(call);
  }
  void print_whole(const RowView& row) {
    print_heading(row);
    print_code(row.text("content"));
  }
  void print_code(std::string_view text) {
    const std::string marks = fence(text, 3);
    line(marks);
    for (const std::string& part : lines_of(text)) line(part);
    line(marks);
  }
  void print_call(std::string_view content) {
    const FoldedCall call = fold_call(content);
    line("→ **" + printable_line(call.tool) + "**" + (call.argument.empty() ? "" : " " + code(call.argument)));
  }
  void print_folded(const RowView& row) {
    const std::string_view content = row.text("content");
    if (record_kind_of(row) == RecordKind::kCall) return print_call(content);
    const std::string begin = record_kind_of(row) == RecordKind::kResult ? "←" : printable_line(row.text("role")) + ":";
    const std::string_view first = first_line(content);
    const std::string note = size_note(content);
    line(begin + " " + code(first) + (note.empty() ? "" : " " + note) + note_of(row));
  }

  Context& context_;
  const coditect::Row& session_;
  Columns columns_;
  std::string last_session_;
  std::string quote_;
};

}  // namespace

std::unique_ptr<ConversationPrinter> make_terminal_conversation(Context& context, const coditect::Row& session) {
  return std::make_unique<TerminalConversation>(context, session);
}

std::unique_ptr<ConversationPrinter> make_markdown_conversation(Context& context, const coditect::Row& session) {
  return std::make_unique<MarkdownConversation>(context, session);
}

}  // namespace cli
