#include "day_facts.h"

#include <coditect/memory_report.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "columns.h"
#include "failure.h"
#include "text.h"

namespace cli {
namespace {

constexpr std::uint64_t kErrorsRead = 300;  // of which the most frequent is told
constexpr std::uint64_t kPromptsRead = 5;   // programs speak for the user too
constexpr std::size_t kErrorBytes = 300;
constexpr std::size_t kDateLength = 10;
constexpr std::size_t kSessionsWithPrompt = 20;

class Gatherer {
 public:
  Gatherer(const Context& context, const coditect::TimeRange& range) : context_(context) { day_.range = range; }

  DayFacts gather() {
    day_.date = date_of(context_, day_.range.from_ms);
    day_.day_before = newest_day_before(context_, day_.range.from_ms);
    day_.day_after = oldest_day_from(context_, day_.range.until_ms);
    read_totals();
    if (day_.messages == 0) return std::move(day_);
    read_projects();
    read_sessions();
    read_errors();
    return std::move(day_);
  }

 private:
  [[nodiscard]] coditect::Cursor report(std::string_view name) const {
    cmem_report_options options = CMEM_REPORT_OPTIONS_INIT;
    options.utc = context_.options.utc ? 1U : 0U;
    options.from_ms = day_.range.from_ms;
    options.until_ms = day_.range.until_ms;
    options.by = CMEM_HISTOGRAM_DAY;
    options.project = context_.options.project.empty() ? nullptr : context_.options.project.data();
    options.project_len = context_.options.project.size();
    cmem_cursor* cursor = nullptr;
    cmem_error error{};
    coditect::detail::check(cmem_report(&cursor, context_.store.raw(), name.data(), name.size(), &options, &error), error);
    return coditect::Cursor(cursor);
  }

  void read_totals() {
    auto rows = report("timeline");
    const coditect::Row* row = rows.next();
    if (row == nullptr) return;
    day_.messages = (*row)["messages"].integer();
    day_.active_ms = (*row)["active"].integer();
    day_.prompts = (*row)["prompts"].integer();
    day_.error_count = (*row)["errors"].integer();
    day_.session_count = (*row)["sessions"].integer();
    day_.first_ms = (*row)["first"].time_ms();
    day_.last_ms = (*row)["last"].time_ms();
    std::string_view files = (*row)["files"].text();
    while (!files.empty()) {
      const std::size_t end = std::min(files.find(", "), files.size());
      day_.files.emplace_back(files.substr(0, end));
      files.remove_prefix(std::min(end + 2, files.size()));
    }
  }

  void read_projects() {
    auto rows = report("project-activity");
    while (const coditect::Row* row = rows.next())
      day_.projects.push_back({std::string((*row)["project"].text()), (*row)["active"].integer(), (*row)["messages"].integer(),
                               (*row)["sessions"].integer()});
    std::stable_sort(day_.projects.begin(), day_.projects.end(), [](const DayProject& a, const DayProject& b) {
      return std::tuple(a.active_ms, a.messages) > std::tuple(b.active_ms, b.messages);
    });
  }

  void read_sessions() {
    auto rows = report("session-activity");
    while (const coditect::Row* row = rows.next()) {
      DaySession session;
      session.id = (*row)["session"].text();
      session.project = (*row)["project"].text();
      session.title = printable_line((*row)["title"].text());
      session.messages = (*row)["messages"].integer();
      session.errors = (*row)["errors"].integer();
      session.active_ms = (*row)["active"].integer();
      session.first_ms = (*row)["first"].time_ms();
      session.last_ms = (*row)["last"].time_ms();
      if (day_.sessions.size() < kSessionsWithPrompt) session.prompt = first_prompt(session);
      day_.sessions.push_back(std::move(session));
    }
    std::stable_sort(day_.sessions.begin(), day_.sessions.end(),
                     [](const DaySession& a, const DaySession& b) { return a.first_ms < b.first_ms; });
  }

