// What a search finds, and its orders.
#pragma once
#include <cstdint>

#include "base/terms.h"
#include "search/widening.h"

namespace cmem {

enum class HitOrder { kRelevance, kNewest, kOldest };

// A message that has a matching text. Hits are ordered by these fields, so a hit is also a place in the order.
struct Hit {
  Tier tier = Tier::kExact;
  double score = 0;  // BM25 of the text, greater is better; 0 in an order by time
  std::int64_t time_ms = kNoTime;
  std::int64_t message_id = 0;
  std::int64_t text_id = 0;
  std::int64_t same_text = 0;  // messages that have this text and pass the filter
};

// A message's place in time: less is earlier. Messages without a time come last in both orders.
std::int64_t time_rank(std::int64_t time_ms, HitOrder order);

// True when `a` comes before `b`: by tier, then by score (ties: newest first) or by time. Messages without a time come last among
// their equals.
bool comes_before(const Hit& a, const Hit& b, HitOrder order);

}  // namespace cmem
