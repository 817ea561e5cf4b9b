// Counts and orders messages by scanning the doc values under a filter. Exact: equal to a scan of the rows.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "store/message_filter.h"
#include "store/store.h"

namespace cmem {

enum class TimeOrder { kNewest, kOldest };

// A place in an order by time and id. Messages without a time come last in both orders.
struct OrderKey {
  std::int64_t time_ms = kNoTime;
  std::int64_t id = 0;
};
// True when `a` comes before `b`.
bool comes_before(const OrderKey& a, const OrderKey& b, TimeOrder order);

// All of these read within the caller's read transaction, with the store's read mutex held.

// The number of messages that pass.
Result<std::int64_t> count_messages(Store& store, const ResolvedFilter& filter);

// The next `limit` messages behind `after` in the order; fewer at the end.
Result<std::vector<OrderKey>> select_messages(Store& store, const ResolvedFilter& filter, TimeOrder order,
                                              const std::optional<OrderKey>& after, std::size_t limit);

}  // namespace cmem
