// What was done on a day, gathered from the library's reports.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "context.h"

namespace cli {

struct DayProject {
  std::string path;  // empty: of no known project
  std::int64_t active_ms = 0, messages = 0, sessions = 0;
};

struct DaySession {
  std::string id, project, title;
  std::string prompt;  // the first one of the day; empty if the title is it
  std::int64_t messages = 0, errors = 0, active_ms = 0;
  std::int64_t first_ms = 0, last_ms = 0;
};

struct DayErrors {
  std::string component;  // empty: of none
  std::int64_t messages = 0;
};

struct DayFacts {
  std::string date;                   // 2025-11-15
  coditect::TimeRange range{};        // 23 or 25 hours when the clock changes
  std::string day_before, day_after;  // the nearest days with messages; empty: there is none
  std::int64_t messages = 0, active_ms = 0, prompts = 0, session_count = 0;
  std::int64_t error_count = 0;
  std::int64_t first_ms = coditect::kNoTime, last_ms = coditect::kNoTime;
  std::vector<DayProject> projects;  // the longest active first
  std::vector<DaySession> sessions;  // as they began
  std::vector<DayErrors> errors;     // the most first
  std::string frequent_error;        // the line that stands in most of the newest errors
  std::int64_t frequent_errors = 0;  // how many of them
  std::vector<std::string> files;
};

// The range that is asked for must be one day; else a Failure.
coditect::TimeRange day_range(const Context& context, const std::string& text);
// The day of the newest message before `before_ms`, or of the oldest one from `from_ms` on; empty: there is none.
std::string newest_day_before(const Context& context, std::int64_t before_ms);
std::string oldest_day_from(const Context& context, std::int64_t from_ms);
DayFacts gather_day(const Context& context, const coditect::TimeRange& range);

// "2025-11-15" of an instant, as --utc says.
std::string date_of(const Context& context, std::int64_t time_ms);

}  // namespace cli
