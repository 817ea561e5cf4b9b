#include "search/facets.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace cmem {
namespace {

constexpr std::string_view kDayName = "day";

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// ------------------------------------------------------------------------------------------------------------ counting

// Which texts match: a bit for each text of the store.
class TextSet {
 public:
  // Borrows the texts, which rise.
  explicit TextSet(const std::vector<std::uint32_t>& texts) : texts_(texts) {
    words_.resize(texts.empty() ? 0 : texts.back() / kBits + 1);
    for (const std::uint32_t text : texts) words_[text / kBits] |= std::uint64_t{1} << text % kBits;
  }

  [[nodiscard]] bool contains(std::uint32_t text) const { return text / kBits < words_.size() && bit(text) != 0; }
  // The places in a segment of its texts that match, rising.
  void find_in(const Segment& segment, std::vector<std::uint16_t>& places) const {
    places.clear();
    // Few texts are looked up among the segment's, otherwise those among the texts.
    constexpr std::size_t kLookUpCost = 16;
    if (texts_.size() * kLookUpCost < segment.texts.size()) return look_up(segment, places);
    const auto known = std::lower_bound(segment.texts.begin(), segment.texts.end(), words_.size() * kBits) - segment.texts.begin();
    places.resize(static_cast<std::size_t>(known));
    std::size_t found = 0;
    // Without a branch, because which text matches cannot be foretold.
    for (std::size_t place = 0; place < places.size(); ++place) {
      places[found] = static_cast<std::uint16_t>(place);
      found += bit(segment.texts[place]);
    }
    places.resize(found);
  }

 private:
  static constexpr std::size_t kBits = 64;
  [[nodiscard]] std::size_t bit(std::uint32_t text) const { return words_[text / kBits] >> text % kBits & 1; }
  void look_up(const Segment& segment, std::vector<std::uint16_t>& places) const {
    auto at = segment.texts.begin();
    for (const std::uint32_t text : texts_) {
      at = std::lower_bound(at, segment.texts.end(), text);
      if (at == segment.texts.end()) return;
      if (*at == text) places.push_back(static_cast<std::uint16_t>(at - segment.texts.begin()));
    }
  }

  const std::vector<std::uint32_t>& texts_;
  std::vector<std::uint64_t> words_;
};

// One pass over the messages of the texts.
class Tally {
 public:
  Tally(const ResolvedFilter& filter, const FacetRequest& request, std::size_t contexts)
      : filter_(filter), end_id_(request.end_id) {
    by_context_.resize(contexts);
    if (std::find(request.fields.begin(), request.fields.end(), FacetField()) != request.fields.end())
      days_.emplace(TimeUnit::kDay, request.zone);
    if (request.histogram) histogram_.emplace(*request.histogram, request.zone);
  }

  Status count(Store& store, const std::vector<std::uint32_t>& texts) {
    const TextSet set(texts);
    CMEM_ASSIGN_OR_RETURN(const auto spans, store.doc_values().spans(store.reader()));
    for (const SegmentSpan& span : spans) {
      if (!may_count(span)) continue;
      CMEM_ASSIGN_OR_RETURN(const auto segment,
                            store.doc_values().read_if(store.reader(), span, [&](std::uint32_t id) { return set.contains(id); }));
      if (!segment) continue;
      set.find_in(*segment, places_);
      if (!places_.empty()) count_segment(*segment);
    }
    return {};
  }

  // Messages of a context that pass what the filter asks of times and ids.
  [[nodiscard]] const std::vector<std::int64_t>& by_context() const { return by_context_; }
  // Messages that pass all but what the filter asks of times.
  [[nodiscard]] const TimeCounter& days() const { return *days_; }
  [[nodiscard]] const TimeCounter& histogram() const { return *histogram_; }

 private:
  // Not ResolvedFilter::may_match(): that is false for all segments where no context passes, and a field leaves some of it out.
  [[nodiscard]] bool may_count(const SegmentSpan& span) const {
    if (span.first_id >= end_id_ || !filter_.ids().meets(span.first_id, span.first_id + kSegmentMessages - 1)) return false;
    return days_ || filter_.passes_time(kNoTime) || filter_.times().meets(span.min_ms, span.max_ms);
  }

