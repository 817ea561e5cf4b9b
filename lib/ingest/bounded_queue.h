// A queue between two pipeline stages. It takes items until their weights reach `capacity`, so that a fast stage waits for a slow
// one and memory stays bounded.
#pragma once
#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace cmem {

enum class QueueState { kItem, kEmpty, kEnded };

// Any number of threads on either side.
template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  // `weight`: in units of the capacity, such as bytes; one at least. False when the queue was aborted: the item is dropped.
  bool push(T item, std::size_t weight = 1) {
    weight = std::max<std::size_t>(weight, 1);
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return aborted_ || weight_ < capacity_; });
    if (aborted_) return false;
    items_.push_back({std::move(item), weight});
    weight_ += weight;
    changed_.notify_all();
    return true;
  }

  // Nothing when the queue is closed and empty, or aborted.
  std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return aborted_ || closed_ || !items_.empty(); });
    if (aborted_ || items_.empty()) return std::nullopt;
    return take_front();
  }

  // Like pop(), but waits no longer than `patience`.
  template <typename Duration>
  QueueState pop_for(Duration patience, std::optional<T>& item) {
    std::unique_lock lock(mutex_);
    const bool ready = changed_.wait_for(lock, patience, [&] { return aborted_ || closed_ || !items_.empty(); });
    if (!ready) return QueueState::kEmpty;
    if (aborted_ || items_.empty()) return QueueState::kEnded;
    item = take_front();
    return QueueState::kItem;
  }

  // No more items will come.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

  // Wakes everybody; nothing gets in or out any more.
  void abort() {
    const std::lock_guard lock(mutex_);
    aborted_ = true;
    changed_.notify_all();
  }

 private:
  struct Item {
    T value;
    std::size_t weight;
  };

  std::optional<T> take_front() {
    std::optional<T> value(std::move(items_.front().value));
    weight_ -= items_.front().weight;
    items_.pop_front();
    changed_.notify_all();
    return value;
  }

  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> items_;
  std::size_t weight_ = 0;  // of the items
  bool closed_ = false;
  bool aborted_ = false;
};

}  // namespace cmem
