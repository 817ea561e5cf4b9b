#include "search/searcher.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "search/matcher.h"
#include "store/segment_filter.h"
#include "store/text_totals.h"

namespace cmem {
namespace {

std::int64_t time_rank(std::int64_t time_ms, HitOrder order) {
  return order == HitOrder::kOldest && time_ms == kNoTime ? std::numeric_limits<std::int64_t>::max() : time_ms;
}

// Keeps the first `limit` hits behind `after`: a heap with the last of them on top.
class FirstHits {
 public:
  FirstHits(std::size_t limit, HitOrder order, const std::optional<Hit>& after) : limit_(limit), order_(order), after_(after) {}

  void offer(const Hit& hit) {
    const auto before = [this](const Hit& a, const Hit& b) { return comes_before(a, b, order_); };
    if (hits_.size() == limit_ && !before(hit, hits_.front())) return;
    if (after_ && !before(*after_, hit)) return;
    if (hits_.size() == limit_) {
      std::pop_heap(hits_.begin(), hits_.end(), before);
      hits_.pop_back();
    }
    hits_.push_back(hit);
    std::push_heap(hits_.begin(), hits_.end(), before);
  }

  // True when no hit at this time can get in.
  [[nodiscard]] bool beats(std::int64_t time_ms) const {
    // A hit of a better tier would stand before all of a worse one.
    if (order_ == HitOrder::kRelevance || hits_.size() < limit_ || hits_.front().tier != Tier::kExact) return false;
    const std::int64_t last = time_rank(hits_.front().time_ms, order_);
    return order_ == HitOrder::kOldest ? last < time_ms : last > time_ms;
  }

  // True when there are enough, and none of them would give way to a hit that does not come before `bound`.
  [[nodiscard]] bool is_full_before(const Hit& bound) const {
    return hits_.size() == limit_ && comes_before(hits_.front(), bound, order_);
  }

  std::vector<Hit> take() {
    std::sort(hits_.begin(), hits_.end(), [this](const Hit& a, const Hit& b) { return comes_before(a, b, order_); });
    return std::move(hits_);
  }

