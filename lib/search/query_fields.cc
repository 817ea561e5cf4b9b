#include "search/query_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <optional>

#include "base/terms.h"

namespace cmem {
namespace {

constexpr std::array<std::string_view, 3> kTimeFields{"after", "before", "on"};
constexpr std::string_view kIdField = "id";

std::optional<FilterField> filter_field_from(std::string_view name) {
  const auto found = std::ranges::find(kFilterFieldNames, name);
  if (found == kFilterFieldNames.end()) return std::nullopt;
  return static_cast<FilterField>(found - kFilterFieldNames.begin());
}

bool is_time_field(std::string_view name) { return std::ranges::find(kTimeFields, name) != kTimeFields.end(); }

Unexpected no_value(std::string_view name, std::string_view value, std::string_view why) {
  return Unexpected(Code::kInvalid, fmt::format("{}:{} is searched as text, because {}", name, value, why));
}

Result<Interval> read_time(std::string_view name, std::string_view value, const QueryClock& clock) {
  const Result<TimeRange> range = parse_time_range(value, clock.now_ms, clock.zone);
  if (!range) return no_value(name, value, "it is not understood as a time");
  if (name == "on") return Interval{range->from_ms, range->until_ms};
  if (range->from_ms == TimeRange::kOpenFrom) return no_value(name, value, "that time has no begin");
  return name == "after" ? Interval{range->from_ms, TimeRange::kOpenUntil} : Interval{TimeRange::kOpenFrom, range->from_ms};
}

std::optional<std::int64_t> read_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0 || number == Interval().end) return std::nullopt;
  return number;
}

// "123", "100..200", "100..", "..200".
Result<Interval> read_ids(std::string_view value) {
  const std::size_t dots = value.find("..");
  const std::string_view first = value.substr(0, dots);
  const std::string_view last = dots == std::string_view::npos ? first : value.substr(dots + 2);
  const auto begin = first.empty() ? std::int64_t{0} : read_number(first);
  const auto end = last.empty() ? Interval().end - 1 : read_number(last);
  if (!begin || !end || (first.empty() && last.empty()))
    return no_value(kIdField, value, "it is no number of a message, nor a range of them such as 100..200");
  return Interval{*begin, *end + 1};
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

// A value of a field with few values, or why it is none.
Result<std::string> read_name(FilterField field, std::string_view value) {
  const std::string_view name = to_string(field);
  std::string read = field == FilterField::kLevel ? upper(value) : std::string(value);
  if (field == FilterField::kLevel && !level_from(read)) return no_value(name, value, "it is none of DEBUG, INFO, WARN, ERROR");
  if (field == FilterField::kSource && !source_type_from(read)) return no_value(name, value, "there is no such source type");
  if (field == FilterField::kPhase && !phase_from(read)) return no_value(name, value, "phases are 1 to 7");
  return read;
}

}  // namespace

bool is_field_name(std::string_view name) { return name == kIdField || is_time_field(name) || filter_field_from(name); }

Result<QueryField> read_query_field(std::string_view name, std::string_view value, const QueryClock& clock) {
  QueryField field{std::string(name), {std::string(value)}, {}, false};
  if (value.empty()) return no_value(name, value, "it has no value");
  if (const auto named = filter_field_from(name)) {
    CMEM_ASSIGN_OR_RETURN(field.values.front(), read_name(*named, value));
    return field;
  }
  CMEM_ASSIGN_OR_RETURN(field.intervals.emplace_back(), name == kIdField ? read_ids(value) : read_time(name, value, clock));
  return field;
}

void add_field(std::vector<QueryField>& fields, QueryField field) {
  const auto same = std::ranges::find_if(
      fields, [&](const QueryField& known) { return known.name == field.name && known.negated == field.negated; });
  if (same == fields.end()) {
    fields.push_back(std::move(field));
    return;
  }
  std::ranges::move(field.values, std::back_inserter(same->values));
  std::ranges::move(field.intervals, std::back_inserter(same->intervals));
}

MessageFilter filter_of(const std::vector<QueryField>& fields) {
  MessageFilter filter;
  for (const QueryField& field : fields) {
    if (const auto named = filter_field_from(field.name)) {
      filter.names.push_back({*named, field.values, field.negated});
    } else {
      (field.name == kIdField ? filter.ids : filter.times).push_back({field.intervals, field.negated});
    }
  }
  return filter;
}

std::string to_text(const QueryField& field) {
  std::string out = (field.negated ? "not " : "") + field.name + ":";
  for (const std::string& value : field.values) {
    if (&value != &field.values.front()) out += " or ";
    out += value.find(' ') == std::string::npos ? value : '"' + value + '"';
  }
  return out;
}

}  // namespace cmem
