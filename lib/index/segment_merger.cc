#include <algorithm>

#include "base/varint.h"
#include "index/segment.h"

namespace cmem {
namespace {

Unexpected corrupt() { return Unexpected(Code::kCorrupt, "the text index has a damaged segment; run `memory rebuild`"); }

// All words of a segment in order.
class TermWalk {
 public:
  TermWalk(const EncodedSegment& segment, std::uint32_t first_text) : segment_(&segment), first_text_(first_text) {}

  // Moves to the next word; at_end() after the last.
  Status next() {
    while (true) {
      if (page_) {
        CMEM_ASSIGN_OR_RETURN(const bool found, page_->next());
        if (found) return {};
      }
      page_.reset();
      if (next_page_ == segment_->term_pages.size()) return {};
      CMEM_ASSIGN_OR_RETURN(auto page, TermPageCursor::open(segment_->term_pages[next_page_++]));
      page_.emplace(std::move(page));
    }
  }
  [[nodiscard]] bool at_end() const { return !page_; }
  [[nodiscard]] const std::string& term() const { return page_->term(); }

  // Adds the word's postings to a list in which this segment's texts begin at first_text.
  Status copy_to(PostingsEncoder& list, PostingsBlock& block) const {
    const TermEntry& entry = page_->entry();
    if (!inside(segment_->postings, entry.postings_offset, entry.postings_bytes) ||
        !inside(segment_->positions, entry.positions_offset, entry.positions_bytes))
      return corrupt();
    CMEM_ASSIGN_OR_RETURN(
        const auto postings,
        PostingsReader::open(entry.texts,
                             std::string_view(segment_->postings).substr(entry.postings_offset, entry.postings_bytes)));
    const char* positions = segment_->positions.data() + entry.positions_offset;
    const char* const end = positions + entry.positions_bytes;
    for (std::size_t i = 0; i < postings.blocks(); ++i) {
      CMEM_TRY(postings.read(i, block));
      for (std::uint32_t k = 0; k < block.count; ++k) {
        const char* const next = skip_varints(positions, end, block.frequencies[k]);
        if (next == nullptr || block.texts[k] >= segment_->texts) return corrupt();
        list.add(first_text_ + block.texts[k], block.frequencies[k], {positions, static_cast<std::size_t>(next - positions)});
        positions = next;
      }
    }
    return {};
  }

 private:
  static bool inside(const std::string& stream, std::uint64_t offset, std::uint64_t bytes) {
    return offset <= stream.size() && bytes <= stream.size() - offset;
  }

  const EncodedSegment* segment_;
  std::uint32_t first_text_;
  std::optional<TermPageCursor> page_;
  std::size_t next_page_ = 0;
};

// A few segments at a time: a linear search for the smallest is as quick as a heap.
const std::string* smallest_term(const std::vector<TermWalk>& walks) {
  const std::string* smallest = nullptr;
  for (const TermWalk& walk : walks)
    if (!walk.at_end() && (smallest == nullptr || walk.term() < *smallest)) smallest = &walk.term();
  return smallest;
}

}  // namespace

Result<EncodedSegment> merge_segments(const std::vector<EncodedSegment>& parts) {
  SegmentEncoder encoder(parts.front().first_text_id);
  std::vector<TermWalk> walks;
  std::uint32_t first_text = 0;
  for (const EncodedSegment& part : parts) {
    if (part.lengths.size() != part.texts * kLengthBytes) return corrupt();
    encoder.add_lengths(part.lengths, part.words);
    walks.emplace_back(part, first_text);
    CMEM_TRY(walks.back().next());
    first_text += part.texts;
  }
  PostingsBlock block;
  while (const std::string* smallest = smallest_term(walks)) {
    const std::string term = *smallest;
    for (TermWalk& walk : walks) {
      if (walk.at_end() || walk.term() != term) continue;
      CMEM_TRY(walk.copy_to(encoder.list(), block));
      CMEM_TRY(walk.next());
    }
    encoder.end_term(term);
  }
  return encoder.finish();
}

}  // namespace cmem
