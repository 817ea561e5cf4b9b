#include "search/searcher.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>
#include <utility>

#include "base/first_of.h"
#include "search/first_hits.h"
#include "search/matching_messages.h"
#include "search/newest_messages.h"

namespace cmem {
namespace {

constexpr auto kToTheEnd = [](const SegmentSpan&) { return true; };

std::vector<QueryTerm> highlighted_terms(const CompiledQuery& query) {
  std::vector<QueryTerm> terms;
  for (const std::size_t term : query.highlighted) terms.push_back(query.terms[term]);
  return terms;
}

}  // namespace

Search::Search(CompiledQuery query, KnownFilter filter, const SearchOptions& options)
    : query_(std::move(query)), filter_(std::move(filter.filter)), highlighter_(highlighted_terms(query_)), options_(options) {
  if (!filter.messages) return;
  known_.emplace(*filter.messages, *filter_, options.order);
  source_ = Source::kKnown;
}

Result<Search> Search::run(Store& store, CompiledQuery query, KnownFilter filter, const SearchOptions& options) {
  Search search(std::move(query), std::move(filter), options);
  search.end_id_ = store.doc_values().end_id();
  if (search.query_.nothing_to_search() || search.filter().matches_nothing()) return search;
  if (search.is_of_fields_alone() && search.known_) {
    const auto texts = search.known_->texts();
    search.hits_.add(0, texts, Tier::kExact, std::vector<std::uint32_t>(texts.size()));
  } else {
    CMEM_TRY(search.find_texts(store, search.query_, Tier::kExact));
  }
  CMEM_TRY(search.count(store));
  if (search.is_of_fields_alone()) return search;
  if (options.worst_tier != Tier::kExact && search.has_fewer_than_wanted()) CMEM_TRY(search.look_wider(store));
  for (std::size_t slot = 0; slot < search.hits_.size() && search.hits_.has_wider; ++slot)
    if (search.hits_.tier[slot] < search.worst_found_ && search.has_messages(slot)) search.worst_found_ = search.hits_.tier[slot];
  return search;
}

Result<std::vector<std::uint32_t>> Search::matching_texts(Store& store) const {
  if (!is_of_fields_alone() || !known_) return hits_.text_id;
  CMEM_ASSIGN_OR_RETURN(const auto segments, store.text_index().segments(store.reader()));
  std::size_t texts = 0;
  for (const SegmentInfo& segment : segments) texts += static_cast<std::size_t>(segment.texts);
  std::vector<std::uint32_t> all(texts);
  std::iota(all.begin(), all.end(), 1U);
  return all;
}

// Adds the texts that match and were not found by a better tier.
Status Search::find_texts(Store& store, const CompiledQuery& query, Tier tier) {
  CMEM_ASSIGN_OR_RETURN(auto matcher, Matcher::create(store.text_index(), store.reader(), query, options_.prose_weight));
  TextHits found;
  std::size_t known = 0;
  const auto keep_known = [&](std::uint32_t before) {
    for (; known < hits_.size() && hits_.text_id[known] < before; ++known)
      found.add(hits_.text_id[known], hits_.tier[known], hits_.score[known]);
  };
  const bool with_scores = options_.order == HitOrder::kRelevance;
  for (std::size_t segment = 0; segment < matcher.segments().size(); ++segment) {
    Matches matches;
    if (with_scores) {
      CMEM_ASSIGN_OR_RETURN(matches, matcher.match(segment));
    } else {
      CMEM_ASSIGN_OR_RETURN(matches.texts, matcher.match_texts(segment));
      matches.scores.resize(matches.texts.size());
    }
    const auto first_text_id = static_cast<std::uint32_t>(matcher.segments()[segment].first_text_id);
    if (hits_.size() == 0) {
      found.add(first_text_id, matches.texts, tier, matches.scores);
      continue;
    }
    for (std::size_t i = 0; i < matches.texts.size(); ++i) {
      const std::uint32_t text_id = first_text_id + matches.texts[i];
      keep_known(text_id);
      if (known == hits_.size() || hits_.text_id[known] != text_id) found.add(text_id, tier, matches.scores[i]);
    }
  }
  keep_known(std::numeric_limits<std::uint32_t>::max());
  found.has_wider = hits_.has_wider || (tier != Tier::kExact && found.size() > hits_.size());
  hits_ = std::move(found);
  return {};
}

Status Search::look_wider(Store& store) {
  CMEM_ASSIGN_OR_RETURN(auto segments, store.text_index().segments(store.reader()));
  CMEM_ASSIGN_OR_RETURN(const Synonyms synonyms, Synonyms::load(store.reader()));
  CMEM_ASSIGN_OR_RETURN(auto expander,
                        Expander::create(store.text_index(), store.vocabulary(), store.reader(), std::move(segments), synonyms));
  for (const Tier tier : {Tier::kExpanded, Tier::kFuzzy}) {
    if (tier < options_.worst_tier || !has_fewer_than_wanted()) break;
    CMEM_ASSIGN_OR_RETURN(const auto wide, widen(query_, expander, tier));
    const std::size_t known = hits_.size();
    if (!wide) continue;
    CMEM_TRY(find_texts(store, *wide, tier));
    if (hits_.size() == known) continue;
    highlighter_ = Highlighter(highlighted_terms(*wide));
    CMEM_TRY(count(store));
  }
  if (texts_ > 0) return {};
  CMEM_ASSIGN_OR_RETURN(suggestion_, suggest(query_, expander));
  return {};
}

// Finds out how many messages the texts have, and which one stands for each, or who knows it.
Status Search::count(Store& store) {
  messages_ = texts_ = 0;
  own_totals_.clear();
  if (hits_.size() == 0) return {};
  if (source_ == Source::kKnown) {
    KnownMessages::Count counted = known_->count(hits_, kFirstSlots);
    messages_ = counted.messages;
    texts_ = counted.texts;
    first_slots_ = std::move(counted.first_slots);
    return {};
  }
  const bool by_text = options_.order != HitOrder::kOldest && filter().is_open();
  source_ = by_text ? Source::kNumber : Source::kOwn;
  return by_text ? count_by_text(store) : count_by_message(store);
}

Status Search::count_by_text(Store& store) {
  own_totals_.resize(hits_.size());
  CMEM_ASSIGN_OR_RETURN(const auto spans, store.doc_values().spans(store.reader()));
  const SlotFinder slots(hits_.text_id);
  const bool with_ranges = options_.order == HitOrder::kRelevance;  // which asks for the newest message of few texts
  if (with_ranges) ranges_.of.assign(hits_.size(), {});
  ranges_.end = spans.empty() ? 0 : segment_number(spans.back());
  const auto visit = [&](const SegmentSpan& span, std::uint32_t text_id, std::uint64_t messages) {
    const std::size_t slot = slots.find(text_id);
    if (slot == SlotFinder::kNone) return;
    own_totals_[slot].messages += static_cast<std::uint32_t>(messages);
    if (with_ranges) ranges_.of[slot].add(segment_number(span));
  };
  CMEM_TRY(store.doc_values().for_each_text(store.reader(), spans, visit));
  for (const TextTotal& total : own_totals_) messages_ += total.messages;
  texts_ = static_cast<std::int64_t>(hits_.size());
  return {};
}

Status Search::count_by_message(Store& store) {
  own_totals_.resize(hits_.size());
  const bool oldest = options_.order == HitOrder::kOldest;
  CMEM_ASSIGN_OR_RETURN(const auto spans, store.doc_values().spans(store.reader()));
  const auto visit = [&](std::size_t slot, const Segment& segment, std::size_t message) {
    const std::int64_t time_ms = segment.time_ms(message);
    TextTotal& total = own_totals_[slot];
    // Messages come in the order of their ids: of several with one time the first is the oldest, the last the newest.
    const bool better = oldest
                            ? total.messages == 0 || time_rank(time_ms, options_.order) < time_rank(total.newest_ms, options_.order)
                            : total.messages == 0 || time_ms >= total.newest_ms;
    ++total.messages;
    if (!better) return;
    total.newest_ms = time_ms;
    total.newest_id = segment.first_id + static_cast<std::int64_t>(message);
  };
  CMEM_TRY(for_each_matching_message(store, filter(), spans, hits_.text_id, visit, kToTheEnd));
  for (const TextTotal& total : own_totals_) {
    messages_ += total.messages;
    texts_ += total.messages > 0 ? 1 : 0;
  }
  return {};
}

TextTotal Search::total_of(std::size_t slot) const {
  return source_ == Source::kKnown ? known_->total(hits_.text_id[slot]) : own_totals_[slot];
}

bool Search::has_messages(std::size_t slot) const {
  if (filter().is_open()) return true;
  return (source_ == Source::kKnown ? known_->count(hits_.text_id[slot]) : own_totals_[slot].messages) > 0;
}

Hit Search::hit_of(std::size_t slot, const TextTotal& total) const {
  return {hits_.tier[slot], hits_.score[slot] / kScoreUnits, total.newest_ms, total.newest_id, hits_.text_id[slot], total.messages};
}

Result<std::vector<Hit>> Search::page(Store& store, const std::optional<Hit>& after, std::size_t limit) {
  if (total() == 0 || limit == 0) return std::vector<Hit>();
  if (options_.all_messages) return page_of_messages(store, after, limit);
  FirstHits first(limit, options_.order, after);
  const std::vector<std::size_t> slots = best_slots(after, limit);
  if (source_ == Source::kNumber) CMEM_TRY(find_newest(store, slots, after, limit));
  for (const std::size_t slot : slots) {
    const TextTotal total = total_of(slot);
    // What find_newest() has not found is behind what it has.
    if (total.messages > 0 && total.newest_id != 0) first.offer(hit_of(slot, total));
  }
  return first.take();
}

// Texts among which those of the next `limit` hits are, rising: in order of relevance those that are not worse than the one with
// that place.
std::vector<std::size_t> Search::best_slots(const std::optional<Hit>& after, std::size_t limit) const {
  std::vector<std::size_t> slots;
  if (source_ == Source::kKnown && !after && limit <= kFirstSlots) return first_slots_;
  if (source_ == Source::kKnown) return known_->first_slots(hits_, after, limit, options_.all_messages);
  if (options_.order != HitOrder::kRelevance) {
    slots.resize(hits_.size());
    std::iota(slots.begin(), slots.end(), std::size_t{0});
    return slots;
  }
  const std::uint64_t most = after ? rank_of(*after) : UINT64_MAX;
  const auto is_candidate = [&](std::size_t slot) { return hits_.rank_of(slot) <= most && has_messages(slot); };
  // Of those with the same rank as `after` some come before it.
  std::size_t tied = 0;
  for (std::size_t slot = 0; slot < hits_.size() && after; ++slot) tied += hits_.rank_of(slot) == most ? 1 : 0;
  FirstOf<std::uint64_t, std::greater<>> best(limit + tied);
  for (std::size_t slot = 0; slot < hits_.size(); ++slot)
    if (const std::uint64_t rank = hits_.rank_of(slot); best.wants(rank) && is_candidate(slot)) best.add(rank);
  const std::uint64_t least = best.is_full() ? best.last() : 0;
  for (std::size_t slot = 0; slot < hits_.size(); ++slot)
    if (hits_.rank_of(slot) >= least && is_candidate(slot)) slots.push_back(slot);
  return slots;
}

// Finds the newest message of the texts, until the next `limit` hits are certain.
Status Search::find_newest(Store& store, const std::vector<std::size_t>& slots, const std::optional<Hit>& after,
                           std::size_t limit) {
  std::vector<std::uint32_t> texts;
  std::vector<TextTotal> totals;
  SegmentRanges ranges{{}, ranges_.end};
  for (const std::size_t slot : slots) {
    texts.push_back(hits_.text_id[slot]);
    totals.push_back(own_totals_[slot]);
    if (!ranges_.of.empty()) ranges.of.push_back(ranges_.of[slot]);
  }
  NewestMessages newest(texts, end_id_, totals, std::move(ranges));
  CMEM_TRY(newest.find(store, [&](std::int64_t unread_ms) {
    FirstHits settled(limit, options_.order, after);
    // No text whose newest message is not known yet can become a hit before this one.
    Hit bound{Tier::kFuzzy, 0, unread_ms, std::numeric_limits<std::int64_t>::max()};
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const Hit hit = hit_of(slots[i], totals[i]);
      if (newest.is_settled(i, unread_ms)) {
        settled.offer(hit);
      } else if (std::pair(hit.tier, hit.score) > std::pair(bound.tier, bound.score)) {
        bound.tier = hit.tier;
        bound.score = hit.score;
      }
    }
    return settled.is_full_before(bound);
  }));
  for (std::size_t i = 0; i < slots.size(); ++i) own_totals_[slots[i]] = totals[i];
  return {};
}

