#include "store/text_segments.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "base/bytes.h"

namespace cmem {
namespace {

Unexpected corrupt(const std::string& what) {
  return Unexpected(Code::kCorrupt, fmt::format("the text index {}; run `memory rebuild`", what));
}

class StoredSegmentInput final : public SegmentInput {
 public:
  StoredSegmentInput(const SegmentInfo& info, sqlite::Statement select) : info_(info), select_(std::move(select)) {}

  [[nodiscard]] const SegmentSummary& summary() const override { return info_; }

  Result<std::optional<std::string>> next_page() override {
    std::string page;
    CMEM_ASSIGN_OR_RETURN(const bool found, read_row(SegmentStream::kTermPages, page));
    return found ? std::optional(std::move(page)) : std::nullopt;
  }

  Result<std::string_view> take(SegmentStream stream, std::size_t bytes) override {
    Window& window = windows_[static_cast<std::size_t>(stream)];
    if (window.bytes.size() - window.at < bytes) {
      window.bytes.erase(0, window.at);
      window.at = 0;
      while (window.bytes.size() < bytes) {
        CMEM_ASSIGN_OR_RETURN(const bool found, read_row(stream, window.bytes));
        if (!found) return corrupt(fmt::format("misses parts of segment {}", info_.id));
      }
    }
    window.at += bytes;
    return std::string_view(window.bytes).substr(window.at - bytes, bytes);
  }

 private:
  struct Window {
    std::string bytes;
    std::size_t at = 0;  // of the first byte that was not taken
  };

  // Appends the next row of a stream.
  Result<bool> read_row(SegmentStream stream, std::string& out) {
    std::int64_t& number = next_number_[static_cast<std::size_t>(stream)];
    CMEM_TRY(select_.bind(1, segment_part_id(info_.id, stream, number)));
    CMEM_ASSIGN_OR_RETURN(const bool found, select_.step());
    if (found) {
      out.append(as_text(select_.column_blob(0)));
      ++number;
    }
    select_.reset();
    return found;
  }

  SegmentInfo info_;
  sqlite::Statement select_;
  std::array<Window, kSegmentStreams> windows_;
  std::array<std::int64_t, kSegmentStreams> next_number_{};
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
    SegmentInfo& segment = segments.emplace_back();
    segment.id = rows.column_int(0);
    segment.first_text_id = rows.column_int(1);
    segment.texts = rows.column_int(2);
    segment.words = rows.column_int(3);
    segment.terms = rows.column_int(4);
    segment.bytes = rows.column_int(5);
    if (segment.first_text_id != next || segment.texts <= 0) return corrupt(fmt::format("has a gap at text {}", next));
    next += segment.texts;
  }
  if (next != next_text_id) return corrupt(fmt::format("ends at text {}, the store at {}", next - 1, next_text_id - 1));
  return segments;
}

Result<SegmentWriter> SegmentWriter::create(sqlite::Connection& db, std::int64_t id) {
  CMEM_ASSIGN_OR_RETURN(auto insert, db.prepare("INSERT INTO main.text_segment_part VALUES(?1, ?2)"));
  return SegmentWriter(db, id, std::move(insert));
}

Status SegmentWriter::insert(SegmentStream stream, std::string_view bytes) {
  CMEM_TRY(insert_.bind(1, segment_part_id(id_, stream, next_number_[static_cast<std::size_t>(stream)]++)));
  CMEM_TRY(insert_.bind_blob_static(2, as_bytes(bytes)));
  return insert_.run();
}

Status SegmentWriter::put(SegmentStream stream, std::string_view bytes) {
  if (stream == SegmentStream::kPageIndex || stream == SegmentStream::kTermPages) return insert(stream, bytes);
  std::string& pending = pending_[static_cast<std::size_t>(stream)];
  while (pending.size() + bytes.size() >= kPartBytes) {
    const std::size_t missing = kPartBytes - pending.size();
    pending.append(bytes.substr(0, missing));
    bytes.remove_prefix(missing);
    CMEM_TRY(insert(stream, pending));
    pending.clear();
  }
  pending.append(bytes);
  return {};
}

Result<SegmentInfo> SegmentWriter::finish(const SegmentSummary& summary) {
  for (std::size_t stream = 0; stream < pending_.size(); ++stream)
    if (!pending_[stream].empty()) CMEM_TRY(insert(static_cast<SegmentStream>(stream), pending_[stream]));
  SegmentInfo info;
  static_cast<SegmentSummary&>(info) = summary;
  info.id = id_;
  CMEM_ASSIGN_OR_RETURN(auto insert, db_->prepare("INSERT INTO main.text_segment VALUES(?1, ?2, ?3, ?4, ?5, ?6)"));
  int column = 0;
  for (const std::int64_t value : {info.id, info.first_text_id, info.texts, info.words, info.terms, info.bytes})
    CMEM_TRY(insert.bind(++column, value));
  CMEM_TRY(insert.run());
  return info;
}

Result<std::unique_ptr<SegmentInput>> open_segment(sqlite::Connection& db, const SegmentInfo& info) {
  CMEM_ASSIGN_OR_RETURN(auto select, db.prepare("SELECT data FROM main.text_segment_part WHERE id = ?1"));
  return std::unique_ptr<SegmentInput>(std::make_unique<StoredSegmentInput>(info, std::move(select)));
}

Result<EncodedSegment> read_segment(sqlite::Connection& db, const SegmentInfo& info) {
  EncodedSegment segment;
  segment.summary = info;
  CMEM_ASSIGN_OR_RETURN(auto rows,
                        db.prepare("SELECT id, data FROM main.text_segment_part WHERE id >= ?1 AND id < ?2 ORDER BY id"));
  CMEM_TRY(rows.bind(1, segment_part_id(info.id, SegmentStream::kPageIndex, 0)));
  CMEM_TRY(rows.bind(2, segment_part_id(info.id + 1, SegmentStream::kPageIndex, 0)));
  std::int64_t bytes = 0;
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) break;
    const auto stream = static_cast<std::size_t>(rows.column_int(0) >> 28 & 0xF);
    if (stream >= kSegmentStreams) return corrupt(fmt::format("has an unknown part of segment {}", info.id));
    const std::string_view data = as_text(rows.column_blob(1));
    bytes += static_cast<std::int64_t>(data.size());
    CMEM_TRY(segment.put(static_cast<SegmentStream>(stream), data));
  }
  if (bytes != info.bytes) return corrupt(fmt::format("misses parts of segment {}", info.id));
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
