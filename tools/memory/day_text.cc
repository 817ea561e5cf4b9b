#include "day_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <map>
#include <string_view>

#include "columns.h"
#include "text.h"

namespace cli {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::size_t kProjectsShown = 8;
constexpr std::size_t kSessionsShown = 8;
constexpr std::size_t kFilesShown = 6;
constexpr std::size_t kStandupProjects = 5;
constexpr std::size_t kStandupFiles = 6;
constexpr int kBarColumns = 20;
constexpr int kMeaningColumns = 30;  // of what a command is for, with the space before it
constexpr int kTimesColumns = 13;    // "10:02 – 11:15"

std::chrono::year_month_day calendar_day(std::string_view date) {
  const auto number = [&](std::size_t at, std::size_t size) { return std::atoi(std::string(date.substr(at, size)).c_str()); };
  return {std::chrono::year(number(0, 4)), std::chrono::month(static_cast<unsigned>(number(5, 2))),
          std::chrono::day(static_cast<unsigned>(number(8, 2)))};
}

std::string_view month_of(std::string_view date) {
  constexpr std::array<std::string_view, 12> kMonths{"January", "February", "March",     "April",   "May",      "June",
                                                     "July",    "August",   "September", "October", "November", "December"};
  return kMonths[(static_cast<unsigned>(calendar_day(date).month()) + 11) % 12];
}

// "Saturday, 15 November 2025"
std::string long_date(std::string_view date) {
  const auto day = calendar_day(date);
  return fmt::format("{}, {} {} {}", weekday_of(date), static_cast<unsigned>(day.day()), month_of(date),
                     static_cast<int>(day.year()));
}

// "CET", of the day's last moment: a clock that changed has changed by then. With the hours of a day that is not of 24.
std::string zone_of(const Context& context, const DayFacts& day) {
  if (context.options.utc) return "UTC";
  const std::time_t at = static_cast<std::time_t>((day.range.until_ms - 1) / 1000);
  std::tm wall{};
  localtime_r(&at, &wall);
  std::string zone = wall.tm_zone == nullptr ? "local time" : printable_line(wall.tm_zone);
  const std::int64_t length_ms = day.range.until_ms - day.range.from_ms;
  if (length_ms != kDayMs) zone += fmt::format("; the clock changed, the day has {}", duration_text(length_ms));
  return zone;
}

// "10:02 – 11:15", or "10:02" within a minute.
std::string span(const Context& context, std::int64_t first_ms, std::int64_t last_ms) {
  const std::string first = clock_time(context, first_ms);
  const std::string last = clock_time(context, last_ms);
  return first == last ? first : first + " – " + last;
}

std::string name_of(std::string_view project) { return project.empty() ? "(no project)" : printable_line(last_component(project)); }

// "yesterday", "3 days ago": a standup says which day it is about.
std::string days_ago(const Context& context, const DayFacts& day) {
  const auto today = coditect::parse_time_range("today", context.options.utc);
  const auto days =
      std::chrono::sys_days(calendar_day(date_of(context, today.from_ms))) - std::chrono::sys_days(calendar_day(day.date));
  return days.count() == 1 ? "yesterday" : counted(days.count(), "day") + " ago";
}

std::vector<std::string> totals(const Context& context, const DayFacts& day) {
  std::vector<std::string> parts{span(context, day.first_ms, day.last_ms), work_time(day.active_ms) + " active"};
  parts.push_back(counted(day.session_count, "session"));
  parts.push_back(counted(day.prompts, "prompt"));
  parts.push_back(counted(day.messages, "message"));
  parts.push_back(day.error_count == 0 ? "no errors" : counted(day.error_count, "error"));
  return parts;
}

// Eighths of a column, so that short times can be told apart.
std::string bar(std::int64_t value, std::int64_t most) {
  constexpr std::array<std::string_view, 8> kEighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const std::int64_t eighths = most == 0 ? 0 : std::max<std::int64_t>(value * kBarColumns * 8 / most, value > 0 ? 1 : 0);
  std::string out;
  for (std::int64_t i = 0; i < eighths / 8; ++i) out += "█";
  return out.append(kEighths[static_cast<std::size_t>(eighths % 8)]);
}

std::string error_components(const DayFacts& day) {
  std::vector<std::string> parts;
  for (const DayErrors& errors : day.errors)
    parts.push_back(grouped(errors.messages) + " " +
                    (errors.component.empty() ? "of no component" : printable_line(errors.component)));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string shown_file(const std::string& file) {
  return file.starts_with('@') ? file.substr(1) + " (path not known)" : printable_line(file);
}

// Of "<session>/agent-<id>" the session.
std::string_view session_of(std::string_view id) { return id.substr(0, id.find("/agent-")); }

std::string short_id(std::string_view id) {
  const std::string_view session = session_of(id);
  return std::string(short_session(session)) + printable_line(id.substr(session.size()));
}

// An absolute path that a shell takes as it stands.
bool is_shell_word(const std::string& path) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:+@%,";
  return path.starts_with('/') && path.find_first_not_of(kPlain) == std::string::npos;
}

// Where to look next: lines of shell.
std::vector<std::pair<std::string, std::string>> commands_for(const DayFacts& day) {
  std::vector<std::pair<std::string, std::string>> commands;
  const auto busiest = std::max_element(day.sessions.begin(), day.sessions.end(), [](const DaySession& a, const DaySession& b) {
    return a.active_ms != b.active_ms ? a.active_ms < b.active_ms : a.messages < b.messages;
  });
  if (busiest != day.sessions.end())
    commands.emplace_back("memory session show " + std::string(short_id(busiest->id)), "the longest session");
  if (day.error_count > 0) commands.emplace_back("memory messages --level ERROR --date " + day.date, "its errors");
  if (day.messages > 0) commands.emplace_back("memory search WORDS --date " + day.date, "find something in it");
  const auto file = std::find_if(day.files.begin(), day.files.end(), is_shell_word);
  if (file != day.files.end()) commands.emplace_back("memory file log " + *file, "versions of a file");
  if (!day.day_before.empty()) commands.emplace_back("memory day " + day.day_before, "the day before with messages");
  if (!day.day_after.empty()) commands.emplace_back("memory day " + day.day_after, "the next day with messages");
  return commands;
}

class Screen {
 public:
  Screen(const Context& context, const DayFacts& day) : context_(context), day_(day), width_(context.terminal.width()) {}

