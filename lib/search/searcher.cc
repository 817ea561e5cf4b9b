#include "search/searcher.h"

#include <algorithm>
#include <limits>
#include <memory>

#include "search/matcher.h"
#include "store/message_scan.h"

namespace cmem {
namespace {

std::int64_t time_rank(std::int64_t time_ms, HitOrder order) {
  return order == HitOrder::kOldest && time_ms == kNoTime ? std::numeric_limits<std::int64_t>::max() : time_ms;
}

std::vector<QueryTerm> highlighted_terms(const CompiledQuery& query) {
  std::vector<QueryTerm> terms;
  for (const std::size_t term : query.highlighted) terms.push_back(query.terms[term]);
  return terms;
}

}  // namespace

bool comes_before(const Hit& a, const Hit& b, HitOrder order) {
  if (order == HitOrder::kRelevance && a.score != b.score) return a.score > b.score;
  const std::int64_t time_a = time_rank(a.time_ms, order);
  const std::int64_t time_b = time_rank(b.time_ms, order);
  if (order == HitOrder::kOldest) return time_a != time_b ? time_a < time_b : a.message_id < b.message_id;
  return time_a != time_b ? time_a > time_b : a.message_id > b.message_id;
}

Search::Search(CompiledQuery query, const SearchOptions& options)
    : query_(std::move(query)), highlighter_(highlighted_terms(query_)), options_(options) {}

Result<Search> Search::run(Store& store, std::string_view query, const ResolvedFilter& filter, const SearchOptions& options) {
  Tokenizer tokenizer;
  CMEM_ASSIGN_OR_RETURN(auto compiled, compile_query(query, tokenizer));
  Search search(std::move(compiled), options);
  if (search.query_.nothing_to_search() || filter.matches_nothing()) return search;
  CMEM_TRY(search.find_texts(store));
  if (!search.texts_.empty()) CMEM_TRY(search.count_messages(store, filter));
  return search;
}

Status Search::find_texts(Store& store) {
  CMEM_ASSIGN_OR_RETURN(auto matcher, Matcher::create(store.text_index(), store.reader(), query_));
  for (std::size_t segment = 0; segment < matcher.segments().size(); ++segment) {
    CMEM_ASSIGN_OR_RETURN(const Matches found, matcher.match(segment));
    const std::int64_t first_text_id = matcher.segments()[segment].first_text_id;
    for (std::size_t i = 0; i < found.texts.size(); ++i) {
      Hit& text = texts_.emplace_back();
      text.text_id = first_text_id + found.texts[i];
      text.score = found.scores[i] / kScoreUnits;
    }
  }
  if (texts_.empty()) return {};
  slots_.resize(static_cast<std::size_t>(texts_.back().text_id) + 1);
  for (std::size_t i = 0; i < texts_.size(); ++i)
    slots_[static_cast<std::size_t>(texts_[i].text_id)] = static_cast<std::uint32_t>(i + 1);
  return {};
}

// Gives each text the message that stands for it and the number of its messages; sorts the texts that have any.
Status Search::count_messages(Store& store, const ResolvedFilter& filter) {
  const HitOrder order = options_.order == HitOrder::kOldest ? HitOrder::kOldest : HitOrder::kNewest;
  CMEM_TRY(scan_messages(store, filter, [&](const Segment& segment, std::size_t index) {
    const std::size_t slot = slot_of(segment.text_id[index]);
    if (slot == 0) return;
    Hit& text = texts_[slot - 1];
    Hit message = text;
    message.time_ms = segment.time_ms[index];
    message.message_id = segment.first_id + static_cast<std::int64_t>(index);
    if (text.same_text++ == 0 || comes_before(message, text, order)) {
      text.time_ms = message.time_ms;
      text.message_id = message.message_id;
    }
  }));
  for (const Hit& text : texts_) total_ += options_.all_messages ? text.same_text : static_cast<std::int64_t>(text.same_text > 0);
  if (options_.all_messages) return {};
  slots_ = {};
  std::erase_if(texts_, [](const Hit& text) { return text.same_text == 0; });
  std::sort(texts_.begin(), texts_.end(), [this](const Hit& a, const Hit& b) { return comes_before(a, b, options_.order); });
  return {};
}

Result<std::vector<Hit>> Search::page(Store& store, const ResolvedFilter& filter, const std::optional<Hit>& after,
                                      std::size_t limit) {
  const auto before = [this](const Hit& a, const Hit& b) { return comes_before(a, b, options_.order); };
  if (!options_.all_messages) {
    const auto begin = after ? std::upper_bound(texts_.begin(), texts_.end(), *after, before) : texts_.begin();
    const auto count = std::min(limit, static_cast<std::size_t>(texts_.end() - begin));
    return std::vector<Hit>(begin, begin + static_cast<std::ptrdiff_t>(count));
  }
  std::vector<Hit> first;  // a heap with the last of the first `limit` hits on top
  if (total_ == 0 || limit == 0) return first;
  CMEM_TRY(scan_messages(store, filter, [&](const Segment& segment, std::size_t index) {
    const std::size_t slot = slot_of(segment.text_id[index]);
    if (slot == 0) return;
    Hit hit = texts_[slot - 1];
    hit.time_ms = segment.time_ms[index];
    hit.message_id = segment.first_id + static_cast<std::int64_t>(index);
    if (after && !before(*after, hit)) return;
    if (first.size() == limit) {
      if (!before(hit, first.front())) return;
      std::pop_heap(first.begin(), first.end(), before);
      first.pop_back();
    }
    first.push_back(hit);
    std::push_heap(first.begin(), first.end(), before);
  }));
  std::sort(first.begin(), first.end(), before);
  return first;
}

std::string Search::snippet(std::string_view text) { return highlighter_.snippet(text); }

}  // namespace cmem
