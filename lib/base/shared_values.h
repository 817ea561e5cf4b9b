// Finds values that do not change, by number, for many who each keep some of them: what one has, another need not make again. Keeps
// none itself.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>

namespace cmem {

// Any thread may use it.
template <typename Value>
class SharedValues {
 public:
  using Pointer = std::shared_ptr<const Value>;

  // nullptr: nobody has it.
  Pointer find(std::int64_t key) const {
    const std::lock_guard lock(mutex_);
    const auto found = values_.find(key);
    return found == values_.end() ? nullptr : found->second.lock();
  }
  // The last one that is not after `key`.
  Pointer find_up_to(std::int64_t key) const {
    const std::lock_guard lock(mutex_);
    const auto after = values_.upper_bound(key);
    return after == values_.begin() ? nullptr : std::prev(after)->second.lock();
  }
  void put(std::int64_t key, const Pointer& value) {
    const std::lock_guard lock(mutex_);
    values_[key] = value;
    if (values_.size() < sweep_at_) return;
    std::erase_if(values_, [](const auto& entry) { return entry.second.expired(); });
    sweep_at_ = std::max(kFewest, 2 * values_.size());
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    values_.clear();
  }

 private:
  static constexpr std::size_t kFewest = 64;

  mutable std::mutex mutex_;
  std::map<std::int64_t, std::weak_ptr<const Value>> values_;
  std::size_t sweep_at_ = kFewest;
};

}  // namespace cmem