  std::string text() {
    line(paint(Style::kBold, cut(long_date(day_.date), width_)) +
         paint(Style::kDim, cut(" (" + zone_of(context_, day_) + ")", width_ - display_width(long_date(day_.date)))));
    if (day_.messages == 0) {
      line("No message of this day is in the store.");
    } else {
      for (const std::string& part : wrap(fmt::format("{}", fmt::join(totals(context_, day_), " · ")), width_)) line(part);
      add_projects();
      add_sessions();
      add_errors();
      add_files();
    }
    add_commands();
    return std::move(out_);
  }

 private:
  std::string paint(Style style, std::string_view text) const { return context_.terminal.paint(style, text); }
  void line(std::string_view text) { out_.append(text).append("\n"); }
  void title(std::string_view text) { line("\n" + paint(Style::kBold, text)); }
  void more(std::size_t all, std::size_t shown, std::string_view noun, std::string_view command) {
    if (all > shown) line(paint(Style::kDim, cut(fmt::format("  {} more{}: {}", all - shown, noun, command), width_)));
  }

  void add_projects() {
    title("Projects");
    const std::size_t shown = std::min(day_.projects.size(), kProjectsShown);
    int names = 0;
    int times = 0;
    for (std::size_t i = 0; i < shown; ++i) {
      names = std::max(names, std::min(display_width(name_of(day_.projects[i].path)), width_ / 3));
      times = std::max(times, display_width(work_time(day_.projects[i].active_ms)));
    }
    for (std::size_t i = 0; i < shown; ++i) {
      const DayProject& project = day_.projects[i];
      line(cut(fmt::format("  {}  {}  {}  {}", pad_right(fit(name_of(project.path), names), names),
                           pad_left(work_time(project.active_ms), times),
                           pad_right(bar(project.active_ms, day_.projects.front().active_ms), kBarColumns),
                           counted(project.messages, "message")),
               width_));
    }
    more(day_.projects.size(), shown, "", "memory report project-activity --by day");
  }

