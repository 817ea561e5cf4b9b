// For each text the number of its messages and the newest of them: what most searches ask. Made when a handle searches for the
// second time, so that a single search does not pay for it, and then kept up as messages come.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "base/terms.h"
#include "sqlite/connection.h"
#include "store/doc_values.h"
#include "store/slot_finder.h"

namespace cmem {

class ResolvedFilter;

struct TextTotal {
  std::uint32_t messages = 0;
  std::int64_t newest_ms = kNoTime;
  std::int64_t newest_id = 0;
};

// Of messages that come in the order of their ids: true if one of `time_ms` is not older than the newest so far.
constexpr bool is_newer(std::int64_t time_ms, const TextTotal& so_far) {
  return so_far.messages == 0 || time_ms >= so_far.newest_ms;
}

// Over all messages, or those that pass a filter. Memory: 20 bytes for each text of the store.
class TextTotals {
 public:
  // Takes in the messages of `spans` that are new, as far as they pass; nullptr: all. In the caller's read transaction.
  Status extend(sqlite::Connection& db, DocValueReader& doc_values, const std::vector<SegmentSpan>& spans,
                const ResolvedFilter* filter = nullptr);
  // Texts are below this.
  [[nodiscard]] std::size_t end_text_id() const { return messages_.size(); }
  [[nodiscard]] std::uint32_t messages_of(std::uint32_t text_id) const {
    return text_id < messages_.size() ? messages_[text_id] : 0;
  }
  [[nodiscard]] TextTotal of(std::uint32_t text_id) const {
    if (text_id >= messages_.size()) return {};
    return {messages_[text_id], newest_ms_[text_id], newest_id_[text_id]};
  }
  void clear() { *this = {}; }

 private:
  void add(const Segment& segment, const ResolvedFilter* filter);

  std::int64_t end_id_ = 1;  // of the messages taken in
  std::vector<std::uint32_t> messages_;
  std::vector<std::int64_t> newest_ms_;
  std::vector<std::int64_t> newest_id_;
};

// The same where few texts have such messages: 24 bytes for each that has, and a fifth of one for each before the last of them.
class SparseTextTotals {
 public:
  explicit SparseTextTotals(const TextTotals& all);
  [[nodiscard]] std::uint32_t messages_of(std::uint32_t text_id) const {
    const std::size_t slot = slots_.find(text_id);
    return slot == SlotFinder::kNone ? 0 : totals_[slot].messages;
  }
  [[nodiscard]] TextTotal of(std::uint32_t text_id) const {
    const std::size_t slot = slots_.find(text_id);
    return slot == SlotFinder::kNone ? TextTotal() : totals_[slot];
  }
  [[nodiscard]] std::size_t memory_bytes() const { return slots_.memory_bytes() + totals_.size() * sizeof(TextTotal); }

 private:
  SparseTextTotals(const TextTotals& all, const std::vector<std::uint32_t>& texts);

  SlotFinder slots_;
  std::vector<TextTotal> totals_;  // by slot
};

}  // namespace cmem
