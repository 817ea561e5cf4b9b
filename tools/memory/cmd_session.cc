#include <fmt/format.h>

#include <optional>

#include "context.h"
#include "conversation_printer.h"
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

namespace {

// As one word of a POSIX shell. What a terminal would obey is written as $'…' writes it, which bash, zsh, ksh and newer sh read.
std::string shell_quoted(std::string_view text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:+@%,";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos && text.front() != '-') return std::string(text);
  const bool steers = printable_line(text) != text;
  std::string out = steers ? "$'" : "'";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (steers && (byte < 0x20 || byte >= 0x7f))
      out += fmt::format("\\x{:02x}", byte);
    else if (steers && (c == '\'' || c == '\\'))
      out += fmt::format("\\{}", c);
    else
      out += c == '\'' ? "'\\''" : std::string(1, c);
  }
  return out + "'";
}

// Agents keep their sessions by project: they find one only in its folder.
std::string resume_command(std::string_view agent, std::string_view project, std::string_view session) {
  const std::string command = agent == "codex" ? "codex resume " : "claude --resume ";
  return (project.empty() ? "" : "cd " + shell_quoted(project) + " && ") + command + shell_quoted(session);
}

void note_approximate_times(const Context& context, std::string_view session) {
  const std::int64_t messages = approximate_times(context.store, session);
  if (messages > 0)
    context.note(counted(messages, "message") + " with only an approximate time: that of a neighbour, or of the file");
}

int show_conversation(Context& context, const coditect::Row& session) {
  const std::int64_t limit = limit_of(context.options, 0);
  coditect::Page page;
  const bool for_people = context.format == Format::kTable || context.format == Format::kMarkdown;
  // People get so many records beside those that are left out.
  page.limit(for_people ? 0 : probe_limit(limit)).after(context.options.after);
  auto cursor = context.store.conversation(session["session"].text(), page);
  const ListingPlan plan{{}, "no more records", limit};
  if (!for_people) return print_listing(context, cursor, plan);
  const auto printer = context.format == Format::kTable ? make_terminal_conversation(context, session)
                                                        : make_markdown_conversation(context, session);
  const int exit_code = print_listing(context, cursor, plan, *printer);
  if (printer->left_out() > 0)
    context.note(counted(printer->left_out(), "record") + " of thinking and bookkeeping left out; --full shows them");
  note_approximate_times(context, session["session"].text());
  return exit_code;
}

// What a session without a transcript has: prompts, log events, to-do lists, by time.
int show_messages(Context& context) {
  if (context.format == Format::kMarkdown)
    throw Failure(CMEM_E_INVALID, "the session has no transcript that could be written as Markdown", "leave out --format markdown");
  const std::int64_t limit = limit_of(context.options, 0);
  coditect::Page page;
  page.order(coditect::Order::oldest).limit(probe_limit(limit)).after(context.options.after);
  auto cursor = context.store.query(coditect::Filter().session(context.options.argument), page);
  const bool short_prefix = context.options.argument.size() < 4;
  const ListingPlan plan{{}, short_prefix ? "no such session; give at least 4 characters of its id" : "no such session", limit};
  if (context.format != Format::kTable) return print_listing(context, cursor, plan);
  TranscriptPrinter printer(context);
  const int exit_code = print_listing(context, cursor, plan, printer);
  if (exit_code == kExitOk) note_approximate_times(context, context.options.argument);
  return exit_code;
}

}  // namespace

int run_session_show(Context& context) {
  std::optional<coditect::Cursor> sessions;
  try {
    sessions = context.store.session(context.options.argument);
  } catch (const coditect::Error& error) {
    if (error.status() != CMEM_E_NOT_FOUND) throw;
    return show_messages(context);  // which says so in all formats
  }
  const coditect::Row& session = *sessions->next();
  return session["records"].integer() > 0 ? show_conversation(context, session) : show_messages(context);
}

int run_session_resume(Context& context) {
  auto sessions = context.store.session(context.options.argument);
  const coditect::Row& session = *sessions.next();
  const std::string id(session["session"].text());
  if (const auto parent = session["parent"]; !parent.is_null())
    throw Failure(CMEM_E_INVALID, fmt::format("{} is the session of a subagent, which cannot be opened by itself", id),
                  fmt::format("`memory session resume {}` opens the session that it is part of", parent.text()));
  if (session["agent"].is_null())
    throw Failure(CMEM_E_INVALID, fmt::format("{} has no transcript from which an agent could open it", id),
                  fmt::format("`memory session show {}` shows what there is of it", id));
  const std::string command = resume_command(session["agent"].text(), session["project"].text(), id);
  if (context.format == Format::kTable) {
    context.out.write(command + "\n");
  } else {
    Record record;
    record.text("session", id).text("agent", session["agent"].text());
    record.text("project", session["project"].text()).text("run", command).print(context);
  }
  return kExitOk;
}

}  // namespace cli
