// The filters that a handle searched with last, resolved, as long as the store does not change: to resolve one costs a look at
// every context. With them, once the handle knows all messages by text, are those that pass the names, so that a search with a
// filter costs no more than one without. One thread at a time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/lru_cache.h"
#include "base/result.h"
#include "sqlite/connection.h"
#include "store/context_columns.h"
#include "store/message_filter.h"
#include "store/text_messages.h"

namespace cmem {

struct KnownFilter {
  std::shared_ptr<const ResolvedFilter> filter = std::make_shared<ResolvedFilter>();
  // The messages that pass all but what is asked of times; nothing: not known.
  std::optional<TextMessagesParts> messages;
};

class FilterCache {
 public:
  // `cache_bytes` are for resolved filters; the messages that pass have kBytesPerMessage for each one of the store.
  explicit FilterCache(std::size_t cache_bytes) : filters_(cache_bytes), by_names_(0) {}

  // Errors of ResolvedFilter::resolve(). `all`: all messages; nothing: not known. In the caller's read transaction; what is given
  // stays as it is.
  Result<KnownFilter> resolve(sqlite::Connection& db, ContextColumns& contexts, const MessageFilter& filter,
                              const std::optional<TextMessagesParts>& all);
  void clear();

 private:
  Result<std::shared_ptr<const ResolvedFilter>> resolve(sqlite::Connection& db, ContextColumns& contexts,
                                                        const MessageFilter& filter);
  TextMessagesParts messages_of(const MessageFilter& filter, const ResolvedFilter& resolved, const TextMessagesParts& all);

  // Enough for all projects and all levels at once.
  static constexpr std::size_t kBytesPerMessage = 8;

  std::int64_t data_version_ = -1;
  LruCache<std::string, std::shared_ptr<const ResolvedFilter>> filters_;
  LruCache<std::string, TextMessagesParts> by_names_;
};

}  // namespace cmem
