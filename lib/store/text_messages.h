// For each text its messages in the order of their times, in memory: with it a search counts its messages, and finds the newest of
// them, without a look at any message, also between two times. shared_messages.h has those of a whole store.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "base/terms.h"
#include "store/intervals.h"
#include "store/slot_finder.h"

namespace cmem {

struct TextTotal {
  std::uint32_t messages = 0;
  std::int64_t newest_ms = kNoTime;
  std::int64_t newest_id = 0;
};

struct TimedMessage {
  std::int64_t time_ms;
  std::int64_t message_id;
  std::uint32_t text_id;
  std::uint32_t context_id = 0;
};

// Times that do not fall: 4 bytes each where 256 of them lie within 49 days, else 8. Messages without a time come first.
class SortedTimes {
 public:
  void append(std::int64_t time_ms);
  [[nodiscard]] std::int64_t operator[](std::size_t at) const {
    if (at < without_time_) return kNoTime;
    return wide_.empty() ? bases_[at / kBlock] + offsets_[at] : wide_[at];
  }
  [[nodiscard]] std::size_t size() const { return wide_.empty() ? offsets_.size() : wide_.size(); }
  [[nodiscard]] std::uint32_t without_time() const { return static_cast<std::uint32_t>(without_time_); }
  // How many are before `time_ms`, which is a time.
  [[nodiscard]] std::uint32_t count_before(std::int64_t time_ms) const;

 private:
  static constexpr std::size_t kBlock = 256;
  void widen();

  std::size_t without_time_ = 0;
  std::vector<std::int64_t> bases_;
  std::vector<std::uint32_t> offsets_;
  std::vector<std::int64_t> wide_;  // instead
};

// Some messages in the order of time: those without a time first, then by time, equal times by id. A message's rank is its place.
class TimeRanks {
 public:
  // `messages` are in that order; their ids lie within 2^32.
  explicit TimeRanks(const std::vector<TimedMessage>& messages);

  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(id_offsets_.size()); }
  [[nodiscard]] const SortedTimes& times() const { return times_; }
  [[nodiscard]] std::int64_t message_id(std::uint32_t rank) const { return first_id_ + id_offsets_[rank]; }
  [[nodiscard]] std::uint32_t context_id(std::uint32_t rank) const { return context_ids_[rank]; }
  // All contexts are below this.
  [[nodiscard]] std::uint32_t end_context() const { return end_context_; }

 private:
  std::int64_t first_id_ = 0;
  std::uint32_t end_context_ = 0;
  SortedTimes times_;
  std::vector<std::uint32_t> id_offsets_;
  std::vector<std::uint32_t> context_ids_;
};

// The ranks of the messages of each text, for all messages of an order or those that pass a filter. Does not change.
class TextMessages {
 public:
  // So many messages at most: to sort them takes 64 bytes for each.
  static constexpr unsigned kPlaceBits = 22;
  static constexpr std::size_t kMaxMessages = std::size_t{1} << kPlaceBits;

  // In any order, but those of one time by id.
  static std::shared_ptr<const TextMessages> make(std::vector<TimedMessage> messages);
  // Those for which passes(context_id) holds; the order is shared.
  template <typename Passes>
  [[nodiscard]] std::shared_ptr<const TextMessages> select(Passes&& passes) const {
    // First a bit for each message: contexts are looked up in the order in which they lie in memory.
    std::vector<std::uint64_t> bits(order_->size() / 64 + 1);
    for (std::uint32_t rank = 0; rank < order_->size(); ++rank)
      bits[rank / 64] |= static_cast<std::uint64_t>(passes(order_->context_id(rank)) ? 1 : 0) << rank % 64;
    std::vector<std::uint32_t> texts;
    std::vector<std::uint32_t> ends;
    std::vector<std::uint32_t> ranks;
    for_each_text([&](std::uint32_t text_id, std::span<const std::uint32_t> all) {
      const std::size_t before = ranks.size();
      for (const std::uint32_t rank : all)
        if ((bits[rank / 64] >> rank % 64 & 1) != 0) ranks.push_back(rank);
      if (ranks.size() == before) return;
      texts.push_back(text_id);
      ends.push_back(static_cast<std::uint32_t>(ranks.size()));
    });
    ranks.shrink_to_fit();
    return std::shared_ptr<const TextMessages>(new TextMessages(order_, texts, std::move(ends), std::move(ranks)));
  }

