#include "source/line_chunker.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace cmem {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// memchr looks at 32 bytes at a time; std::count at one.
std::int64_t count_newlines(std::string_view text) {
  std::int64_t count = 0;
  for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) ++count;
  return count;
}

}  // namespace

struct LineChunker::State {
  State(ByteStream& s, LineChunkerOptions o)
      : stream(s), options(o), line_number(o.first_line_number), byte_offset(o.byte_offset), started(o.byte_offset > 0) {
    options.max_line_bytes = std::max<std::size_t>(options.max_line_bytes, 1);
    // A chunk never has room for a line that is too long, so that "no newline in a full chunk" is the only test needed.
    options.chunk_bytes = std::max<std::size_t>(std::min(options.chunk_bytes, options.max_line_bytes + 1), kByteOrderMark.size());
  }

  Result<std::optional<LineChunk>> next();
  void fill(LineChunk& chunk);
  [[nodiscard]] PooledBytes allocate(std::size_t size) const { return {size + kChunkPaddingBytes, pool}; }
  void strip_byte_order_mark(LineChunk& chunk);
  void grow(LineChunk& chunk);
  LineChunk finish(LineChunk chunk, std::size_t line_end);
  LineChunk skip_long_line(LineChunk chunk);

  ByteStream& stream;
  std::shared_ptr<PooledBytes::BlockPool> pool = std::make_shared<PooledBytes::BlockPool>();
  LineChunkerOptions options;
  std::string carry;  // the beginning of the next chunk: an unfinished line
  std::int64_t line_number;
  std::int64_t byte_offset;
  bool started;
  std::size_t capacity = 0;
  bool at_end = false;
  std::optional<Error> failure;  // of the stream; reported once the bytes before it are delivered
};

// Reads until `capacity` is reached or the stream ends.
void LineChunker::State::fill(LineChunk& chunk) {
  while (chunk.size < capacity && !at_end) {
    Result<std::size_t> got = stream.read({chunk.bytes.get() + chunk.size, capacity - chunk.size});
    if (!got) failure = got.error();
    at_end = !got || *got == 0;
    if (got) chunk.size += *got;
  }
}

void LineChunker::State::strip_byte_order_mark(LineChunk& chunk) {
  started = true;
  if (!chunk.view().starts_with(kByteOrderMark)) return;
  chunk.size -= kByteOrderMark.size();
  std::memmove(chunk.bytes.get(), chunk.bytes.get() + kByteOrderMark.size(), chunk.size);
  chunk.after_bom = true;
  byte_offset = static_cast<std::int64_t>(kByteOrderMark.size());
}

void LineChunker::State::grow(LineChunk& chunk) {
  capacity = std::min(capacity * 2, options.max_line_bytes + 1);
  PooledBytes larger = allocate(capacity);
  std::memcpy(larger.get(), chunk.bytes.get(), chunk.size);
  chunk.bytes = std::move(larger);
}

// Cuts the chunk behind its last whole line; the rest waits for the next chunk.
LineChunk LineChunker::State::finish(LineChunk chunk, std::size_t line_end) {
  carry.assign(chunk.bytes.get() + line_end, chunk.size - line_end);
  chunk.size = line_end;
  std::memset(chunk.bytes.get() + chunk.size, 0, kChunkPaddingBytes);
  chunk.first_line_number = line_number;
  chunk.byte_offset = byte_offset;
  line_number += count_newlines(chunk.view());
  byte_offset += static_cast<std::int64_t>(chunk.size);
  return chunk;
}

// The chunk holds the first bytes of one line that is too long: reads on to its end and keeps none of it.
LineChunk LineChunker::State::skip_long_line(LineChunk chunk) {
  Reject reject;
  reject.line_number = line_number;
  reject.byte_offset = byte_offset;
  reject.reason = RejectReason::kTooLong;
  reject.excerpt = chunk.view().substr(0, kRejectExcerptBytes);
  std::int64_t length = 0;
  const bool keep = options.max_kept_bytes > 0;
  std::string kept(chunk.after_bom ? kByteOrderMark : std::string_view());
  const void* newline = nullptr;
  while (newline == nullptr && chunk.size > 0) {
    newline = std::memchr(chunk.bytes.get(), '\n', chunk.size);
    if (newline != nullptr) break;
    length += static_cast<std::int64_t>(chunk.size);
    if (keep && kept.size() <= options.max_kept_bytes) kept += chunk.view();
    chunk.size = 0;
    fill(chunk);
  }
  const auto in_last = newline == nullptr ? 0 : static_cast<std::size_t>(static_cast<const char*>(newline) - chunk.bytes.get());
  reject.length_bytes = length + static_cast<std::int64_t>(in_last);
  reject.message = "the line has " + std::to_string(reject.length_bytes) + " bytes, more than the limit of " +
                   std::to_string(options.max_line_bytes);
  const std::size_t used = newline == nullptr ? 0 : in_last + 1;
  LineChunk result;
  result.bytes = allocate(0);
  std::memset(result.bytes.get(), 0, kChunkPaddingBytes);
  result.first_line_number = line_number;
  result.byte_offset = byte_offset;
  result.after_bom = chunk.after_bom;
  result.ends_without_newline = newline == nullptr;
  carry.assign(chunk.bytes.get() + used, chunk.size - used);
  line_number += 1;
  byte_offset += reject.length_bytes + (newline == nullptr ? 0 : 1);
  kept.append(chunk.bytes.get(), in_last);
  if (keep && kept.size() <= options.max_kept_bytes) result.kept_lines.push_back({reject.line_number, std::move(kept)});
  result.rejects.push_back(std::move(reject));
  return result;
}

Result<std::optional<LineChunk>> LineChunker::State::next() {
  LineChunk chunk;
  capacity = std::max(options.chunk_bytes, std::min(carry.size() * 2, options.max_line_bytes + 1));
  chunk.bytes = allocate(capacity);
  chunk.size = carry.size();  // never more than capacity
  std::memcpy(chunk.bytes.get(), carry.data(), chunk.size);
  while (true) {
    fill(chunk);
    if (!started) strip_byte_order_mark(chunk);
    if (const void* last = ::memrchr(chunk.bytes.get(), '\n', chunk.size)) {
      const auto line_end = static_cast<std::size_t>(static_cast<const char*>(last) - chunk.bytes.get()) + 1;
      return std::optional(finish(std::move(chunk), line_end));
    }
    if (chunk.size > options.max_line_bytes) return std::optional(skip_long_line(std::move(chunk)));
    if (at_end) break;
    if (chunk.size == capacity) grow(chunk);
  }
  if (chunk.size > 0) {
    chunk.ends_without_newline = true;
    const std::size_t size = chunk.size;
    return std::optional(finish(std::move(chunk), size));
  }
  if (failure) return Unexpected(*failure);
  return std::optional<LineChunk>();
}

LineChunker::LineChunker(ByteStream& stream, LineChunkerOptions options) : state_(std::make_unique<State>(stream, options)) {}
LineChunker::~LineChunker() = default;

Result<std::optional<LineChunk>> LineChunker::next() { return state_->next(); }

}  // namespace cmem