  // What was typed first, on one line.
  [[nodiscard]] std::string first_prompt(const DaySession& session) const {
    auto rows = context_.store.query(coditect::Filter().session(session.id).role("user").time(day_.range),
                                     coditect::Page().order(coditect::Order::oldest).limit(kPromptsRead));
    while (const coditect::Row* row = rows.next()) {
      std::string_view text = (*row)["content"].text();
      text.remove_prefix(std::min(text.find_first_not_of(" \r\n\t"), text.size()));
      if (text.empty() || text.front() == '<' || text.starts_with("[Request interrupted") || text.starts_with("Caveat:")) continue;
      std::string prompt = printable_line(text.substr(0, kErrorBytes));
      std::string_view title = session.title;
      if (title.ends_with("…")) title.remove_suffix(std::string_view("…").size());
      return !title.empty() && prompt.starts_with(title) ? std::string() : prompt;
    }
    return {};
  }

  void read_errors() {
    if (day_.error_count == 0) return;
    auto rows = report("component-usage");
    while (const coditect::Row* row = rows.next())
      if ((*row)["errors"].integer() > 0)
        day_.errors.push_back({std::string((*row)["component"].text()), (*row)["errors"].integer()});
    std::stable_sort(day_.errors.begin(), day_.errors.end(),
                     [](const DayErrors& a, const DayErrors& b) { return a.messages > b.messages; });
    find_frequent_error();
  }

  // Errors that differ in numbers only are the same.
  void find_frequent_error() {
    auto rows = context_.store.query(coditect::Filter().project(context_.options.project).level("ERROR").time(day_.range),
                                     coditect::Page().limit(kErrorsRead));
    std::map<std::string, std::int64_t> counts;
    while (const coditect::Row* row = rows.next()) {
      const std::string_view text = without_log_prefix((*row)["content"].text());
      std::string line = printable_line(text.substr(0, std::min({text.find('\n'), text.size(), kErrorBytes})));
      std::string key = line;
      for (char& c : key)
        if (c >= '0' && c <= '9') c = '0';
      const std::int64_t count = ++counts[std::move(key)];
      if (count <= day_.frequent_errors) continue;
      day_.frequent_errors = count;
      day_.frequent_error = std::move(line);
    }
  }

  const Context& context_;
  DayFacts day_;
};

std::string day_of_first(const Context& context, const coditect::TimeRange& range, coditect::Order order) {
  auto rows = context.store.query(coditect::Filter().project(context.options.project).time(range),
                                  coditect::Page().order(order).limit(1).without_content());
  const coditect::Row* row = rows.next();
  return row == nullptr ? std::string() : date_of(context, (*row)["time"].time_ms());
}

}  // namespace

std::string date_of(const Context& context, std::int64_t time_ms) {
  return readable_time(time_ms, context.options.utc).substr(0, kDateLength);
}

coditect::TimeRange day_range(const Context& context, const std::string& text) {
  const auto range = coditect::parse_time_range(text, context.options.utc);
  const bool open = range.from_ms == INT64_MIN || range.until_ms == INT64_MAX;
  if (!open) {
    const auto day = coditect::parse_time_range(date_of(context, range.from_ms), context.options.utc);
    if (day.from_ms == range.from_ms && day.until_ms == range.until_ms) return range;
  }
  throw Failure(CMEM_E_INVALID, fmt::format("\"{}\" is not one day", text),
                "a day is 2025-11-15, yesterday, \"3 days ago\", \"last monday\", \"15 November\"");
}

std::string newest_day_before(const Context& context, std::int64_t before_ms) {
  return day_of_first(context, {INT64_MIN, before_ms}, coditect::Order::newest);
}

std::string oldest_day_from(const Context& context, std::int64_t from_ms) {
  return day_of_first(context, {from_ms, INT64_MAX}, coditect::Order::oldest);
}

DayFacts gather_day(const Context& context, const coditect::TimeRange& range) { return Gatherer(context, range).gather(); }

}  // namespace cli
