// A day as Markdown and as JSON.
#include <fmt/format.h>

#include "columns.h"
#include "day_text.h"
#include "json_text.h"
#include "printer.h"
#include "text.h"

namespace cli {
namespace {

// Plain words in Markdown: what it would read as markup is escaped.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : printable_line(text)) {
    if (std::string_view("\\`*_[]<>#|").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string project_name(const std::string& path) { return path.empty() ? "(no project)" : escaped(last_component(path)); }

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

// null where nothing is known.
std::string quoted_or_null(std::string_view text) { return text.empty() ? "null" : quoted(text); }

std::string time_or_null(std::int64_t time_ms) { return time_ms == coditect::kNoTime ? "null" : quoted(rfc3339(time_ms)); }

template <typename Items, typename ToJson>
std::string json_list(std::string_view name, const Items& items, ToJson&& to_json) {
  std::string out = fmt::format(",\"{}\":[", name);
  for (std::size_t i = 0; i < items.size(); ++i) out += (i == 0 ? "" : ",") + to_json(items[i]);
  return out + "]";
}

std::string session_json(const DaySession& session) {
  return fmt::format(
      R"({{"session":{},"project":{},"title":{},"prompt":{},"messages":{},"errors":{},"active_ms":{},"first":{},"last":{}}})",
      quoted(session.id), quoted_or_null(session.project), quoted_or_null(session.title), quoted_or_null(session.prompt),
      session.messages, session.errors, session.active_ms, time_or_null(session.first_ms), time_or_null(session.last_ms));
}

}  // namespace

std::string day_json(const Context& context, const DayFacts& day) {
  std::string out = envelope_start(context.command.name);
  out += fmt::format(R"(,"date":{},"weekday":{},"from":{},"until":{},"day_before":{},"day_after":{})", quoted(day.date),
                     quoted(weekday_of(day.date)), quoted(rfc3339(day.range.from_ms)), quoted(rfc3339(day.range.until_ms)),
                     quoted_or_null(day.day_before), quoted_or_null(day.day_after));
  out += fmt::format(R"(,"messages":{},"active_ms":{},"prompts":{},"errors":{},"first":{},"last":{})", day.messages, day.active_ms,
                     day.prompts, day.error_count, time_or_null(day.first_ms), time_or_null(day.last_ms));
  out += json_list("projects", day.projects, [](const DayProject& project) {
    return fmt::format(R"({{"project":{},"active_ms":{},"messages":{},"sessions":{}}})", quoted_or_null(project.path),
                       project.active_ms, project.messages, project.sessions);
  });
  out += json_list("sessions", day.sessions, session_json);
  out += json_list("errors_by_component", day.errors, [](const DayErrors& errors) {
    return fmt::format(R"({{"component":{},"messages":{}}})", quoted_or_null(errors.component), errors.messages);
  });
  out += fmt::format(R"(,"frequent_error":{})", quoted_or_null(day.frequent_error));
  out += json_list("files", day.files, [](const std::string& file) { return quoted(file); });
  return out + "}\n";
}

std::string day_markdown(const Context& context, const DayFacts& day) {
  std::string out = fmt::format("# {}, {}\n\n", weekday_of(day.date), day.date);
  if (day.messages == 0) return out + "No message of this day is in the store.\n";
  out += fmt::format("{} to {}: {} active, {}, {}, {}, {}.\n", clock_time(context, day.first_ms), clock_time(context, day.last_ms),
                     work_time(day.active_ms), counted(day.session_count, "session"), counted(day.prompts, "prompt"),
                     counted(day.messages, "message"), counted(day.error_count, "error"));
  out += "\n## Projects\n\n";
  for (const DayProject& project : day.projects)
    out += fmt::format("- **{}**: {} active, {}\n", project_name(project.path), work_time(project.active_ms),
                       counted(project.messages, "message"));
  if (!day.sessions.empty()) out += "\n## Sessions\n\n";
  for (const DaySession& session : day.sessions) {
    out += fmt::format("- {} to {}: **{}** ({}, `{}`{})\n", clock_time(context, session.first_ms),
                       clock_time(context, session.last_ms), session.title.empty() ? "(no title)" : escaped(session.title),
                       project_name(session.project), short_session(session.id),
                       session.errors > 0 ? ", " + counted(session.errors, "error") : "");
    if (!session.prompt.empty()) out += "  > " + escaped(fit(session.prompt, 200)) + "\n";
  }
  if (day.error_count > 0) out += "\n## Errors\n\n";
  for (const DayErrors& errors : day.errors)
    out += fmt::format("- {}: {}\n", errors.component.empty() ? "of no component" : escaped(errors.component),
                       grouped(errors.messages));
  if (!day.files.empty()) out += "\n## Files\n\n";
  for (const std::string& file : day.files) out += fmt::format("- {}\n", escaped(file));
  return out;
}

}  // namespace cli
