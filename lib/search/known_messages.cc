#include "search/known_messages.h"

#include <algorithm>
#include <array>
#include <compare>
#include <functional>
#include <iterator>
#include <span>
#include <utility>

#include "base/first_of.h"

namespace cmem {

// The first `limit` texts of a view.
class KnownMessages::FirstTexts {
 public:
  explicit FirstTexts(std::size_t limit) : first_(limit) {}

  // Less is better. False: no text so much worse than the best gets in.
  [[nodiscard]] bool may_want(std::uint64_t worse) const { return !first_.is_full() || worse <= first_.last().worse; }
  // The same for some texts at once, which is quicker: by their tiers and scores, or by their positions where nothing else differs.
  [[nodiscard]] bool may_want_any(const TextHits& texts, std::size_t begin, std::size_t count) const {
    std::uint64_t best = 0;
    for (std::size_t slot = begin; slot < begin + count; ++slot) best = std::max(best, texts.rank_of(slot));
    return may_want(~best);
  }
  [[nodiscard]] bool may_want_any(std::span<const std::uint32_t> positions) const {
    std::uint32_t least = TextMessagesView::kNone;
    for (const std::uint32_t position : positions) least = std::min(least, position);
    return !first_.is_full() || least < first_.last().position;
  }
  // kNone never gets in.
  [[nodiscard]] bool wants(std::uint64_t worse, std::uint32_t position) const {
    if (!first_.is_full() || worse < first_.last().worse) return position != TextMessagesView::kNone;
    return worse == first_.last().worse && position < first_.last().position;
  }
  // One that is wanted.
  void add(std::uint64_t worse, std::uint32_t position, std::size_t slot) { first_.add({worse, position, slot}); }
  void take(std::vector<std::size_t>& slots) {
    for (const Text& text : first_.take()) slots.push_back(text.slot);
  }

