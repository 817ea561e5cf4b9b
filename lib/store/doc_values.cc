#include "store/doc_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/bytes.h"
#include "base/varint.h"

namespace cmem {
namespace {

constexpr std::int64_t kNothing = std::numeric_limits<std::int64_t>::max();

std::int64_t segment_start(std::int64_t message_id) { return (message_id - 1) / kSegmentMessages * kSegmentMessages + 1; }

std::size_t memory_of(const Segment& segment) {
  return segment.size() * (sizeof(std::int64_t) + 2 * sizeof(std::uint32_t)) + sizeof(Segment);
}

SegmentSpan span_of(const Segment& segment) {
  SegmentSpan span{segment.first_id, kNothing, std::numeric_limits<std::int64_t>::min(), true};
  for (const std::int64_t time : segment.time_ms) {
    if (time == kNoTime) continue;
    span.min_ms = std::min(span.min_ms, time);
    span.max_ms = std::max(span.max_ms, time);
  }
  return span;
}

// Appends the rows with ids from `from_id` (at most `limit` of them) to `segment`; ids without a row become forgotten messages.
Status read_rows(sqlite::Connection& db, Segment& segment, std::int64_t from_id, std::int64_t end_id) {
  CMEM_ASSIGN_OR_RETURN(
      auto rows, db.prepare("SELECT id, time_ms, context_id, text_id FROM main.message WHERE id >= ?1 AND id < ?2 ORDER BY id"));
  CMEM_TRY(rows.bind(1, from_id));
  CMEM_TRY(rows.bind(2, end_id));
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) return {};
    while (segment.first_id + static_cast<std::int64_t>(segment.size()) < rows.column_int(0)) segment.append(kNoTime, 0, 0);
    segment.append(rows.column_is_null(1) ? kNoTime : rows.column_int(1), rows.column_int(2), rows.column_int(3));
  }
}

}  // namespace

std::string encode_segment(const Segment& segment) {
  std::string raw;
  raw.reserve(segment.size() * 8);
  std::int64_t last = 0;
  for (const std::int64_t time : segment.time_ms) {
    if (time == kNoTime) {
      put_varint(raw, 0);
      continue;
    }
    put_varint(raw, 1 + zigzag(time - last));
    last = time;
  }
  for (const auto* column : {&segment.context_id, &segment.text_id}) {
    last = 0;
    for (const std::uint32_t value : *column) {
      put_signed(raw, std::int64_t{value} - last);
      last = value;
    }
  }
  return raw;
}

Result<Segment> decode_segment(std::int64_t first_id, std::string_view raw) {
  Segment segment;
  segment.first_id = first_id;
  segment.time_ms.reserve(kSegmentMessages);
  VarintReader reader(raw);
  std::int64_t last = 0;
  for (std::int64_t i = 0; i < kSegmentMessages; ++i) {
    const std::uint64_t coded = reader.next();
    if (coded != 0) last += unzigzag(coded - 1);
    segment.time_ms.push_back(coded == 0 ? kNoTime : last);
  }
  for (auto* column : {&segment.context_id, &segment.text_id}) {
    column->reserve(kSegmentMessages);
    last = 0;
    for (std::int64_t i = 0; i < kSegmentMessages; ++i) {
      last += reader.next_signed();
      column->push_back(static_cast<std::uint32_t>(last));
    }
  }
  if (!reader.ok() || !reader.at_end())
    return Unexpected(Code::kCorrupt, fmt::format("doc_values segment {}: wrong length; run `memory rebuild`", first_id));
  return segment;
}

void DocValueWriter::reset() {
  open_ = {};
  sealed_.clear();
}

Status DocValueWriter::resume(sqlite::Connection& db, std::int64_t next_message_id) {
  reset();
  open_.first_id = segment_start(next_message_id);
  CMEM_TRY(read_rows(db, open_, open_.first_id, next_message_id));
  while (open_.first_id + static_cast<std::int64_t>(open_.size()) < next_message_id) open_.append(kNoTime, 0, 0);
  return {};
}

void DocValueWriter::add(std::int64_t time_ms, std::int64_t context_id, std::int64_t text_id) {
  open_.append(time_ms, context_id, text_id);
  if (static_cast<std::int64_t>(open_.size()) == kSegmentMessages) seal();
}

