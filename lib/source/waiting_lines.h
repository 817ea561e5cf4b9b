// Lines at the end of a chunk that cannot be understood without those of the next one.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "source/line_chunker.h"
#include "source/parsed_chunk.h"

namespace cmem {

class WaitingLines {
 public:
  // The lines that wait, and `next` behind them. Nothing waits any more.
  LineChunk join(LineChunk next);
  // The lines of `chunk` from byte `from` on wait; their first one has this number.
  void keep(const LineChunk& chunk, std::size_t from, std::int64_t line_number);
  void clear() noexcept { bytes_.clear(); }

 private:
  std::string bytes_;
  std::int64_t line_number_ = 1;
  std::int64_t byte_offset_ = 0;
  bool after_bom_ = false;
};

// Where the bytes of `chunk` from `from` on are read again. Before a file's first byte there may be a byte order mark.
ResumePoint resume_at(const LineChunk& chunk, std::size_t from, std::int64_t line_number);
// Behind the chunk's last byte, in the file.
std::int64_t end_of(const LineChunk& chunk) noexcept;
// Takes the over-long lines behind the chunk's lines: reading goes on behind them.
void resume_behind_rejects(ParsedChunk& parsed);

}  // namespace cmem
