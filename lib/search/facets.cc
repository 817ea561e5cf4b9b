#include "search/facets.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "search/facet_tally.h"

namespace cmem {
namespace {

constexpr std::string_view kDayName = "day";

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// -------------------------------------------------------------------------------------------------------------- values

// What a value's number means. Numbers of a newer version have no name here.
class ValueNames {
 public:
  static Result<ValueNames> create(sqlite::Connection& db, FilterField field) {
    ValueNames names(field);
    if (const std::string_view select = select_of(field); !select.empty()) {
      CMEM_ASSIGN_OR_RETURN(names.select_, db.prepare(std::string(select)));
    }
    return names;
  }

  // Nothing: no value.
  Result<std::optional<std::string>> name(std::int64_t value) {
    using Name = std::optional<std::string>;
    const auto number = static_cast<std::size_t>(value);
    if (field_ == FilterField::kSource) return number < kSourceTypes.size() ? Name(kSourceTypes[number].name) : Name();
    if (value == 0) return Name();
    if (field_ == FilterField::kLevel) return number < kLevelNames.size() ? Name(kLevelNames[number]) : Name();
    if (field_ == FilterField::kPhase) return Name(std::to_string(value));
    select_->reset();
    CMEM_TRY(select_->bind(1, value));
    CMEM_ASSIGN_OR_RETURN(const bool found, select_->step());
    if (!found)
      return Unexpected(Code::kCorrupt, fmt::format("{} {} has no row; restore the store from a backup", to_string(field_), value));
    return Name(select_->column_text(0));
  }

 private:
  explicit ValueNames(FilterField field) : field_(field) {}
  static std::string_view select_of(FilterField field) {
    switch (field) {
      case FilterField::kProject:
        return "SELECT path FROM main.project WHERE id = ?1";
      case FilterField::kSession:
        return "SELECT external_id FROM main.session WHERE id = ?1";
      case FilterField::kComponent:
        return "SELECT name FROM main.component WHERE id = ?1";
      case FilterField::kRole:
        return "SELECT name FROM main.role WHERE id = ?1";
      default:
        return {};
    }
  }

