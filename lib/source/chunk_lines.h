// The lines of a chunk, one after the other.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "source/line_chunker.h"
#include "source/line_cutter.h"
#include "source/reject.h"

namespace cmem {

inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

struct ChunkLine {
  std::string_view text;  // without its newline and byte order mark
  std::int64_t number = 0;
  std::int64_t offset = 0;
  bool after_bom = false;
  bool has_newline = true;

  [[nodiscard]] bool is_blank() const noexcept { return text.find_first_not_of(" \t\r") == std::string_view::npos; }
};

template <typename Visit>
void for_each_line(const LineChunk& chunk, Visit visit) {
  const std::string_view bytes = chunk.view();
  std::int64_t number = chunk.first_line_number;
  for (std::size_t at = 0; at < bytes.size(); ++number) {
    const void* newline = std::memchr(bytes.data() + at, '\n', bytes.size() - at);
    const std::size_t end =
        newline == nullptr ? bytes.size() : static_cast<std::size_t>(static_cast<const char*>(newline) - bytes.data());
    visit(ChunkLine{bytes.substr(at, end - at), number, chunk.byte_offset + static_cast<std::int64_t>(at),
                    at == 0 && chunk.after_bom, newline != nullptr});
    at = end + 1;
  }
}

Reject make_reject(const ChunkLine& line, LineFault fault);

}  // namespace cmem