 private:
  std::size_t limit_;
  HitOrder order_;
  const std::optional<Hit>& after_;
  std::vector<Hit> hits_;
};

// Calls visit(slot, text) for the matching texts of a segment, text being their place in it.
template <typename Visit>
void for_each_match(const Segment& segment, const std::vector<std::uint32_t>& texts, const SlotFinder& slots, Visit&& visit) {
  // Few texts are looked up among the segment's, otherwise those among the texts.
  constexpr std::size_t kLookUpCost = 16;
  if (texts.size() * kLookUpCost < segment.texts.size()) {
    auto at = segment.texts.begin();
    for (std::size_t slot = 0; slot < texts.size(); ++slot) {
      at = std::lower_bound(at, segment.texts.end(), texts[slot]);
      if (at == segment.texts.end()) return;
      if (*at == texts[slot]) visit(slot, static_cast<std::size_t>(at - segment.texts.begin()));
    }
    return;
  }
  for (std::size_t text = 0; text < segment.texts.size(); ++text)
    if (const std::size_t slot = slots.find(segment.texts[text]); slot != SlotFinder::kNone) visit(slot, text);
}

// Calls visit(slot, segment, message) for every message of the spans that passes and has one of the texts, which rise: in each
// segment by text and then by id. go_on(span) -> bool is asked before each segment.
template <typename Visit, typename GoOn>
Status scan_matching(Store& store, const ResolvedFilter& filter, const std::vector<SegmentSpan>& spans,
                     const std::vector<std::uint32_t>& texts, Visit&& visit, GoOn&& go_on) {
  const SlotFinder slots(texts);
  for (const SegmentSpan& span : spans) {
    if (!filter.may_match(span)) continue;
    if (!go_on(span)) break;
    CMEM_ASSIGN_OR_RETURN(const auto segment,
                          store.doc_values().read_if(store.reader(), span, [&](std::uint32_t id) { return slots.contains(id); }));
    if (!segment) continue;
    const SegmentFilter passes(filter, *segment);
    if (!passes.any()) continue;
    for_each_match(*segment, texts, slots, [&](std::size_t slot, std::size_t text) {
      for (const std::uint16_t message : segment->messages_of(text))
        if (passes.all() || passes.passes(message)) visit(slot, *segment, message);
    });
  }
  return {};
}

constexpr auto kToTheEnd = [](const SegmentSpan&) { return true; };

// The time at which the first message of a span in this order may stand.
std::int64_t best_time(const SegmentSpan& span, HitOrder order) {
  const bool no_time_known = span.min_ms > span.max_ms;
  if (order == HitOrder::kOldest) return no_time_known ? std::numeric_limits<std::int64_t>::max() : span.min_ms;
  return no_time_known ? kNoTime : span.max_ms;
}

void sort_by_best_time(std::vector<SegmentSpan>& spans, HitOrder order) {
  std::stable_sort(spans.begin(), spans.end(), [order](const SegmentSpan& a, const SegmentSpan& b) {
    return order == HitOrder::kOldest ? best_time(a, order) < best_time(b, order) : best_time(a, order) > best_time(b, order);
  });
}

std::vector<QueryTerm> highlighted_terms(const CompiledQuery& query) {
  std::vector<QueryTerm> terms;
  for (const std::size_t term : query.highlighted) terms.push_back(query.terms[term]);
  return terms;
}

}  // namespace

bool comes_before(const Hit& a, const Hit& b, HitOrder order) {
  if (a.tier != b.tier) return a.tier > b.tier;
  if (order == HitOrder::kRelevance && a.score != b.score) return a.score > b.score;
  const std::int64_t time_a = time_rank(a.time_ms, order);
  const std::int64_t time_b = time_rank(b.time_ms, order);
  if (order == HitOrder::kOldest) return time_a != time_b ? time_a < time_b : a.message_id < b.message_id;
  return time_a != time_b ? time_a > time_b : a.message_id > b.message_id;
}

Search::Search(CompiledQuery query, const SearchOptions& options)
    : query_(std::move(query)), highlighter_(highlighted_terms(query_)), options_(options) {}

Result<Search> Search::run(Store& store, CompiledQuery query, const ResolvedFilter& filter, const SearchOptions& options) {
  Search search(std::move(query), options);
  if (search.query_.nothing_to_search() || filter.matches_nothing()) return search;
  search.totals_ = store.text_totals();
  CMEM_TRY(search.find_texts(store, search.query_, Tier::kExact));
  if (search.hits_.size() > 0) CMEM_TRY(search.count_messages(store, filter));
  if (options.worst_tier != Tier::kExact && search.has_fewer_than_wanted()) CMEM_TRY(search.look_wider(store, filter));
  for (std::size_t slot = 0; slot < search.hits_.size(); ++slot)
    if (search.hits_.messages[slot] > 0) search.worst_found_ = std::min(search.worst_found_, search.hits_.tier[slot]);
  return search;
}

// Adds the texts that match and were not found by a better tier.
Status Search::find_texts(Store& store, const CompiledQuery& query, Tier tier) {
  CMEM_ASSIGN_OR_RETURN(auto matcher, Matcher::create(store.text_index(), store.reader(), query));
  TextHits found;
  std::size_t known = 0;
  const auto keep_known = [&](std::uint32_t before) {
    for (; known < hits_.size() && hits_.text_id[known] < before; ++known) {
      found.text_id.push_back(hits_.text_id[known]);
      found.score.push_back(hits_.score[known]);
      found.tier.push_back(hits_.tier[known]);
    }
  };
  for (std::size_t segment = 0; segment < matcher.segments().size(); ++segment) {
    CMEM_ASSIGN_OR_RETURN(const Matches matches, matcher.match(segment));
    const auto first_text_id = static_cast<std::uint32_t>(matcher.segments()[segment].first_text_id);
    for (std::size_t i = 0; i < matches.texts.size(); ++i) {
      const std::uint32_t text_id = first_text_id + matches.texts[i];
      keep_known(text_id);
      if (known < hits_.size() && hits_.text_id[known] == text_id) continue;
      found.text_id.push_back(text_id);
      found.score.push_back(matches.scores[i]);
      found.tier.push_back(tier);
    }
  }
  keep_known(std::numeric_limits<std::uint32_t>::max());
  if (found.size() == hits_.size()) return {};
  hits_ = std::move(found);  // what is known of their messages has to be counted anew
  return {};
}

Status Search::look_wider(Store& store, const ResolvedFilter& filter) {
  CMEM_ASSIGN_OR_RETURN(auto segments, store.text_index().segments(store.reader()));
  CMEM_ASSIGN_OR_RETURN(const Synonyms synonyms, Synonyms::load(store.reader()));
  CMEM_ASSIGN_OR_RETURN(auto expander, Expander::create(store.text_index(), store.vocabulary(), store.reader(), std::move(segments), synonyms));
  for (const Tier tier : {Tier::kExpanded, Tier::kFuzzy}) {
    if (tier < options_.worst_tier || !has_fewer_than_wanted()) break;
    CMEM_ASSIGN_OR_RETURN(const auto wide, widen(query_, expander, tier));
    const std::size_t known = hits_.size();
    if (!wide) continue;
    CMEM_TRY(find_texts(store, *wide, tier));
    if (hits_.size() == known) continue;
    highlighter_ = Highlighter(highlighted_terms(*wide));
    messages_ = texts_ = 0;
    CMEM_TRY(count_messages(store, filter));
  }
  if (texts_ > 0) return {};
  CMEM_ASSIGN_OR_RETURN(suggestion_, suggest(query_, expander));
  return {};
}

// Gives each text the message that stands for it and the number of its messages.
Status Search::count_messages(Store& store, const ResolvedFilter& filter) {
  const bool newest = options_.order != HitOrder::kOldest;
  if (filter.is_open() && newest) return count_all_messages(store);
  has_messages_ = true;
  hits_.messages.assign(hits_.size(), 0);
  hits_.time_ms.assign(hits_.size(), kNoTime);
  hits_.message_id.assign(hits_.size(), 0);
  CMEM_ASSIGN_OR_RETURN(const auto spans, store.doc_values().spans(store.reader()));
  const auto visit = [&](std::size_t slot, const Segment& segment, std::size_t message) {
    const std::int64_t time_ms = segment.time_ms(message);
    const std::int64_t time = time_rank(time_ms, options_.order);
    const std::int64_t best = time_rank(hits_.time_ms[slot], options_.order);
    // Messages come in order of their ids: of several with one time the first is the oldest, the last the newest.
    if (hits_.messages[slot]++ != 0 && (newest ? time < best : time >= best)) return;
    hits_.time_ms[slot] = time_ms;
    hits_.message_id[slot] = segment.first_id + static_cast<std::int64_t>(message);
  };
  CMEM_TRY(scan_matching(store, filter, spans, hits_.text_id, visit, kToTheEnd));
  for (const std::uint32_t messages : hits_.messages) {
    messages_ += messages;
    texts_ += messages > 0 ? 1 : 0;
  }
  return {};
}

// Without a filter the numbers are known without a look at the messages. Which message is the newest of a text is known too if the
// store keeps the totals, else find_newest() looks for those that are asked for.
Status Search::count_all_messages(Store& store) {
  CMEM_ASSIGN_OR_RETURN(const auto spans, store.doc_values().spans(store.reader()));
  hits_.messages.assign(hits_.size(), 0);
  hits_.time_ms.assign(hits_.size(), kNoTime);
  hits_.message_id.assign(hits_.size(), 0);
  if (totals_ != nullptr) {
    CMEM_TRY(totals_->extend(store.reader(), store.doc_values(), spans));
    for (std::size_t slot = 0; slot < hits_.size(); ++slot) {
      const TextTotal total = totals_->of(hits_.text_id[slot]);
      hits_.messages[slot] = total.messages;
      hits_.time_ms[slot] = total.newest_ms;
      hits_.message_id[slot] = total.newest_id;
    }
    if (!spans.empty() && spans.back().is_tail) {
      CMEM_ASSIGN_OR_RETURN(const auto tail, store.doc_values().read(store.reader(), spans.back()));
      for_each_match(*tail, hits_.text_id, SlotFinder(hits_.text_id), [&](std::size_t slot, std::size_t text) {
        for (const std::uint16_t message : tail->messages_of(text)) {
          const std::int64_t time_ms = tail->time_ms(message);
          if (hits_.messages[slot]++ != 0 && time_ms < hits_.time_ms[slot]) continue;
          hits_.time_ms[slot] = time_ms;
          hits_.message_id[slot] = tail->first_id + message;
        }
      });
    }
  } else {
    const SlotFinder slots(hits_.text_id);
    CMEM_TRY(store.doc_values().for_each_text(store.reader(), spans, [&](std::uint32_t text_id, std::uint64_t messages) {
      if (const std::size_t slot = slots.find(text_id); slot != SlotFinder::kNone)
        hits_.messages[slot] += static_cast<std::uint32_t>(messages);
    }));
  }
  has_messages_ = totals_ != nullptr;
  for (const std::uint32_t messages : hits_.messages) messages_ += messages;
  texts_ = static_cast<std::int64_t>(hits_.size());
  return {};
}

Hit Search::hit_of(std::size_t slot) const {
  return {hits_.tier[slot],    hits_.score[slot] / kScoreUnits, hits_.time_ms[slot], hits_.message_id[slot], hits_.text_id[slot],
          hits_.messages[slot]};
}

Result<std::vector<Hit>> Search::page(Store& store, const ResolvedFilter& filter, const std::optional<Hit>& after,
                                      std::size_t limit) {
  if (total() == 0 || limit == 0) return std::vector<Hit>();
  if (options_.all_messages) return page_of_messages(store, filter, after, limit);
  FirstHits first(limit, options_.order, after);
  const std::vector<std::size_t> candidates = best_slots(after, limit);
  if (!has_messages_) CMEM_TRY(find_newest(store, candidates, limit, after));
  for (const std::size_t slot : candidates) {
    // What find_newest() has not found is behind what it has.
    if (hits_.messages[slot] > 0 && hits_.message_id[slot] != 0) first.offer(hit_of(slot));
  }
  return first.take();
}

// The texts among which the next `limit` hits are: in order of relevance those that are not worse than the one with that rank.
std::vector<std::size_t> Search::best_slots(const std::optional<Hit>& after, std::size_t limit) const {
  const bool by_score = options_.order == HitOrder::kRelevance;
  const auto key_of = [&](std::size_t slot) { return std::pair(hits_.tier[slot], hits_.score[slot] / kScoreUnits); };
  const auto after_key = after ? std::pair(after->tier, after->score) : std::pair(Tier::kExact, 0.0);
  std::vector<std::size_t> slots;
  slots.reserve(hits_.size());
  std::size_t tied = 0;  // with `after`: some of them may come before it
  for (std::size_t slot = 0; slot < hits_.size(); ++slot) {
    if (hits_.messages[slot] == 0 || (by_score && after && key_of(slot) > after_key)) continue;
    tied += after && key_of(slot) == after_key ? 1 : 0;
    slots.push_back(slot);
  }
  if (!by_score || slots.size() <= limit + tied) return slots;
  const auto nth = slots.begin() + static_cast<std::ptrdiff_t>(limit + tied - 1);
  std::nth_element(slots.begin(), nth, slots.end(), [&](std::size_t a, std::size_t b) { return key_of(a) > key_of(b); });
  const auto worst = key_of(*nth);
  std::erase_if(slots, [&](std::size_t slot) { return key_of(slot) < worst; });
  return slots;
}

// Finds the newest message of the candidates, the newest segments first, until the next `limit` hits are certain.
Status Search::find_newest(Store& store, const std::vector<std::size_t>& candidates, std::size_t limit,
                           const std::optional<Hit>& after) {
  std::vector<std::size_t> slots = candidates;
  std::sort(slots.begin(), slots.end());
  std::vector<std::uint32_t> texts;
  texts.reserve(slots.size());
  for (const std::size_t slot : slots) {
    texts.push_back(hits_.text_id[slot]);
    hits_.time_ms[slot] = kNoTime;
    hits_.message_id[slot] = 0;
  }
  std::vector<std::uint32_t> missing;  // messages of each that were not seen yet
  missing.reserve(slots.size());
  for (const std::size_t slot : slots) missing.push_back(hits_.messages[slot]);
  CMEM_ASSIGN_OR_RETURN(auto spans, store.doc_values().spans(store.reader()));
  sort_by_best_time(spans, HitOrder::kNewest);
  const SlotFinder finder(texts);
  std::size_t next_check = 1;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const std::int64_t span_ms = best_time(spans[i], HitOrder::kNewest);
    const auto is_settled = [&](std::size_t place) { return missing[place] == 0 || hits_.time_ms[slots[place]] > span_ms; };
    // The check costs a pass over the candidates, so it is made ever more seldom.
    if (i == next_check) {
      next_check *= 2;
      FirstHits settled(limit, options_.order, after);
      Hit bound;  // no unsettled text can become a hit before this one
      bound.tier = Tier::kFuzzy;
      bound.time_ms = span_ms;
      bound.message_id = std::numeric_limits<std::int64_t>::max();
      for (std::size_t place = 0; place < slots.size(); ++place) {
        if (is_settled(place)) {
          settled.offer(hit_of(slots[place]));
        } else {
          const Hit hit = hit_of(slots[place]);
          if (std::pair(hit.tier, hit.score) > std::pair(bound.tier, bound.score)) {
            bound.tier = hit.tier;
            bound.score = hit.score;
          }
        }
      }
      if (settled.is_full_before(bound)) break;
    }
    CMEM_ASSIGN_OR_RETURN(const auto segment, store.doc_values().read_if(store.reader(), spans[i], [&](std::uint32_t id) {
      const std::size_t place = finder.find(id);
      return place != SlotFinder::kNone && !is_settled(place);
    }));
    if (!segment) continue;
    for_each_match(*segment, texts, finder, [&](std::size_t place, std::size_t text) {
      const auto messages = segment->messages_of(text);
      missing[place] -= std::min(missing[place], static_cast<std::uint32_t>(messages.size()));
      for (const std::uint16_t message : messages) {
        const std::int64_t time_ms = segment->time_ms(message);
        const std::int64_t id = segment->first_id + message;
        const std::size_t slot = slots[place];
        if (hits_.message_id[slot] != 0 && std::pair(time_ms, id) < std::pair(hits_.time_ms[slot], hits_.message_id[slot]))
          continue;
        hits_.time_ms[slot] = time_ms;
        hits_.message_id[slot] = id;
      }
    });
  }
  return {};
}

// Every message is a hit. In an order by time the scan ends as soon as no segment can have a better one.
Result<std::vector<Hit>> Search::page_of_messages(Store& store, const ResolvedFilter& filter, const std::optional<Hit>& after,
                                                  std::size_t limit) {
  FirstHits first(limit, options_.order, after);
  CMEM_ASSIGN_OR_RETURN(auto spans, store.doc_values().spans(store.reader()));
  sort_by_best_time(spans, options_.order);
  const auto visit = [&](std::size_t slot, const Segment& segment, std::size_t message) {
    Hit hit = hit_of(slot);
    hit.time_ms = segment.time_ms(message);
    hit.message_id = segment.first_id + static_cast<std::int64_t>(message);
    first.offer(hit);
  };
  const auto go_on = [&](const SegmentSpan& span) { return !first.beats(best_time(span, options_.order)); };
  CMEM_TRY(scan_matching(store, filter, spans, hits_.text_id, visit, go_on));
  return first.take();
}

std::string Search::snippet(std::string_view text) { return highlighter_.snippet(text); }

}  // namespace cmem
