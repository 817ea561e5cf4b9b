#include <algorithm>
#include <memory>

#include "base/varint.h"
#include "index/segment.h"

namespace cmem {
namespace {

Unexpected corrupt() { return Unexpected(Code::kCorrupt, "the text index has a damaged segment; run `memory rebuild`"); }

// All words of a segment in order.
class TermWalk {
 public:
  // Its texts begin at `first_text` in the merged segment.
  TermWalk(SegmentInput& segment, std::uint32_t first_text) : segment_(&segment), first_text_(first_text) {}

  // Moves to the next word; at_end() after the last.
  Status next() {
    while (true) {
      if (cursor_) {
        CMEM_ASSIGN_OR_RETURN(const bool found, cursor_->next());
        if (found) return {};
      }
      cursor_.reset();
      CMEM_ASSIGN_OR_RETURN(auto page, segment_->next_page());
      if (!page) return {};
      *page_ = std::move(*page);
      CMEM_ASSIGN_OR_RETURN(auto cursor, TermPageCursor::open(*page_));
      cursor_.emplace(std::move(cursor));
    }
  }
  [[nodiscard]] bool at_end() const { return !cursor_; }
  [[nodiscard]] const std::string& term() const { return cursor_->term(); }

  // Adds the word's postings to a list. Once for each word: the lists are read in order.
  Status copy_to(PostingsEncoder& list, PostingsBlock& block) const {
    const TermEntry& entry = cursor_->entry();
    CMEM_ASSIGN_OR_RETURN(const auto bytes, segment_->take(SegmentStream::kPostings, entry.postings_bytes));
    CMEM_ASSIGN_OR_RETURN(const auto places, segment_->take(SegmentStream::kPositions, entry.positions_bytes));
    CMEM_ASSIGN_OR_RETURN(const auto postings, PostingsReader::open(entry.texts, bytes));
    const char* at = places.data();
    const char* const end = at + places.size();
    for (std::size_t i = 0; i < postings.blocks(); ++i) {
      CMEM_TRY(postings.read(i, block));
      for (std::uint32_t k = 0; k < block.count; ++k) {
        const char* const next = skip_varints(at, end, block.frequencies[k]);
        if (next == nullptr || block.texts[k] >= segment_->summary().texts) return corrupt();
        list.add(first_text_ + block.texts[k], block.frequencies[k], {at, static_cast<std::size_t>(next - at)});
        at = next;
      }
    }
    return {};
  }

 private:
  SegmentInput* segment_;
  std::uint32_t first_text_;
  std::unique_ptr<std::string> page_ = std::make_unique<std::string>();  // at a fixed address for the cursor
  std::optional<TermPageCursor> cursor_;
};

// A few segments at a time: a linear search for the smallest is as quick as a heap.
const std::string* smallest_term(const std::vector<TermWalk>& walks) {
  const std::string* smallest = nullptr;
  for (const TermWalk& walk : walks)
    if (!walk.at_end() && (smallest == nullptr || walk.term() < *smallest)) smallest = &walk.term();
  return smallest;
}

Status copy_lengths(SegmentInput& part, SegmentEncoder& encoder) {
  constexpr std::int64_t kTextsAtOnce = 16'384;
  for (std::int64_t done = 0; done < part.summary().texts; done += kTextsAtOnce) {
    const auto texts = static_cast<std::size_t>(std::min(kTextsAtOnce, part.summary().texts - done));
    CMEM_ASSIGN_OR_RETURN(const auto lengths, part.take(SegmentStream::kLengths, texts * kLengthBytes));
    CMEM_TRY(encoder.add_lengths(lengths));
  }
  return {};
}

}  // namespace

Result<SegmentSummary> merge_segments(const std::vector<std::unique_ptr<SegmentInput>>& parts, SegmentOutput& output) {
  SegmentEncoder encoder(parts.front()->summary().first_text_id, output);
  std::vector<TermWalk> walks;
  std::uint32_t first_text = 0;
  for (const auto& part : parts) {
    CMEM_TRY(copy_lengths(*part, encoder));
    walks.emplace_back(*part, first_text);
    CMEM_TRY(walks.back().next());
    first_text += static_cast<std::uint32_t>(part->summary().texts);
  }
  PostingsBlock block;
  while (const std::string* smallest = smallest_term(walks)) {
    const std::string term = *smallest;
    for (TermWalk& walk : walks) {
      if (walk.at_end() || walk.term() != term) continue;
      CMEM_TRY(walk.copy_to(encoder.list(), block));
      CMEM_TRY(walk.next());
    }
    CMEM_TRY(encoder.end_term(term));
  }
  return encoder.finish();
}

}  // namespace cmem
