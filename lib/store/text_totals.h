// For each text the number of its messages and the newest of them, over all sealed segments of doc values: what a search without a
// filter asks. Made when a handle searches for the second time, so that a single search does not pay for it, and then kept up
// segment by segment. Memory: 20 bytes for each text.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "sqlite/connection.h"
#include "store/doc_values.h"

namespace cmem {

struct TextTotal {
  std::uint32_t messages = 0;
  std::int64_t newest_ms = kNoTime;
  std::int64_t newest_id = 0;
};

// Of messages that come in the order of their ids: true if one of `time_ms` is not older than the newest so far.
constexpr bool is_newer(std::int64_t time_ms, const TextTotal& so_far) {
  return so_far.messages == 0 || time_ms >= so_far.newest_ms;
}

class TextTotals {
 public:
  // Takes in the segments of `spans` that are sealed and new. In the caller's read transaction.
  Status extend(sqlite::Connection& db, DocValueReader& doc_values, const std::vector<SegmentSpan>& spans);
  [[nodiscard]] TextTotal of(std::uint32_t text_id) const {
    if (text_id >= messages_.size()) return {};
    return {messages_[text_id], newest_ms_[text_id], newest_id_[text_id]};
  }
  void clear() { *this = {}; }

 private:
  void add(const Segment& segment);

  std::int64_t end_id_ = 1;  // of the segments taken in
  std::vector<std::uint32_t> messages_;
  std::vector<std::int64_t> newest_ms_;
  std::vector<std::int64_t> newest_id_;
};

}  // namespace cmem
