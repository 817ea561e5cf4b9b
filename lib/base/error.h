// The error that every room returns. Codes are those of the public header, so that nothing is translated on the way out.
#pragma once
#include <cstdint>
#include <string>
#include <utility>

namespace cmem {

enum class Code : std::int32_t {
  kInvalid = -10,
  kNotFound = -20,
  kAmbiguous = -25,
  kBusy = -30,
  kCancelled = -40,
  kRejected = -50,
  kCorrupt = -60,
  kIo = -70,
  kFull = -75,
  kNewerFormat = -80,
  kNotAStore = -85,
  kReadOnly = -90,
  kLimit = -100,
  kNoMemory = -110,
  kInternal = -120,
};

// `text` is one line: what happened, where, what to do. `detail` is call-specific (errno, extended SQLite code, index).
struct Error {
  Code code = Code::kInternal;
  std::string text;
  std::int64_t detail = 0;

  Error(Code error_code, std::string error_text, std::int64_t error_detail = 0)
      : code(error_code), text(std::move(error_text)), detail(error_detail) {}
};

}  // namespace cmem
