// Machine-written times: ISO 8601 text to milliseconds and back, without locale, time zone database or allocation.
// This is the hot path of loading; what people type goes through base/time_expr.h.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace cmem {

inline constexpr std::int64_t kDayMs = 86'400'000;
inline constexpr std::int64_t kMinIsoMs = -62'135'596'800'000;  // 0001-01-01T00:00:00.000Z
inline constexpr std::int64_t kMaxIsoMs = 253'402'300'799'999;  // 9999-12-31T23:59:59.999Z
inline constexpr int kIsoMsBytes = 24;

// A day of the proleptic Gregorian calendar.
struct CivilDate {
  int year = 1970;
  int month = 1;  // 1 to 12
  int day = 1;    // 1 to days_in_month
};

// Days since 1970-01-01, which is day 0. Month and day must be valid.
[[nodiscard]] std::int64_t days_from_civil(CivilDate date) noexcept;
[[nodiscard]] CivilDate civil_from_days(std::int64_t days) noexcept;
[[nodiscard]] int days_in_month(int year, int month) noexcept;

// "YYYY-MM-DDTHH:MM:SS[.fraction][Z|±HH:MM]", and nothing before or after it. Without a zone it is UTC. Digits of the fraction
// beyond milliseconds are cut off, not rounded. Years 0001 to 9999, also after the zone is taken off. Seconds go to 59: a leap
// second has no place on the Unix time line.
[[nodiscard]] std::optional<std::int64_t> parse_iso_ms(std::string_view text) noexcept;

// Writes "2025-11-19T16:34:04.944Z": exactly kIsoMsBytes bytes, no NUL. Outside kMinIsoMs … kMaxIsoMs it writes nothing and
// returns false.
bool format_iso_ms(std::int64_t ms, char* out24) noexcept;

}  // namespace cmem
