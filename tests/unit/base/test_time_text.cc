#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <limits>
#include <string>

#include "base/clock.h"
#include "base/time_text.h"
#include "unit/support/random.h"

namespace cmem {
namespace {

using namespace test;

std::string format(std::int64_t ms) {
  std::array<char, kIsoMsBytes> out{};
  return format_iso_ms(ms, out.data()) ? std::string(out.data(), out.size()) : "none";
}

// The oracle: the C library's calendar.
std::string format_by_libc(std::int64_t ms) {
  const std::int64_t in_second = ((ms % 1000) + 1000) % 1000;
  const auto seconds = static_cast<std::time_t>((ms - in_second) / 1000);
  std::tm tm{};
  gmtime_r(&seconds, &tm);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
                tm.tm_hour, tm.tm_min, tm.tm_sec, static_cast<int>(in_second));
  return text.data();
}

TEST_CASE("machine times are read as milliseconds, UTC", "[base][time]") {
  CHECK(parse_iso_ms("1970-01-01T00:00:00Z") == 0);
  CHECK(parse_iso_ms("1970-01-01T00:00:00") == 0);
  CHECK(parse_iso_ms("2025-11-19T16:34:04.944Z") == 1763570044944);
  CHECK(parse_iso_ms("2025-11-19T16:34:04.9Z") == 1763570044900);
  CHECK(parse_iso_ms("2025-11-19T16:34:04.944999+00:00") == 1763570044944);
  CHECK(parse_iso_ms("2025-11-19T16:34:04.944123456789012345678901234567890") == 1763570044944);
  CHECK(parse_iso_ms("2025-11-19T17:34:04.944+01:00") == 1763570044944);
  CHECK(parse_iso_ms("2025-11-19T11:04:04.944-05:30") == 1763570044944);
  CHECK(parse_iso_ms("1969-12-31T23:59:59.999Z") == -1);
  CHECK(parse_iso_ms("2024-02-29T00:00:00Z") == 1709164800000);
  CHECK(parse_iso_ms("0001-01-01T00:00:00Z") == kMinIsoMs);
  CHECK(parse_iso_ms("9999-12-31T23:59:59.999Z") == kMaxIsoMs);
}

TEST_CASE("what is not exactly such a time is refused", "[base][time]") {
  for (const char* text : {"",
                           "2025",
                           "2025-11-19",
                           "2025-11-19T16:34",
                           "2025-11-19 16:34:04Z",
                           "2025-11-19T16:34:04z",
                           "2025-11-19T16:34:04Z ",
                           " 2025-11-19T16:34:04Z",
                           "2025-11-19T16:34:04.Z",
                           "2025-11-19T16:34:04.",
                           "2025-11-19T16:34:04+0100",
                           "2025-11-19T16:34:04+01",
                           "2025-11-19T16:34:04+24:00",
                           "2025-11-19T16:34:04+01:60",
                           "2025-11-19T24:00:00Z",
                           "2025-11-19T16:60:00Z",
                           "2025-11-19T16:34:60Z",
                           "2025-00-19T16:34:04Z",
                           "2025-13-19T16:34:04Z",
                           "2025-11-00T16:34:04Z",
                           "2025-11-31T16:34:04Z",
                           "2025-02-29T00:00:00Z",
                           "1900-02-29T00:00:00Z",
                           "0000-01-01T00:00:00Z",
                           "-001-01-01T00:00:00Z",
                           "2025-11-1xT16:34:04Z",
                           "2025/11/19T16:34:04Z",
                           "2025-11-19T16:34:04ZZ",
                           "2025-11-19T1 :34:04Z",
                           "\xB2"
                           "025-11-19T16:34:04Z"}) {
    INFO(text);
    CHECK_FALSE(parse_iso_ms(text).has_value());
  }
  CHECK_FALSE(parse_iso_ms("0001-01-01T00:00:00+00:01").has_value());  // the year 0 in UTC
  CHECK_FALSE(parse_iso_ms("9999-12-31T23:59:59-00:01").has_value());
  CHECK_FALSE(parse_iso_ms(std::string_view("2025-11-19T16:34:04\0", 20)).has_value());
}

TEST_CASE("times are written with exactly 24 bytes, and not at all outside the years 1 to 9999", "[base][time]") {
  CHECK(format(1763570044944) == "2025-11-19T16:34:04.944Z");
  CHECK(format(0) == "1970-01-01T00:00:00.000Z");
  CHECK(format(-1) == "1969-12-31T23:59:59.999Z");
  CHECK(format(kMinIsoMs) == "0001-01-01T00:00:00.000Z");
  CHECK(format(kMaxIsoMs) == "9999-12-31T23:59:59.999Z");
  CHECK(format(kMinIsoMs - 1) == "none");
  CHECK(format(kMaxIsoMs + 1) == "none");
  CHECK(format(std::numeric_limits<std::int64_t>::min()) == "none");
  CHECK(format(std::numeric_limits<std::int64_t>::max()) == "none");
}

TEST_CASE("random times agree with the C library and come back", "[base][time][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng random(seed);
  std::uniform_int_distribution<std::int64_t> any(kMinIsoMs, kMaxIsoMs);
  for (int i = 0; i < 200'000; ++i) {
    const std::int64_t ms = any(random);
    const std::string text = format(ms);
    if (text != format_by_libc(ms) || parse_iso_ms(text) != ms) {
      CAPTURE(seed, ms, text);
      REQUIRE(text == format_by_libc(ms));
      REQUIRE(parse_iso_ms(text) == ms);
    }
  }
}

TEST_CASE("every day of four hundred years is where std::chrono has it", "[base][time]") {
  const std::int64_t first = days_from_civil({1800, 1, 1});
  for (std::int64_t day = first; day < first + 146'097 + 366; ++day) {
    const std::chrono::year_month_day oracle{std::chrono::sys_days(std::chrono::days(day))};
    const CivilDate date = civil_from_days(day);
    const bool same = date.year == static_cast<int>(oracle.year()) &&
                      date.month == static_cast<int>(static_cast<unsigned>(oracle.month())) &&
                      date.day == static_cast<int>(static_cast<unsigned>(oracle.day()));
    if (!same || days_from_civil(date) != day) FAIL("day " << day << " is " << date.year << '-' << date.month << '-' << date.day);
  }
}

TEST_CASE("random bytes in a time are refused or read as the time that they spell", "[base][time][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng random(seed);
  const std::string alphabet = "0123456789-:.TZ+ \xFF";
  for (int i = 0; i < 200'000; ++i) {
    std::string text = "2025-11-19T16:34:04.944Z";
    text[random() % text.size()] = alphabet[random() % alphabet.size()];
    text.resize(text.size() - (random() % 4 == 0 ? random() % 6 : 0));
    const std::optional<std::int64_t> ms = parse_iso_ms(text);
    if (ms && format(*ms).substr(0, 19) != text.substr(0, 19))
      FAIL("seed " << seed << ": " << text << " was read as " << format(*ms));
  }
}

TEST_CASE("the system clock is the present and a fixed clock stands still", "[base][time]") {
  CHECK(system_clock().now_ms() > 1'700'000'000'000);
  CHECK(system_clock().now_ms() / 10'000 - static_cast<std::int64_t>(std::time(nullptr)) / 10 <= 1);
  FixedClock clock(5);
  CHECK(clock.now_ms() == 5);
  clock.advance_ms(10);
  CHECK(clock.now_ms() == 15);
  clock.set_ms(-1);
  CHECK(clock.now_ms() == -1);
}

}  // namespace
}  // namespace cmem
