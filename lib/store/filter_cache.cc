#include "store/filter_cache.h"

#include <fmt/format.h>

#include <utility>

namespace cmem {
namespace {

// Equal for filters that ask for the same names in the same words.
std::string names_key_of(const MessageFilter& filter) {
  std::string key;
  for (const NameConstraint& name : filter.names) {
    key += fmt::format("{}{}", to_string(name.field), name.negated ? '!' : '=');
    for (const std::string& value : name.values) key += fmt::format("{}:{},", value.size(), value);
  }
  return key;
}

std::string key_of(const MessageFilter& filter) {
  std::string key = names_key_of(filter);
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

void FilterCache::clear() {
  filters_.clear();
  by_names_.clear();
}

Result<KnownFilter> FilterCache::resolve(sqlite::Connection& db, ContextColumns& contexts, const MessageFilter& filter,
                                         const std::optional<TextMessagesParts>& all) {
  CMEM_ASSIGN_OR_RETURN(const std::int64_t data_version, db.query_int("PRAGMA data_version"));
  if (data_version != data_version_) clear();
  data_version_ = data_version;
  KnownFilter known;
  CMEM_ASSIGN_OR_RETURN(known.filter, resolve(db, contexts, filter));
  if (!all || known.filter->restricts_ids() || known.filter->matches_nothing()) return known;
  known.messages = known.filter->restricts_contexts() ? messages_of(filter, *known.filter, *all) : *all;
  return known;
}

Result<std::shared_ptr<const ResolvedFilter>> FilterCache::resolve(sqlite::Connection& db, ContextColumns& contexts,
                                                                   const MessageFilter& filter) {
  const std::string key = key_of(filter);
  if (const auto* const cached = filters_.find(key)) return *cached;
  CMEM_ASSIGN_OR_RETURN(auto made, ResolvedFilter::resolve(db, contexts, filter));
  const std::size_t bytes = key.size() + made.memory_bytes();
  return filters_.put(key, std::make_shared<const ResolvedFilter>(std::move(made)), bytes);
}

// Those that pass the filter's names.
TextMessagesParts FilterCache::messages_of(const MessageFilter& filter, const ResolvedFilter& resolved,
                                           const TextMessagesParts& all) {
  const std::string key = names_key_of(filter);
  if (const auto* const cached = by_names_.find(key)) return *cached;
  std::size_t messages = 0;
  for (const auto& part : all) messages += part->order().size();
  by_names_.set_max_bytes(messages * kBytesPerMessage);
  TextMessagesParts parts;
  std::size_t bytes = key.size();
  for (const auto& part : all) {
    parts.push_back(part->select([&](std::uint32_t context_id) { return resolved.passes_context(context_id); }));
    bytes += parts.back()->memory_bytes();
  }
  return by_names_.put(key, std::move(parts), bytes);
}

}  // namespace cmem
