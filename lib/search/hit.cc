#include "search/hit.h"

#include <limits>

namespace cmem {

std::int64_t time_rank(std::int64_t time_ms, HitOrder order) {
  return order == HitOrder::kOldest && time_ms == kNoTime ? std::numeric_limits<std::int64_t>::max() : time_ms;
}

bool comes_before(const Hit& a, const Hit& b, HitOrder order) {
  if (a.tier != b.tier) return a.tier > b.tier;
  if (order == HitOrder::kRelevance && a.score != b.score) return a.score > b.score;
  const std::int64_t time_a = time_rank(a.time_ms, order);
  const std::int64_t time_b = time_rank(b.time_ms, order);
  if (order == HitOrder::kOldest) return time_a != time_b ? time_a < time_b : a.message_id < b.message_id;
  return time_a != time_b ? time_a > time_b : a.message_id > b.message_id;
}

}  // namespace cmem
