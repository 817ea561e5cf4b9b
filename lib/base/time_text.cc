#include "base/time_text.h"

#include <array>
#include <cstddef>
#include <cstring>

namespace cmem {
namespace {

constexpr std::size_t kDateTimeBytes = 19;  // YYYY-MM-DDTHH:MM:SS
constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::array<int, 13> kDaysBeforeMonth = {0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};

constexpr bool is_leap(int year) noexcept { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

constexpr bool is_digit(char c) noexcept { return static_cast<unsigned char>(c - '0') <= 9; }

// Two digits as a number; something over 99 if they are no digits, which every range check below refuses.
constexpr unsigned two_digits(const char* p) noexcept {
  const unsigned tens = static_cast<unsigned char>(p[0]) - unsigned{'0'};
  const unsigned ones = static_cast<unsigned char>(p[1]) - unsigned{'0'};
  return tens > 9 || ones > 9 ? 1000U : tens * 10 + ones;
}

struct Cut {
  std::int64_t ms;
  bool ok;
};

// Reads "[.fraction]" off the front of `rest`.
Cut take_fraction(std::string_view& rest) noexcept {
  if (rest.empty() || rest[0] != '.') return {0, true};
  std::size_t i = 1;
  std::int64_t ms = 0;
  std::int64_t scale = 100;
  for (; i < rest.size() && is_digit(rest[i]); ++i) {
    ms += (rest[i] - '0') * scale;
    scale /= 10;
  }
  rest.remove_prefix(i);
  return {ms, i > 1};
}

// Reads all of "", "Z" or "±HH:MM": what has to be taken off the clock's reading to get UTC.
Cut zone_offset(std::string_view zone) noexcept {
  if (zone.empty() || zone == "Z") return {0, true};
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') return {0, false};
  const unsigned hours = two_digits(zone.data() + 1);
  const unsigned minutes = two_digits(zone.data() + 4);
  const std::int64_t offset = static_cast<std::int64_t>(hours * 60 + minutes) * kMinuteMs;
  return {zone[0] == '-' ? -offset : offset, hours < 24 && minutes < 60};
}

void put_two(char* out, unsigned value) noexcept {
  out[0] = static_cast<char>('0' + value / 10);
  out[1] = static_cast<char>('0' + value % 10);
}

}  // namespace

int days_in_month(int year, int month) noexcept {
  constexpr std::array<int, 13> kDays = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kDays[static_cast<std::size_t>(month)];
}

// Counts whole years in eras of 400, so that it is right for negative years too.
std::int64_t days_from_civil(CivilDate date) noexcept {
  const std::int64_t before = static_cast<std::int64_t>(date.year) - 1;
  const std::int64_t era = (before >= 0 ? before : before - 399) / 400;
  const std::int64_t in_era = before - era * 400;
  const std::int64_t leap_day = date.month > 2 && is_leap(date.year) ? 1 : 0;
  const std::int64_t day_of_year = kDaysBeforeMonth[static_cast<std::size_t>(date.month)] + leap_day + date.day - 1;
  constexpr std::int64_t kDaysBefore1970 = 719'162;  // 0001-01-01 to 1970-01-01
  return era * 146'097 + in_era * 365 + in_era / 4 - in_era / 100 + day_of_year - kDaysBefore1970;
}

// After Howard Hinnant's public domain civil_from_days: years begin in March, so that the leap day is a year's last.
CivilDate civil_from_days(std::int64_t days) noexcept {
  const std::int64_t shifted = days + 719'468;  // days since 0000-03-01
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
  const auto day_of_era = static_cast<unsigned>(shifted - era * 146'097);
  const unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned month_from_march = (5 * day_of_year + 2) / 153;
  const unsigned day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  const unsigned month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  const std::int64_t year = era * 400 + year_of_era + (month <= 2 ? 1 : 0);
  return {static_cast<int>(year), static_cast<int>(month), static_cast<int>(day)};
}

std::optional<std::int64_t> parse_iso_ms(std::string_view text) noexcept {
  if (text.size() < kDateTimeBytes) return std::nullopt;
  const char* p = text.data();
  if (p[4] != '-' || p[7] != '-' || p[10] != 'T' || p[13] != ':' || p[16] != ':') return std::nullopt;
  const unsigned century = two_digits(p);
  const unsigned year_of_century = two_digits(p + 2);
  const unsigned month = two_digits(p + 5);
  const unsigned day = two_digits(p + 8);
  const unsigned hour = two_digits(p + 11);
  const unsigned minute = two_digits(p + 14);
  const unsigned second = two_digits(p + 17);
  if (century > 99 || year_of_century > 99 || month - 1 > 11 || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const CivilDate date{static_cast<int>(century * 100 + year_of_century), static_cast<int>(month), static_cast<int>(day)};
  if (date.year == 0 || day == 0 || date.day > days_in_month(date.year, date.month)) return std::nullopt;

  std::string_view rest = text.substr(kDateTimeBytes);
  const Cut fraction = take_fraction(rest);
  const Cut offset = zone_offset(rest);
  if (!fraction.ok || !offset.ok) return std::nullopt;
  const std::int64_t clock_ms = static_cast<std::int64_t>(hour * 3600 + minute * 60 + second) * 1000 + fraction.ms;
  const std::int64_t ms = days_from_civil(date) * kDayMs + clock_ms - offset.ms;
  if (ms < kMinIsoMs || ms > kMaxIsoMs) return std::nullopt;
  return ms;
}

bool format_iso_ms(std::int64_t ms, char* out24) noexcept {
  if (ms < kMinIsoMs || ms > kMaxIsoMs) return false;
  const std::int64_t since_min = ms - kMinIsoMs;  // never negative, so division rounds down
  const CivilDate date = civil_from_days(since_min / kDayMs + kMinIsoMs / kDayMs);
  const auto clock_ms = static_cast<unsigned>(since_min % kDayMs);
  const auto year = static_cast<unsigned>(date.year);
  std::memcpy(out24, "0000-00-00T00:00:00.000Z", kIsoMsBytes);
  put_two(out24, year / 100);
  put_two(out24 + 2, year % 100);
  put_two(out24 + 5, static_cast<unsigned>(date.month));
  put_two(out24 + 8, static_cast<unsigned>(date.day));
  put_two(out24 + 11, clock_ms / 3'600'000);
  put_two(out24 + 14, clock_ms / 60'000 % 60);
  put_two(out24 + 17, clock_ms / 1000 % 60);
  put_two(out24 + 20, clock_ms % 1000 / 10);
  out24[22] = static_cast<char>('0' + clock_ms % 10);
  return true;
}

}  // namespace cmem
