#include "store/text_messages.h"

#include <array>
#include <utility>

namespace cmem {
namespace {

constexpr unsigned kPlaceBits = TextMessages::kPlaceBits;

// A radix sort of numbers, by all bytes that differ.
void sort_numbers(std::vector<std::uint64_t>& numbers) {
  std::uint64_t most = 0;
  for (const std::uint64_t number : numbers) most = std::max(most, number);
  std::vector<std::uint64_t> sorted(numbers.size());
  for (unsigned shift = 0; shift < 64 && most >> shift != 0; shift += 8) {
    std::array<std::size_t, 257> next{};
    for (const std::uint64_t number : numbers) ++next[(number >> shift & 0xFF) + 1];
    for (std::size_t digit = 1; digit < next.size(); ++digit) next[digit] += next[digit - 1];
    for (const std::uint64_t number : numbers) sorted[next[number >> shift & 0xFF]++] = number;
    numbers.swap(sorted);
  }
}

// Those of one time keep their order.
void sort_by_time(std::vector<TimedMessage>& messages) {
  const auto earlier = [](const TimedMessage& a, const TimedMessage& b) { return a.time_ms < b.time_ms; };
  if (std::is_sorted(messages.begin(), messages.end(), earlier)) return;
  std::int64_t base_ms = std::numeric_limits<std::int64_t>::max();
  std::int64_t last_ms = kNoTime;
  for (const TimedMessage& message : messages) {
    if (message.time_ms != kNoTime) base_ms = std::min(base_ms, message.time_ms);
    last_ms = std::max(last_ms, message.time_ms);
  }
  // A time (0: none) and a place in one number are sorted several times faster. That does for times within a century.
  const auto key_of = [&](std::int64_t time_ms) {
    return time_ms == kNoTime ? 0 : static_cast<std::uint64_t>(time_ms) - static_cast<std::uint64_t>(base_ms) + 1;
  };
  if (key_of(last_ms) >= std::uint64_t{1} << (64 - kPlaceBits)) return std::stable_sort(messages.begin(), messages.end(), earlier);
  std::vector<std::uint64_t> keys(messages.size());
  for (std::size_t i = 0; i < messages.size(); ++i) keys[i] = key_of(messages[i].time_ms) << kPlaceBits | i;
  sort_numbers(keys);
  std::vector<TimedMessage> sorted;
  sorted.reserve(messages.size());
  for (const std::uint64_t key : keys) sorted.push_back(messages[key & ((std::uint64_t{1} << kPlaceBits) - 1)]);
  messages = std::move(sorted);
}

}  // namespace

void SortedTimes::append(std::int64_t time_ms) {
  if (!wide_.empty()) return wide_.push_back(time_ms);
  const std::size_t at = offsets_.size();
  if (time_ms == kNoTime) ++without_time_;
  const std::int64_t base_ms = at % kBlock == 0 || bases_.back() == kNoTime ? time_ms : bases_.back();
  const std::uint64_t offset = static_cast<std::uint64_t>(time_ms) - static_cast<std::uint64_t>(base_ms);
  if (offset > UINT32_MAX) {
    widen();
    return wide_.push_back(time_ms);
  }
  if (at % kBlock == 0) {
    bases_.push_back(base_ms);
  } else {
    bases_.back() = base_ms;
  }
  offsets_.push_back(static_cast<std::uint32_t>(offset));
}

void SortedTimes::widen() {
  std::vector<std::int64_t> wide;
  for (std::size_t i = 0; i < offsets_.size(); ++i) wide.push_back((*this)[i]);
  wide_ = std::move(wide);
  bases_ = {};
  offsets_ = {};
}

std::uint32_t SortedTimes::count_before(std::int64_t time_ms) const {
  std::size_t begin = without_time_;
  std::size_t end = size();
  while (begin < end) {
    const std::size_t middle = begin + (end - begin) / 2;
    if ((*this)[middle] < time_ms) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return static_cast<std::uint32_t>(begin);
}

TimeRanks::TimeRanks(const std::vector<TimedMessage>& messages) {
  first_id_ = std::numeric_limits<std::int64_t>::max();
  for (const TimedMessage& message : messages) first_id_ = std::min(first_id_, message.message_id);
  id_offsets_.reserve(messages.size());
  context_ids_.reserve(messages.size());
  for (const TimedMessage& message : messages) {
    id_offsets_.push_back(static_cast<std::uint32_t>(message.message_id - first_id_));
    context_ids_.push_back(message.context_id);
    end_context_ = std::max(end_context_, message.context_id + 1);
    times_.append(message.time_ms);
  }
}

TextMessages::TextMessages(std::shared_ptr<const TimeRanks> order, const std::vector<std::uint32_t>& texts,
                           std::vector<std::uint32_t> ends, std::vector<std::uint32_t> ranks)
    : order_(std::move(order)), slots_({}), ranks_(std::move(ranks)) {
  constexpr std::size_t kMany = 4;  // one of so many
  const std::size_t end_text = texts.empty() ? 0 : std::size_t{texts.back()} + 1;
  if (texts.size() * kMany < end_text) {
    slots_ = SlotFinder(texts);
    ends_ = std::move(ends);
    return;
  }
  begins_.reserve(end_text + 1);
  for (std::size_t i = 0; i < texts.size(); ++i) begins_.resize(std::size_t{texts[i]} + 1, i == 0 ? 0 : ends[i - 1]);
  begins_.push_back(static_cast<std::uint32_t>(ranks_.size()));
}

std::shared_ptr<const TextMessages> TextMessages::make(std::vector<TimedMessage> messages) {
  sort_by_time(messages);
  std::uint32_t end_text = 0;
  for (const TimedMessage& message : messages) end_text = std::max(end_text, message.text_id + 1);
  std::vector<std::uint32_t> next(std::size_t{end_text} + 1);  // by text: messages of those before
  for (const TimedMessage& message : messages) ++next[message.text_id + 1];
  std::vector<std::uint32_t> texts;
  std::vector<std::uint32_t> ends;
  for (std::uint32_t text = 0; text < end_text; ++text) {
    const bool has_messages = next[text + 1] > 0;
    next[text + 1] += next[text];
    if (!has_messages) continue;
    texts.push_back(text);
    ends.push_back(next[text + 1]);
  }
  std::vector<std::uint32_t> ranks(messages.size());
  for (std::size_t rank = 0; rank < messages.size(); ++rank)
    ranks[next[messages[rank].text_id]++] = static_cast<std::uint32_t>(rank);
  return std::shared_ptr<const TextMessages>(
      new TextMessages(std::make_shared<const TimeRanks>(messages), texts, std::move(ends), std::move(ranks)));
}

std::vector<TimedMessage> TextMessages::messages() const {
  std::vector<TimedMessage> messages(order_->size());
  for_each_text([&](std::uint32_t text_id, std::span<const std::uint32_t> ranks) {
    for (const std::uint32_t rank : ranks)
      messages[rank] = {order_->times()[rank], order_->message_id(rank), text_id, order_->context_id(rank)};
  });
  return messages;
}

TextMessagesView::TextMessagesView(std::shared_ptr<const TextMessages> part, const Intervals& times, bool without_time,
                                   bool newest_first)
    : part_(std::move(part)), newest_first_(newest_first), all_(without_time && times.is_everything()) {
  const SortedTimes& sorted = part_->order().times();
  for (const Interval& interval : times.parts()) add_range(sorted.count_before(interval.begin), sorted.count_before(interval.end));
  if (newest_first_) std::reverse(ranges_.begin(), ranges_.end());
  if (without_time) add_range(0, sorted.without_time());
}

void TextMessagesView::count(std::span<const std::uint32_t> text_ids, std::uint32_t* counts, std::uint32_t* firsts) const {
  const std::span<const std::uint32_t> ranks = part_->ranks();
  std::array<std::uint32_t, kManyTexts> begins;
  std::array<std::uint32_t, kManyTexts> ends;
  part_->find(text_ids, begins.data(), ends.data());
  for (std::size_t i = 0; i < text_ids.size(); ++i) counts[i] = ends[i] - begins[i];
  if ((all_ && firsts == nullptr) || ranks.empty()) {
    if (firsts != nullptr) std::fill_n(firsts, text_ids.size(), kNone);
    return;
  }
  const Range range = ranges_.size() == 1 ? ranges_.front() : Range{0, 0};
  for (std::size_t i = 0; i < text_ids.size(); ++i) {
    const std::uint32_t front = ranks[std::min<std::size_t>(begins[i], ranks.size() - 1)];
    const std::uint32_t back = ranks[std::max(ends[i], std::uint32_t{1}) - 1];
    const bool inside = front >= range.begin && back < range.end;
    const bool outside = back < range.begin || front >= range.end;
    // Most texts are said once, or within one day. Which are outside cannot be foretold.
    if (!inside && (!outside || ranges_.size() > 1) && counts[i] > 0) {
      counts[i] = count(text_ids[i]);
      if (firsts != nullptr) firsts[i] = first(text_ids[i]);
      continue;
    }
    counts[i] &= 0 - static_cast<std::uint32_t>(inside);
    if (firsts != nullptr) firsts[i] = counts[i] > 0 ? position(newest_first_ ? back : front) : kNone;
  }
}

}  // namespace cmem
