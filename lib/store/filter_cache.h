// The filters that a handle searched with last, resolved, as long as the store does not change: to resolve one costs a look at
// every context. A filter by names that is asked for again gets the totals of its texts too, so that it costs no more than none.
// One thread at a time.
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
#include "store/doc_values.h"
#include "store/message_filter.h"
#include "store/text_totals.h"

namespace cmem {

struct KnownFilter {
  ResolvedFilter filter;
  std::optional<SparseTextTotals> totals;
};

class FilterCache {
 public:
  explicit FilterCache(std::size_t cache_bytes) : cache_bytes_(cache_bytes), filters_(cache_bytes) {}

  // Errors of ResolvedFilter::resolve(). In the caller's read transaction; what is given stays as it is.
  Result<std::shared_ptr<const KnownFilter>> resolve(sqlite::Connection& db, ContextColumns& contexts, DocValueReader& doc_values,
                                                     const MessageFilter& filter);
  void clear() { filters_.clear(); }

 private:
  Result<std::shared_ptr<const KnownFilter>> add_totals(sqlite::Connection& db, DocValueReader& doc_values, const std::string& key,
                                                        std::shared_ptr<const KnownFilter> known);

  struct Entry {
    std::shared_ptr<const KnownFilter> known;
    bool may_have_totals = false;
  };
  std::size_t cache_bytes_;
  std::int64_t data_version_ = -1;
  LruCache<std::string, Entry> filters_;  // by key_of()
};

}  // namespace cmem
