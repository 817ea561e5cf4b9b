#include "store/filter_cache.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "store/segment_filter.h"

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

// A bit for each message id, set for those whose context passes.
Result<std::vector<std::uint64_t>> passing_contexts(sqlite::Connection& db, DocValueReader& doc_values,
                                                    const ResolvedFilter& filter) {
  std::vector<std::uint64_t> bits;
  CMEM_ASSIGN_OR_RETURN(const auto spans, doc_values.spans(db));
  std::vector<std::uint8_t> passes;
  for (const SegmentSpan& span : spans) {
    CMEM_ASSIGN_OR_RETURN(const auto segment, doc_values.read(db, span));
    passes.clear();
    for (const std::uint32_t context : segment->contexts) passes.push_back(filter.passes_context(context) ? 1 : 0);
    const auto first = static_cast<std::size_t>(segment->first_id);
    bits.resize((first + segment->size()) / 64 + 1);
    for (std::size_t i = 0; i < segment->size(); ++i)
      bits[(first + i) / 64] |= std::uint64_t{passes[segment->context_index[i]]} << (first + i) % 64;
  }
  return bits;
}

}  // namespace

void FilterCache::clear() {
  filters_.clear();
  by_names_.clear();
}

Result<KnownFilter> FilterCache::resolve(sqlite::Connection& db, ContextColumns& contexts, DocValueReader& doc_values,
                                         const MessageFilter& filter, const std::optional<TextMessagesParts>& all) {
  CMEM_ASSIGN_OR_RETURN(const std::int64_t data_version, db.query_int("PRAGMA data_version"));
  if (data_version != data_version_) clear();
  data_version_ = data_version;
  KnownFilter known;
  CMEM_ASSIGN_OR_RETURN(known.filter, resolve(db, contexts, filter));
  if (!all || known.filter->restricts_ids() || known.filter->matches_nothing()) return known;
  if (!known.filter->restricts_contexts()) {
    known.messages = all;
  } else {
    CMEM_ASSIGN_OR_RETURN(known.messages, messages_of(db, doc_values, filter, *known.filter, *all));
  }
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

// Those that pass the filter's names, which are asked for at least the second time.
Result<std::optional<TextMessagesParts>> FilterCache::messages_of(sqlite::Connection& db, DocValueReader& doc_values,
                                                                  const MessageFilter& filter, const ResolvedFilter& resolved,
                                                                  const TextMessagesParts& all) {
  const std::string key = names_key_of(filter);
  std::size_t messages = 0;
  for (const auto& part : all) messages += part->order().size();
  by_names_.set_max_bytes(messages * kBytesPerMessage);
  const auto* const cached = by_names_.find(key);
  if (cached == nullptr) return by_names_.put(key, std::nullopt, key.size());
  if (*cached) return *cached;
  CMEM_ASSIGN_OR_RETURN(const auto bits, passing_contexts(db, doc_values, resolved));
  TextMessagesParts parts;
  std::size_t bytes = key.size();
  for (const auto& part : all) {
    parts.push_back(part->select([&](std::int64_t id) {
      const auto bit = static_cast<std::size_t>(id);
      return (bits[bit / 64] >> bit % 64 & 1) != 0;
    }));
    bytes += parts.back()->memory_bytes();
  }
  return by_names_.put(key, std::move(parts), bytes);
}

}  // namespace cmem