void DocValueWriter::seal() {
  std::string raw = encode_segment(open_);
  const std::size_t raw_bytes = raw.size();
  sealed_.push_back({span_of(open_), raw_bytes, queue_->submit(std::move(raw))});
  const std::int64_t next_id = open_.first_id + kSegmentMessages;
  open_ = {};
  open_.first_id = next_id;
}

Status DocValueWriter::flush(sqlite::Connection& db) {
  if (sealed_.empty()) return {};
  CMEM_ASSIGN_OR_RETURN(auto insert, db.prepare("INSERT INTO main.doc_values VALUES(?1, ?2, ?3, ?4, ?5)"));
  for (Sealed& segment : sealed_) {
    CMEM_ASSIGN_OR_RETURN(const std::string frame, segment.frame.get());
    CMEM_TRY(insert.bind(1, segment.span.first_id));
    const bool has_time = segment.span.min_ms <= segment.span.max_ms;
    CMEM_TRY(has_time ? insert.bind(2, segment.span.min_ms) : insert.bind_null(2));
    CMEM_TRY(has_time ? insert.bind(3, segment.span.max_ms) : insert.bind_null(3));
    CMEM_TRY(insert.bind(4, static_cast<std::int64_t>(segment.raw_bytes)));
    CMEM_TRY(insert.bind_blob_static(5, as_bytes(frame)));
    CMEM_TRY(insert.run());
  }
  sealed_.clear();
  return {};
}

Result<std::vector<SegmentSpan>> DocValueReader::spans(sqlite::Connection& db) {
  std::vector<SegmentSpan> spans;
  CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare("SELECT first_id, min_ms, max_ms FROM main.doc_values ORDER BY first_id"));
  std::int64_t next_id = 1;
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) break;
    if (rows.column_int(0) != next_id)
      return Unexpected(Code::kCorrupt, fmt::format("doc_values segment {} is missing; run `memory rebuild`", next_id));
    next_id += kSegmentMessages;
    if (rows.column_is_null(1))
      spans.push_back({rows.column_int(0), kNothing, std::numeric_limits<std::int64_t>::min(), false});
    else
      spans.push_back({rows.column_int(0), rows.column_int(1), rows.column_int(2), false});
  }
  CMEM_TRY(extend_tail(db, next_id));
  if (tail_.size() > 0) spans.push_back(span_of(tail_));
  return spans;
}

Status DocValueReader::extend_tail(sqlite::Connection& db, std::int64_t first_id) {
  if (tail_.first_id != first_id) {
    tail_ = {};
    tail_.first_id = first_id;
  }
  return read_rows(db, tail_, first_id + static_cast<std::int64_t>(tail_.size()), kNothing);
}

Result<std::shared_ptr<const Segment>> DocValueReader::read(sqlite::Connection& db, const SegmentSpan& span) {
  if (span.is_tail) return std::make_shared<const Segment>(tail_);
  if (const auto cached = segments_.find(span.first_id); cached != segments_.end()) return cached->second;
  CMEM_ASSIGN_OR_RETURN(auto row, db.prepare("SELECT raw_bytes, data FROM main.doc_values WHERE first_id = ?1"));
  CMEM_TRY(row.bind(1, span.first_id));
  CMEM_ASSIGN_OR_RETURN(const bool found, row.step());
  if (!found)
    return Unexpected(Code::kCorrupt, fmt::format("doc_values segment {} is missing; run `memory rebuild`", span.first_id));
  std::string raw;
  CMEM_TRY(decompressor_.decompress(as_text(row.column_blob(1)), static_cast<std::size_t>(row.column_int(0)), raw));
  CMEM_ASSIGN_OR_RETURN(auto segment, decode_segment(span.first_id, raw));
  auto shared = std::make_shared<const Segment>(std::move(segment));
  remember(shared);
  return shared;
}

void DocValueReader::remember(std::shared_ptr<const Segment> segment) {
  while (!ages_.empty() && used_bytes_ + memory_of(*segment) > cache_bytes_) {
    const auto oldest = segments_.find(ages_.front());
    used_bytes_ -= memory_of(*oldest->second);
    segments_.erase(oldest);
    ages_.pop_front();
  }
  used_bytes_ += memory_of(*segment);
  ages_.push_back(segment->first_id);
  segments_.emplace(segment->first_id, std::move(segment));
}

void DocValueReader::clear() {
  segments_.clear();
  ages_.clear();
  used_bytes_ = 0;
  tail_ = {};
}

}  // namespace cmem
