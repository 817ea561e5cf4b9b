// What stands before a log line's text. Equal lines differ in time and level alone, so both are taken off the text that is stored
// and indexed, and put back when the content is asked for.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/terms.h"

namespace cmem {

// The content again from its stored parts. `time_ms` is used by TextPrefix::kTimeLevel alone.
std::string compose_content(TextPrefix prefix, std::int64_t time_ms, Level level, std::string_view text);

struct SplitContent {
  TextPrefix prefix = TextPrefix::kNone;
  std::int64_t time_ms = kNoTime;  // also with kNone, if the content begins with a time but no known level follows
  Level level = Level::kNone;
  std::string_view text;  // a suffix of the content
};
// The inverse of compose_content: splits only what composes to exactly the same bytes again.
SplitContent split_content(std::string_view content) noexcept;

}  // namespace cmem
