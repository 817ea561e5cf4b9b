#include "base/time_expr.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include "base/time_text.h"

namespace cmem {
namespace {

constexpr std::size_t kMaxTextBytes = 200;
constexpr std::int64_t kMaxCount = 4'000'000;  // days in ten thousand years are fewer
constexpr std::int64_t kSecondMs = 1000;
constexpr std::int64_t kMinuteMs = 60 * kSecondMs;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;
constexpr std::int64_t kDayS = kDayMs / kSecondMs;

// A "wall" time is what a clock in the zone shows, counted in milliseconds as if it were UTC. It is plain arithmetic; the zone
// comes in only when a wall time is made an instant.

using Words = std::vector<std::string_view>;

enum class Unit { kSecond, kMinute, kHour, kDay, kWeek, kMonth, kYear };

struct Context {
  std::int64_t now_ms;
  Zone zone;
  std::int64_t now_wall;
  std::int64_t today;  // days since 1970-01-01
};

Unexpected invalid(std::string why) { return Unexpected(Code::kInvalid, std::move(why)); }

constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// ---------------------------------------------------------------------------------------------- wall time and instants

// Seconds that local clocks are ahead of UTC at an instant.
std::int64_t local_offset_s(std::int64_t instant_s) {
  const auto when = static_cast<std::time_t>(instant_s);
  std::tm tm{};
  if (localtime_r(&when, &tm) == nullptr) return 0;
  const std::int64_t days = days_from_civil({tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday});
  const std::int64_t wall_s = days * kDayS + tm.tm_hour * 3600 + tm.tm_min * 60 + std::min(tm.tm_sec, 59);
  return wall_s - instant_s;
}

std::int64_t to_wall(std::int64_t instant_ms, Zone zone) {
  if (zone == Zone::kUtc) return instant_ms;
  return instant_ms + local_offset_s(floor_div(instant_ms, kSecondMs)) * kSecondMs;
}

// The instants at which local clocks show a wall second: one, two (put back), or none (put forward: the jump stands for it).
struct Instants {
  std::int64_t first_s;
  std::int64_t last_s;
  bool skipped = false;
};

// The first second in (before_s, after_s] whose offset is that of after_s.
std::int64_t find_jump(std::int64_t before_s, std::int64_t after_s) {
  const std::int64_t offset_after = local_offset_s(after_s);
  while (after_s - before_s > 1) {
    const std::int64_t middle = before_s + (after_s - before_s) / 2;
    (local_offset_s(middle) == offset_after ? after_s : before_s) = middle;
  }
  return after_s;
}

// Zones are at most 14 hours off UTC, so 26 hours on either side are surely before and after a change near this time.
Instants local_instants(std::int64_t wall_s) {
  constexpr std::int64_t kSurelyS = 26 * 3600;
  const std::int64_t early = wall_s - local_offset_s(wall_s - kSurelyS);
  const std::int64_t late = wall_s - local_offset_s(wall_s + kSurelyS);
  const bool early_fits = early + local_offset_s(early) == wall_s;
  const bool late_fits = late + local_offset_s(late) == wall_s;
  if (early_fits && late_fits) return {std::min(early, late), std::max(early, late)};
  if (early_fits) return {early, early};
  if (late_fits) return {late, late};
  const std::int64_t jump = find_jump(wall_s - kSurelyS, wall_s + kSurelyS);
  return {jump, jump, true};
}

// [from_wall, until_wall), not empty, as instants. Empty only if the clock skips all of it.
TimeRange to_range(std::int64_t from_wall, std::int64_t until_wall, Zone zone) {
  if (zone == Zone::kUtc) return {from_wall, until_wall};
  const std::int64_t from_s = floor_div(from_wall, kSecondMs);
  const Instants from = local_instants(from_s);
  const std::int64_t last_wall = until_wall - 1;
  const std::int64_t last_s = floor_div(last_wall, kSecondMs);
  const Instants last = local_instants(last_s);
  return {from.first_s * kSecondMs + (from.skipped ? 0 : from_wall - from_s * kSecondMs),
          last.last_s * kSecondMs + (last.skipped ? 0 : last_wall - last_s * kSecondMs + 1)};
}

// ------------------------------------------------------------------------------------------------------ calendar spans

Result<TimeRange> wall_span(std::int64_t from_wall, std::int64_t until_wall, const Context& context) {
  if (from_wall < kMinIsoMs || until_wall - 1 > kMaxIsoMs) return invalid("it is outside the years 1 to 9999");
  return to_range(from_wall, until_wall, context.zone);
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

// --------------------------------------------------------------------------------------------------------------- words

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || text[0] == '-' || error != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::optional<std::int64_t> count_word(std::string_view word) {
  return word == "a" || word == "an" ? std::optional<std::int64_t>(1) : number(word);
}

std::optional<Unit> unit_word(std::string_view word) {
  struct Name {
    std::string_view text;
    Unit unit;
  };
  static constexpr std::array<Name, 26> kNames = {{
      {"s", Unit::kSecond},     {"sec", Unit::kSecond},  {"secs", Unit::kSecond},   {"second", Unit::kSecond}, {"seconds", Unit::kSecond},
      {"m", Unit::kMinute},     {"min", Unit::kMinute},  {"mins", Unit::kMinute},   {"minute", Unit::kMinute}, {"minutes", Unit::kMinute},
      {"h", Unit::kHour},       {"hr", Unit::kHour},     {"hrs", Unit::kHour},      {"hour", Unit::kHour},     {"hours", Unit::kHour},
      {"d", Unit::kDay},        {"day", Unit::kDay},     {"days", Unit::kDay},      {"w", Unit::kWeek},        {"week", Unit::kWeek},
      {"weeks", Unit::kWeek},   {"month", Unit::kMonth}, {"months", Unit::kMonth},  {"y", Unit::kYear},        {"year", Unit::kYear},
      {"years", Unit::kYear},
  }};
  const auto* found = std::ranges::find(kNames, word, &Name::text);
  return found == kNames.end() ? std::nullopt : std::optional(found->unit);
}

// The index of `word` in `names`, where three letters are enough.
template <std::size_t N>
std::optional<int> name_index(const std::array<std::string_view, N>& names, std::string_view word) {
  for (std::size_t i = 0; i < N; ++i) {
    if (word == names[i] || word == names[i].substr(0, 3)) return static_cast<int>(i);
  }
  return std::nullopt;
}

// 1 to 12.
std::optional<int> month_word(std::string_view word) {
  static constexpr std::array<std::string_view, 12> kNames = {"january", "february", "march",     "april",   "may",      "june",
                                                              "july",    "august",   "september", "october", "november", "december"};
  if (word == "sept") return 9;
  const std::optional<int> index = name_index(kNames, word);
  return index ? std::optional(*index + 1) : std::nullopt;
}

// 0 (Monday) to 6.
std::optional<int> weekday_word(std::string_view word) {
  static constexpr std::array<std::string_view, 7> kNames = {"monday", "tuesday",  "wednesday", "thursday",
                                                             "friday", "saturday", "sunday"};
  return name_index(kNames, word);
}

// "15" or "15th", 1 to 31.
std::optional<int> day_word(std::string_view word) {
  static constexpr std::array<std::string_view, 4> kSuffixes = {"st", "nd", "rd", "th"};
  if (word.size() > 2 && std::ranges::find(kSuffixes, word.substr(word.size() - 2)) != kSuffixes.end()) word.remove_suffix(2);
  const std::optional<std::int64_t> value = word.size() <= 2 ? number(word) : std::nullopt;
  return value && *value >= 1 && *value <= 31 ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

std::optional<int> year_word(std::string_view word) {
  const std::optional<std::int64_t> value = word.size() == 4 ? number(word) : std::nullopt;
  return value && *value >= 1 ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

// Words between spaces and commas; a number with its unit ("7d") becomes two, one with "th" stays one.
Words split_words(std::string_view text) {
  Words words;
  for (std::size_t at = 0; (at = text.find_first_not_of(" ,", at)) != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(" ,", at), text.size());
    const std::string_view word = text.substr(at, end - at);
    const std::size_t digits = std::min(word.find_first_not_of("0123456789"), word.size());
    if (digits > 0 && digits < word.size() && unit_word(word.substr(digits))) {
      words.push_back(word.substr(0, digits));
      words.push_back(word.substr(digits));
    } else {
      words.push_back(word);
    }
    at = end;
  }
  return words;
}

// ------------------------------------------------------------------------------------------------------ relative forms

constexpr std::int64_t unit_ms(Unit unit) {
  return unit == Unit::kSecond ? kSecondMs : unit == Unit::kMinute ? kMinuteMs : unit == Unit::kHour ? kHourMs : kDayMs;
}

// "last N units", up to now or to the end of today.
Result<TimeRange> rolling(std::int64_t count, Unit unit, const Context& context) {
  if (count < 1 || count > kMaxCount) return invalid("its number is not between 1 and 4000000");
  switch (unit) {
    case Unit::kSecond:
    case Unit::kMinute:
    case Unit::kHour: {
      const std::int64_t from_ms = context.now_ms - count * unit_ms(unit);
      if (from_ms < kMinIsoMs) return invalid("it is outside the years 1 to 9999");
      return TimeRange{from_ms, context.now_ms + 1};
    }
    case Unit::kDay:
      return day_span(context.today - count + 1, context.today, context);
    case Unit::kWeek:
      return day_span(context.today - 7 * count + 1, context.today, context);
    case Unit::kMonth:
      return day_span(day_months_ago(count, context), context.today, context);
    case Unit::kYear:
      return day_span(day_months_ago(12 * count, context), context.today, context);
  }
  return invalid("its unit is not known");
}

// "N units ago", one whole day, hour, minute or second.
Result<TimeRange> ago(std::int64_t count, Unit unit, const Context& context) {
  if (count > kMaxCount) return invalid("its number is over 4000000");
  std::int64_t day = context.today;
  switch (unit) {
    case Unit::kSecond:
    case Unit::kMinute:
    case Unit::kHour: {
      const std::int64_t length = unit_ms(unit);
      const std::int64_t from_wall = floor_div(to_wall(context.now_ms - count * length, context.zone), length) * length;
      return wall_span(from_wall, from_wall + length, context);
    }
    case Unit::kDay:
      day -= count;
      break;
    case Unit::kWeek:
      day -= 7 * count;
      break;
    case Unit::kMonth:
      day = day_months_ago(count, context);
      break;
    case Unit::kYear:
      day = day_months_ago(12 * count, context);
      break;
  }
  return day_span(day, day, context);
}

// "this week", "last month": `back` is 0 or 1. Nothing for units that have no such form.
std::optional<Result<TimeRange>> calendar(std::int64_t back, Unit unit, const Context& context) {
  const CivilDate today = civil_from_days(context.today);
  const std::int64_t monday = monday_of(context.today) - 7 * back;
  if (unit == Unit::kWeek) return day_span(monday, monday + 6, context);
  if (unit == Unit::kMonth) return month_span(month_number(today) - back, 1, context);
  if (unit == Unit::kYear) return month_span((today.year - back) * 12, 12, context);
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
  if (words.empty() || words.size() > 3) return std::nullopt;
  std::optional<int> month = month_word(words[0]);
  std::optional<int> day;
  std::size_t used = 1;
  if (month && words.size() > 1 && (day = day_word(words[1]))) used = 2;
  if (!month && words.size() > 1 && (month = month_word(words[1])) && (day = day_word(words[0]))) used = 2;
  if (!month || (!day && used == 1 && !month_word(words[0]))) return std::nullopt;
  const std::optional<int> year = used < words.size() ? year_word(words[used]) : std::nullopt;
  if (used + (year ? 1U : 0U) != words.size()) return std::nullopt;
  return day ? day_of_month(year, *month, *day, context) : whole_month(year, *month, context);
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
    const std::optional<std::int64_t> value = number(rest_.substr(0, width));
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
  if (word == "yesterday") return ago(1, Unit::kDay, context);
  if (word == "month") return rolling(30, Unit::kDay, context);
  if (word == "year") return rolling(365, Unit::kDay, context);
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
  const auto count = words.size() > at + 1 ? count_word(words[at]) : std::nullopt;
  const auto unit = words.size() > at + 1 ? unit_word(words[at + 1]) : std::nullopt;
  if (!count || !unit) return invalid("");
  if (words.size() == at + 2) return rolling(*count, *unit, context);
  if (words.size() == 3 && at == 0 && words[2] == "ago") return ago(*count, *unit, context);
  return invalid("");
}

Result<TimeRange> single(std::string_view text, const Context& context) {
  if (auto iso = iso_form(text, context)) return std::move(*iso);
  const Words words = split_words(text);
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
  const std::int64_t now_wall = to_wall(now_ms, zone);
  const Context context{now_ms, zone, now_wall, floor_div(now_wall, kDayMs)};
  Result<TimeRange> result = text.size() > kMaxTextBytes ? invalid("it is too long") : range(normalize(text), context);
  if (result) return result;
  const std::string why = result.error().text.empty() ? "" : ": " + result.error().text;
  return invalid("time " + quoted(text) + " is not understood" + why +
                 "; use 2025-11-15, 2025-11, 2025-W46, 2025-11-15 10:30, 2025-11-15T10:00:00Z, today, yesterday, week, month, "
                 "this week, last month, monday, 15 November, last 7 days, 3 days ago, 2 hours, or A..B with any of these");
}

}  // namespace cmem
