// A day as text: one screen, Markdown, JSON, or ten lines for others.
#pragma once
#include <string>

#include "day_facts.h"

namespace cli {

// For a terminal of context.terminal's width.
std::string day_screen(const Context& context, const DayFacts& day);
std::string day_markdown(const Context& context, const DayFacts& day);
// One JSON object.
std::string day_json(const Context& context, const DayFacts& day);
// At most ten lines, to be pasted.
std::string day_standup(const Context& context, const DayFacts& day, bool as_markdown);

// "10:02", as --utc says.
std::string clock_time(const Context& context, std::int64_t time_ms);
// "3 h 20 min": seconds say nothing about a day's work.
std::string work_time(std::int64_t ms);

// "Saturday" of "2025-11-15".
std::string_view weekday_of(std::string_view date);

}  // namespace cli
