#include "store/message_scan.h"

#include <algorithm>
#include <limits>

#include "base/first_of.h"
#include "store/segment_filter.h"

namespace cmem {
namespace {

// The place in the order that no message of the segment comes before. Segments that only hold messages behind `after` by having no
// time are looked at last.
std::int64_t best_time(const SegmentSpan& span, TimeOrder order, const std::optional<OrderKey>& after) {
  const bool no_time_known = span.min_ms > span.max_ms;
  if (order == TimeOrder::kNewest) {
    const bool passed = after && span.min_ms > after->time_ms;
    return no_time_known || passed ? kNoTime : span.max_ms;
  }
  const bool passed = after && (after->time_ms == kNoTime || span.max_ms < after->time_ms);
  return no_time_known || passed ? std::numeric_limits<std::int64_t>::max() : span.min_ms;
}

std::int64_t rank(std::int64_t time_ms, TimeOrder order) {
  return order == TimeOrder::kOldest && time_ms == kNoTime ? std::numeric_limits<std::int64_t>::max() : time_ms;
}

}  // namespace

bool comes_before(const OrderKey& a, const OrderKey& b, TimeOrder order) {
  const std::int64_t time_a = rank(a.time_ms, order);
  const std::int64_t time_b = rank(b.time_ms, order);
  if (order == TimeOrder::kNewest) return time_a != time_b ? time_a > time_b : a.id > b.id;
  return time_a != time_b ? time_a < time_b : a.id < b.id;
}

Result<std::int64_t> count_messages(Store& store, const ResolvedFilter& filter) {
  if (filter.matches_nothing()) return std::int64_t{0};
  if (!filter.restricts_contexts() && !filter.restricts_time() && !filter.restricts_ids())
    return store.reader().query_int("SELECT messages FROM main.commit_clock");
  CMEM_ASSIGN_OR_RETURN(const auto spans, store.doc_values().spans(store.reader()));
  std::size_t count = 0;
  for (const SegmentSpan& span : spans) {
    if (!filter.may_match(span)) continue;
    if (const SegmentHead* const head = store.doc_values().known_head(span)) {
      const SegmentHeadFilter passes(filter, *head);
      if (!passes.by_message()) {
        count += passes.count();
        continue;
      }
    }
    CMEM_ASSIGN_OR_RETURN(const auto segment, store.doc_values().read(store.reader(), span));
    count += SegmentFilter(filter, *segment).count();
  }
  return static_cast<std::int64_t>(count);
}

Result<std::vector<OrderKey>> select_messages(Store& store, const ResolvedFilter& filter, TimeOrder order,
                                              const std::optional<OrderKey>& after, std::size_t limit) {
  if (limit == 0) return std::vector<OrderKey>();
  CMEM_ASSIGN_OR_RETURN(auto spans, store.doc_values().spans(store.reader()));
  std::stable_sort(spans.begin(), spans.end(), [&](const SegmentSpan& a, const SegmentSpan& b) {
    const std::int64_t best_a = best_time(a, order, after);
    const std::int64_t best_b = best_time(b, order, after);
    return order == TimeOrder::kNewest ? best_a > best_b : best_a < best_b;
  });
  const auto before = [order](const OrderKey& a, const OrderKey& b) { return comes_before(a, b, order); };
  FirstOf<OrderKey, decltype(before)> first(limit, before);
  const auto none_gets_in = [&](std::int64_t best) {
    if (!first.is_full()) return false;
    const std::int64_t last = rank(first.last().time_ms, order);
    return order == TimeOrder::kNewest ? best < last : best > last;
  };
  for (const SegmentSpan& span : spans) {
    if (none_gets_in(best_time(span, order, after))) break;
    if (!filter.may_match(span)) continue;
    CMEM_ASSIGN_OR_RETURN(const auto segment, store.doc_values().read_if_head(store.reader(), span, [&](const SegmentHead& head) {
      return SegmentHeadFilter(filter, head).any();
    }));
    if (!segment) continue;
    const SegmentFilter passes(filter, *segment);
    for (std::size_t i = 0; i < segment->size(); ++i) {
      const OrderKey key{segment->time_ms(i), segment->first_id + static_cast<std::int64_t>(i)};
      if (passes.passes(i) && (!after || comes_before(*after, key, order))) first.offer(key);
    }
  }
  return first.take();
}

}  // namespace cmem
