#include "store/filter_cache.h"

#include <fmt/format.h>

#include <utility>

namespace cmem {
namespace {

// Totals that fill more of the cache would leave no room for others.
constexpr std::size_t kLargestShare = 4;

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

Result<std::shared_ptr<const KnownFilter>> FilterCache::resolve(sqlite::Connection& db, ContextColumns& contexts,
                                                                DocValueReader& doc_values, const MessageFilter& filter) {
  CMEM_ASSIGN_OR_RETURN(const std::int64_t data_version, db.query_int("PRAGMA data_version"));
  if (data_version != data_version_) filters_.clear();
  data_version_ = data_version;
  const std::string key = key_of(filter);
  if (Entry* const entry = filters_.find(key)) {
    if (!std::exchange(entry->may_have_totals, false)) return entry->known;
    return add_totals(db, doc_values, key, entry->known);
  }
  auto known = std::make_shared<KnownFilter>();
  CMEM_ASSIGN_OR_RETURN(known->filter, ResolvedFilter::resolve(db, contexts, filter));
  const ResolvedFilter& resolved = known->filter;
  const bool by_names_alone = resolved.restricts_contexts() && !resolved.restricts_time() && !resolved.restricts_ids();
  filters_.put(key, {known, by_names_alone && !resolved.matches_nothing()}, key.size() + resolved.memory_bytes());
  return std::shared_ptr<const KnownFilter>(std::move(known));
}

Result<std::shared_ptr<const KnownFilter>> FilterCache::add_totals(sqlite::Connection& db, DocValueReader& doc_values,
                                                                   const std::string& key,
                                                                   std::shared_ptr<const KnownFilter> known) {
  CMEM_ASSIGN_OR_RETURN(const auto spans, doc_values.spans(db));
  TextTotals totals;
  CMEM_TRY(totals.extend(db, doc_values, spans, &known->filter));
  auto with_totals = std::make_shared<KnownFilter>();
  with_totals->filter = known->filter;
  with_totals->totals.emplace(totals);
  const std::size_t bytes = key.size() + known->filter.memory_bytes() + with_totals->totals->memory_bytes();
  if (bytes > cache_bytes_ / kLargestShare) return known;
  filters_.put(key, {with_totals, false}, bytes);
  return std::shared_ptr<const KnownFilter>(std::move(with_totals));
}

}  // namespace cmem
