#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>

#include "base/time_expr.h"
#include "base/time_text.h"
#include "unit/base/scoped_zone.h"
#include "unit/support/random.h"

namespace cmem {
namespace {

using namespace test;

constexpr std::int64_t kNow = 1763570044944;  // Wednesday, 2025-11-19T16:34:04.944Z

std::string iso(std::int64_t ms) {
  if (ms == TimeRange::kOpenFrom || ms == TimeRange::kOpenUntil) return "open";
  std::array<char, kIsoMsBytes> out{};
  if (!format_iso_ms(ms, out.data())) return "out of range";
  std::string text(out.data(), out.size());
  if (text.ends_with(".000Z")) text.erase(19);
  if (text.ends_with("T00:00:00")) text.erase(10);
  return text;
}

// "from|until", shortened where the rest is zero, or "error".
std::string parse(std::string_view text, Zone zone = Zone::kUtc, std::int64_t now_ms = kNow) {
  const Result<TimeRange> range = parse_time_range(text, now_ms, zone);
  return range ? iso(range->from_ms) + "|" + iso(range->until_ms) : "error";
}

std::string error_of(std::string_view text) {
  const Result<TimeRange> range = parse_time_range(text, kNow, Zone::kUtc);
  REQUIRE_FALSE(range);
  CHECK(range.error().code == Code::kInvalid);
  CHECK(range.error().text.find('\n') == std::string::npos);
  return range.error().text;
}

TEST_CASE("dates mean the whole day, month, year or week", "[base][time]") {
  CHECK(parse("2025-11-15") == "2025-11-15|2025-11-16");
  CHECK(parse("2025-11") == "2025-11-01|2025-12-01");
  CHECK(parse("2025-12") == "2025-12-01|2026-01-01");
  CHECK(parse("2025") == "2025-01-01|2026-01-01");
  CHECK(parse("2024-02") == "2024-02-01|2024-03-01");
  CHECK(parse("2024-02-29") == "2024-02-29|2024-03-01");
  CHECK(parse("2025-W46") == "2025-11-10|2025-11-17");
  CHECK(parse("2025-W01") == "2024-12-30|2025-01-06");
  CHECK(parse("2026-W53") == "2026-12-28|2027-01-04");
  CHECK(parse("0001-01-01") == "0001-01-01|0001-01-02");
  CHECK(parse("9999") == "9999-01-01|out of range");  // until is the first millisecond of the year 10000
}

TEST_CASE("times mean the hour, minute, second or millisecond that they name", "[base][time]") {
  CHECK(parse("2025-11-15 10") == "2025-11-15T10:00:00|2025-11-15T11:00:00");
  CHECK(parse("2025-11-15 10:30") == "2025-11-15T10:30:00|2025-11-15T10:31:00");
  CHECK(parse("2025-11-15T10:30:15") == "2025-11-15T10:30:15|2025-11-15T10:30:16");
  CHECK(parse("2025-11-15T10:00:00Z") == "2025-11-15T10:00:00|2025-11-15T10:00:01");
  CHECK(parse("2025-11-15t10:00:00.25z") == "2025-11-15T10:00:00.250Z|2025-11-15T10:00:00.251Z");
  CHECK(parse("2025-11-15T10:00:00.1239+02:00") == "2025-11-15T08:00:00.123Z|2025-11-15T08:00:00.124Z");
  CHECK(parse("2025-11-15 23:30 -05:30") == "2025-11-16T05:00:00|2025-11-16T05:01:00");
  CHECK(parse("now") == "2025-11-19T16:34:04.944Z|2025-11-19T16:34:04.945Z");
}

TEST_CASE("day words are counted from today", "[base][time]") {
  CHECK(parse("today") == "2025-11-19|2025-11-20");
  CHECK(parse("Yesterday") == "2025-11-18|2025-11-19");
  CHECK(parse("week") == "2025-11-13|2025-11-20");
  CHECK(parse("month") == "2025-10-21|2025-11-20");
  CHECK(parse("year") == "2024-11-20|2025-11-20");
  CHECK(parse("day") == "2025-11-19|2025-11-20");
  CHECK(parse("this week") == "2025-11-17|2025-11-24");
  CHECK(parse("last week") == "2025-11-10|2025-11-17");
  CHECK(parse("this month") == "2025-11-01|2025-12-01");
  CHECK(parse("last month") == "2025-10-01|2025-11-01");
  CHECK(parse("this year") == "2025-01-01|2026-01-01");
  CHECK(parse("last year") == "2024-01-01|2025-01-01");
}

TEST_CASE("a number of units runs up to the end of today, or up to now", "[base][time]") {
  for (const char* text : {"last 7 days", "past 7 days", "7 days", "7d", "7 d", "  LAST   7\tDays ", "1 week", "past week",
                           "last 1 weeks", "a week"}) {
    INFO(text);
    CHECK(parse(text) == "2025-11-13|2025-11-20");
  }
  CHECK(parse("1 day") == "2025-11-19|2025-11-20");
  CHECK(parse("2 weeks") == "2025-11-06|2025-11-20");
  CHECK(parse("3 months") == "2025-08-19|2025-11-20");
  CHECK(parse("2 years") == "2023-11-19|2025-11-20");
  CHECK(parse("2 hours") == "2025-11-19T14:34:04.944Z|2025-11-19T16:34:04.945Z");
  CHECK(parse("last 30 minutes") == "2025-11-19T16:04:04.944Z|2025-11-19T16:34:04.945Z");
  CHECK(parse("45s") == "2025-11-19T16:33:19.944Z|2025-11-19T16:34:04.945Z");
  CHECK(parse("last hour") == "2025-11-19T15:34:04.944Z|2025-11-19T16:34:04.945Z");
  CHECK(parse("hour") == parse("1 hour"));
}

TEST_CASE("ago means one whole day, hour, minute or second", "[base][time]") {
  CHECK(parse("3 days ago") == "2025-11-16|2025-11-17");
  CHECK(parse("0 days ago") == "2025-11-19|2025-11-20");
  CHECK(parse("a day ago") == "2025-11-18|2025-11-19");
  CHECK(parse("2 weeks ago") == "2025-11-05|2025-11-06");
  CHECK(parse("2 months ago") == "2025-09-19|2025-09-20");
  CHECK(parse("a year ago") == "2024-11-19|2024-11-20");
  CHECK(parse("2 hours ago") == "2025-11-19T14:00:00|2025-11-19T15:00:00");
  CHECK(parse("an hour ago") == "2025-11-19T15:00:00|2025-11-19T16:00:00");
  CHECK(parse("30 min ago") == "2025-11-19T16:04:00|2025-11-19T16:05:00");
  CHECK(parse("5 seconds ago") == "2025-11-19T16:33:59|2025-11-19T16:34:00");
}

TEST_CASE("months that are too short end earlier", "[base][time]") {
  const std::int64_t march_31 = *parse_iso_ms("2025-03-31T12:00:00Z");
  CHECK(parse("1 month ago", Zone::kUtc, march_31) == "2025-02-28|2025-03-01");
  CHECK(parse("13 months ago", Zone::kUtc, march_31) == "2024-02-29|2024-03-01");
  CHECK(parse("last month", Zone::kUtc, march_31) == "2025-02-01|2025-03-01");
  const std::int64_t leap_day = *parse_iso_ms("2024-02-29T23:59:59.999Z");
  CHECK(parse("a year ago", Zone::kUtc, leap_day) == "2023-02-28|2023-03-01");
  CHECK(parse("4 years ago", Zone::kUtc, leap_day) == "2020-02-29|2020-03-01");
  const std::int64_t new_year = *parse_iso_ms("2025-01-01T00:00:00Z");
  CHECK(parse("yesterday", Zone::kUtc, new_year) == "2024-12-31|2025-01-01");
  CHECK(parse("last month", Zone::kUtc, new_year) == "2024-12-01|2025-01-01");
  CHECK(parse("last week", Zone::kUtc, new_year) == "2024-12-23|2024-12-30");
}

TEST_CASE("weekdays are the latest before today", "[base][time]") {
  CHECK(parse("tuesday") == "2025-11-18|2025-11-19");
  CHECK(parse("Mon") == "2025-11-17|2025-11-18");
  CHECK(parse("wednesday") == "2025-11-12|2025-11-13");
  CHECK(parse("last wednesday") == "2025-11-12|2025-11-13");
  CHECK(parse("thu") == "2025-11-13|2025-11-14");
  CHECK(parse("sunday") == "2025-11-16|2025-11-17");
}

TEST_CASE("dates may be spelled with the month's name", "[base][time]") {
  for (const char* text :
       {"15 November", "15 Nov", "November 15", "nov 15", "15th november", "15 nov 2025", "Nov 15, 2025", "november 15 , 2025"}) {
    INFO(text);
    CHECK(parse(text) == "2025-11-15|2025-11-16");
  }
  CHECK(parse("19 Nov") == "2025-11-19|2025-11-20");
  CHECK(parse("20 Nov") == "2024-11-20|2024-11-21");
  CHECK(parse("20 Nov 2025") == "2025-11-20|2025-11-21");
  CHECK(parse("29 Feb") == "2024-02-29|2024-03-01");
  CHECK(parse("1st of may") == "error");
  CHECK(parse("1st may") == "2025-05-01|2025-05-02");
  CHECK(parse("November") == "2025-11-01|2025-12-01");
  CHECK(parse("December") == "2024-12-01|2025-01-01");
  CHECK(parse("Sept") == "2025-09-01|2025-10-01");
  CHECK(parse("November 2024") == "2024-11-01|2024-12-01");
  CHECK(parse("may 2026") == "2026-05-01|2026-06-01");
}

TEST_CASE("a range takes all of both sides", "[base][time]") {
  CHECK(parse("2025-11-15..2025-11-17") == "2025-11-15|2025-11-18");
  CHECK(parse(" 2025-11-15 .. 2025-11-17 ") == "2025-11-15|2025-11-18");
  CHECK(parse("2025-11-15 to 2025-11-17") == "2025-11-15|2025-11-18");
  CHECK(parse("2025-10..2025-W46") == "2025-10-01|2025-11-17");
  CHECK(parse("15 Nov..today") == "2025-11-15|2025-11-20");
  CHECK(parse("last week..now") == "2025-11-10|2025-11-19T16:34:04.945Z");
  CHECK(parse("2025-11-15T10:00:00.5..2025-11-15T10:00:00.5") == "2025-11-15T10:00:00.500Z|2025-11-15T10:00:00.501Z");
  CHECK(parse("2025-11-15..") == "2025-11-15|open");
  CHECK(parse("..2025-11-15") == "open|2025-11-16");
  CHECK(parse("since 2025-11-15") == "2025-11-15|open");
  CHECK(parse("until yesterday") == "open|2025-11-19");
  for (const char* text : {"", "   ", "..", " .. ", "all", "all..all"}) CHECK(parse(text) == "open|open");
}

TEST_CASE("a reversed range is an error that says so", "[base][time]") {
  CHECK(error_of("2025-11-17..2025-11-15").find("its end is before its begin") != std::string::npos);
  CHECK(error_of("today..yesterday").find("swap") != std::string::npos);
}

TEST_CASE("what is not understood is an error that shows the forms", "[base][time]") {
  for (const char* text : {"tomorrow",
                           "x",
                           "2025-11-",
                           "2025-1-1",
                           "2025-13",
                           "2025-00",
                           "2025-11-31",
                           "2025-02-29",
                           "2025-11-15 24",
                           "2025-11-15 10:60",
                           "2025-11-15 10:30:60",
                           "2025-11-15 10:30:15.",
                           "2025-11-15 10:30+2",
                           "2025-11-15x",
                           "20251115",
                           "0000",
                           "0000-01-01",
                           "2025-W00",
                           "2025-W53",
                           "2025-W1",
                           "31 November",
                           "30 Feb",
                           "0 Nov",
                           "32 Dec",
                           "Nov 15 25",
                           "nov nov",
                           "15 15 nov",
                           "0 days",
                           "-1 days",
                           "5000000 days",
                           "99999999999999999999 days",
                           "3000000 days",
                           "3 parsecs",
                           "last",
                           "this",
                           "this monday",
                           "days ago",
                           "3 days before",
                           "last 3 days ago",
                           "m",
                           "1.5 days",
                           "today..x",
                           "x..today",
                           "a..b",
                           "1..2..3",
                           "today...",
                           "\xff\xfe",
                           "now now"}) {
    INFO(text);
    CHECK(error_of(text).find("2025-11-15") != std::string::npos);
  }
  CHECK(error_of(std::string(1000, '.')).find("too long") != std::string::npos);
  CHECK(error_of(std::string("to\0day\n\x1b[31m", 12)).find('\x1b') == std::string::npos);
  CHECK(error_of("2025-02-29").find("there is no such day") != std::string::npos);
}

TEST_CASE("days have 23 and 25 hours where the clock changes", "[base][time]") {
  const ScopedZone berlin(kBerlin);
  CHECK(parse("2025-11-15", Zone::kLocal) == "2025-11-14T23:00:00|2025-11-15T23:00:00");
  CHECK(parse("2025-07-01", Zone::kLocal) == "2025-06-30T22:00:00|2025-07-01T22:00:00");
  CHECK(parse("2025-03-30", Zone::kLocal) == "2025-03-29T23:00:00|2025-03-30T22:00:00");
  CHECK(parse("2025-10-26", Zone::kLocal) == "2025-10-25T22:00:00|2025-10-26T23:00:00");
  CHECK(parse("2025-10", Zone::kLocal) == "2025-09-30T22:00:00|2025-10-31T23:00:00");
  CHECK(parse("2025-11-15 10:30", Zone::kLocal) == "2025-11-15T09:30:00|2025-11-15T09:31:00");
  CHECK(parse("2025-11-15T10:30:00Z", Zone::kLocal) == "2025-11-15T10:30:00|2025-11-15T10:30:01");
  CHECK(parse("2025-11-15", Zone::kUtc) == "2025-11-15|2025-11-16");
}

TEST_CASE("a time shown twice is all of both, and one that is skipped does not exist", "[base][time]") {
  const ScopedZone new_york(kNewYork);
  CHECK(parse("2025-11-02 01:30", Zone::kLocal) == "2025-11-02T05:30:00|2025-11-02T06:31:00");
  CHECK(parse("2025-11-02 01", Zone::kLocal) == "2025-11-02T05:00:00|2025-11-02T07:00:00");
  CHECK(parse("2025-11-02 01:59:59.999", Zone::kLocal) == "2025-11-02T05:59:59.999Z|2025-11-02T07:00:00");
  CHECK(parse("2025-03-09 02:30", Zone::kLocal) == "error");
  CHECK(parse("2025-03-09 02", Zone::kLocal) == "error");
  CHECK(parse("2025-03-09 02:30..2025-03-09 03:30", Zone::kLocal) == "2025-03-09T07:00:00|2025-03-09T07:31:00");
  CHECK(parse("2025-03-09 01:30..2025-03-09 02:30", Zone::kLocal) == "2025-03-09T06:30:00|2025-03-09T07:00:00");
}

TEST_CASE("today is the local day, whatever day it is in UTC", "[base][time]") {
  const ScopedZone new_york(kNewYork);
  const std::int64_t late_evening = *parse_iso_ms("2025-11-20T03:00:00Z");  // 22:00 on the 19th
  CHECK(parse("today", Zone::kLocal, late_evening) == "2025-11-19T05:00:00|2025-11-20T05:00:00");
  CHECK(parse("today", Zone::kUtc, late_evening) == "2025-11-20|2025-11-21");
  CHECK(parse("2 hours ago", Zone::kLocal, late_evening) == "2025-11-20T01:00:00|2025-11-20T02:00:00");
}

TEST_CASE("a day begins after a skipped midnight and at the first of two", "[base][time]") {
  const ScopedZone sao_paulo(kSaoPaulo);
  CHECK(parse("2018-11-03", Zone::kLocal) == "2018-11-03T03:00:00|2018-11-04T03:00:00");
  CHECK(parse("2018-11-04", Zone::kLocal) == "2018-11-04T03:00:00|2018-11-05T02:00:00");
  CHECK(parse("2018-02-17", Zone::kLocal) == "2018-02-17T02:00:00|2018-02-18T03:00:00");
}

// The oracle: looks at every minute of four days. Nothing if no clock ever shows the minute.
std::optional<TimeRange> scan_for_minute(std::int64_t wall_minute) {
  std::optional<TimeRange> found;
  for (std::int64_t minute = wall_minute - 2880; minute < wall_minute + 2880; ++minute) {
    const auto seconds = static_cast<std::time_t>(minute * 60);
    std::tm tm{};
    localtime_r(&seconds, &tm);
    const std::int64_t shown = days_from_civil({tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday}) * 1440 + tm.tm_hour * 60 + tm.tm_min;
    if (shown != wall_minute) continue;
    if (!found) found = TimeRange{minute * 60'000, 0};
    found->until_ms = (minute + 1) * 60'000;
  }
  return found;
}

TEST_CASE("random local minutes are where a scan of all clocks finds them", "[base][time][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng random(seed);
  for (const char* rule : {kBerlin, kNewYork, kSaoPaulo, kLordHowe, kKathmandu}) {
    const ScopedZone zone(rule);
    for (int i = 0; i < 60; ++i) {
      // Every second one lies near a change: they are on Sundays within a few hours of midnight.
      std::int64_t day = days_from_civil({2020, 1, 1}) + static_cast<std::int64_t>(random() % 2000);
      std::int64_t minute = static_cast<std::int64_t>(random() % 1440);
      if (i % 2 == 0) {
        day -= (day + 4) % 7;
        minute = static_cast<std::int64_t>(random() % 240);
      }
      const std::string text = iso((day * 1440 + minute) * 60'000 + 1).substr(0, 16);
      const std::optional<TimeRange> oracle = scan_for_minute(day * 1440 + minute);
      const Result<TimeRange> range = parse_time_range(text, kNow, Zone::kLocal);
      CAPTURE(seed, rule, text);
      REQUIRE(range.has_value() == oracle.has_value());
      if (oracle)
        REQUIRE((iso(range->from_ms) + "|" + iso(range->until_ms)) == (iso(oracle->from_ms) + "|" + iso(oracle->until_ms)));
    }
  }
}

TEST_CASE("days of a zone leave no gap and never overlap", "[base][time]") {
  for (const char* rule : {kBerlin, kNewYork, kLordHowe, kKathmandu}) {
    const ScopedZone zone(rule);
    std::int64_t previous = 0;
    for (std::int64_t day = days_from_civil({2023, 12, 1}); day < days_from_civil({2025, 2, 1}); ++day) {
      const Result<TimeRange> range = parse_time_range(iso(day * kDayMs), kNow, Zone::kLocal);
      REQUIRE(range);
      if (previous != 0) REQUIRE(range->from_ms == previous);
      previous = range->until_ms;
    }
  }
}

TEST_CASE("any text gives a range that is not empty, or an error of one line", "[base][time][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng random(seed);
  const std::array<const char*, 26> parts = {"today", "last", "3",   "days", "ago",  "..",    " ",     "2025", "-11",
                                             "-15",   "T10",  ":30", "Z",    "week", "month", "nov",   "15th", "a",
                                             "now",   "W",    "to",  ",",    "\xC3", "99999", "since", "min"};
  for (int i = 0; i < 50'000; ++i) {
    std::string text;
    for (std::size_t n = random() % 7; n > 0; --n)
      text += std::string(parts[random() % parts.size()]) + (random() % 2 == 0 ? " " : "");
    const Result<TimeRange> range = parse_time_range(text, kNow, Zone::kUtc);
    if (range ? range->from_ms >= range->until_ms : range.error().text.find('\n') != std::string::npos)
      FAIL("seed " << seed << ": " << text);
  }
}

TEST_CASE("a clock outside of the calendar is an error", "[base][time]") {
  CHECK(parse("today", Zone::kUtc, kMinIsoMs - 1) == "error");
  CHECK(parse("today", Zone::kUtc, kMaxIsoMs + 1) == "error");
  CHECK(parse("today", Zone::kUtc, kMaxIsoMs) == "9999-12-31|out of range");
  CHECK(parse("yesterday", Zone::kUtc, kMinIsoMs) == "error");
  CHECK(parse("1 hour", Zone::kUtc, kMinIsoMs) == "error");
}

}  // namespace
}  // namespace cmem
