#include "store/text_index_writer.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <new>
#include <optional>

namespace cmem {
namespace {

constexpr std::size_t kChunkBytes = 256 * 1024;
constexpr std::size_t kWaitingBytes = std::size_t{8} << 20;
// A batch with more text than fits is written as several segments.
constexpr std::size_t kBuilderBytes = std::size_t{20} << 20;

// Segments belong to tiers by their size, each eight times as large as the one before but the last. When the newest ones hold eight
// of a tier they become one, together with smaller ones between them, and so do those of the last tier when they fill
// kLargestBytes: what comes of it belongs to a higher tier, so that each byte is written again about once a tier. A segment behind
// smaller ones takes them in, so that these do not stay apart for ever. What is larger than the last tier stays as it is, which
// bounds the time of a merge. Only neighbours are merged, newest first, since a segment's texts follow each other.
constexpr std::int64_t kLargestBytes = std::int64_t{8} << 20;
constexpr std::array<std::int64_t, 4> kTierBytes{16 << 10, 128 << 10, 1 << 20, kLargestBytes / 2};
constexpr std::size_t kSegmentsPerTier = 8;

// The first of the smaller ones that stand directly before the newest segment, or the newest itself.
std::size_t first_taken_in(const std::vector<std::int64_t>& bytes) {
  std::int64_t sum = bytes.back();
  std::size_t first = bytes.size() - 1;
  const auto tier = std::lower_bound(kTierBytes.begin(), kTierBytes.end(), sum);
  if (tier == kTierBytes.begin() || tier == kTierBytes.end()) return first;
  while (first > 0 && bytes[first - 1] <= *std::prev(tier) && sum + bytes[first - 1] <= kLargestBytes) sum += bytes[--first];
  return first;
}

}  // namespace

std::size_t first_to_merge(const std::vector<std::int64_t>& bytes) {
  if (bytes.empty()) return 0;
  std::size_t first = first_taken_in(bytes);
  if (first + 1 == bytes.size()) first = bytes.size();
  std::int64_t smaller = 0;
  for (const std::int64_t limit : kTierBytes) {
    std::size_t begin = bytes.size();
    std::size_t of_this_tier = 0;
    std::int64_t sum = 0;
    while (begin > 0 && bytes[begin - 1] <= limit && sum + bytes[begin - 1] <= kLargestBytes) {
      sum += bytes[--begin];
      of_this_tier += bytes[begin] > smaller ? 1 : 0;
    }
    const bool fills_largest = begin > 0 && bytes[begin - 1] <= limit;
    if (of_this_tier >= kSegmentsPerTier || fills_largest) first = std::min(first, begin);
    smaller = limit;
  }
  return first;
}

struct TextIndexWriter::Inversion {
  explicit Inversion(std::int64_t first_text_id) : builder(first_text_id) {}

  // The two run on the worker.
  void add(const Chunk& chunk) {
    if (out_of_memory) return;
    try {
      std::size_t begin = 0;
      for (const std::size_t end : chunk.ends) {
        builder.add(std::string_view(chunk.bytes).substr(begin, end - begin));
        begin = end;
        if (builder.memory_bytes() > kBuilderBytes) segments.push_back(builder.finish());
      }
    } catch (const std::bad_alloc&) {
      out_of_memory = true;
    }
  }
  Status finish() {
    if (!out_of_memory) {
      try {
        if (!builder.empty()) segments.push_back(builder.finish());
        return {};
      } catch (const std::bad_alloc&) {
        out_of_memory = true;
      }
    }
    return Unexpected(Code::kNoMemory, "index new texts: out of memory");
  }

  SegmentBuilder builder;
  std::vector<EncodedSegment> segments;
  bool out_of_memory = false;
};

TextIndexWriter::TextIndexWriter() : worker_(kWaitingBytes) {}
TextIndexWriter::~TextIndexWriter() = default;

Status TextIndexWriter::resume(sqlite::Connection& db, std::int64_t next_text_id, std::int64_t next_segment_id) {
  reset();
  CMEM_ASSIGN_OR_RETURN(segments_, read_segment_list(db, next_text_id));
  next_segment_id_ = next_segment_id;
  next_text_id_ = next_text_id;
  return {};
}

void TextIndexWriter::reset() {
  inversion_.reset();
  inverted_ = {};
  chunk_ = {};
}

void TextIndexWriter::add(std::string_view text) {
  if (!inversion_) inversion_ = std::make_shared<Inversion>(next_text_id_);
  ++next_text_id_;
  chunk_.bytes.append(text);
  chunk_.ends.push_back(chunk_.bytes.size());
  if (chunk_.bytes.size() >= kChunkBytes) submit_chunk();
}

void TextIndexWriter::submit_chunk() {
  auto chunk = std::make_shared<Chunk>(std::move(chunk_));
  chunk_ = {};
  const std::size_t bytes = chunk->bytes.size();
  worker_.submit(bytes, [inversion = inversion_, chunk] { inversion->add(*chunk); });
}

void TextIndexWriter::seal() {
  if (!inversion_ || inverted_.valid()) return;
  submit_chunk();
  auto done = std::make_shared<std::promise<Status>>();
  inverted_ = done->get_future();
  worker_.submit(0, [inversion = inversion_, done] { done->set_value(inversion->finish()); });
}

Status TextIndexWriter::flush(sqlite::Connection& db) {
  if (!inversion_) return {};
  seal();
  CMEM_TRY(inverted_.get());
  for (const EncodedSegment& segment : inversion_->segments) {
    CMEM_ASSIGN_OR_RETURN(auto writer, SegmentWriter::create(db, next_segment_id_));
    CMEM_TRY(segment.copy_to(writer));
    CMEM_ASSIGN_OR_RETURN(segments_.emplace_back(), writer.finish(segment.summary));
    ++next_segment_id_;
  }
  inversion_.reset();
  return merge(db);
}

Status TextIndexWriter::merge(sqlite::Connection& db) {
  std::vector<std::int64_t> bytes;
  for (const SegmentInfo& segment : segments_) bytes.push_back(segment.bytes);
  const std::size_t first = first_to_merge(bytes);
  if (first == segments_.size()) return {};
  std::vector<std::unique_ptr<SegmentInput>> parts;
  for (std::size_t i = first; i < segments_.size(); ++i) {
    CMEM_ASSIGN_OR_RETURN(parts.emplace_back(), open_segment(db, segments_[i]));
  }
  CMEM_ASSIGN_OR_RETURN(auto writer, SegmentWriter::create(db, next_segment_id_));
  CMEM_ASSIGN_OR_RETURN(const SegmentSummary merged, merge_segments(parts, writer));
  parts.clear();
  for (std::size_t i = first; i < segments_.size(); ++i) CMEM_TRY(delete_segment(db, segments_[i].id));
  segments_.resize(first);
  CMEM_ASSIGN_OR_RETURN(segments_.emplace_back(), writer.finish(merged));
  ++next_segment_id_;
  return {};
}

}  // namespace cmem
