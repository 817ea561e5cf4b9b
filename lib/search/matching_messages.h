// Walks over the messages that have one of some texts, segment by segment of the doc values.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "base/result.h"
#include "search/hit.h"
#include "store/doc_values.h"
#include "store/segment_filter.h"
#include "store/slot_finder.h"
#include "store/store.h"

namespace cmem {

// Calls visit(slot, text) for the texts of a segment that are among `texts`, text being their place in the segment.
template <typename Visit>
void for_each_match(const Segment& segment, const std::vector<std::uint32_t>& texts, const SlotFinder& slots, Visit&& visit) {
  // Few texts are looked up among the segment's, otherwise those among the texts.
  constexpr std::size_t kLookUpCost = 16;
  if (texts.size() * kLookUpCost < segment.texts.size()) {
    auto at = segment.texts.begin();
    for (std::size_t slot = 0; slot < texts.size(); ++slot) {
      at = std::lower_bound(at, segment.texts.end(), texts[slot]);
      if (at == segment.texts.end()) return;
      if (*at == texts[slot]) visit(slot, static_cast<std::size_t>(at - segment.texts.begin()));
    }
    return;
  }
  for (std::size_t text = 0; text < segment.texts.size(); ++text)
    if (const std::size_t slot = slots.find(segment.texts[text]); slot != SlotFinder::kNone) visit(slot, text);
}

// Calls visit(slot, segment, message) for every message of the spans that passes and has one of the texts, which rise: in each
// segment by text and then by id. go_on(span) -> bool is asked before each segment.
template <typename Visit, typename GoOn>
Status for_each_matching_message(Store& store, const ResolvedFilter& filter, const std::vector<SegmentSpan>& spans,
                                 const std::vector<std::uint32_t>& texts, Visit&& visit, GoOn&& go_on) {
  const SlotFinder slots(texts);
  for (const SegmentSpan& span : spans) {
    if (!filter.may_match(span)) continue;
    if (!go_on(span)) break;
    CMEM_ASSIGN_OR_RETURN(const auto segment,
                          store.doc_values().read_if(store.reader(), span, [&](std::uint32_t id) { return slots.contains(id); }));
    if (!segment) continue;
    const SegmentFilter passes(filter, *segment);
    if (!passes.any()) continue;
    for_each_match(*segment, texts, slots, [&](std::size_t slot, std::size_t text) {
      for (const std::uint16_t message : segment->messages_of(text))
        if (passes.all() || passes.passes(message)) visit(slot, *segment, message);
    });
  }
  return {};
}

// The time at which the first message of a span in this order may stand.
inline std::int64_t best_time(const SegmentSpan& span, HitOrder order) {
  const bool no_time_known = span.min_ms > span.max_ms;
  if (order == HitOrder::kOldest) return no_time_known ? std::numeric_limits<std::int64_t>::max() : span.min_ms;
  return no_time_known ? kNoTime : span.max_ms;
}

inline void sort_by_best_time(std::vector<SegmentSpan>& spans, HitOrder order) {
  std::stable_sort(spans.begin(), spans.end(), [order](const SegmentSpan& a, const SegmentSpan& b) {
    return order == HitOrder::kOldest ? best_time(a, order) < best_time(b, order) : best_time(a, order) > best_time(b, order);
  });
}

}  // namespace cmem
