// One record of an extraction file: what the store keeps of a line. Views point into the ParsedChunk that the record stands in.
#pragma once
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash.h"

namespace cmem {

// Stored as numbers: never renumber.
enum class SourceType : std::uint8_t {
  kProgram = 0,
  kHistory = 1,
  kDebug = 2,
  kFileHistory = 3,
  kTodos = 4,
  kShellSnapshot = 5,
  kSessionEnv = 6,
  kTranscript = 7,
  kCheckpoint = 8,
  kCodex = 9,
};
inline constexpr int kSourceTypeCount = 10;

std::string_view to_string(SourceType type) noexcept;
std::optional<SourceType> source_type_from(std::string_view name) noexcept;
// history 1, debug 2, file-history 3, todos 4, shell-snapshot 5, session-env 6, transcript 7; the others 0.
int phase_of(SourceType type) noexcept;

// Stored as numbers: never renumber.
enum class Level : std::uint8_t { kNone = 0, kDebug = 1, kInfo = 2, kWarn = 3, kError = 4 };

std::string_view to_string(Level level) noexcept;  // "" for kNone
std::optional<Level> level_from(std::string_view name) noexcept;

// What stands before `text` in the content. Stored as numbers: never renumber.
enum class TextPrefix : std::uint8_t {
  kNone = 0,
  kTimeLevel = 1,  // "2025-11-19T16:34:04.944Z [DEBUG] "
  kLevel = 2,      // "[DEBUG] "
};

inline constexpr std::int64_t kNoTime = std::numeric_limits<std::int64_t>::min();

// The content again from its stored parts. `time_ms` is used by kTimeLevel alone.
std::string compose_content(TextPrefix prefix, std::int64_t time_ms, Level level, std::string_view text);

struct SplitContent {
  TextPrefix prefix = TextPrefix::kNone;
  std::int64_t time_ms = kNoTime;
  Level level = Level::kNone;
  std::string_view text;  // a suffix of the content
};
// The inverse of compose_content: splits only what composes to exactly the same bytes again.
SplitContent split_content(std::string_view content) noexcept;

class Shape;

struct Record {
  SourceType source_type = SourceType::kProgram;
  TextPrefix prefix = TextPrefix::kNone;
  Level level = Level::kNone;
  bool hash_mismatch = false;  // the record's hash follows no known rule; it is kept in the residue
  std::int64_t time_ms = kNoTime;
  std::string_view text;       // the content without its prefix
  std::string_view component, session, project, role, origin;  // empty: none
  std::int64_t position = 0;   // line in the origin (>= 1), or a negative fingerprint of what tells the record apart
  std::uint64_t text_hash = 0;  // xxh3_64(text)
  const Shape* shape = nullptr;
  std::string_view residue;     // what the shape's slots hold and the fields above do not
  Sha256Digest content_sha256{};  // all zero if the parser's check_hashes is off
  std::int64_t line_number = 0;  // in the extraction file
  std::int64_t byte_offset = 0;
};

}  // namespace cmem
