#include "source/waiting_lines.h"

#include <cstring>
#include <utility>

namespace cmem {

LineChunk WaitingLines::join(LineChunk next) {
  if (bytes_.empty()) return next;
  LineChunk joined;
  joined.size = bytes_.size() + next.size;
  joined.bytes = PooledBytes(joined.size + kChunkPaddingBytes, nullptr);
  std::memcpy(joined.bytes.get(), bytes_.data(), bytes_.size());
  if (next.size > 0) std::memcpy(joined.bytes.get() + bytes_.size(), next.bytes.get(), next.size);
  std::memset(joined.bytes.get() + joined.size, 0, kChunkPaddingBytes);
  joined.first_line_number = line_number_;
  joined.byte_offset = byte_offset_;
  joined.after_bom = after_bom_;
  joined.ends_without_newline = next.ends_without_newline;
  joined.rejects = std::move(next.rejects);
  joined.kept_lines = std::move(next.kept_lines);
  bytes_.clear();
  return joined;
}

void WaitingLines::keep(const LineChunk& chunk, std::size_t from, std::int64_t line_number) {
  bytes_ = chunk.view().substr(from);
  line_number_ = line_number;
  byte_offset_ = chunk.byte_offset + static_cast<std::int64_t>(from);
  after_bom_ = chunk.after_bom && from == 0;
}

ResumePoint resume_at(const LineChunk& chunk, std::size_t from, std::int64_t line_number) {
  const bool at_start = from == 0 && chunk.after_bom;
  return {at_start ? 0 : chunk.byte_offset + static_cast<std::int64_t>(from), line_number, {}};
}

std::int64_t end_of(const LineChunk& chunk) noexcept { return chunk.byte_offset + static_cast<std::int64_t>(chunk.size); }

void resume_behind_rejects(ParsedChunk& parsed) {
  for (const Reject& reject : parsed.source().rejects) {
    parsed.resume.line_number = reject.line_number + 1;
    parsed.resume.byte_offset = reject.byte_offset + reject.length_bytes + 1;
  }
  // Only the last line of a file has no newline.
  if (!parsed.source().rejects.empty() && parsed.source().ends_without_newline) --parsed.resume.byte_offset;
  parsed.take_source_rejects();
}

}  // namespace cmem
