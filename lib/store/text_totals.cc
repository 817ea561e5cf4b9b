#include "store/text_totals.h"

namespace cmem {

Status TextTotals::extend(sqlite::Connection& db, DocValueReader& doc_values, const std::vector<SegmentSpan>& spans) {
  for (const SegmentSpan& span : spans) {
    if (span.is_tail || span.first_id < end_id_) continue;
    CMEM_ASSIGN_OR_RETURN(const auto segment, doc_values.read(db, span));
    add(*segment);
    end_id_ = span.first_id + kSegmentMessages;
  }
  return {};
}

void TextTotals::add(const Segment& segment) {
  if (segment.texts.back() >= messages_.size()) {
    const std::size_t size = std::size_t{segment.texts.back()} + 1;
    messages_.resize(size);
    newest_ms_.resize(size, kNoTime);
    newest_id_.resize(size);
  }
  for (std::size_t text = 0; text < segment.texts.size(); ++text) {
    const std::uint32_t id = segment.texts[text];
    if (id == 0) continue;  // messages that were forgotten
    for (const std::uint16_t message : segment.messages_of(text)) {
      const std::int64_t time_ms = segment.time_ms(message);
      const bool newer = is_newer(time_ms, of(id));
      ++messages_[id];
      if (!newer) continue;
      newest_ms_[id] = time_ms;
      newest_id_[id] = segment.first_id + message;
    }
  }
}

}  // namespace cmem
