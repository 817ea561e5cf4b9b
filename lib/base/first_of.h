// The first few of many things that come in any order.
#pragma once
#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace cmem {

// Keeps the first `limit`, one at least, of the items that are offered: a heap with the last of them on top.
// before(item, item) -> bool is the order.
template <typename Item, typename Before>
class FirstOf {
 public:
  explicit FirstOf(std::size_t limit, Before before = {}) : limit_(limit), before_(std::move(before)) {}

  [[nodiscard]] bool is_full() const { return items_.size() == limit_; }
  // Of those that are kept; there must be one.
  [[nodiscard]] const Item& last() const { return items_.front(); }
  // False: there are enough that come before it.
  [[nodiscard]] bool wants(const Item& item) const { return !is_full() || before_(item, last()); }
  // Takes one that it wants.
  void add(const Item& item) {
    if (is_full()) {
      std::pop_heap(items_.begin(), items_.end(), before_);
      items_.pop_back();
    }
    items_.push_back(item);
    std::push_heap(items_.begin(), items_.end(), before_);
  }
  void offer(const Item& item) {
    if (wants(item)) add(item);
  }

  // In order.
  [[nodiscard]] std::vector<Item> take() {
    std::sort_heap(items_.begin(), items_.end(), before_);
    return std::move(items_);
  }

 private:
  std::size_t limit_;
  Before before_;
  std::vector<Item> items_;
};

}  // namespace cmem
