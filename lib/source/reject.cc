#include "source/reject.h"

namespace cmem {

const char* to_string(RejectReason reason) noexcept {
  switch (reason) {
    case RejectReason::kTooLong:
      return "too-long";
    case RejectReason::kInvalidJson:
      return "invalid-json";
    case RejectReason::kNotAnObject:
      return "not-an-object";
    case RejectReason::kTooDeep:
      return "too-deep";
    case RejectReason::kInvalidUtf8:
      return "invalid-utf8";
    case RejectReason::kWrongType:
      return "wrong-type";
    case RejectReason::kMissingField:
      return "missing-field";
    case RejectReason::kUnknownSourceType:
      return "unknown-source-type";
    case RejectReason::kBadTimestamp:
      return "bad-timestamp";
  }
  return "unknown";
}

}  // namespace cmem