  [[nodiscard]] const TimeRanks& order() const { return *order_; }
  // Calls visit(text_id, ranks) for all texts, rising.
  template <typename Visit>
  void for_each_text(Visit&& visit) const {
    for (std::uint32_t text = 0; text + 1 < begins_.size(); ++text)
      if (const auto ranks = between(begins_[text], begins_[text + 1]); !ranks.empty()) visit(text, ranks);
    slots_.for_each([&](std::size_t slot, std::uint32_t text_id) { visit(text_id, ranks_at(slot)); });
  }
  // Rising.
  [[nodiscard]] std::span<const std::uint32_t> ranks_of(std::uint32_t text_id) const {
    if (text_id + std::size_t{1} < begins_.size()) return between(begins_[text_id], begins_[text_id + 1]);
    const std::size_t slot = slots_.find(text_id);
    return slot == SlotFinder::kNone ? std::span<const std::uint32_t>() : ranks_at(slot);
  }
  // The same of many texts at once: where they begin and end in ranks(). Without branches, so that texts need not wait for each
  // other's place in memory.
  void find(std::span<const std::uint32_t> text_ids, std::uint32_t* begins, std::uint32_t* ends) const {
    if (begins_.empty()) return find_slots(text_ids, begins, ends);
    const std::size_t last = begins_.size() - 1;
    for (std::size_t i = 0; i < text_ids.size(); ++i) {
      begins[i] = begins_[std::min<std::size_t>(text_ids[i], last)];
      ends[i] = begins_[std::min<std::size_t>(text_ids[i] + std::size_t{1}, last)];
    }
  }
  [[nodiscard]] std::span<const std::uint32_t> ranks() const { return ranks_; }
  [[nodiscard]] std::vector<TimedMessage> messages() const;
  // Without the order.
  [[nodiscard]] std::size_t memory_bytes() const {
    return slots_.memory_bytes() + (begins_.size() + ends_.size() + ranks_.size()) * sizeof(std::uint32_t);
  }

 private:
  TextMessages(std::shared_ptr<const TimeRanks> order, const std::vector<std::uint32_t>& texts, std::vector<std::uint32_t> ends,
               std::vector<std::uint32_t> ranks);
  void find_slots(std::span<const std::uint32_t> text_ids, std::uint32_t* begins, std::uint32_t* ends) const {
    for (std::size_t i = 0; i < text_ids.size(); ++i) {
      const std::size_t slot = slots_.find(text_ids[i]);
      const bool found = slot != SlotFinder::kNone;
      begins[i] = found && slot > 0 ? ends_[slot - 1] : 0;
      ends[i] = found ? ends_[slot] : 0;
    }
  }
  [[nodiscard]] std::span<const std::uint32_t> between(std::uint32_t begin, std::uint32_t end) const {
    return {ranks_.data() + begin, end - begin};
  }
  [[nodiscard]] std::span<const std::uint32_t> ranks_at(std::size_t slot) const {
    return between(slot == 0 ? 0 : ends_[slot - 1], ends_[slot]);
  }

  std::shared_ptr<const TimeRanks> order_;
  // Where there are many texts: by text, where its ranks begin, and where the last ones end.
  std::vector<std::uint32_t> begins_;
  // Else: by slot, where its ranks end.
  SlotFinder slots_;
  std::vector<std::uint32_t> ends_;
  std::vector<std::uint32_t> ranks_;
};

// All messages of a store, or those that pass a filter, by rising ids.
using TextMessagesParts = std::vector<std::shared_ptr<const TextMessages>>;

// A part as a question sees it: the messages of some times, the newest or the oldest first. A message's position is its place in
// that order, in which those without a time come last; positions that the question leaves out are in between.
class TextMessagesView {
 public:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  TextMessagesView(std::shared_ptr<const TextMessages> part, const Intervals& times, bool without_time, bool newest_first);

