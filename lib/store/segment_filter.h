// A filter bound to one segment of doc values: what the filter says of contexts is looked up once a segment, not once a message.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "store/doc_values.h"
#include "store/message_filter.h"

namespace cmem {

class SegmentHeadFilter {
 public:
  // Borrows `filter`, and `segment` for count().
  SegmentHeadFilter(const ResolvedFilter& filter, const SegmentHead& segment)
      : filter_(&filter), head_(&segment), by_message_(!filter.passes_messages(segment)) {
    passes_.reserve(segment.contexts.size());
    for (const std::uint32_t context : segment.contexts) passes_.push_back(filter.passes_context(context) ? 1 : 0);
    any_ = std::find(passes_.begin(), passes_.end(), 1) != passes_.end();
    all_ = !by_message_ && std::find(passes_.begin(), passes_.end(), 0) == passes_.end();
  }

  // False: no message passes. all(): every message does.
  [[nodiscard]] bool any() const { return any_; }
  [[nodiscard]] bool all() const { return all_; }
  // True: what passes cannot be told without a look at the messages.
  [[nodiscard]] bool by_message() const { return by_message_ && any_; }
  // The messages that pass, unless by_message().
  [[nodiscard]] std::size_t count() const {
    std::size_t count = 0;
    for (std::size_t context = 0; context < passes_.size(); ++context)
      count += passes_[context] * std::size_t{head_->context_sizes[context]};
    return count;
  }

 protected:
  const ResolvedFilter* filter_;
  const SegmentHead* head_;
  bool by_message_;
  bool any_ = false;
  bool all_ = false;
  std::vector<std::uint8_t> passes_;  // by the segment's contexts
};

class SegmentFilter : public SegmentHeadFilter {
 public:
  // Borrows both.
  SegmentFilter(const ResolvedFilter& filter, const Segment& segment) : SegmentHeadFilter(filter, segment), segment_(&segment) {}

  [[nodiscard]] bool passes(std::size_t message) const {
    if (passes_[segment_->context_index[message]] == 0) return false;
    return !by_message_ || filter_->passes_message(*segment_, message);
  }
  [[nodiscard]] std::size_t count() const {
    if (!by_message()) return SegmentHeadFilter::count();
    const bool by_one_interval =
        !filter_->restricts_ids() && filter_->times().parts().size() == 1 && !filter_->passes_time(kNoTime);
    if (by_one_interval && segment_->wide_time_ms.empty()) return count(filter_->times().parts().front());
    std::size_t count = 0;
    for (std::size_t i = 0; i < segment_->size(); ++i) count += passes(i) ? 1 : 0;
    return count;
  }

 private:
  // Of those with a time. Without a branch, because which message passes cannot be foretold.
  [[nodiscard]] std::size_t count(const Interval& times) const {
    const auto offset = [&](std::int64_t time_ms) {
      if (time_ms <= segment_->base_ms) return std::uint32_t{0};
      const std::uint64_t ms = static_cast<std::uint64_t>(time_ms) - static_cast<std::uint64_t>(segment_->base_ms);
      return static_cast<std::uint32_t>(std::min<std::uint64_t>(ms, Segment::kNoOffset));
    };
    const std::uint32_t begin = offset(times.begin);
    const std::uint32_t width = std::max(offset(times.end), begin) - begin;
    std::size_t count = 0;
    for (std::size_t i = 0; i < segment_->size(); ++i)
      count += passes_[segment_->context_index[i]] & static_cast<std::size_t>(segment_->time_offset[i] - begin < width);
    return count;
  }

  const Segment* segment_;
};

}  // namespace cmem