  // Those that took longest, as they began.
  [[nodiscard]] std::vector<const DaySession*> longest_sessions() const {
    std::vector<const DaySession*> sessions;
    for (const DaySession& session : day_.sessions)
      if (!is_part_of_another(session)) sessions.push_back(&session);
    std::stable_sort(sessions.begin(), sessions.end(), [](const auto* a, const auto* b) { return a->active_ms > b->active_ms; });
    sessions.resize(std::min(sessions.size(), kSessionsShown));
    std::stable_sort(sessions.begin(), sessions.end(), [](const auto* a, const auto* b) { return a->first_ms < b->first_ms; });
    return sessions;
  }

  // A subagent's session is named after the one that it is part of, which says enough if it is here.
  [[nodiscard]] bool is_part_of_another(const DaySession& session) const {
    return session_of(session.id) != session.id &&
           std::any_of(day_.sessions.begin(), day_.sessions.end(),
                       [&](const DaySession& other) { return other.id == session_of(session.id); });
  }
  [[nodiscard]] std::size_t own_sessions() const {
    return static_cast<std::size_t>(std::count_if(day_.sessions.begin(), day_.sessions.end(),
                                                  [&](const DaySession& session) { return !is_part_of_another(session); }));
  }
  [[nodiscard]] std::int64_t agents_of(const DaySession& session) const {
    return std::count_if(day_.sessions.begin(), day_.sessions.end(),
                         [&](const DaySession& other) { return other.id != session.id && session_of(other.id) == session.id; });
  }

  void add_sessions() {
    if (day_.sessions.empty()) return;
    title("Sessions");
    const auto sessions = longest_sessions();
    for (const DaySession* session : sessions) {
      const std::string head = "  " + pad_right(span(context_, session->first_ms, session->last_ms), kTimesColumns) + "  ";
      const std::string title = !session->title.empty()    ? session->title
                                : !session->prompt.empty() ? session->prompt
                                                           : "(no title)";
      line(head + paint(Style::kBold, fit(title, width_ - display_width(head))));
      const std::string indent(static_cast<std::size_t>(display_width(head)), ' ');
      std::string about =
          fmt::format("{} · {} · {}", short_id(session->id), name_of(session->project), work_time(session->active_ms));
      if (const std::int64_t agents = agents_of(*session); agents > 0) about += " · " + counted(agents, "agent");
      if (session->errors > 0) about += " · " + counted(session->errors, "error");
      line(indent + paint(Style::kDim, cut(about, width_ - display_width(indent))));
      if (!session->title.empty() && !session->prompt.empty())
        line(indent + cut("“" + fit(session->prompt, width_ - display_width(indent) - 2) + "”", width_ - display_width(indent)));
    }
    more(own_sessions(), sessions.size(), "", "memory session list --limit 0 --date " + day_.date);
  }

  void add_errors() {
    if (day_.error_count == 0) return;
    title("Errors");
    for (const std::string& part : wrap(error_components(day_), width_ - 2)) line("  " + part);
    if (day_.frequent_errors < 2) return line("  " + fit(day_.frequent_error, width_ - 2));
    line("  " + fit(fmt::format("{} times: {}", grouped(day_.frequent_errors), day_.frequent_error), width_ - 2));
  }

