#include "index/segment.h"

#include <algorithm>

#include "base/varint.h"

namespace cmem {
namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;

Unexpected corrupt(const char* what) {
  return Unexpected(Code::kCorrupt, std::string("the text index has a damaged ") + what + "; run `memory rebuild`");
}

}  // namespace

Status EncodedSegment::put(SegmentStream stream, std::string_view bytes) {
  if (stream == SegmentStream::kTermPages) {
    term_pages.emplace_back(bytes);
  } else {
    streams[static_cast<std::size_t>(stream)].append(bytes);
  }
  return {};
}

Status EncodedSegment::copy_to(SegmentOutput& output) const {
  for (const std::string& page : term_pages) CMEM_TRY(output.put(SegmentStream::kTermPages, page));
  for (std::size_t i = 0; i < streams.size(); ++i)
    if (!streams[i].empty()) CMEM_TRY(output.put(static_cast<SegmentStream>(i), streams[i]));
  return {};
}

Result<std::optional<std::string>> EncodedSegmentInput::next_page() {
  if (next_page_ == segment_->term_pages.size()) return std::optional<std::string>();
  return std::optional(segment_->term_pages[next_page_++]);
}

Result<std::string_view> EncodedSegmentInput::take(SegmentStream stream, std::size_t bytes) {
  const std::string_view all = segment_->stream(stream);
  std::size_t& at = at_[static_cast<std::size_t>(stream)];
  if (bytes > all.size() - at) return corrupt("segment");
  at += bytes;
  return all.substr(at - bytes, bytes);
}

Result<std::vector<std::string>> decode_page_index(std::string_view page_index) {
  std::vector<std::string> first_terms;
  VarintReader reader(page_index);
  while (!reader.at_end()) first_terms.emplace_back(reader.take(reader.next()));
  if (!reader.ok()) return corrupt("page index");
  return first_terms;
}

void SegmentEncoder::add_text(std::uint32_t words, bool is_prose) {
  const std::uint32_t length = std::min<std::uint32_t>(words, kMaxLength);
  const std::uint32_t coded = length | (is_prose ? kProseBit : 0U);
  lengths_.push_back(static_cast<char>(coded));
  lengths_.push_back(static_cast<char>(coded >> 8));
  summary_.words += length;
  ++summary_.texts;
}

Status SegmentEncoder::add_lengths(std::string_view lengths) {
  for (std::size_t i = 0; i + 1 < lengths.size(); i += kLengthBytes)
    summary_.words += (static_cast<unsigned char>(lengths[i]) | static_cast<unsigned char>(lengths[i + 1]) << 8) & kMaxLength;
  summary_.texts += static_cast<std::int64_t>(lengths.size() / kLengthBytes);
  lengths_.append(lengths);
  return put(SegmentStream::kLengths, lengths_, kPieceBytes);
}

Status SegmentEncoder::put(SegmentStream stream, std::string& pending, std::size_t at_least) {
  if (pending.size() < at_least || pending.empty()) return {};
  summary_.bytes += static_cast<std::int64_t>(pending.size());
  CMEM_TRY(output_->put(stream, pending));
  pending.clear();
  return {};
}

Status SegmentEncoder::end_term(std::string_view term) {
  if (page_.empty()) {
    put_varint(page_index_, term.size());
    page_index_.append(term);
  }
  TermEntry entry;
  entry.texts = list_.size();
  entry.postings_offset = postings_put_ + postings_.size();
  entry.positions_offset = positions_put_ + positions_.size();
  list_.finish(postings_, positions_);
  entry.postings_bytes = postings_put_ + postings_.size() - entry.postings_offset;
  entry.positions_bytes = positions_put_ + positions_.size() - entry.positions_offset;
  page_.add(term, entry);
  ++summary_.terms;
  if (postings_.size() >= kPieceBytes) {
    postings_put_ += postings_.size();
    CMEM_TRY(put(SegmentStream::kPostings, postings_, kPieceBytes));
  }
  if (positions_.size() >= kPieceBytes) {
    positions_put_ += positions_.size();
    CMEM_TRY(put(SegmentStream::kPositions, positions_, kPieceBytes));
  }
  return page_.is_full() ? end_page() : Status{};
}

Status SegmentEncoder::end_page() {
  if (page_.empty()) return {};
  std::string page = page_.finish();
  return put(SegmentStream::kTermPages, page, 0);
}

Result<SegmentSummary> SegmentEncoder::finish() {
  CMEM_TRY(end_page());
  CMEM_TRY(put(SegmentStream::kPostings, postings_, 0));
  CMEM_TRY(put(SegmentStream::kPositions, positions_, 0));
  CMEM_TRY(put(SegmentStream::kLengths, lengths_, 0));
  CMEM_TRY(put(SegmentStream::kPageIndex, page_index_, 0));
  return summary_;
}

}  // namespace cmem