  FilterField field_;
  std::optional<sqlite::Statement> select_;
};

struct ValueCount {
  std::int64_t messages = 0;
  bool is_selected = false;
};

// By the value's number.
std::vector<ValueCount> count_values(const ContextColumns& contexts, FilterField field, const ResolvedFilter& filter,
                                     const std::vector<std::int64_t>& by_context) {
  std::vector<ValueCount> counts;
  for (std::size_t context = 1; context < by_context.size(); ++context) {
    if (by_context[context] == 0 || !filter.passes_without(field, static_cast<std::uint32_t>(context))) continue;
    const auto value = static_cast<std::size_t>(contexts.value(field, context));
    if (value >= counts.size()) counts.resize(value + 1);
    counts[value].messages += by_context[context];
    // It passes the other fields, so what is left is this one.
    counts[value].is_selected = filter.restricts(field) && filter.passes_context(static_cast<std::uint32_t>(context));
  }
  return counts;
}

bool comes_first(const FacetValue& a, const FacetValue& b) {
  if (a.messages != b.messages) return a.messages > b.messages;
  return a.value && (!b.value || *a.value < *b.value);
}

void keep_first(std::size_t limit, std::vector<FacetValue>& values) {
  if (limit != 0 && values.size() > limit) values.resize(limit);
}

Result<Facet> facet_of_names(Store& store, FilterField field, const std::vector<ValueCount>& counts, std::size_t limit) {
  std::vector<std::int64_t> messages;
  for (const ValueCount& count : counts)
    if (count.messages > 0) messages.push_back(count.messages);
  Facet facet{std::string(to_string(field)), {}, messages.size()};
  // Those that are left out for sure need no name.
  std::int64_t fewest = 1;
  if (limit != 0 && messages.size() > limit) {
    const auto last = messages.begin() + static_cast<std::ptrdiff_t>(limit - 1);
    std::nth_element(messages.begin(), last, messages.end(), std::greater<>());
    fewest = *last;
  }
  CMEM_ASSIGN_OR_RETURN(auto names, ValueNames::create(store.reader(), field));
  for (std::size_t value = 0; value < counts.size(); ++value) {
    if (counts[value].messages < fewest) continue;
    CMEM_ASSIGN_OR_RETURN(auto name, names.name(static_cast<std::int64_t>(value)));
    facet.values.push_back({std::move(name), counts[value].messages, counts[value].is_selected, kNoTime, kNoTime});
  }
  std::sort(facet.values.begin(), facet.values.end(), comes_first);
  keep_first(limit, facet.values);
  return facet;
}

// Oldest first, what has no time last.
std::vector<FacetValue> values_of(const std::vector<TimeBucket>& buckets, std::int64_t without_time, TimeUnit unit, Zone zone) {
  std::vector<FacetValue> values;
  for (const TimeBucket& bucket : buckets)
    values.push_back({bucket_name(bucket.from_ms, unit, zone), bucket.count, false, bucket.from_ms, bucket.until_ms});
  if (without_time > 0) values.push_back({std::nullopt, without_time, false, kNoTime, kNoTime});
  return values;
}

Facet facet_of_days(const TimeCounter& days, const ResolvedFilter& filter, const FacetRequest& request) {
  std::vector<TimeBucket> buckets = days.buckets();
  std::reverse(buckets.begin(), buckets.end());
  Facet facet{std::string(kDayName), values_of(buckets, days.without_time(), TimeUnit::kDay, request.zone), 0};
  facet.value_count = facet.values.size();
  keep_first(request.limit, facet.values);
  for (FacetValue& value : facet.values)
    value.is_selected = filter.restricts_time() &&
                        (value.value ? filter.times().meets(value.from_ms, value.until_ms - 1) : filter.passes_time(kNoTime));
  return facet;
}

Result<Facet> facet_of_histogram(const TimeCounter& counter, const FacetRequest& request) {
  const auto bars = counter.buckets_without_gaps(kMaxHistogramBars);
  if (!bars)
    return Unexpected(Code::kLimit,
                      fmt::format("the histogram would have more than {} bars; take a longer unit, or restrict the time "
                                  "with after: and before:",
                                  kMaxHistogramBars));
  Facet facet{"histogram", values_of(*bars, counter.without_time(), *request.histogram, request.zone), 0};
  facet.value_count = facet.values.size();
  return facet;
}

}  // namespace

Result<std::vector<FacetField>> facet_fields_from(std::string_view names) {
  std::vector<FacetField> fields;
  while (!names.empty()) {
    const std::size_t comma = std::min(names.find(','), names.size());
    const std::string_view name = trimmed(names.substr(0, comma));
    names.remove_prefix(std::min(comma + 1, names.size()));
    if (name.empty()) continue;
    const auto* const found = std::find(kFilterFieldNames.begin(), kFilterFieldNames.end(), name);
    if (found == kFilterFieldNames.end() && name != kDayName)
      return Unexpected(Code::kInvalid, fmt::format("there is no facet \"{}\"; there are {}, {}", name,
                                                    fmt::join(kFilterFieldNames, ", "), kDayName));
    const FacetField field = name == kDayName ? FacetField() : static_cast<FilterField>(found - kFilterFieldNames.begin());
    if (std::find(fields.begin(), fields.end(), field) == fields.end()) fields.push_back(field);
  }
  return fields;
}

Result<std::vector<Facet>> count_facets(Store& store, const std::vector<std::uint32_t>& texts, const ResolvedFilter& filter,
                                        const FacetRequest& request) {
  CMEM_TRY(store.contexts().refresh(store.reader()));
  FacetTally tally(filter, request, store.contexts().end_id());
  CMEM_TRY(tally.count(store, texts));
  std::vector<Facet> facets;
  for (const FacetField& field : request.fields) {
    if (field) {
      const auto counts = count_values(store.contexts(), *field, filter, tally.by_context());
      CMEM_ASSIGN_OR_RETURN(auto facet, facet_of_names(store, *field, counts, request.limit));
      facets.push_back(std::move(facet));
    } else {
      facets.push_back(facet_of_days(tally.days(), filter, request));
    }
  }
  if (request.histogram) {
    CMEM_ASSIGN_OR_RETURN(auto facet, facet_of_histogram(tally.histogram(), request));
    facets.push_back(std::move(facet));
  }
  return facets;
}

}  // namespace cmem
