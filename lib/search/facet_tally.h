// Counts the messages of some texts for facets: by context, by day and by bar of a histogram.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/time_buckets.h"
#include "search/facets.h"
#include "store/store.h"
#include "store/text_messages.h"

namespace cmem {

class FacetTally {
 public:
  // Borrows both. `contexts`: one behind the last.
  FacetTally(const ResolvedFilter& filter, const FacetRequest& request, std::size_t contexts);

  // One pass over the messages of the texts, which rise; from the doc values unless the request has what is known of all messages.
  Status count(Store& store, const std::vector<std::uint32_t>& texts);

  // Messages of a context that pass what the filter asks of times and ids.
  [[nodiscard]] const std::vector<std::int64_t>& by_context() const { return by_context_; }
  // Messages that pass all but what the filter asks of times.
  [[nodiscard]] const TimeCounter& days() const { return *days_; }
  [[nodiscard]] const TimeCounter& histogram() const { return *histogram_; }

 private:
  class TextSet;
  struct RankRange {
    std::uint32_t begin;
    std::uint32_t end;
  };

  void count_ranks(const TextMessages& part, const std::vector<std::uint32_t>& texts);
  static std::vector<std::uint64_t> mark_ranks(const TextMessages& part, const std::vector<std::uint32_t>& texts);
  [[nodiscard]] std::vector<RankRange> ranges_of(const SortedTimes& times) const;
  void count_found(const TimeRanks& order, const std::vector<RankRange>& ranges, std::span<const std::uint32_t> found);
  std::span<const std::uint32_t> passing_ranks(const TimeRanks& order, std::span<const std::uint32_t> ranks);
  // Contexts that came later, or are damaged, share the number behind the last.
  [[nodiscard]] std::size_t context_of(const TimeRanks& order, std::uint32_t rank) const {
    return std::min<std::size_t>(order.context_id(rank), by_context_.size());
  }

  [[nodiscard]] bool may_count(const SegmentSpan& span) const;
  void count_segment(const Segment& segment);
  void find_messages(const Segment& segment);
  void count_contexts(const Segment& segment);
  void count_times(const Segment& segment, const std::vector<std::uint16_t>& messages, TimeCounter& counter);

  const ResolvedFilter& filter_;
  const FacetRequest& request_;
  std::vector<std::int64_t> by_context_;
  std::optional<TimeCounter> days_;
  std::optional<TimeCounter> histogram_;
  // Neighbours mostly have one context, and would wait for each other's count if they did not take turns.
  static constexpr std::size_t kRankLanes = 2;
  std::vector<std::uint32_t> passing_ranks_;
  // Of the segment at hand, reused; the last two by the numbers of contexts where ranks are counted.
  std::vector<std::uint16_t> places_;  // of its texts that match
  std::vector<std::uint16_t> found_;   // messages
  std::vector<std::uint16_t> passing_;
  std::vector<std::uint32_t> counts_;  // by context
  std::vector<std::uint8_t> passes_;   // the same
};

}  // namespace cmem