  void count_segment(const Segment& segment) {
    find_messages(segment);
    if (filter_.restricts_ids() || segment.first_id + static_cast<std::int64_t>(segment.size()) > end_id_) {
      std::erase_if(found_, [&](std::uint16_t message) {
        const std::int64_t id = segment.first_id + message;
        return id >= end_id_ || !filter_.passes_id(id);
      });
    }
    if (days_) count_times(segment, found_, *days_);
    if (filter_.restricts_time())
      std::erase_if(found_, [&](std::uint16_t message) { return !filter_.passes_time(segment.time_ms(message)); });
    if (histogram_) count_times(segment, found_, *histogram_);
    count_contexts(segment);
  }

  // Of the texts at places_.
  void find_messages(const Segment& segment) {
    found_.resize(segment.size());
    const std::uint16_t* const by_text = segment.by_text.data();
    const std::uint32_t* const text_ends = segment.text_ends.data();
    std::uint16_t* to = found_.data();
    for (const std::uint16_t place : places_) {
      // Most texts have few messages: a call that copies would cost more.
      const std::uint32_t end = text_ends[place];
      for (std::uint32_t i = place == 0 ? 0 : text_ends[place - 1]; i < end; ++i) *to++ = by_text[i];
    }
    found_.resize(static_cast<std::size_t>(to - found_.data()));
  }

  void count_contexts(const Segment& segment) {
    // Neighbours mostly have one context, and would wait for each other's count if they did not take turns.
    constexpr std::size_t kLanes = 4;
    const std::size_t contexts = segment.contexts.size();
    counts_.assign(contexts * kLanes, 0);
    std::uint32_t* const counts = counts_.data();
    const std::uint16_t* const context_index = segment.context_index.data();
    const std::size_t whole = found_.size() / kLanes * kLanes;
    for (std::size_t i = 0; i < whole; i += kLanes)
      for (std::size_t lane = 0; lane < kLanes; ++lane) ++counts[context_index[found_[i + lane]] * kLanes + lane];
    for (std::size_t i = whole; i < found_.size(); ++i) ++counts[context_index[found_[i]] * kLanes];
    for (std::size_t i = 0; i < counts_.size(); ++i)
      if (const std::uint32_t context = segment.contexts[i / kLanes]; context < by_context_.size()) by_context_[context] += counts_[i];
  }

  // Of the messages whose context passes.
  void count_times(const Segment& segment, const std::vector<std::uint16_t>& messages, TimeCounter& counter) {
    passes_.clear();
    for (const std::uint32_t context : segment.contexts) passes_.push_back(filter_.passes_context(context) ? 1 : 0);
    std::span<const std::uint16_t> counted = messages;
    if (std::find(passes_.begin(), passes_.end(), 0) != passes_.end()) {
      passing_.resize(messages.size());
      std::size_t kept = 0;
      for (const std::uint16_t message : messages) {
        passing_[kept] = message;
        kept += passes_[segment.context_index[message]];
      }
      counted = {passing_.data(), kept};
    }
    if (segment.wide_time_ms.empty()) {
      counter.add(counted, [base_ms = segment.base_ms, offsets = segment.time_offset.data()](std::uint16_t message) {
        const std::uint32_t offset = offsets[message];
        return offset == Segment::kNoOffset ? kNoTime : base_ms + offset;
      });
    } else {
      counter.add(counted, [times = segment.wide_time_ms.data()](std::uint16_t message) { return times[message]; });
    }
  }

  const ResolvedFilter& filter_;
  std::int64_t end_id_;
  std::vector<std::int64_t> by_context_;
  std::optional<TimeCounter> days_;
  std::optional<TimeCounter> histogram_;
  // Of the segment at hand, reused.
  std::vector<std::uint16_t> places_;  // of its texts that match
  std::vector<std::uint16_t> found_;   // messages
  std::vector<std::uint16_t> passing_;
  std::vector<std::uint32_t> counts_;  // by context
  std::vector<std::uint8_t> passes_;   // the same
};

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
  Tally tally(filter, request, store.contexts().end_id());
  if (!texts.empty()) CMEM_TRY(tally.count(store, texts));
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
