#include "source/chunk_lines.h"

#include <utility>

namespace cmem {

Reject make_reject(const ChunkLine& line, LineFault fault) {
  Reject reject;
  reject.line_number = line.number;
  reject.byte_offset = line.offset;
  reject.length_bytes = static_cast<std::int64_t>(line.text.size());
  reject.reason = fault.reason;
  reject.message = std::move(fault.message);
  reject.excerpt = line.text.substr(0, kRejectExcerptBytes);
  return reject;
}

}  // namespace cmem
