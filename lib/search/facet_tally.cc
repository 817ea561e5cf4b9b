#include "search/facet_tally.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace cmem {

// Which texts match: a bit for each text of the store.
class FacetTally::TextSet {
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

FacetTally::FacetTally(const ResolvedFilter& filter, const FacetRequest& request, std::size_t contexts)
    : filter_(filter), request_(request), by_context_(contexts) {
  if (std::find(request.fields.begin(), request.fields.end(), FacetField()) != request.fields.end())
    days_.emplace(TimeUnit::kDay, request.zone);
  if (request.histogram) histogram_.emplace(*request.histogram, request.zone);
}

Status FacetTally::count(Store& store, const std::vector<std::uint32_t>& texts) {
  if (texts.empty()) return {};
  CMEM_ASSIGN_OR_RETURN(const auto spans, store.doc_values().spans(store.reader()));
  if (request_.messages && store.doc_values().end_id() <= request_.end_id && !filter_.restricts_ids()) {
    for (const auto& part : *request_.messages) count_ranks(*part, texts);
    return {};
  }
  const TextSet set(texts);
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

// Where the handle knows all messages: marks those of the texts in the order of time, and goes over that order.
void FacetTally::count_ranks(const TextMessages& part, const std::vector<std::uint32_t>& texts) {
  const std::vector<std::uint64_t> marks = mark_ranks(part, texts);
  const std::vector<RankRange> ranges = ranges_of(part.order().times());
  passes_.clear();
  for (std::uint32_t context = 0; context <= by_context_.size(); ++context)
    passes_.push_back(filter_.passes_context(context) ? 1 : 0);
  counts_.assign((by_context_.size() + 1) * kRankLanes, 0);
  constexpr std::size_t kWordsAtOnce = 64;
  std::array<std::uint32_t, kWordsAtOnce * 64> found;
  for (std::size_t begin = 0; begin < marks.size(); begin += kWordsAtOnce) {
    const std::size_t end = std::min(begin + kWordsAtOnce, marks.size());
    if (!days_ && std::none_of(ranges.begin(), ranges.end(),
                               [&](const RankRange& range) { return range.begin < end * 64 && range.end > begin * 64; }))
      continue;
    std::size_t count = 0;
    for (std::size_t word = begin; word < end; ++word)
      for (std::uint64_t left = marks[word]; left != 0; left &= left - 1)
        found[count++] = static_cast<std::uint32_t>(word * 64) + static_cast<std::uint32_t>(std::countr_zero(left));
    count_found(part.order(), ranges, {found.data(), count});
  }
  for (std::size_t i = 0; i < by_context_.size() * kRankLanes; ++i) by_context_[i / kRankLanes] += counts_[i];
}

std::vector<std::uint64_t> FacetTally::mark_ranks(const TextMessages& part, const std::vector<std::uint32_t>& texts) {
  constexpr std::size_t kTextsAtOnce = 64;
  std::vector<std::uint64_t> marks(part.order().size() / 64 + 1);
  const std::span<const std::uint32_t> ranks = part.ranks();
  std::array<std::uint32_t, kTextsAtOnce> begins;
  std::array<std::uint32_t, kTextsAtOnce> ends;
  for (std::size_t at = 0; at < texts.size(); at += kTextsAtOnce) {
    const auto some = std::span(texts).subspan(at, std::min(kTextsAtOnce, texts.size() - at));
    part.find(some, begins.data(), ends.data());
    for (std::size_t text = 0; text < some.size(); ++text)
      for (std::uint32_t i = begins[text]; i < ends[text]; ++i) marks[ranks[i] / 64] |= std::uint64_t{1} << ranks[i] % 64;
  }
  return marks;
}

// What the filter asks of times, in ranks, rising.
std::vector<FacetTally::RankRange> FacetTally::ranges_of(const SortedTimes& times) const {
  std::vector<RankRange> ranges;
  if (filter_.passes_time(kNoTime)) ranges.push_back({0, times.without_time()});
  for (const Interval& interval : filter_.times().parts())
    ranges.push_back({times.count_before(interval.begin), times.count_before(interval.end)});
  return ranges;
}

// Ranks rise.
void FacetTally::count_found(const TimeRanks& order, const std::vector<RankRange>& ranges, std::span<const std::uint32_t> found) {
  const auto time_of = [&](std::uint32_t rank) { return order.times()[rank]; };
  if (days_) days_->add_rising(passing_ranks(order, found), time_of);
  for (const RankRange& range : ranges) {
    const auto begin = std::lower_bound(found.begin(), found.end(), range.begin);
    const auto end = std::lower_bound(begin, found.end(), range.end);
    if (begin == end) continue;
    const std::span<const std::uint32_t> within(begin, end);
    if (histogram_) histogram_->add_rising(passing_ranks(order, within), time_of);
    for (std::size_t i = 0; i < within.size(); ++i) ++counts_[context_of(order, within[i]) * kRankLanes + i % kRankLanes];
  }
}

// Those whose context passes.
std::span<const std::uint32_t> FacetTally::passing_ranks(const TimeRanks& order, std::span<const std::uint32_t> ranks) {
  if (!filter_.restricts_contexts()) return ranks;
  passing_ranks_.resize(ranks.size());
  std::size_t kept = 0;
  for (const std::uint32_t rank : ranks) {
    passing_ranks_[kept] = rank;
    kept += passes_[context_of(order, rank)];
  }
  return {passing_ranks_.data(), kept};
}

// Not ResolvedFilter::may_match(): that is false for all segments where no context passes, and a field leaves some of it out.
bool FacetTally::may_count(const SegmentSpan& span) const {
  if (span.first_id >= request_.end_id || !filter_.ids().meets(span.first_id, span.first_id + kSegmentMessages - 1)) return false;
  return days_ || filter_.passes_time(kNoTime) || filter_.times().meets(span.min_ms, span.max_ms);
}

void FacetTally::count_segment(const Segment& segment) {
  find_messages(segment);
  if (filter_.restricts_ids() || segment.first_id + static_cast<std::int64_t>(segment.size()) > request_.end_id) {
    std::erase_if(found_, [&](std::uint16_t message) {
      const std::int64_t id = segment.first_id + message;
      return id >= request_.end_id || !filter_.passes_id(id);
    });
  }
  if (days_) count_times(segment, found_, *days_);
  if (filter_.restricts_time())
    std::erase_if(found_, [&](std::uint16_t message) { return !filter_.passes_time(segment.time_ms(message)); });
  if (histogram_) count_times(segment, found_, *histogram_);
  count_contexts(segment);
}

// Of the texts at places_.
void FacetTally::find_messages(const Segment& segment) {
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

void FacetTally::count_contexts(const Segment& segment) {
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
    if (const std::uint32_t context = segment.contexts[i / kLanes]; context < by_context_.size())
      by_context_[context] += counts_[i];
}

// Of the messages whose context passes.
void FacetTally::count_times(const Segment& segment, const std::vector<std::uint16_t>& messages, TimeCounter& counter) {
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

}  // namespace cmem
