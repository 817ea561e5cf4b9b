#include "index/segment.h"

#include <algorithm>

#include "base/varint.h"

namespace cmem {
namespace {

constexpr std::uint32_t kMaxLength = 65'535;

}  // namespace

std::size_t EncodedSegment::bytes() const {
  std::size_t sum = page_index.size() + postings.size() + positions.size() + lengths.size();
  for (const std::string& page : term_pages) sum += page.size();
  return sum;
}

Result<std::vector<std::string>> decode_page_index(std::string_view page_index) {
  std::vector<std::string> first_terms;
  VarintReader reader(page_index);
  while (!reader.at_end()) first_terms.emplace_back(reader.take(reader.next()));
  if (!reader.ok()) return Unexpected(Code::kCorrupt, "the text index has a damaged page index; run `memory rebuild`");
  return first_terms;
}

void SegmentEncoder::add_text(std::uint32_t words) {
  const std::uint32_t length = std::min(words, kMaxLength);
  segment_.lengths.push_back(static_cast<char>(length));
  segment_.lengths.push_back(static_cast<char>(length >> 8));
  segment_.words += length;
  ++segment_.texts;
}

void SegmentEncoder::add_lengths(std::string_view lengths, std::uint64_t words) {
  segment_.lengths.append(lengths);
  segment_.words += words;
  segment_.texts += static_cast<std::uint32_t>(lengths.size() / kLengthBytes);
}

void SegmentEncoder::end_term(std::string_view term) {
  if (page_.empty()) {
    put_varint(segment_.page_index, term.size());
    segment_.page_index.append(term);
  }
  TermEntry entry;
  entry.texts = list_.size();
  entry.postings_offset = segment_.postings.size();
  entry.positions_offset = segment_.positions.size();
  list_.finish(segment_.postings, segment_.positions);
  entry.postings_bytes = segment_.postings.size() - entry.postings_offset;
  entry.positions_bytes = segment_.positions.size() - entry.positions_offset;
  page_.add(term, entry);
  ++segment_.terms;
  if (page_.is_full()) end_page();
}

void SegmentEncoder::end_page() {
  if (!page_.empty()) segment_.term_pages.push_back(page_.finish());
}

EncodedSegment SegmentEncoder::finish() {
  end_page();
  return std::move(segment_);
}

}  // namespace cmem
