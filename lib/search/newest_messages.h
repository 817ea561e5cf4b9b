// The newest message of each of some texts, read from the doc values, the newest segments first: for a single search, which does
// not know the messages of the texts.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/doc_values.h"
#include "store/slot_finder.h"
#include "store/store.h"
#include "store/text_messages.h"

namespace cmem {

inline std::uint32_t segment_number(const SegmentSpan& span) {
  return static_cast<std::uint32_t>(span.first_id / kSegmentMessages);
}

// The segments between which the messages of a text are, by their numbers. It holds for what is before `end`, which does not
// change any more.
struct SegmentRange {
  std::uint32_t first = UINT32_MAX;
  std::uint32_t last = 0;

  void add(std::uint32_t number) {
    first = std::min(first, number);
    last = number;
  }
};
struct SegmentRanges {
  std::vector<SegmentRange> of;  // empty: not known
  std::uint32_t end = 0;
};

class NewestMessages {
 public:
  // `texts` rise; totals[i].messages is the number of the messages before `end_id` of texts[i], the rest of it is written. Borrows
  // both.
  NewestMessages(const std::vector<std::uint32_t>& texts, std::int64_t end_id, std::vector<TextTotal>& totals, SegmentRanges ranges)
      : texts_(&texts), end_id_(end_id), totals_(&totals), ranges_(std::move(ranges)), finder_(texts), missing_(texts.size()) {}

  // Reads until is_enough(unread_ms) is true: then no message that was not read is newer than unread_ms. It is asked ever more
  // seldom, since it may look at all texts. Without it, everything that is needed is read.
  Status find(Store& store, const std::function<bool(std::int64_t unread_ms)>& is_enough);
  // Whether the newest message of texts[i] is known for certain, when messages after unread_ms were read.
  [[nodiscard]] bool is_settled(std::size_t i, std::int64_t unread_ms) const {
    return missing_[i] == 0 || (*totals_)[i].newest_ms > unread_ms;
  }

 private:
  [[nodiscard]] bool may_need(const SegmentSpan& span, std::int64_t unread_ms) const;
  void take(const Segment& segment);
  void take(const Segment& segment, std::size_t text, std::size_t slot);

  const std::vector<std::uint32_t>* texts_;
  std::int64_t end_id_;
  std::vector<TextTotal>* totals_;
  SegmentRanges ranges_;
  SlotFinder finder_;
  std::vector<std::uint32_t> missing_;  // messages of each that were not seen yet
};

}  // namespace cmem
