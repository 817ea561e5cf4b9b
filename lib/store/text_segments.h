// How the segments of the text index lie in tables.
//
// text_segment has one row a segment: id, first_text_id, texts, words, terms, bytes. Segments follow each other without gaps, from
// text 1 to the last one. text_segment_part has their bytes, cut into rows; the id of a row says which: segment id * 2^32 + stream
// * 2^28 + number. The streams: 0 page index (one row), 1 dictionary pages (one a row), 2 postings, 3 positions, 4 lengths (rows of
// kPartBytes each, the last one shorter).
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "index/segment.h"
#include "sqlite/connection.h"
#include "sqlite/statement.h"

namespace cmem {

// With pages of 8 KiB a row fills its overflow pages: 4 * 8188 bytes in them, 999 in the leaf.
inline constexpr std::size_t kPartBytes = 4 * 8188 + 999;

constexpr std::int64_t segment_part_id(std::int64_t segment_id, SegmentStream stream, std::int64_t number) {
  return segment_id << 32 | static_cast<std::int64_t>(stream) << 28 | number;
}

struct SegmentInfo : SegmentSummary {
  std::int64_t id = 0;
};

// All segments in order. kCorrupt: there is a gap, or they do not end at `next_text_id`.
Result<std::vector<SegmentInfo>> read_segment_list(sqlite::Connection& db, std::int64_t next_text_id);

// Writes the parts of a new segment as they come; finish() makes it one of the store's segments.
class SegmentWriter final : public SegmentOutput {
 public:
  static Result<SegmentWriter> create(sqlite::Connection& db, std::int64_t id);
  Status put(SegmentStream stream, std::string_view bytes) override;
  Result<SegmentInfo> finish(const SegmentSummary& summary);

 private:
  SegmentWriter(sqlite::Connection& db, std::int64_t id, sqlite::Statement insert)
      : db_(&db), id_(id), insert_(std::move(insert)) {}
  Status insert(SegmentStream stream, std::string_view bytes);

  sqlite::Connection* db_;
  std::int64_t id_;
  sqlite::Statement insert_;
  std::array<std::int64_t, kSegmentStreams> next_number_{};
  std::array<std::string, kSegmentStreams> pending_;  // less than a row
};

// Reads a segment from its tables from begin to end. `db` outlives it.
Result<std::unique_ptr<SegmentInput>> open_segment(sqlite::Connection& db, const SegmentInfo& info);
// The whole in memory. kCorrupt: parts are missing.
Result<EncodedSegment> read_segment(sqlite::Connection& db, const SegmentInfo& info);
Status delete_segment(sqlite::Connection& db, std::int64_t id);

}  // namespace cmem