  void add_files() {
    if (day_.files.empty()) return;
    title("Files");
    const std::size_t shown = std::min(day_.files.size(), kFilesShown);
    for (std::size_t i = 0; i < shown; ++i) line("  " + fit_end(shown_file(day_.files[i]), width_ - 2));
    more(day_.files.size(), shown, "", "memory file list");
  }

  void add_commands() {
    const auto commands = commands_for(day_);
    if (commands.empty()) return;
    title("Look deeper");
    int widest = 0;
    for (const auto& [command, what] : commands)
      if (const int columns = display_width(command); columns <= width_ - kMeaningColumns) widest = std::max(widest, columns);
    for (const auto& [command, what] : commands) {
      const std::string shown = "  " + pad_right(printable_line(command), widest);
      const bool fits = display_width(shown) + 2 + display_width(what) <= width_;
      line(fits ? shown + "  " + paint(Style::kDim, what) : "  " + printable_line(command));
    }
  }

  const Context& context_;
  const DayFacts& day_;
  int width_;
  std::string out_;
};

}  // namespace

std::string clock_time(const Context& context, std::int64_t time_ms) {
  constexpr std::size_t kBegin = 11;
  return readable_time(time_ms, context.options.utc, false).substr(kBegin);
}

std::string work_time(std::int64_t ms) { return ms < kMinuteMs ? "< 1 min" : duration_text(ms / kMinuteMs * kMinuteMs); }

std::string_view weekday_of(std::string_view date) {
  constexpr std::array<std::string_view, 7> kDays{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
  return kDays[std::chrono::weekday(std::chrono::sys_days(calendar_day(date))).c_encoding()];
}

std::string day_screen(const Context& context, const DayFacts& day) { return Screen(context, day).text(); }

std::string day_standup(const Context& context, const DayFacts& day, bool as_markdown) {
  const std::string_view mark = as_markdown ? "**" : "";
  const int width = as_markdown ? 1000 : context.terminal.width();
  std::vector<std::string> lines{fmt::format("{}{}{} ({})", mark, long_date(day.date), mark, days_ago(context, day))};
  lines.push_back(fmt::format("{} active, {}, {}, {}", work_time(day.active_ms), span(context, day.first_ms, day.last_ms),
                              counted(day.prompts, "prompt"), counted(day.session_count, "session")));
  std::map<std::string, std::vector<std::string>> titles;
  for (const DaySession& session : day.sessions)
    if (auto& known = titles[session.project];
        !session.title.empty() && std::find(known.begin(), known.end(), session.title) == known.end())
      known.push_back(session.title);
  const bool all = day.projects.size() <= kStandupProjects;
  const std::size_t shown = all ? day.projects.size() : kStandupProjects - 1;
  for (std::size_t i = 0; i < shown; ++i) {
    const DayProject& project = day.projects[i];
    std::string text = fmt::format("- {} ({})", name_of(project.path), work_time(project.active_ms));
    if (const auto& known = titles[project.path]; !known.empty()) text += fmt::format(": {}", fmt::join(known, "; "));
    lines.push_back(text);
  }
  if (!all) lines.push_back(fmt::format("- {} more projects", day.projects.size() - shown));
  if (!day.files.empty()) {
    std::vector<std::string> files;
    for (const std::string& file : day.files)
      if (files.size() < kStandupFiles) files.push_back(std::string(last_component(shown_file(file))));
    const std::size_t rest = day.files.size() - files.size();
    lines.push_back(fmt::format("Files: {}{}", fmt::join(files, ", "), rest > 0 ? fmt::format(" and {} more", rest) : ""));
  }
  if (day.error_count > 0) lines.push_back(fmt::format("Errors: {}", error_components(day)));
  std::string out;
  for (const std::string& text : lines) {
    // Markdown runs lines together that are no list.
    const bool breaks = as_markdown && !text.starts_with("- ");
    out += fit(text, width) + (breaks ? "  \n" : "\n");
  }
  return out;
}

}  // namespace cli
