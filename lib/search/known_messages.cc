#include "search/known_messages.h"

#include <algorithm>
#include <compare>
#include <iterator>
#include <utility>

namespace cmem {
namespace {

// A text's place among the others: less comes first.
struct Key {
  std::uint64_t worse;  // how much its tier and score are worse than the best
  std::uint32_t position;
  friend auto operator<=>(const Key&, const Key&) = default;
};

// The least `limit` keys that are offered, and the slots that they came with.
class LeastKeys {
 public:
  explicit LeastKeys(std::size_t limit) : limit_(limit) {}

  // Whether a key that is not less than this one may be wanted.
  [[nodiscard]] bool may_want(std::uint64_t worse) const { return found_.size() < limit_ || worse <= found_.front().first.worse; }
  [[nodiscard]] bool wants(const Key& key) const { return found_.size() < limit_ || key < found_.front().first; }
  void add(const Key& key, std::size_t slot) {
    if (found_.size() == limit_) {
      std::pop_heap(found_.begin(), found_.end());
      found_.pop_back();
    }
    found_.emplace_back(key, slot);
    std::push_heap(found_.begin(), found_.end());
  }
  [[nodiscard]] const std::vector<std::pair<Key, std::size_t>>& found() const { return found_; }

 private:
  std::size_t limit_;
  std::vector<std::pair<Key, std::size_t>> found_;
};

}  // namespace

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

// The first of each view: a text that is among the first of all is among the first of the view that has its first message.
std::vector<std::size_t> KnownMessages::first_slots(const TextHits& texts, const std::optional<Hit>& after, std::size_t limit,
                                                    bool all_messages) const {
  const std::uint64_t after_worse = after ? worse_of(*after) : 0;
  std::vector<std::size_t> slots;
  for (const TextMessagesView& view : views_) {
    LeastKeys least(limit);
    const std::uint32_t after_position = after ? positions_until(view, *after) : 0;
    for (std::size_t slot = 0; slot < texts.size(); ++slot) {
      const std::uint64_t worse = ~texts.rank_of(slot);
      if (worse < after_worse || !least.may_want(worse)) continue;
      const std::uint32_t text_id = texts.text_id[slot];
      const std::uint32_t from = worse == after_worse ? after_position : 0;
      Key key{worse, view.first(text_id)};
      if (key.position < from && all_messages) key.position = view.first(text_id, from);
      if (key.position == TextMessagesView::kNone || key.position < from || !least.wants(key)) continue;
      if (after && !all_messages && views_.size() > 1 &&
          was_given(text_id, {texts.tier[slot], texts.score[slot] / kScoreUnits}, *after))
        continue;
      least.add(key, slot);
    }
    for (const auto& [key, slot] : least.found()) slots.push_back(slot);
  }
  std::sort(slots.begin(), slots.end());
  slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
  return slots;
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
