#include "search/known_messages.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cmem {
namespace {

// The least `limit` keys that are offered, and the slots that they came with.
class LeastKeys {
 public:
  explicit LeastKeys(std::size_t limit) : limit_(limit) {}

  [[nodiscard]] bool wants(std::uint64_t key) const { return found_.size() < limit_ || key < found_.front().first; }
  void add(std::uint64_t key, std::size_t slot) {
    if (found_.size() == limit_) {
      std::pop_heap(found_.begin(), found_.end());
      found_.pop_back();
    }
    found_.emplace_back(key, slot);
    std::push_heap(found_.begin(), found_.end());
  }
  [[nodiscard]] const std::vector<std::pair<std::uint64_t, std::size_t>>& found() const { return found_; }

 private:
  std::size_t limit_;
  std::vector<std::pair<std::uint64_t, std::size_t>> found_;
};

// Less for what comes first: by tier, then by position.
std::uint64_t key_of(Tier tier, std::uint32_t position) {
  const auto worse = static_cast<std::uint64_t>(Tier::kExact) - static_cast<std::uint64_t>(tier);
  return worse << 32 | position;
}

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

// How many positions are not behind `after`, in an order by time.
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
  const auto was_given = [&](std::size_t slot) {
    const TextTotal total = this->total(texts.text_id[slot]);
    return !comes_before(*after, {texts.tier[slot], 0, total.newest_ms, total.newest_id}, order_);
  };
  std::vector<std::size_t> slots;
  for (const TextMessagesView& view : views_) {
    LeastKeys least(limit);
    const std::uint32_t from = after ? positions_until(view, *after) : 0;
    for (std::size_t slot = 0; slot < texts.size(); ++slot) {
      const Tier tier = texts.tier[slot];
      if (after && tier > after->tier) continue;
      std::uint32_t position = view.first(texts.text_id[slot]);
      if (position == TextMessagesView::kNone || !least.wants(key_of(tier, position))) continue;
      if (after && tier == after->tier && all_messages && position < from) {
        position = TextMessagesView::kNone;
        view.for_each(texts.text_id[slot], from, [&](std::uint32_t next) {
          position = next;
          return false;
        });
        if (position == TextMessagesView::kNone || !least.wants(key_of(tier, position))) continue;
      } else if (after && !all_messages && was_given(slot)) {
        continue;
      }
      least.add(key_of(tier, position), slot);
    }
    for (const auto& [key, slot] : least.found()) slots.push_back(slot);
  }
  std::sort(slots.begin(), slots.end());
  slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
  return slots;
}

void KnownMessages::offer_messages(std::uint32_t text_id, Hit hit, const std::optional<Hit>& after, FirstHits& first) const {
  const bool starts_behind = after && order_ != HitOrder::kRelevance && hit.tier == after->tier;
  for (const TextMessagesView& view : views_) {
    view.for_each(text_id, starts_behind ? positions_until(view, *after) : 0, [&](std::uint32_t position) {
      hit.time_ms = view.time_ms(position);
      hit.message_id = view.message_id(position);
      return first.offer(hit);
    });
  }
}

}  // namespace cmem
