// A filter bound to one segment of doc values: what the filter says of contexts is looked up once a segment, not once a message.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "store/doc_values.h"
#include "store/message_filter.h"

namespace cmem {

class SegmentFilter {
 public:
  // Borrows both.
  SegmentFilter(const ResolvedFilter& filter, const Segment& segment)
      : filter_(&filter), segment_(&segment), by_message_(!filter.passes_messages(segment)) {
    passes_.reserve(segment.contexts.size());
    for (const std::uint32_t context : segment.contexts) passes_.push_back(filter.passes_context(context) ? 1 : 0);
    any_ = std::find(passes_.begin(), passes_.end(), 1) != passes_.end();
    all_ = !by_message_ && std::find(passes_.begin(), passes_.end(), 0) == passes_.end();
  }

  // False: no message passes. all(): every message does.
  [[nodiscard]] bool any() const { return any_; }
  [[nodiscard]] bool all() const { return all_; }
  [[nodiscard]] std::size_t count() const {
    std::size_t count = 0;
    if (by_message_) {
      for (std::size_t i = 0; i < segment_->size(); ++i) count += passes(i) ? 1 : 0;
    } else {
      for (std::size_t context = 0; context < passes_.size(); ++context)
        count += passes_[context] * std::size_t{segment_->context_sizes[context]};
    }
    return count;
  }
  [[nodiscard]] bool passes(std::size_t message) const {
    if (passes_[segment_->context_index[message]] == 0) return false;
    return !by_message_ || filter_->passes_message(*segment_, message);
  }

 private:
  const ResolvedFilter* filter_;
  const Segment* segment_;
  bool by_message_;
  bool any_ = false;
  bool all_ = false;
  std::vector<std::uint8_t> passes_;  // by the segment's contexts
};

}  // namespace cmem
