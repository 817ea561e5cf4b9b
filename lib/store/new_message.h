// A message on its way into the store. Views belong to the caller and are copied by Writer::add.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/terms.h"

namespace cmem {

// Tokens of a reply, as one of its records states them.
struct NewUsage {
  std::string_view reply;  // what tells replies apart; several records of one reply repeat its usage
  std::string_view model;
  std::int64_t input = 0, output = 0, cache_creation = 0, cache_read = 0;
};

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
  TimePrecision time_precision = TimePrecision::kExact;
  std::string_view uuid, parent_uuid;  // of a record with an identity of its own, wherever it stands; empty: none
  std::string_view parent_session;     // that the message's session is part of; empty: none
  const NewUsage* usage = nullptr;
  // Its file is given back as it is now: the line is kept also where the message is known and its line has another form.
  bool restores_file = false;
  // Of an extraction file's record that sums up other messages of its origin: their positions and texts; null: it does not.
  const std::vector<std::pair<std::int64_t, std::string>>* sums_up = nullptr;
};

}  // namespace cmem
