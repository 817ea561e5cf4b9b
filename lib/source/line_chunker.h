// Cuts a byte stream into chunks of whole lines, so that parsers can work on chunks side by side. Memory is bounded by
// chunk_bytes + max_line_bytes whatever the file holds. One thread at a time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/byte_stream.h"
#include "source/pool.h"
#include "source/reject.h"

namespace cmem {

// A line that gives no record, with its byte order mark and without its newline: a blank or a rejected one.
struct KeptLine {
  std::int64_t number = 0;
  std::string bytes;
};

struct LineChunk {
  PooledBytes bytes;                   // `size` bytes and kChunkPaddingBytes zero bytes behind them
  std::size_t size = 0;                // whole lines, each with its newline, except perhaps the last of the file
  std::int64_t first_line_number = 1;  // 1-based
  std::int64_t byte_offset = 0;        // of bytes[0] in the uncompressed stream (a BOM counts there, but is not in `bytes`)
  bool after_bom = false;              // the file began with a UTF-8 byte order mark just before bytes[0]
  bool ends_without_newline = false;   // the last line of the file has no newline; it may be the over-long one
  std::vector<Reject> rejects;         // over-long lines that stand right after this chunk's lines
  std::vector<KeptLine> kept_lines;    // the same as they are, if LineChunkerOptions::max_kept_bytes says so

  [[nodiscard]] std::string_view view() const noexcept { return {bytes.get(), size}; }
};

inline constexpr std::size_t kChunkPaddingBytes = 64;

struct LineChunkerOptions {
  std::size_t chunk_bytes = std::size_t{1} << 20;
  std::size_t max_line_bytes = std::size_t{16} << 20;
  std::size_t max_kept_bytes = 0;  // over-long lines up to this are kept
  // Of the stream's first byte, where the begin of the file was read another time.
  std::int64_t first_line_number = 1;
  std::int64_t byte_offset = 0;
};

class LineChunker {
 public:
  // `stream` outlives the chunker.
  explicit LineChunker(ByteStream& stream, LineChunkerOptions options = {});
  ~LineChunker();

  // Nothing at the end. kCorrupt, kIo from the stream; the lines before the fault were delivered (an unfinished last line too).
  Result<std::optional<LineChunk>> next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cmem
