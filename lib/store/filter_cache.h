// The filters that a handle searched with last, resolved, as long as the store does not change: to resolve one costs a look at
// every context. One thread at a time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/lru_cache.h"
#include "base/result.h"
#include "sqlite/connection.h"
#include "store/context_columns.h"
#include "store/message_filter.h"

namespace cmem {

class FilterCache {
 public:
  explicit FilterCache(std::size_t cache_bytes) : filters_(cache_bytes) {}

  // Errors of ResolvedFilter::resolve(). In the caller's read transaction; what is given stays as it is.
  Result<std::shared_ptr<const ResolvedFilter>> resolve(sqlite::Connection& db, ContextColumns& contexts,
                                                        const MessageFilter& filter);
  void clear() { filters_.clear(); }

 private:
  std::int64_t data_version_ = -1;
  LruCache<std::string, std::shared_ptr<const ResolvedFilter>> filters_;
};

}  // namespace cmem
