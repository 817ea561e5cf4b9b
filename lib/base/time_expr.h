// Times as people type them: "yesterday", "3 days ago", "2025-11-15..2025-11-17".
#pragma once
#include <cstdint>
#include <limits>
#include <string_view>

#include "base/result.h"

namespace cmem {

// Half-open [from_ms, until_ms), milliseconds since the Unix epoch. kOpenFrom and kOpenUntil mean "no bound".
struct TimeRange {
  static constexpr std::int64_t kOpenFrom = std::numeric_limits<std::int64_t>::min();
  static constexpr std::int64_t kOpenUntil = std::numeric_limits<std::int64_t>::max();
  std::int64_t from_ms = kOpenFrom;
  std::int64_t until_ms = kOpenUntil;
  friend bool operator==(const TimeRange&, const TimeRange&) = default;
};

enum class Zone { kLocal, kUtc };

// Understands, in any case and with any spacing:
//   today, yesterday                       that day
//   week, month, year                      the last 7, 30, 365 days, today included, up to the end of today
//   this week, last week                   Monday to Sunday
//   this month, last month, this year …    calendar months and years
//   last 7 days, past 7 days, 7 days, 7d   as many days, today included, up to the end of today; a week is 7 days
//   last 3 months, 3 months, 2 years       from the same day that many months ago up to the end of today
//   2 hours, last 30 minutes, 45s, hour    that long, up to now (this millisecond included)
//   3 days ago, 2 weeks ago                that whole day (2 weeks ago is the day 14 days ago)
//   2 months ago, a year ago               the same day of that month, a whole day; the month's last day if it is shorter
//   2 hours ago, 30 minutes ago            the whole hour (minute, second) on the clock in which that instant lies
//   monday, last monday                    the latest one before today
//   15 November, 15 Nov 2025, Nov 15, 2025 that day; without a year the latest one that is not after today
//   November, November 2025                that month; without a year the latest one that is not after this month
//   2025, 2025-11, 2025-11-15, 2025-W46    that year, month, day, ISO week (Monday to Sunday)
//   2025-11-15 10, 10:30, 10:30:15         that hour, minute, second; "T" or space; with Z or ±HH:MM the zone is theirs
//   2025-11-15T10:00:00.250Z               that millisecond
//   now                                    this millisecond
//   all, "", ..                            open on both sides
//   A..B, A.., ..B                         from the begin of A to the end of B; also "A to B", "since A", "until B"
// Days are those of the system's zone (23 or 25 hours when the clock changes) or of UTC. A local time that the clock shows twice
// begins at the first and ends after the second; one that it skips is the instant of the jump in A..B, and an error alone.
// kInvalid, with the forms in its text: not understood, no such day, a number or year out of range, an end before its begin.
// Thread: any, but not while the process changes TZ.
[[nodiscard]] Result<TimeRange> parse_time_range(std::string_view text, std::int64_t now_ms, Zone zone);

}  // namespace cmem
