// A cache bounded in bytes that drops what was not used for the longest time. One thread at a time.
#pragma once
#include <cstddef>
#include <iterator>
#include <list>
#include <unordered_map>
#include <utility>

namespace cmem {

// Map: std::unordered_map, or std::map, which can also look for the key before.
template <typename Key, typename Value, template <typename...> typename Map = std::unordered_map>
class LruCache {
 public:
  explicit LruCache(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // What is found counts as used. Pointers are valid until the next put() or clear().
  Value* find(const Key& key) { return use(entries_.find(key)); }
  // The last key that is not after `key`.
  Value* find_up_to(const Key& key) {
    const auto after = entries_.upper_bound(key);
    return after == entries_.begin() ? nullptr : use(std::prev(after));
  }

  // Takes the place of what was there. The newest entry stays, even if it alone is too large.
  Value& put(const Key& key, Value value, std::size_t bytes) {
    drop(entries_.find(key));
    while (!ages_.empty() && used_bytes_ + bytes > max_bytes_) drop(entries_.find(ages_.front()));
    used_bytes_ += bytes;
    ages_.push_back(key);
    return entries_.emplace(key, Entry{std::move(value), bytes, std::prev(ages_.end())}).first->second.value;
  }

  // Drops the entries whose key it is true for.
  template <typename Predicate>
  void erase_if(Predicate&& predicate) {
    for (auto entry = entries_.begin(); entry != entries_.end();) {
      const auto next = std::next(entry);
      if (predicate(entry->first)) drop(entry);
      entry = next;
    }
  }

  // From the next put() on.
  void set_max_bytes(std::size_t max_bytes) { max_bytes_ = max_bytes; }

  void clear() {
    entries_.clear();
    ages_.clear();
    used_bytes_ = 0;
  }

 private:
  struct Entry {
    Value value;
    std::size_t bytes;
    typename std::list<Key>::iterator age;
  };
  using Entries = Map<Key, Entry>;

  Value* use(typename Entries::iterator entry) {
    if (entry == entries_.end()) return nullptr;
    ages_.splice(ages_.end(), ages_, entry->second.age);
    return &entry->second.value;
  }
  void drop(typename Entries::iterator entry) {
    if (entry == entries_.end()) return;
    used_bytes_ -= entry->second.bytes;
    ages_.erase(entry->second.age);
    entries_.erase(entry);
  }

  std::size_t max_bytes_;
  std::size_t used_bytes_ = 0;
  Entries entries_;
  std::list<Key> ages_;  // least recently used first
};

}  // namespace cmem
