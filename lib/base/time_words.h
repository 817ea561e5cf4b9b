// The words of time expressions, in lower case.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace cmem {

enum class TimeUnit { kSecond, kMinute, kHour, kDay, kWeek, kMonth, kYear };

// Digits only.
[[nodiscard]] std::optional<std::int64_t> number_word(std::string_view word);
// A number, "a" or "an".
[[nodiscard]] std::optional<std::int64_t> count_word(std::string_view word);
// "days", "day", "d"; "m" is minutes.
[[nodiscard]] std::optional<TimeUnit> unit_word(std::string_view word);
// 1 to 12: "november", "nov".
[[nodiscard]] std::optional<int> month_word(std::string_view word);
// 0 (Monday) to 6: "monday", "mon".
[[nodiscard]] std::optional<int> weekday_word(std::string_view word);
// 1 to 31: "15", "15th".
[[nodiscard]] std::optional<int> day_word(std::string_view word);
// 1 to 9999, four digits.
[[nodiscard]] std::optional<int> year_word(std::string_view word);

// What stands between spaces and commas; a number with its unit ("7d") becomes two words, one with "th" stays one.
[[nodiscard]] std::vector<std::string_view> split_time_words(std::string_view text);

}  // namespace cmem
