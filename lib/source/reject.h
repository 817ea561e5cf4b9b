// A line that is not loaded, and why. The codes are stored in the quarantine listing: never renumber or rename one.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

namespace cmem {

enum class RejectReason : std::uint8_t {
  kTooLong,
  kInvalidJson,
  kNotAnObject,
  kTooDeep,
  kInvalidUtf8,
  kWrongType,
  kMissingField,
  kUnknownSourceType,
  kBadTimestamp,
};

// "too-long", "invalid-json", ... : short and stable.
const char* to_string(RejectReason reason) noexcept;

inline constexpr std::size_t kRejectExcerptBytes = 4096;

struct Reject {
  std::int64_t line_number = 0;   // 1-based, in the extraction file
  std::int64_t byte_offset = 0;   // of the line's first byte in the uncompressed stream
  std::int64_t length_bytes = 0;  // of the line, without its newline; the true length even if the line is over-long
  RejectReason reason = RejectReason::kInvalidJson;
  std::string message;  // one sentence for people: which field, where in the line
  std::string excerpt;  // the first bytes of the line as they are (may be invalid UTF-8), at most kRejectExcerptBytes
};

}  // namespace cmem
