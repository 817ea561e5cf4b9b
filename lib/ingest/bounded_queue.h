// A queue between two pipeline stages. Holds at most `capacity` items, so that a fast stage waits for a slow one and memory stays
// bounded.
#pragma once
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

  // False when the queue was aborted: the item is dropped.
  bool push(T item) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return aborted_ || items_.size() < capacity_; });
    if (aborted_) return false;
    items_.push_back(std::move(item));
    changed_.notify_all();
    return true;
  }

  // Nothing when the queue is closed and empty, or aborted.
  std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return aborted_ || closed_ || !items_.empty(); });
    if (aborted_ || items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    changed_.notify_all();
    return item;
  }

  // Like pop(), but waits no longer than `patience`.
  template <typename Duration>
  QueueState pop_for(Duration patience, std::optional<T>& item) {
    std::unique_lock lock(mutex_);
    const bool ready = changed_.wait_for(lock, patience, [&] { return aborted_ || closed_ || !items_.empty(); });
    if (!ready) return QueueState::kEmpty;
    if (aborted_ || items_.empty()) return QueueState::kEnded;
    item.emplace(std::move(items_.front()));
    items_.pop_front();
    changed_.notify_all();
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
  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> items_;
  bool closed_ = false;
  bool aborted_ = false;
};

}  // namespace cmem
