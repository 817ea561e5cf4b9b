// The first few of many hits.
#pragma once
#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "search/hit.h"

namespace cmem {

// Keeps the first `limit` hits behind `after`: a heap with the last of them on top.
class FirstHits {
 public:
  // Borrows `after`.
  FirstHits(std::size_t limit, HitOrder order, const std::optional<Hit>& after) : limit_(limit), order_(order), after_(after) {}

  // False: there are enough that come before it.
  bool offer(const Hit& hit) {
    const auto before = [this](const Hit& a, const Hit& b) { return comes_before(a, b, order_); };
    if (hits_.size() == limit_ && !before(hit, hits_.front())) return false;
    if (after_ && !before(*after_, hit)) return true;
    if (hits_.size() == limit_) {
      std::pop_heap(hits_.begin(), hits_.end(), before);
      hits_.pop_back();
    }
    hits_.push_back(hit);
    std::push_heap(hits_.begin(), hits_.end(), before);
    return true;
  }

  // True when no hit at this time can get in.
  [[nodiscard]] bool beats(std::int64_t time_ms) const {
    // A hit of a better tier would stand before all of a worse one.
    if (order_ == HitOrder::kRelevance || hits_.size() < limit_ || hits_.front().tier != Tier::kExact) return false;
    const std::int64_t last = time_rank(hits_.front().time_ms, order_);
    return order_ == HitOrder::kOldest ? last < time_ms : last > time_ms;
  }

  // True when there are enough, and none of them would give way to a hit that does not come before `bound`.
  [[nodiscard]] bool is_full_before(const Hit& bound) const {
    return hits_.size() == limit_ && comes_before(hits_.front(), bound, order_);
  }

  std::vector<Hit> take() {
    std::sort(hits_.begin(), hits_.end(), [this](const Hit& a, const Hit& b) { return comes_before(a, b, order_); });
    return std::move(hits_);
  }

 private:
  std::size_t limit_;
  HitOrder order_;
  const std::optional<Hit>& after_;
  std::vector<Hit> hits_;
};

}  // namespace cmem
