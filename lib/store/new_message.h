// A message on its way into the store. Views belong to the caller and are copied by Writer::add.
#pragma once
#include <cstdint>
#include <string_view>

#include "base/terms.h"

namespace cmem {

struct NewMessage {
  SourceType source_type = SourceType::kProgram;
  TextPrefix prefix = TextPrefix::kNone;
  Level level = Level::kNone;
  std::int64_t time_ms = kNoTime;
  std::string_view text;        // the content without its prefix
  std::uint64_t text_hash = 0;  // xxh3_64(text)
  std::string_view origin;      // the file it was first written to
  std::int64_t position =
      0;  // line in the origin from 1; negative: a fingerprint where the origin has no lines; 0: the next free line
  std::string_view session, project, component, role;  // empty: not stated
  std::string_view shape;                              // canonical text of the record's shape; empty: not from a line
  std::string_view residue;                            // what the shape's slots hold and the fields above do not
};

}  // namespace cmem
