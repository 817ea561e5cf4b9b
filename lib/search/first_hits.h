// The first few of many hits.
#pragma once
#include <cstddef>
#include <optional>
#include <vector>

#include "base/first_of.h"
#include "search/hit.h"

namespace cmem {

// Keeps the first `limit` hits behind `after`.
class FirstHits {
 public:
  // Borrows `after`.
  FirstHits(std::size_t limit, HitOrder order, const std::optional<Hit>& after)
      : first_(limit, {order}), order_(order), after_(after) {}

  // False: there are enough that come before it.
  bool offer(const Hit& hit) {
    if (!first_.wants(hit)) return false;
    if (!after_ || comes_before(*after_, hit, order_)) first_.add(hit);
    return true;
  }

  // True when no hit at this time can get in.
  [[nodiscard]] bool beats(std::int64_t time_ms) const {
    // A hit of a better tier would stand before all of a worse one.
    if (order_ == HitOrder::kRelevance || !first_.is_full() || first_.last().tier != Tier::kExact) return false;
    const std::int64_t last = time_rank(first_.last().time_ms, order_);
    return order_ == HitOrder::kOldest ? last < time_ms : last > time_ms;
  }

  // True when there are enough, and none of them would give way to a hit that does not come before `bound`.
  [[nodiscard]] bool is_full_before(const Hit& bound) const {
    return first_.is_full() && comes_before(first_.last(), bound, order_);
  }

  std::vector<Hit> take() { return first_.take(); }

 private:
  struct Before {
    HitOrder order;
    bool operator()(const Hit& a, const Hit& b) const { return comes_before(a, b, order); }
  };

  FirstOf<Hit, Before> first_;
  HitOrder order_;
  const std::optional<Hit>& after_;
};

}  // namespace cmem
