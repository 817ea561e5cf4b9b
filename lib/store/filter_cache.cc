#include "store/filter_cache.h"

#include <fmt/format.h>

#include <utility>

namespace cmem {
namespace {

// Equal for filters that ask for the same in the same words.
std::string key_of(const MessageFilter& filter) {
  std::string key;
  for (const NameConstraint& name : filter.names) {
    key += fmt::format("{}{}", to_string(name.field), name.negated ? '!' : '=');
    for (const std::string& value : name.values) key += fmt::format("{}:{},", value.size(), value);
  }
  for (const auto* numbers : {&filter.times, &filter.ids}) {
    key += '/';
    for (const NumberConstraint& constraint : *numbers) {
      key += constraint.negated ? '!' : '=';
      for (const Interval& interval : constraint.intervals) key += fmt::format("{}..{},", interval.begin, interval.end);
    }
  }
  return key + fmt::format("/{}", filter.run_id);
}

}  // namespace

Result<std::shared_ptr<const ResolvedFilter>> FilterCache::resolve(sqlite::Connection& db, ContextColumns& contexts,
                                                                   const MessageFilter& filter) {
  CMEM_ASSIGN_OR_RETURN(const std::int64_t data_version, db.query_int("PRAGMA data_version"));
  if (data_version != data_version_) clear();
  data_version_ = data_version;
  const std::string key = key_of(filter);
  if (const auto* const cached = filters_.find(key)) return *cached;
  CMEM_ASSIGN_OR_RETURN(auto made, ResolvedFilter::resolve(db, contexts, filter));
  const std::size_t bytes = key.size() + made.memory_bytes();
  return filters_.put(key, std::make_shared<const ResolvedFilter>(std::move(made)), bytes);
}

}  // namespace cmem