// Every message is a hit. In an order by time the scan ends as soon as no segment can have a better one.
Result<std::vector<Hit>> Search::page_of_messages(Store& store, const std::optional<Hit>& after, std::size_t limit) {
  FirstHits first(limit, options_.order, after);
  if (source_ == Source::kKnown) {
    for (const std::size_t slot : best_slots(after, limit))
      known_->offer_messages(hits_.text_id[slot], hit_of(slot, total_of(slot)), after, first);
    return first.take();
  }
  CMEM_ASSIGN_OR_RETURN(auto spans, store.doc_values().spans(store.reader()));
  sort_by_best_time(spans, options_.order);
  const auto visit = [&](std::size_t slot, const Segment& segment, std::size_t message) {
    Hit hit = hit_of(slot, total_of(slot));
    hit.time_ms = segment.time_ms(message);
    hit.message_id = segment.first_id + static_cast<std::int64_t>(message);
    if (hit.message_id < end_id_) first.offer(hit);
  };
  const auto go_on = [&](const SegmentSpan& span) { return !first.beats(best_time(span, options_.order)); };
  CMEM_TRY(for_each_matching_message(store, filter(), spans, hits_.text_id, visit, go_on));
  return first.take();
}

std::string Search::snippet(std::string_view text) { return highlighter_.snippet(text); }

}  // namespace cmem
