#include "store/text_index_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/bytes.h"

namespace cmem {
namespace {

// Of the cache itself, for each word.
constexpr std::size_t kWordOverheadBytes = 192;

Unexpected corrupt(std::int64_t segment_id, const char* what) {
  return Unexpected(Code::kCorrupt,
                    fmt::format("the text index: {} of segment {} are damaged; run `memory rebuild`", what, segment_id));
}

}  // namespace

Result<std::vector<SegmentInfo>> TextIndexReader::segments(sqlite::Connection& db) {
  CMEM_ASSIGN_OR_RETURN(const std::int64_t next_text_id, db.query_int("SELECT next_text_id FROM main.commit_clock"));
  CMEM_ASSIGN_OR_RETURN(auto list, read_segment_list(db, next_text_id));
  // Those that were merged away.
  const auto dropped = std::erase_if(segments_, [&](const auto& known) {
    return std::none_of(list.begin(), list.end(), [&](const SegmentInfo& info) { return info.id == known.first; });
  });
  if (dropped > 0) prefix_lists_.erase_if([&](const auto& key) { return !segments_.contains(key.first); });
  return list;
}

void TextIndexReader::clear() {
  segments_.clear();
  parts_.clear();
  prefix_lists_.clear();
  word_segments_.clear();
  words_.clear();
  last_part_.reset();
}

Result<TextIndexReader::Segment*> TextIndexReader::segment_of(sqlite::Connection& db, const SegmentInfo& info) {
  if (const auto known = segments_.find(info.id); known != segments_.end()) return &known->second;
  Segment segment;
  if (info.terms > 0) {  // else it has no pages, nor an index of them
    CMEM_ASSIGN_OR_RETURN(const auto page_index, part(db, segment_part_id(info.id, SegmentStream::kPageIndex, 0)));
    CMEM_ASSIGN_OR_RETURN(segment.first_terms, decode_page_index(*page_index));
  }
  return &segments_.emplace(info.id, std::move(segment)).first->second;
}

// The page that has the word if any has.
Result<std::size_t> TextIndexReader::first_page(sqlite::Connection& db, const SegmentInfo& segment, std::string_view term) {
  CMEM_ASSIGN_OR_RETURN(const Segment* const known, segment_of(db, segment));
  const auto after = std::upper_bound(known->first_terms.begin(), known->first_terms.end(), term);
  return static_cast<std::size_t>(std::max<std::ptrdiff_t>(after - known->first_terms.begin() - 1, 0));
}

Result<std::shared_ptr<const std::string>> TextIndexReader::term_page(sqlite::Connection& db, const SegmentInfo& segment,
                                                                      std::size_t page) {
  CMEM_ASSIGN_OR_RETURN(const Segment* const known, segment_of(db, segment));
  if (page >= known->first_terms.size()) return std::shared_ptr<const std::string>();
  return part(db, segment_part_id(segment.id, SegmentStream::kTermPages, static_cast<std::int64_t>(page)));
}

Result<std::optional<TermEntry>> TextIndexReader::find(sqlite::Connection& db, const SegmentInfo& segment, std::string_view term) {
  CMEM_ASSIGN_OR_RETURN(const std::size_t page, first_page(db, segment, term));
  CMEM_ASSIGN_OR_RETURN(const auto bytes, term_page(db, segment, page));
  if (!bytes) return std::optional<TermEntry>();
  CMEM_ASSIGN_OR_RETURN(auto cursor, TermPageCursor::open(*bytes));
  CMEM_ASSIGN_OR_RETURN(const bool found, cursor.seek(term));
  return found && cursor.term() == term ? std::optional(cursor.entry()) : std::nullopt;
}

Result<std::shared_ptr<const TextIndexReader::WordEntries>> TextIndexReader::find(sqlite::Connection& db,
                                                                                  const std::vector<SegmentInfo>& segments,
                                                                                  const std::string& term) {
  if (!std::ranges::equal(word_segments_, segments, {}, {}, &SegmentInfo::id)) {
    words_.clear();
    word_segments_.clear();
    for (const SegmentInfo& segment : segments) word_segments_.push_back(segment.id);
  }
  if (const auto* const known = words_.find(term)) return *known;
  auto entries = std::make_shared<WordEntries>();
  for (const SegmentInfo& segment : segments) {
    CMEM_ASSIGN_OR_RETURN(const auto entry, find(db, segment, term));
    entries->push_back(entry.value_or(TermEntry()));
  }
  const std::size_t bytes = segments.size() * sizeof(TermEntry) + 2 * term.size() + kWordOverheadBytes;
  return words_.put(term, std::move(entries), bytes);
}

Result<std::string_view> TextIndexReader::postings(sqlite::Connection& db, const SegmentInfo& segment, const TermEntry& entry,
                                                   IndexWindow& window) {
  const std::uint64_t begin = entry.postings_offset;
  const std::uint64_t bytes = entry.postings_bytes;
  const auto is_in_window = [&] {
    return window.segment_id == segment.id && begin >= window.offset && begin - window.offset <= window.bytes.view.size() &&
           bytes <= window.bytes.view.size() - (begin - window.offset);
  };
  if (!is_in_window()) {
    const auto limit = static_cast<std::uint64_t>(segment.bytes);
    if (bytes > limit || begin > limit - bytes) return corrupt(segment.id, "posting lists");
    const std::uint64_t part_begin = begin - begin % kPartBytes;
    window.segment_id = segment.id;
    if (bytes <= kPartBytes - (begin - part_begin)) {
      const auto number = static_cast<std::int64_t>(begin / kPartBytes);
      CMEM_ASSIGN_OR_RETURN(window.bytes.owner, part(db, segment_part_id(segment.id, SegmentStream::kPostings, number)));
      window.bytes.view = *window.bytes.owner;
      window.offset = part_begin;
    } else {
      CMEM_ASSIGN_OR_RETURN(window.bytes, range(db, segment, SegmentStream::kPostings, begin, bytes));
      window.offset = begin;
    }
    if (!is_in_window()) return corrupt(segment.id, "posting lists");
  }
  return window.bytes.view.substr(begin - window.offset, bytes);
}

Result<IndexBytes> TextIndexReader::range(sqlite::Connection& db, const SegmentInfo& segment, SegmentStream stream,
                                          std::uint64_t offset, std::uint64_t bytes) {
  if (bytes == 0) return IndexBytes();
  if (offset + bytes > static_cast<std::uint64_t>(segment.bytes)) return corrupt(segment.id, "posting lists");
  const std::uint64_t first = offset / kPartBytes;
  const std::uint64_t last = (offset + bytes - 1) / kPartBytes;
  std::string joined;
  for (std::uint64_t number = first; number <= last; ++number) {
    CMEM_ASSIGN_OR_RETURN(const auto piece, part(db, segment_part_id(segment.id, stream, static_cast<std::int64_t>(number))));
    const std::size_t begin = number == first ? offset % kPartBytes : 0;
    const std::size_t end = number == last ? (offset + bytes - 1) % kPartBytes + 1 : kPartBytes;
    if (end > piece->size()) return corrupt(segment.id, "posting lists");
    if (first == last) return IndexBytes{piece, std::string_view(*piece).substr(begin, end - begin)};
    joined.append(*piece, begin, end - begin);
  }
  auto owner = std::make_shared<const std::string>(std::move(joined));
  const std::string_view view = *owner;
  return IndexBytes{std::move(owner), view};
}

Result<std::shared_ptr<const std::vector<std::uint16_t>>> TextIndexReader::lengths(sqlite::Connection& db,
                                                                                   const SegmentInfo& segment) {
  CMEM_ASSIGN_OR_RETURN(Segment* const known, segment_of(db, segment));
  if (known->lengths) return known->lengths;
  const auto texts = static_cast<std::size_t>(segment.texts);
  CMEM_ASSIGN_OR_RETURN(const auto bytes, range(db, segment, SegmentStream::kLengths, 0, texts * kLengthBytes));
  auto lengths = std::make_shared<std::vector<std::uint16_t>>(texts);
  std::memcpy(lengths->data(), bytes.view.data(), bytes.view.size());
  known->lengths = std::move(lengths);
  return known->lengths;
}

std::shared_ptr<const PrefixList> TextIndexReader::find_prefix(const SegmentInfo& segment, std::string_view prefix) {
  const auto* const known = prefix_lists_.find({segment.id, std::string(prefix)});
  return known == nullptr ? nullptr : *known;
}

void TextIndexReader::keep_prefix(const SegmentInfo& segment, std::string_view prefix, std::shared_ptr<const PrefixList> list) {
  const std::size_t bytes = sizeof(PrefixList) + 2 * prefix.size() + list->postings.capacity();
  prefix_lists_.put({segment.id, std::string(prefix)}, std::move(list), bytes);
}

Result<std::shared_ptr<const std::string>> TextIndexReader::part(sqlite::Connection& db, std::int64_t id) {
  if (last_part_ && id == last_part_id_) return last_part_;
  if (const auto* const known = parts_.find(id)) {
    last_part_id_ = id;
    return last_part_ = *known;
  }
  auto bytes = shared_ == nullptr ? nullptr : shared_->find(id);
  if (!bytes) {
    CMEM_ASSIGN_OR_RETURN(bytes, read_part(db, id));
    if (shared_ != nullptr) shared_->put(id, bytes);
  }
  const std::size_t size = bytes->size();
  return parts_.put(id, std::move(bytes), size);
}

Result<std::shared_ptr<const std::string>> TextIndexReader::read_part(sqlite::Connection& db, std::int64_t id) {
  if (!select_part_) {
    CMEM_ASSIGN_OR_RETURN(auto select, db.prepare("SELECT data FROM main.text_segment_part WHERE id = ?1"));
    select_part_.emplace(std::move(select));
  }
  CMEM_TRY(select_part_->bind(1, id));
  CMEM_ASSIGN_OR_RETURN(const bool row, select_part_->step());
  auto bytes = std::make_shared<const std::string>(row ? as_text(select_part_->column_blob(0)) : std::string_view());
  select_part_->reset();
  if (!row) return corrupt(id >> 32, "parts");
  return bytes;
}

}  // namespace cmem