 private:
  struct Text {
    std::uint64_t worse;  // how much its tier and score are worse than the best
    std::uint32_t position;
    std::size_t slot;
    friend auto operator<=>(const Text&, const Text&) = default;
  };
  FirstOf<Text, std::less<>> first_;
};

KnownMessages::KnownMessages(const TextMessagesParts& messages, const ResolvedFilter& filter, HitOrder order) : order_(order) {
  for (const auto& part : messages)
    views_.emplace_back(part, filter.times(), filter.passes_time(kNoTime), order != HitOrder::kOldest);
}

TextTotal KnownMessages::total(std::uint32_t text_id) const {
  TextTotal total;
  Hit best;
  for (const TextMessagesView& view : views_) {
    const std::uint32_t position = view.first(text_id);
    if (position == TextMessagesView::kNone) continue;
    Hit first;
    first.time_ms = view.time_ms(position);
    first.message_id = view.message_id(position);
    if (total.messages == 0 || comes_before(first, best, order_)) best = first;
    total.messages += view.count(text_id);
  }
  total.newest_ms = best.time_ms;
  total.newest_id = best.message_id;
  return total;
}

std::vector<std::uint32_t> KnownMessages::texts() const {
  std::vector<std::uint32_t> texts;
  for (const TextMessagesView& view : views_) {
    std::vector<std::uint32_t> of_view;
    view.for_each_text([&](std::uint32_t text_id) { of_view.push_back(text_id); });
    std::vector<std::uint32_t> both;
    both.reserve(texts.size() + of_view.size());
    std::set_union(texts.begin(), texts.end(), of_view.begin(), of_view.end(), std::back_inserter(both));
    texts = std::move(both);
  }
  return texts;
}

// A score says nothing in an order by time.
std::uint64_t KnownMessages::worse_of(Hit hit) const {
  if (order_ != HitOrder::kRelevance) hit.score = 0;
  return ~rank_of(hit);
}

// How many positions are not behind `after`, for a text of the same tier and score.
std::uint32_t KnownMessages::positions_until(const TextMessagesView& view, const Hit& after) const {
  return view.count_before([&](std::uint32_t position) {
    Hit hit = after;
    hit.time_ms = view.time_ms(position);
    hit.message_id = view.message_id(position);
    return !comes_before(after, hit, order_);
  });
}

// A text that is among the first of all is among the first of the view that has its first message.
std::vector<std::size_t> KnownMessages::slots_of(std::vector<FirstTexts>& first) {
  std::vector<std::size_t> slots;
  for (FirstTexts& of_view : first) of_view.take(slots);
  std::sort(slots.begin(), slots.end());
  slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
  return slots;
}

KnownMessages::Count KnownMessages::count(const TextHits& texts, std::size_t limit) const {
  constexpr std::size_t kMany = TextMessagesView::kManyTexts;
  const bool by_time = order_ != HitOrder::kRelevance;
  Count count;
  std::vector<FirstTexts> first(views_.size(), FirstTexts(limit));
  std::array<std::uint32_t, kMany> counts;
  std::array<std::uint32_t, kMany> positions;
  std::array<std::uint32_t, kMany> sums;
  const std::size_t steps = (texts.size() + kMany - 1) / kMany;
  for (std::size_t step = 0; step < steps; ++step) {
    // Later texts have newer messages: where those come first, few texts get in that give way to others.
    const std::size_t begin = (order_ == HitOrder::kNewest ? steps - 1 - step : step) * kMany;
    const auto ids = std::span(texts.text_id).subspan(begin, std::min(kMany, texts.size() - begin));
    sums.fill(0);
    for (std::size_t view = 0; view < views_.size(); ++view) {
      views_[view].count(ids, counts.data(), by_time ? positions.data() : nullptr);
      for (std::size_t i = 0; i < ids.size(); ++i) sums[i] += counts[i];
      const bool may_want = by_time && !texts.has_wider ? first[view].may_want_any(std::span(positions).first(ids.size()))
                                                        : first[view].may_want_any(texts, begin, ids.size());
      if (!may_want) continue;
      for (std::size_t i = 0; i < ids.size(); ++i) {
        const std::uint64_t worse = ~texts.rank_of(begin + i);
        if (!first[view].may_want(worse)) continue;
        if (!by_time) positions[i] = counts[i] > 0 ? views_[view].first(ids[i]) : TextMessagesView::kNone;
        if (first[view].wants(worse, positions[i])) first[view].add(worse, positions[i], begin + i);
      }
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
      count.messages += sums[i];
      count.texts += sums[i] > 0 ? 1 : 0;
    }
  }
  count.first_slots = slots_of(first);
  return count;
}

std::vector<std::size_t> KnownMessages::first_slots(const TextHits& texts, const std::optional<Hit>& after, std::size_t limit,
                                                    bool all_messages) const {
  const std::uint64_t after_worse = after ? worse_of(*after) : 0;
  std::vector<FirstTexts> first(views_.size(), FirstTexts(limit));
  for (std::size_t i = 0; i < views_.size(); ++i) {
    const TextMessagesView& view = views_[i];
    const std::uint32_t after_position = after ? positions_until(view, *after) : 0;
    for (std::size_t slot = 0; slot < texts.size(); ++slot) {
      const std::uint64_t worse = ~texts.rank_of(slot);
      if (worse < after_worse || !first[i].may_want(worse)) continue;
      const std::uint32_t text_id = texts.text_id[slot];
      const std::uint32_t from = worse == after_worse ? after_position : 0;
      std::uint32_t position = view.first(text_id);
      if (position < from && all_messages) position = view.first(text_id, from);
      if (position < from || !first[i].wants(worse, position)) continue;
      if (after && !all_messages && views_.size() > 1 &&
          was_given(text_id, {texts.tier[slot], texts.score[slot] / kScoreUnits}, *after))
        continue;
      first[i].add(worse, position, slot);
    }
  }
  return slots_of(first);
}

// Another view may have its first message.
bool KnownMessages::was_given(std::uint32_t text_id, Hit hit, const Hit& after) const {
  const TextTotal total = this->total(text_id);
  hit.time_ms = total.newest_ms;
  hit.message_id = total.newest_id;
  return !comes_before(after, hit, order_);
}

void KnownMessages::offer_messages(std::uint32_t text_id, Hit hit, const std::optional<Hit>& after, FirstHits& first) const {
  const bool starts_behind = after && worse_of(hit) == worse_of(*after);
  for (const TextMessagesView& view : views_) {
    view.for_each(text_id, starts_behind ? positions_until(view, *after) : 0, [&](std::uint32_t position) {
      hit.time_ms = view.time_ms(position);
      hit.message_id = view.message_id(position);
      return first.offer(hit);
    });
  }
}

}  // namespace cmem
