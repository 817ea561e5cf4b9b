#include "base/time_words.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

namespace cmem {
namespace {

// The index of `word` in `names`, where three letters are enough.
template <std::size_t N>
std::optional<int> name_index(const std::array<std::string_view, N>& names, std::string_view word) {
  for (std::size_t i = 0; i < N; ++i) {
    if (word == names[i] || word == names[i].substr(0, 3)) return static_cast<int>(i);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> number_word(std::string_view text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || text[0] == '-' || error != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::optional<std::int64_t> count_word(std::string_view word) {
  return word == "a" || word == "an" ? std::optional<std::int64_t>(1) : number_word(word);
}

std::optional<TimeUnit> unit_word(std::string_view word) {
  struct Name {
    std::string_view text;
    TimeUnit unit;
  };
  using enum TimeUnit;
  static constexpr std::array<Name, 26> kNames = {{
      {"s", kSecond},   {"sec", kSecond},  {"secs", kSecond},   {"second", kSecond},  {"seconds", kSecond}, {"m", kMinute},
      {"min", kMinute}, {"mins", kMinute}, {"minute", kMinute}, {"minutes", kMinute}, {"h", kHour},         {"hr", kHour},
      {"hrs", kHour},   {"hour", kHour},   {"hours", kHour},    {"d", kDay},          {"day", kDay},        {"days", kDay},
      {"w", kWeek},     {"week", kWeek},   {"weeks", kWeek},    {"month", kMonth},    {"months", kMonth},   {"y", kYear},
      {"year", kYear},  {"years", kYear},
  }};
  const auto* found = std::ranges::find(kNames, word, &Name::text);
  return found == kNames.end() ? std::nullopt : std::optional(found->unit);
}

std::optional<int> month_word(std::string_view word) {
  static constexpr std::array<std::string_view, 12> kNames = {
      "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"};
  if (word == "sept") return 9;
  const std::optional<int> index = name_index(kNames, word);
  return index ? std::optional(*index + 1) : std::nullopt;
}

std::optional<int> weekday_word(std::string_view word) {
  static constexpr std::array<std::string_view, 7> kNames = {"monday", "tuesday",  "wednesday", "thursday",
                                                             "friday", "saturday", "sunday"};
  return name_index(kNames, word);
}

std::optional<int> day_word(std::string_view word) {
  static constexpr std::array<std::string_view, 4> kSuffixes = {"st", "nd", "rd", "th"};
  if (word.size() > 2 && std::ranges::find(kSuffixes, word.substr(word.size() - 2)) != kSuffixes.end()) word.remove_suffix(2);
  const std::optional<std::int64_t> value = word.size() <= 2 ? number_word(word) : std::nullopt;
  return value && *value >= 1 && *value <= 31 ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

std::optional<int> year_word(std::string_view word) {
  const std::optional<std::int64_t> value = word.size() == 4 ? number_word(word) : std::nullopt;
  return value && *value >= 1 ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

std::vector<std::string_view> split_time_words(std::string_view text) {
  std::vector<std::string_view> words;
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

}  // namespace cmem
