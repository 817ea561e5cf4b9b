#include "store/text_segments.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/bytes.h"

namespace cmem {
namespace {

Unexpected corrupt(const std::string& what) {
  return Unexpected(Code::kCorrupt, fmt::format("the text index {}; run `memory rebuild`", what));
}

class PartInserter {
 public:
  static Result<PartInserter> create(sqlite::Connection& db, std::int64_t segment_id) {
    CMEM_ASSIGN_OR_RETURN(auto insert, db.prepare("INSERT INTO main.text_segment_part VALUES(?1, ?2)"));
    return PartInserter(std::move(insert), segment_id);
  }

  Status add(SegmentStream stream, std::size_t number, std::string_view bytes) {
    CMEM_TRY(insert_.bind(1, segment_part_id(segment_id_, stream, static_cast<std::int64_t>(number))));
    CMEM_TRY(insert_.bind_blob_static(2, as_bytes(bytes)));
    return insert_.run();
  }
  Status add_stream(SegmentStream stream, std::string_view bytes) {
    for (std::size_t number = 0; number * kPartBytes < bytes.size(); ++number)
      CMEM_TRY(add(stream, number, bytes.substr(number * kPartBytes, kPartBytes)));
    return {};
  }

 private:
  PartInserter(sqlite::Statement insert, std::int64_t segment_id) : insert_(std::move(insert)), segment_id_(segment_id) {}

  sqlite::Statement insert_;
  std::int64_t segment_id_;
};

}  // namespace

Result<std::vector<SegmentInfo>> read_segment_list(sqlite::Connection& db, std::int64_t next_text_id) {
  CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare("SELECT id, first_text_id, texts, words, terms, bytes FROM main.text_segment "
                                              "ORDER BY first_text_id"));
  std::vector<SegmentInfo> segments;
  std::int64_t next = 1;
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) break;
    segments.push_back(
        {rows.column_int(0), rows.column_int(1), rows.column_int(2), rows.column_int(3), rows.column_int(4), rows.column_int(5)});
    const SegmentInfo& segment = segments.back();
    if (segment.first_text_id != next || segment.texts <= 0) return corrupt(fmt::format("has a gap at text {}", next));
    next += segment.texts;
  }
  if (next != next_text_id) return corrupt(fmt::format("ends at text {}, the store at {}", next - 1, next_text_id - 1));
  return segments;
}

Result<SegmentInfo> insert_segment(sqlite::Connection& db, std::int64_t id, const EncodedSegment& segment) {
  const SegmentInfo info{id,
                         segment.first_text_id,
                         static_cast<std::int64_t>(segment.texts),
                         static_cast<std::int64_t>(segment.words),
                         static_cast<std::int64_t>(segment.terms),
                         static_cast<std::int64_t>(segment.bytes())};
  CMEM_ASSIGN_OR_RETURN(auto insert, db.prepare("INSERT INTO main.text_segment VALUES(?1, ?2, ?3, ?4, ?5, ?6)"));
  int column = 0;
  for (const std::int64_t value : {info.id, info.first_text_id, info.texts, info.words, info.terms, info.bytes})
    CMEM_TRY(insert.bind(++column, value));
  CMEM_TRY(insert.run());
  CMEM_ASSIGN_OR_RETURN(auto parts, PartInserter::create(db, id));
  CMEM_TRY(parts.add(SegmentStream::kPageIndex, 0, segment.page_index));
  for (std::size_t page = 0; page < segment.term_pages.size(); ++page)
    CMEM_TRY(parts.add(SegmentStream::kTermPages, page, segment.term_pages[page]));
  CMEM_TRY(parts.add_stream(SegmentStream::kPostings, segment.postings));
  CMEM_TRY(parts.add_stream(SegmentStream::kPositions, segment.positions));
  CMEM_TRY(parts.add_stream(SegmentStream::kLengths, segment.lengths));
  return info;
}

Result<EncodedSegment> read_segment(sqlite::Connection& db, const SegmentInfo& info) {
  EncodedSegment segment;
  segment.first_text_id = info.first_text_id;
  segment.texts = static_cast<std::uint32_t>(info.texts);
  segment.words = static_cast<std::uint64_t>(info.words);
  segment.terms = static_cast<std::uint32_t>(info.terms);
  CMEM_ASSIGN_OR_RETURN(auto rows,
                        db.prepare("SELECT id, data FROM main.text_segment_part WHERE id >= ?1 AND id < ?2 ORDER BY id"));
  CMEM_TRY(rows.bind(1, segment_part_id(info.id, SegmentStream::kPageIndex, 0)));
  CMEM_TRY(rows.bind(2, segment_part_id(info.id + 1, SegmentStream::kPageIndex, 0)));
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) break;
    const std::string_view bytes = as_text(rows.column_blob(1));
    switch (static_cast<SegmentStream>(rows.column_int(0) >> 28 & 0xF)) {
      case SegmentStream::kPageIndex:
        segment.page_index = bytes;
        break;
      case SegmentStream::kTermPages:
        segment.term_pages.emplace_back(bytes);
        break;
      case SegmentStream::kPostings:
        segment.postings.append(bytes);
        break;
      case SegmentStream::kPositions:
        segment.positions.append(bytes);
        break;
      case SegmentStream::kLengths:
        segment.lengths.append(bytes);
        break;
    }
  }
  if (static_cast<std::int64_t>(segment.bytes()) != info.bytes) return corrupt(fmt::format("misses parts of segment {}", info.id));
  return segment;
}

Status delete_segment(sqlite::Connection& db, std::int64_t id) {
  CMEM_ASSIGN_OR_RETURN(auto parts, db.prepare("DELETE FROM main.text_segment_part WHERE id >= ?1 AND id < ?2"));
  CMEM_TRY(parts.bind(1, segment_part_id(id, SegmentStream::kPageIndex, 0)));
  CMEM_TRY(parts.bind(2, segment_part_id(id + 1, SegmentStream::kPageIndex, 0)));
  CMEM_TRY(parts.run());
  CMEM_ASSIGN_OR_RETURN(auto segment, db.prepare("DELETE FROM main.text_segment WHERE id = ?1"));
  CMEM_TRY(segment.bind(1, id));
  return segment.run();
}

}  // namespace cmem
