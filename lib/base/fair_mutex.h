// A mutex that those who wait get in turn. With std::mutex a thread that lets go and at once wants again mostly wins, and of many
// threads some wait for seconds. There may be some who hold it at once.
#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>

namespace cmem {

// For std::lock_guard and std::scoped_lock.
class FairMutex {
 public:
  explicit FairMutex(std::size_t holders = 1) : free_(holders) {}

  void lock() {
    std::unique_lock guard(guard_);
    if (free_ > 0) {
      --free_;
      return;
    }
    Waiter waiter;
    waiting_.push_back(&waiter);
    waiter.turn.wait(guard, [&] { return waiter.has_turn; });
  }

  bool try_lock() {
    const std::lock_guard guard(guard_);
    if (free_ == 0) return false;
    --free_;
    return true;
  }

  void unlock() {
    const std::lock_guard guard(guard_);
    if (waiting_.empty()) {
      ++free_;
      return;
    }
    // It stays held, now by the first who waits; its Waiter is gone as soon as guard_ is free.
    Waiter& first = *waiting_.front();
    waiting_.pop_front();
    first.has_turn = true;
    first.turn.notify_one();
  }

 private:
  struct Waiter {
    std::condition_variable turn;
    bool has_turn = false;
  };
  std::mutex guard_;
  std::size_t free_;
  std::deque<Waiter*> waiting_;
};

}  // namespace cmem
