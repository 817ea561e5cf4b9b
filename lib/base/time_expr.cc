#include "base/time_expr.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/time_text.h"
#include "base/time_words.h"
#include "base/wall_time.h"

namespace cmem {
namespace {

constexpr std::size_t kMaxTextBytes = 200;
constexpr std::int64_t kMaxCount = 4'000'000;  // days in ten thousand years are fewer
constexpr std::int64_t kSecondMs = 1000;
constexpr std::int64_t kMinuteMs = 60 * kSecondMs;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;

using Words = std::vector<std::string_view>;

struct Context {
  std::int64_t now_ms;
  Zone zone;
  std::int64_t now_wall;
  std::int64_t today;  // days since 1970-01-01
};

Unexpected invalid(std::string why) { return Unexpected(Code::kInvalid, std::move(why)); }

// ------------------------------------------------------------------------------------------------------ calendar spans

Result<TimeRange> wall_span(std::int64_t from_wall, std::int64_t until_wall, const Context& context) {
  if (from_wall < kMinIsoMs || until_wall - 1 > kMaxIsoMs) return invalid("it is outside the years 1 to 9999");
  return range_of_wall(from_wall, until_wall, context.zone);
}

Result<TimeRange> day_span(std::int64_t first_day, std::int64_t last_day, const Context& context) {
  return wall_span(first_day * kDayMs, (last_day + 1) * kDayMs, context);
}

std::int64_t month_number(CivilDate date) { return date.year * std::int64_t{12} + date.month - 1; }

std::int64_t first_day_of_month(std::int64_t month) {
  const std::int64_t year = floor_div(month, 12);
  return days_from_civil({static_cast<int>(year), static_cast<int>(month - year * 12) + 1, 1});
}

Result<TimeRange> month_span(std::int64_t first_month, std::int64_t months, const Context& context) {
  return day_span(first_day_of_month(first_month), first_day_of_month(first_month + months) - 1, context);
}

// The same day `count` months before today, or that month's last day.
std::int64_t day_months_ago(std::int64_t count, const Context& context) {
  const CivilDate today = civil_from_days(context.today);
  const std::int64_t first = first_day_of_month(month_number(today) - count);
  const CivilDate month = civil_from_days(first);
  return first + std::min(today.day, days_in_month(month.year, month.month)) - 1;
}

std::int64_t monday_of(std::int64_t day) { return day - (day + 3 - floor_div(day + 3, 7) * 7); }  // 1970-01-01 was a Thursday

// ------------------------------------------------------------------------------------------------------ relative forms

constexpr std::int64_t unit_ms(TimeUnit unit) {
  return unit == TimeUnit::kSecond ? kSecondMs : unit == TimeUnit::kMinute ? kMinuteMs : unit == TimeUnit::kHour ? kHourMs : kDayMs;
}

// "last N units", up to now or to the end of today.
Result<TimeRange> rolling(std::int64_t count, TimeUnit unit, const Context& context) {
  if (count < 1 || count > kMaxCount) return invalid("its number is not between 1 and 4000000");
  switch (unit) {
    case TimeUnit::kSecond:
    case TimeUnit::kMinute:
    case TimeUnit::kHour: {
      const std::int64_t from_ms = context.now_ms - count * unit_ms(unit);
      if (from_ms < kMinIsoMs) return invalid("it is outside the years 1 to 9999");
      return TimeRange{from_ms, context.now_ms + 1};
    }
    case TimeUnit::kDay:
      return day_span(context.today - count + 1, context.today, context);
    case TimeUnit::kWeek:
      return day_span(context.today - 7 * count + 1, context.today, context);
    case TimeUnit::kMonth:
      return day_span(day_months_ago(count, context), context.today, context);
    case TimeUnit::kYear:
      return day_span(day_months_ago(12 * count, context), context.today, context);
  }
  return invalid("its unit is not known");
}

// "N units ago", one whole day, hour, minute or second.
Result<TimeRange> ago(std::int64_t count, TimeUnit unit, const Context& context) {
  if (count > kMaxCount) return invalid("its number is over 4000000");
  std::int64_t day = context.today;
  switch (unit) {
    case TimeUnit::kSecond:
    case TimeUnit::kMinute:
    case TimeUnit::kHour: {
      const std::int64_t length = unit_ms(unit);
      const std::int64_t from_wall = floor_div(wall_from_instant(context.now_ms - count * length, context.zone), length) * length;
      return wall_span(from_wall, from_wall + length, context);
    }
    case TimeUnit::kDay:
      day -= count;
      break;
    case TimeUnit::kWeek:
      day -= 7 * count;
      break;
    case TimeUnit::kMonth:
      day = day_months_ago(count, context);
      break;
    case TimeUnit::kYear:
      day = day_months_ago(12 * count, context);
      break;
  }
  return day_span(day, day, context);
}

// "this week", "last month": `back` is 0 or 1. Nothing for units that have no such form.
std::optional<Result<TimeRange>> calendar(std::int64_t back, TimeUnit unit, const Context& context) {
  const CivilDate today = civil_from_days(context.today);
  const std::int64_t monday = monday_of(context.today) - 7 * back;
  if (unit == TimeUnit::kWeek) return day_span(monday, monday + 6, context);
  if (unit == TimeUnit::kMonth) return month_span(month_number(today) - back, 1, context);
  if (unit == TimeUnit::kYear) return month_span((today.year - back) * 12, 12, context);
  return std::nullopt;
}

Result<TimeRange> weekday(int index, const Context& context) {
  const std::int64_t this_week = monday_of(context.today) + index;
  const std::int64_t day = this_week < context.today ? this_week : this_week - 7;
  return day_span(day, day, context);
}

// --------------------------------------------------------------------------------------------------------- named dates

bool day_exists(int year, int month, int day) { return year >= 1 && day <= days_in_month(year, month); }

// Eight years back is enough for 29 February, also around 1900.
Result<TimeRange> day_of_month(std::optional<int> year, int month, int day, const Context& context) {
  const int this_year = civil_from_days(context.today).year;
  for (int y = year.value_or(this_year); y >= year.value_or(this_year - 8); --y) {
    if (!day_exists(y, month, day)) continue;
    const std::int64_t days = days_from_civil({y, month, day});
    if (year || days <= context.today) return day_span(days, days, context);
  }
  return invalid("there is no such day");
}

Result<TimeRange> whole_month(std::optional<int> year, int month, const Context& context) {
  const std::int64_t this_month = month_number(civil_from_days(context.today));
  const std::int64_t latest = this_month - (this_month - (month - 1)) % 12;
  return month_span(year ? *year * std::int64_t{12} + month - 1 : latest, 1, context);
}

// "15 November 2025", "Nov 15", "November 2025". Nothing if the words are not of this kind.
std::optional<Result<TimeRange>> named_date(const Words& words, const Context& context) {
  if (words.empty()) return std::nullopt;
  const std::string_view second = words.size() > 1 ? words[1] : std::string_view();
  const bool month_first = month_word(words[0]).has_value();
  const int month = month_word(month_first ? words[0] : second).value_or(0);
  const int day = day_word(month_first ? second : words[0]).value_or(0);
  if (month == 0 || (day == 0 && !month_first)) return std::nullopt;
  const std::size_t used = day == 0 ? 1 : 2;
  std::optional<int> year;
  if (words.size() > used) year = year_word(words[used]);
  if (words.size() != used + (year ? 1 : 0)) return std::nullopt;
  return day == 0 ? whole_month(year, month, context) : day_of_month(year, month, day, context);
}

// --------------------------------------------------------------------------------------------------------- ISO 8601

// Reads fixed-width numbers off the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}
  [[nodiscard]] bool done() const { return rest_.empty(); }

