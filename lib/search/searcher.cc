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

// Calls visit(slot, segment, message) for every message that passes and has one of the texts, which rise: segment after segment, in
// each by text and then by id.
template <typename Visit>
Status scan_matching(Store& store, const ResolvedFilter& filter, const std::vector<std::uint32_t>& texts, Visit&& visit) {
  CMEM_ASSIGN_OR_RETURN(const auto spans, store.doc_values().spans(store.reader()));
  const SlotFinder slots(texts);
  for (const SegmentSpan& span : spans) {
    if (!filter.may_match(span)) continue;
    CMEM_ASSIGN_OR_RETURN(const auto segment,
                          store.doc_values().read_if(store.reader(), span, [&](std::uint32_t id) { return slots.contains(id); }));
    if (!segment) continue;
    const auto visit_text = [&](std::size_t slot, std::size_t text) {
      for (const std::uint16_t message : segment->messages_of(text))
        if (filter.matches(*segment, message)) visit(slot, *segment, message);
    };
    // Few texts are looked up among the segment's, otherwise those among the texts.
    constexpr std::size_t kLookUpCost = 16;
    if (texts.size() * kLookUpCost < segment->texts.size()) {
      auto at = segment->texts.begin();
      for (std::size_t slot = 0; slot < texts.size(); ++slot) {
        at = std::lower_bound(at, segment->texts.end(), texts[slot]);
        if (at == segment->texts.end()) break;
        if (*at == texts[slot]) visit_text(slot, static_cast<std::size_t>(at - segment->texts.begin()));
      }
      continue;
    }
    for (std::size_t text = 0; text < segment->texts.size(); ++text)
      if (const std::size_t slot = slots.find(segment->texts[text]); slot != SlotFinder::kNone) visit_text(slot, text);
  }
  return {};
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
  if (search.hits_.size() > 0) CMEM_TRY(search.count_messages(store, filter));
  return search;
}

Status Search::find_texts(Store& store) {
  CMEM_ASSIGN_OR_RETURN(auto matcher, Matcher::create(store.text_index(), store.reader(), query_));
  for (std::size_t segment = 0; segment < matcher.segments().size(); ++segment) {
    CMEM_ASSIGN_OR_RETURN(const Matches found, matcher.match(segment));
    const auto first_text_id = static_cast<std::uint32_t>(matcher.segments()[segment].first_text_id);
    for (const std::uint32_t text : found.texts) hits_.text_id.push_back(first_text_id + text);
    hits_.score.insert(hits_.score.end(), found.scores.begin(), found.scores.end());
  }
  return {};
}

// Gives each text the message that stands for it and the number of its messages.
Status Search::count_messages(Store& store, const ResolvedFilter& filter) {
  const bool newest = options_.order != HitOrder::kOldest;
  hits_.messages.assign(hits_.size(), 0);
  hits_.time_ms.assign(hits_.size(), kNoTime);
  hits_.message_id.assign(hits_.size(), 0);
  CMEM_TRY(scan_matching(store, filter, hits_.text_id, [&](std::size_t slot, const Segment& segment, std::size_t message) {
    const std::int64_t time = time_rank(segment.time_ms(message), options_.order);
    const std::int64_t best = time_rank(hits_.time_ms[slot], options_.order);
    // Messages come in order of their ids: of several with one time the first is the oldest, the last the newest.
    if (hits_.messages[slot]++ == 0 || (newest ? time >= best : time < best)) {
      hits_.time_ms[slot] = segment.time_ms(message);
      hits_.message_id[slot] = segment.first_id + static_cast<std::int64_t>(message);
    }
  }));
  for (const std::uint32_t messages : hits_.messages) {
    messages_ += messages;
    texts_ += messages > 0 ? 1 : 0;
  }
  return {};
}

Hit Search::hit_of(std::size_t slot) const {
  return {hits_.score[slot] / kScoreUnits, hits_.time_ms[slot], hits_.message_id[slot], hits_.text_id[slot], hits_.messages[slot]};
}

Result<std::vector<Hit>> Search::page(Store& store, const ResolvedFilter& filter, const std::optional<Hit>& after,
                                      std::size_t limit) {
  FirstHits first(limit, options_.order, after);
  if (total() == 0 || limit == 0) return first.take();
  if (!options_.all_messages) {
    for (std::size_t slot = 0; slot < hits_.size(); ++slot)
      if (hits_.messages[slot] > 0) first.offer(hit_of(slot));
    return first.take();
  }
  CMEM_TRY(scan_matching(store, filter, hits_.text_id, [&](std::size_t slot, const Segment& segment, std::size_t message) {
    Hit hit = hit_of(slot);
    hit.time_ms = segment.time_ms(message);
    hit.message_id = segment.first_id + static_cast<std::int64_t>(message);
    first.offer(hit);
  }));
  return first.take();
}

std::string Search::snippet(std::string_view text) { return highlighter_.snippet(text); }

}  // namespace cmem
