// Of parts of a store's messages those that pass a filter's names, for all handles of a process: to select takes a look at every
// message, which a search with a filter shall not pay for.
//
// Which messages of a part pass depends on nothing but which of its contexts do, so that is what a selection is known by: it stays
// true whatever is committed, and the names mean the same to whoever asks.
#pragma once
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "base/lru_cache.h"
#include "store/message_filter.h"
#include "store/text_messages.h"

namespace cmem {

// Any thread may use it.
class Selections {
 public:
  // Selections are kept for these parts only, within kBytesPerMessage for each of their messages.
  void set_parts(const TextMessagesParts& parts);
  std::shared_ptr<const TextMessages> select(const std::shared_ptr<const TextMessages>& part, const ResolvedFilter& filter);

 private:
  // Enough for all projects and all levels at once.
  static constexpr std::size_t kBytesPerMessage = 8;

  struct Key {
    std::shared_ptr<const TextMessages> part;
    std::vector<std::uint64_t> contexts;  // a bit for each that passes
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  // Who wants it while another thread makes it waits, instead of making it too.
  struct Selection {
    std::mutex making;
    std::shared_ptr<const TextMessages> messages;
  };
  std::shared_ptr<Selection> find_or_add(const Key& key);

  std::mutex mutex_;  // guards what follows, for moments only
  TextMessagesParts parts_;
  LruCache<Key, std::shared_ptr<Selection>, std::map> known_{0};
};

}  // namespace cmem