  bool skip(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Exactly `width` digits; nothing is read otherwise.
  std::optional<int> digits(std::size_t width) {
    if (rest_.size() < width || !std::ranges::all_of(rest_.substr(0, width), [](char c) { return c >= '0' && c <= '9'; }))
      return std::nullopt;
    const std::optional<std::int64_t> value = number_word(rest_.substr(0, width));
    rest_.remove_prefix(width);
    return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
  }

  // The digits of a fraction as milliseconds.
  std::optional<int> fraction_ms() {
    int ms = 0;
    int scale = 100;
    bool any = false;
    for (std::optional<int> digit; (digit = digits(1)); any = true, scale /= 10) ms += *digit * scale;
    return any ? std::optional(ms) : std::nullopt;
  }

 private:
  std::string_view rest_;
};

struct ClockSpan {
  std::int64_t from_ms;
  std::int64_t length_ms;
};

// "HH[:MM[:SS[.fraction]]]": the span of the day that it names.
std::optional<ClockSpan> scan_clock(Scanner& scan) {
  const std::optional<int> hour = scan.digits(2);
  if (!hour || *hour > 23) return std::nullopt;
  ClockSpan span{*hour * kHourMs, kHourMs};
  if (!scan.skip(':')) return span;
  const std::optional<int> minute = scan.digits(2);
  if (!minute || *minute > 59) return std::nullopt;
  span = {span.from_ms + *minute * kMinuteMs, kMinuteMs};
  if (!scan.skip(':')) return span;
  const std::optional<int> second = scan.digits(2);
  if (!second || *second > 59) return std::nullopt;
  span = {span.from_ms + *second * kSecondMs, kSecondMs};
  if (!scan.skip('.')) return span;
  const std::optional<int> ms = scan.fraction_ms();
  return ms ? std::optional(ClockSpan{span.from_ms + *ms, 1}) : std::nullopt;
}

struct ZonePart {
  bool given = false;
  std::int64_t offset_ms = 0;
};

// "", "z" or "±HH:MM", to the end of the text.
std::optional<ZonePart> scan_zone(Scanner& scan) {
  if (scan.done()) return ZonePart{};
  if (scan.skip('z')) return scan.done() ? std::optional(ZonePart{true, 0}) : std::nullopt;
  const bool negative = scan.skip('-');
  if (!negative && !scan.skip('+')) return std::nullopt;
  const std::optional<int> hours = scan.digits(2);
  const bool colon = scan.skip(':');
  const std::optional<int> minutes = scan.digits(2);
  if (!hours || !colon || !minutes || *hours > 23 || *minutes > 59 || !scan.done()) return std::nullopt;
  const std::int64_t offset = *hours * kHourMs + *minutes * kMinuteMs;
  return ZonePart{true, negative ? -offset : offset};
}

Result<TimeRange> iso_time(std::int64_t day, Scanner& scan, const Context& context) {
  const std::optional<ClockSpan> clock = scan_clock(scan);
  if (!clock) return invalid("its time of day is not HH:MM or HH:MM:SS");
  scan.skip(' ');
  const std::optional<ZonePart> zone = scan_zone(scan);
  if (!zone) return invalid("its zone is not Z or +HH:MM");
  const std::int64_t from_wall = day * kDayMs + clock->from_ms;
  if (!zone->given) return wall_span(from_wall, from_wall + clock->length_ms, context);
  const std::int64_t from_ms = from_wall - zone->offset_ms;
  return wall_span(from_ms, from_ms + clock->length_ms, Context{context.now_ms, Zone::kUtc, 0, 0});
}

// Week 1 is the one with 4 January.
Result<TimeRange> iso_week(int year, Scanner& scan, const Context& context) {
  const std::optional<int> week = scan.digits(2);
  if (!week || !scan.done()) return invalid("its week is not two digits");
  const std::int64_t first = monday_of(days_from_civil({year, 1, 4}));
  const std::int64_t next_first = monday_of(days_from_civil({year + 1, 1, 4}));
  const std::int64_t monday = first + (*week - 1) * 7;
  if (*week < 1 || monday >= next_first) return invalid("that year has no such week");
  return day_span(monday, monday + 6, context);
}

// "2025", "2025-11", "2025-w46", "2025-11-15", "2025-11-15t10:30". Nothing if the text does not begin like that.
std::optional<Result<TimeRange>> iso_form(std::string_view text, const Context& context) {
  Scanner scan(text);
  const std::optional<int> year = scan.digits(4);
  if (!year || (!scan.done() && !scan.skip('-'))) return std::nullopt;
  if (*year == 0) return invalid("it is outside the years 1 to 9999");
  if (text.size() == 4) return month_span(*year * 12, 12, context);
  if (scan.skip('w')) return iso_week(*year, scan, context);
  const std::optional<int> month = scan.digits(2);
  if (!month || *month < 1 || *month > 12) return invalid("there is no such month");
  if (scan.done()) return month_span(*year * 12 + *month - 1, 1, context);
  const bool dash = scan.skip('-');
  const std::optional<int> day = scan.digits(2);
  if (!dash || !day) return invalid("its date is not YYYY-MM-DD");
  if (*day < 1 || !day_exists(*year, *month, *day)) return invalid("there is no such day");
  const std::int64_t days = days_from_civil({*year, *month, *day});
  if (scan.done()) return day_span(days, days, context);
  if (!scan.skip('t') && !scan.skip(' ')) return invalid("its date is not YYYY-MM-DD");
  return iso_time(days, scan, context);
}

// ------------------------------------------------------------------------------------------------------------ the whole

Result<TimeRange> one_word(std::string_view word, const Context& context) {
  if (word == "all") return TimeRange{};
  if (word == "now") return TimeRange{context.now_ms, context.now_ms + 1};
  if (word == "today") return day_span(context.today, context.today, context);
  if (word == "yesterday") return ago(1, TimeUnit::kDay, context);
  if (word == "month") return rolling(30, TimeUnit::kDay, context);
  if (word == "year") return rolling(365, TimeUnit::kDay, context);
  if (const auto index = weekday_word(word)) return weekday(*index, context);
  if (const auto unit = unit_word(word); unit && word.size() > 1) return rolling(1, *unit, context);
  return invalid("");
}

// "this week", "last monday", "last 7 days", "7 days", "7 days ago".
Result<TimeRange> relative(const Words& words, const Context& context) {
  const std::string_view first = words[0];
  const bool last = first == "last";
  if (words.size() == 2 && (last || first == "this" || first == "past")) {
    const auto unit = unit_word(words[1]);
    const auto index = weekday_word(words[1]);
    if (unit && first != "past") {
      if (auto span = calendar(last ? 1 : 0, *unit, context)) return std::move(*span);
    }
    if (unit && first != "this") return rolling(1, *unit, context);
    if (index && last) return weekday(*index, context);
    return invalid("");
  }
  const std::size_t at = last || first == "past" ? 1 : 0;
  if (words.size() < at + 2) return invalid("");
  const auto count = count_word(words[at]);
  const auto unit = unit_word(words[at + 1]);
  if (!count || !unit) return invalid("");
  if (words.size() == at + 2) return rolling(*count, *unit, context);
  if (words.size() == 3 && at == 0 && words[2] == "ago") return ago(*count, *unit, context);
  return invalid("");
}

Result<TimeRange> single(std::string_view text, const Context& context) {
  if (auto iso = iso_form(text, context)) return std::move(*iso);
  const Words words = split_time_words(text);
  if (auto date = named_date(words, context)) return std::move(*date);
  if (words.size() == 1) return one_word(words[0], context);
  if (words.empty()) return invalid("");
  return relative(words, context);
}

// The sides of "A..B", "A to B", "since A", "until B". Nothing if the text is no range.
struct Sides {
  std::string_view from;
  std::string_view until;
};

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::optional<Sides> split_sides(std::string_view text) {
  for (const std::string_view separator : {std::string_view(".."), std::string_view(" to ")}) {
    const std::size_t at = text.find(separator);
    if (at != std::string_view::npos) return Sides{trim(text.substr(0, at)), trim(text.substr(at + separator.size()))};
  }
  if (text.starts_with("since ")) return Sides{text.substr(6), ""};
  if (text.starts_with("until ")) return Sides{"", text.substr(6)};
  return std::nullopt;
}

Result<TimeRange> range(std::string_view text, const Context& context) {
  if (text.empty()) return TimeRange{};
  TimeRange result;
  const std::optional<Sides> sides = split_sides(text);
  if (!sides) {
    CMEM_ASSIGN_OR_RETURN(result, single(text, context));
    if (result.from_ms >= result.until_ms) return invalid("clocks here were put forward over that time, so it does not exist");
    return result;
  }
  if (!sides->from.empty()) {
    CMEM_ASSIGN_OR_RETURN(const TimeRange from, single(sides->from, context));
    result.from_ms = from.from_ms;
  }
  if (!sides->until.empty()) {
    CMEM_ASSIGN_OR_RETURN(const TimeRange until, single(sides->until, context));
    result.until_ms = until.until_ms;
  }
  if (result.from_ms >= result.until_ms) return invalid("its end is before its begin; swap the two sides");
  return result;
}

// Lower case, one space for any white space, none at the ends.
std::string normalize(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool space = c == ' ' || (c >= '\t' && c <= '\r');
    if (!space) {
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

// The text as it may stand in an error: short and printable.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text.substr(0, 60)) out += c >= ' ' && c <= '~' ? c : '?';
  return out + (text.size() > 60 ? "…\"" : "\"");
}

}  // namespace

Result<TimeRange> parse_time_range(std::string_view text, std::int64_t now_ms, Zone zone) {
  if (now_ms < kMinIsoMs || now_ms > kMaxIsoMs) return invalid("the present time is outside the years 1 to 9999; set the clock");
  const std::int64_t now_wall = wall_from_instant(now_ms, zone);
  const Context context{now_ms, zone, now_wall, floor_div(now_wall, kDayMs)};
  Result<TimeRange> result = text.size() > kMaxTextBytes ? invalid("it is too long") : range(normalize(text), context);
  if (result) return result;
  const std::string why = result.error().text.empty() ? "" : ": " + result.error().text;
  return invalid("time " + quoted(text) + " is not understood" + why +
                 "; use 2025-11-15, 2025-11, 2025-W46, 2025-11-15 10:30, 2025-11-15T10:00:00Z, today, yesterday, week, month, "
                 "this week, last month, monday, 15 November, last 7 days, 3 days ago, 2 hours, or A..B with any of these");
}

}  // namespace cmem
