// One record of a source: what the store keeps of a line, an event or a file. Views point into the ParsedChunk that the record
// stands in.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "base/hash.h"
#include "base/message_text.h"
#include "base/terms.h"

namespace cmem {

class Shape;

// Tokens as a reply states them. Several records of one reply repeat it: (api_message_id, request_id) tells replies apart.
struct TokenUsage {
  std::string_view api_message_id, request_id, model;
  std::int64_t input = 0, output = 0, cache_creation = 0, cache_read = 0;
};

// What the record of a transcript says beyond its message.
struct TranscriptFacts {
  std::string_view uuid;            // as written; empty: it has no identity of its own
  std::string_view parent_uuid;     // what it answers or follows; of a summary the record that it sums up to
  std::string_view parent_session;  // that the record's session is part of; empty: none
  const TokenUsage* usage = nullptr;
};

struct Record {
  SourceType source_type = SourceType::kProgram;
  TextPrefix prefix = TextPrefix::kNone;
  Level level = Level::kNone;
  bool hash_mismatch = false;  // the record's hash follows no known rule; it is kept in the residue
  TimePrecision time_precision = TimePrecision::kExact;
  std::int64_t time_ms = kNoTime;
  std::string_view text;                                       // the content without its prefix
  std::string_view component, session, project, role, origin;  // empty: none
  std::int64_t position = 0;    // line in the origin (>= 1), or a negative fingerprint of what tells the record apart
  std::uint64_t text_hash = 0;  // xxh3_64(text)
  const Shape* shape = nullptr;
  std::string_view residue;       // what the shape's slots hold and the fields above do not
  Sha256Digest content_sha256{};  // all zero if the parser's check_hashes is off
  const TranscriptFacts* facts = nullptr;
  std::string_view metadata;     // raw, of a file history's record in an extraction file; else empty
  std::int64_t line_number = 0;  // in its file
  std::int64_t byte_offset = 0;
};

}  // namespace cmem
