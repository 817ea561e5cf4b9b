#include "store/text_index_writer.h"

#include <algorithm>
#include <array>
#include <new>
#include <optional>

namespace cmem {
namespace {

constexpr std::size_t kChunkBytes = 256 * 1024;
constexpr std::size_t kWaitingBytes = std::size_t{8} << 20;
// A batch with more text than fits is written as several segments.
constexpr std::size_t kBuilderBytes = std::size_t{20} << 20;

// Segments belong to tiers by their size, each eight times as large as the one before but the last. When the newest ones hold eight
// of a tier they become one, with what is smaller directly before them, and what comes of it is judged again as the newest. So the
// tiers of a row never rise from old to new, a row has at most seven segments of each, and each byte is written again about once a
// tier. A row that is nearly full becomes one segment above the last tier, which begins a new row and is left as it is: this bounds
// the time of a merge. Filling begins early enough that what is smaller than the rest always fits, so that nothing small stays
// behind; only more at once may leave some. Only neighbours are merged, newest first, since a segment's texts follow each other.
constexpr std::int64_t kLargestBytes = std::int64_t{8} << 20;
constexpr std::int64_t kFullBytes = kLargestBytes - (std::int64_t{1} << 20);
constexpr std::array<std::int64_t, 4> kTierBytes{16 << 10, 128 << 10, 1 << 20, kLargestBytes / 2};
constexpr std::size_t kSegmentsPerTier = 8;

auto tier_of(std::int64_t bytes) { return std::lower_bound(kTierBytes.begin(), kTierBytes.end(), bytes); }

}  // namespace

std::size_t first_to_merge(const std::vector<std::int64_t>& bytes) {
  if (bytes.empty()) return 0;
  std::size_t begin = bytes.size() - 1;
  std::size_t first = begin;
  std::int64_t sum = bytes.back();
  auto tier = tier_of(sum);
  std::size_t of_tier = 1;
  const auto row_goes_on = [&] { return begin > 0 && bytes[begin - 1] <= kTierBytes.back(); };
  while (row_goes_on() && sum + bytes[begin - 1] <= kLargestBytes) {
    sum += bytes[--begin];
    const auto tier_here = tier_of(bytes[begin]);
    of_tier += tier_here == tier ? 1 : 0;
    if (tier_here >= tier && of_tier < kSegmentsPerTier) continue;
    first = begin;
    tier = tier_of(sum);
    of_tier = 1;
  }
  if (sum >= kFullBytes || row_goes_on()) first = begin;
  return first + 1 == bytes.size() ? bytes.size() : first;
}

struct TextIndexWriter::Inversion {
  explicit Inversion(std::int64_t first_text_id) : builder(first_text_id) {}

  // The two run on the worker.
  void add(const Chunk& chunk) {
    if (out_of_memory) return;
    try {
      std::size_t begin = 0;
      for (const Chunk::Text& text : chunk.texts) {
        builder.add(std::string_view(chunk.bytes).substr(begin, text.end - begin), text.indexing);
        begin = text.end;
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

void TextIndexWriter::add(std::string_view text, Indexing indexing) {
  if (!inversion_) inversion_ = std::make_shared<Inversion>(next_text_id_);
  ++next_text_id_;
  chunk_.bytes.append(text);
  chunk_.texts.push_back({chunk_.bytes.size(), indexing});
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
