#include "store/text_totals.h"

#include <optional>

#include "store/segment_filter.h"

namespace cmem {
namespace {

std::vector<std::uint32_t> texts_with_messages(const TextTotals& all) {
  std::vector<std::uint32_t> texts;
  for (std::uint32_t id = 0; id < all.end_text_id(); ++id)
    if (all.messages_of(id) > 0) texts.push_back(id);
  return texts;
}

}  // namespace

Status TextTotals::extend(sqlite::Connection& db, DocValueReader& doc_values, const std::vector<SegmentSpan>& spans,
                          const ResolvedFilter* filter) {
  for (const SegmentSpan& span : spans) {
    if (!span.is_tail && span.first_id + kSegmentMessages <= end_id_) continue;
    if (filter != nullptr && !filter->may_match(span)) continue;
    CMEM_ASSIGN_OR_RETURN(const auto segment, doc_values.read(db, span));
    add(*segment, filter);
    end_id_ = segment->first_id + static_cast<std::int64_t>(segment->size());
  }
  return {};
}

void TextTotals::add(const Segment& segment, const ResolvedFilter* filter) {
  if (segment.texts.empty()) return;
  if (segment.texts.back() >= messages_.size()) {
    const std::size_t size = std::size_t{segment.texts.back()} + 1;
    messages_.resize(size);
    newest_ms_.resize(size, kNoTime);
    newest_id_.resize(size);
  }
  std::optional<SegmentFilter> passes;
  if (filter != nullptr) passes.emplace(*filter, segment);
  if (passes && !passes->any()) return;
  for (std::size_t text = 0; text < segment.texts.size(); ++text) {
    const std::uint32_t id = segment.texts[text];
    if (id == 0) continue;  // messages that were forgotten
    for (const std::uint16_t message : segment.messages_of(text)) {
      if (segment.first_id + message < end_id_ || (passes && !passes->passes(message))) continue;
      const std::int64_t time_ms = segment.time_ms(message);
      const bool newer = is_newer(time_ms, of(id));
      ++messages_[id];
      if (!newer) continue;
      newest_ms_[id] = time_ms;
      newest_id_[id] = segment.first_id + message;
    }
  }
}

SparseTextTotals::SparseTextTotals(const TextTotals& all) : SparseTextTotals(all, texts_with_messages(all)) {}

SparseTextTotals::SparseTextTotals(const TextTotals& all, const std::vector<std::uint32_t>& texts) : slots_(texts) {
  totals_.reserve(texts.size());
  for (const std::uint32_t id : texts) totals_.push_back(all.of(id));
}

}  // namespace cmem
