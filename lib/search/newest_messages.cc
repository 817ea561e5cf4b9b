#include "search/newest_messages.h"

#include <algorithm>
#include <utility>

#include "search/matching_messages.h"

namespace cmem {

Status NewestMessages::find(Store& store, const std::function<bool(std::int64_t unread_ms)>& is_enough) {
  for (std::size_t i = 0; i < missing_.size(); ++i) {
    TextTotal& total = (*totals_)[i];
    missing_[i] = total.messages;
    total.newest_ms = kNoTime;
    total.newest_id = 0;
  }
  CMEM_ASSIGN_OR_RETURN(auto spans, store.doc_values().spans(store.reader()));
  sort_by_best_time(spans, HitOrder::kNewest);
  std::size_t next_check = 1;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const std::int64_t unread_ms = best_time(spans[i], HitOrder::kNewest);
    if (i == next_check) {
      next_check *= 2;
      if (is_enough(unread_ms)) return {};
    }
    if (!may_need(spans[i], unread_ms)) continue;
    CMEM_ASSIGN_OR_RETURN(const auto segment, store.doc_values().read_if(store.reader(), spans[i], [&](std::uint32_t text) {
      const std::size_t slot = finder_.find(text);
      return slot != SlotFinder::kNone && !is_settled(slot, unread_ms);
    }));
    if (segment) take(*segment);
  }
  return {};
}

// False if it is known without a look at the segment.
bool NewestMessages::may_need(const SegmentSpan& span, std::int64_t unread_ms) const {
  const std::uint32_t number = segment_number(span);
  if (ranges_.of.empty() || number >= ranges_.end) return true;
  for (std::size_t i = 0; i < ranges_.of.size(); ++i)
    if (ranges_.of[i].first <= number && number <= ranges_.of[i].last && !is_settled(i, unread_ms)) return true;
  return false;
}

void NewestMessages::take(const Segment& segment) {
  for_each_match(segment, *texts_, finder_, [&](std::size_t slot, std::size_t text) { take(segment, text, slot); });
}

void NewestMessages::take(const Segment& segment, std::size_t text, std::size_t slot) {
  TextTotal& total = (*totals_)[slot];
  for (const std::uint16_t message : segment.messages_of(text)) {
    const std::int64_t time_ms = segment.time_ms(message);
    const std::int64_t id = segment.first_id + message;
    if (id >= end_id_) break;
    missing_[slot] -= std::min(missing_[slot], std::uint32_t{1});
    if (total.newest_id != 0 && std::pair(time_ms, id) < std::pair(total.newest_ms, total.newest_id)) continue;
    total.newest_ms = time_ms;
    total.newest_id = id;
  }
}

}  // namespace cmem
