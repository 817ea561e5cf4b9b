// The closed vocabularies of a message: source type with its extraction phase, level, and the prefix that a log line's text
// was stripped of. The numbers are stored (lib/store/FORMAT.md): append, never renumber.
#pragma once
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace cmem {

inline constexpr std::int64_t kNoTime = std::numeric_limits<std::int64_t>::min();

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
  kPaste = 10,
  kToolResult = 11,
  kPlan = 12,
  kMemoryNote = 13,
};

struct SourceTypeInfo {
  std::string_view name;
  int phase;  // extraction phase 1 to 7, 0 for sources outside the phases
};

// Indexed by SourceType.
inline constexpr std::array<SourceTypeInfo, 14> kSourceTypes{{
    {"program", 0},
    {"history", 1},
    {"debug", 2},
    {"file-history", 3},
    {"todos", 4},
    {"shell-snapshot", 5},
    {"session-env", 6},
    {"transcript", 7},
    {"checkpoint", 0},
    {"codex", 0},
    {"paste", 1},        // a text that was pasted into a prompt
    {"tool-result", 7},  // output that was too large for its transcript
    {"plan", 7},
    {"memory-note", 7},
}};

enum class Level : std::uint8_t { kNone = 0, kDebug = 1, kInfo = 2, kWarn = 3, kError = 4 };

// Indexed by Level.
inline constexpr std::array<std::string_view, 5> kLevelNames{"", "DEBUG", "INFO", "WARN", "ERROR"};

// How a message's time is known.
enum class TimePrecision : std::uint8_t {
  kExact = 0,      // its record states it
  kNeighbour = 1,  // that of the nearest record before it in its file, or behind it if none before has one
  kFile = 2,       // when its file was written last
};

// How a text is indexed.
enum class Indexing : std::uint8_t {
  kWhole,  // like the lines of logs
  kProse,  // what people and the model say to each other: it counts more
  kBegin,  // what tools are given and give back: its first kIndexedBegin bytes
  kNone,   // what nobody looks for: thoughts, progress, bookkeeping
};
inline constexpr std::size_t kIndexedBegin = 4096;

// Of the text of a message with this role. Raise the feature `words-1` (store/schema.cc) with a change that stored texts notice.
constexpr Indexing indexing_of(std::string_view role) noexcept {
  if (role == "user" || role == "assistant") return Indexing::kProse;
  if (role == "tool_use" || role == "tool_result") return Indexing::kBegin;
  if (role == "thinking" || role == "progress" || role == "file-history-snapshot") return Indexing::kNone;
  return Indexing::kWhole;
}

// How a message's content is made from its stored text: what stands before the text is restored from the row.
enum class TextPrefix : std::uint8_t {
  kNone = 0,
  kTimeLevel = 1,  // "2025-11-19T16:34:04.944Z [DEBUG] "
  kLevel = 2,      // "[DEBUG] "
};

constexpr std::optional<SourceType> source_type_from(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kSourceTypes.size(); ++i)
    if (kSourceTypes[i].name == name) return static_cast<SourceType>(i);
  return std::nullopt;
}

constexpr std::optional<Level> level_from(std::string_view name) noexcept {
  for (std::size_t i = 1; i < kLevelNames.size(); ++i)
    if (kLevelNames[i] == name) return static_cast<Level>(i);
  return std::nullopt;
}

constexpr int phase_of(SourceType type) noexcept { return kSourceTypes[static_cast<std::size_t>(type)].phase; }
constexpr std::string_view to_string(SourceType type) noexcept { return kSourceTypes[static_cast<std::size_t>(type)].name; }
constexpr std::string_view to_string(Level level) noexcept { return kLevelNames[static_cast<std::size_t>(level)]; }

}  // namespace cmem
