// `memory day`, `memory today`, `memory standup`: what was done on a day.
#include <fmt/format.h>

#include "context.h"
#include "day_text.h"
#include "failure.h"
#include "questions.h"

namespace cli {
namespace {

void check_format(const Context& context) {
  if (context.format == Format::kCsv)
    throw Failure(CMEM_E_INVALID, "a day is no table that could be written as CSV", "--format json and markdown are possible");
}

bool wants_json(const Context& context) { return context.format == Format::kJson || context.format == Format::kJsonl; }

int show_day(Context& context, const std::string& text) {
  check_format(context);
  const DayFacts day = gather_day(context, day_range(context, text));
  if (wants_json(context))
    context.out.write(day_json(context, day));
  else
    context.out.write(context.format == Format::kMarkdown ? day_markdown(context, day) : day_screen(context, day));
  return day.messages == 0 ? kExitNothingFound : kExitOk;
}

}  // namespace

int run_day(Context& context) {
  const std::string text = query_of(context.options);
  return show_day(context, text.empty() ? "today" : text);
}

int run_today(Context& context) { return show_day(context, "today"); }

int run_standup(Context& context) {
  check_format(context);
  const auto today = coditect::parse_time_range("today", context.options.utc);
  const std::string date = newest_day_before(context, today.from_ms);
  if (date.empty()) {
    context.note("no message from before today is in the store");
    return kExitNothingFound;
  }
  const DayFacts day = gather_day(context, day_range(context, date));
  context.out.write(wants_json(context) ? day_json(context, day) : day_standup(context, day, context.format == Format::kMarkdown));
  return kExitOk;
}

}  // namespace cli