  [[nodiscard]] std::uint32_t size() const { return part_->order().size(); }
  [[nodiscard]] std::uint32_t count(std::uint32_t text_id) const { return count(part_->ranks_of(text_id)); }
  // The number of messages of each of some texts, kManyTexts at most, and if they are asked for the positions of the first ones
  // (kNone): several times faster than one by one.
  static constexpr std::size_t kManyTexts = 64;
  void count(std::span<const std::uint32_t> text_ids, std::uint32_t* counts, std::uint32_t* firsts) const;
  // Calls visit(text_id) for the texts that have messages, rising.
  template <typename Visit>
  void for_each_text(Visit&& visit) const {
    part_->for_each_text([&](std::uint32_t text_id, std::span<const std::uint32_t> ranks) {
      if (count(ranks) > 0) visit(text_id);
    });
  }
  // Of the text's first message; kNone.
  [[nodiscard]] std::uint32_t first(std::uint32_t text_id) const {
    const auto ranks = part_->ranks_of(text_id);
    for (const Range& range : ranges_)
      if (const auto some = within(ranks, range); !some.empty()) return position(newest_first_ ? some.back() : some.front());
    return kNone;
  }
  // Of its first message from this position on; kNone.
  [[nodiscard]] std::uint32_t first(std::uint32_t text_id, std::uint32_t from) const {
    std::uint32_t first = kNone;
    for_each(text_id, from, [&](std::uint32_t position) {
      first = position;
      return false;
    });
    return first;
  }
  // Calls visit(position) -> bool for the text's messages from this position on, in order, until it is false.
  template <typename Visit>
  void for_each(std::uint32_t text_id, std::uint32_t from, Visit&& visit) const {
    const auto ranks = part_->ranks_of(text_id);
    for (const Range& range : ranges_) {
      const auto some = within(ranks, range);
      const auto in_order = [&](std::size_t i) { return position(newest_first_ ? some[some.size() - 1 - i] : some[i]); };
      for (std::size_t i = count_if_sorted(some.size(), [&](std::size_t at) { return in_order(at) < from; }); i < some.size(); ++i)
        if (!visit(in_order(i))) return;
    }
  }
  // How many positions come before the first for which is_before(position) is false; true is followed by false only.
  template <typename IsBefore>
  [[nodiscard]] std::uint32_t count_before(IsBefore&& is_before) const {
    return static_cast<std::uint32_t>(
        count_if_sorted(size(), [&](std::size_t at) { return is_before(static_cast<std::uint32_t>(at)); }));
  }
  [[nodiscard]] std::int64_t time_ms(std::uint32_t position) const { return part_->order().times()[rank(position)]; }
  [[nodiscard]] std::int64_t message_id(std::uint32_t position) const { return part_->order().message_id(rank(position)); }

 private:
  struct Range {
    std::uint32_t begin;
    std::uint32_t end;
  };
  void add_range(std::uint32_t begin, std::uint32_t end) {
    if (begin == end) return;
    if (newest_first_ && !ranges_.empty() && ranges_.back().begin == end) {
      ranges_.back().begin = begin;
    } else {
      ranges_.push_back({begin, end});
    }
  }
  // How many of 0, 1, ..., count - 1 are before the first that is not.
  template <typename IsBefore>
  static std::size_t count_if_sorted(std::size_t count, IsBefore&& is_before) {
    std::size_t begin = 0;
    while (begin < count) {
      const std::size_t middle = begin + (count - begin) / 2;
      if (is_before(middle)) {
        begin = middle + 1;
      } else {
        count = middle;
      }
    }
    return begin;
  }
  [[nodiscard]] std::uint32_t count(std::span<const std::uint32_t> ranks) const {
    if (all_ || ranks.empty()) return static_cast<std::uint32_t>(ranks.size());
    std::uint32_t count = 0;
    for (const Range& range : ranges_) count += static_cast<std::uint32_t>(within(ranks, range).size());
    return count;
  }
  static std::span<const std::uint32_t> within(std::span<const std::uint32_t> ranks, const Range& range) {
    // Most texts are said once, or within one day.
    if (ranks.empty() || ranks.back() < range.begin || ranks.front() >= range.end) return {};
    auto first = ranks.begin();
    auto last = ranks.end();
    if (ranks.front() < range.begin) first = std::lower_bound(first, last, range.begin);
    if (ranks.back() >= range.end) last = std::lower_bound(first, last, range.end);
    return {first, last};
  }
  // Each is the other's inverse.
  [[nodiscard]] std::uint32_t position(std::uint32_t rank) const {
    if (newest_first_) return size() - 1 - rank;
    const std::uint32_t untimed = part_->order().times().without_time();
    return rank >= untimed ? rank - untimed : rank + (size() - untimed);
  }
  [[nodiscard]] std::uint32_t rank(std::uint32_t position) const {
    if (newest_first_) return size() - 1 - position;
    const std::uint32_t untimed = part_->order().times().without_time();
    return position < size() - untimed ? position + untimed : position - (size() - untimed);
  }

  std::shared_ptr<const TextMessages> part_;
  bool newest_first_;
  bool all_;
  std::vector<Range> ranges_;  // of ranks, in the order of the positions
};

}  // namespace cmem
