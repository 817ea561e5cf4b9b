// The table of debug scenes: what a coding tool logs in one go, with weights and typed variables. The wording is invented, the
// shape and the skew follow real debug logs: one line is a third of all events, a few dozen are nine tenths.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace cmem::corpus {

// Scenes in this form, where `= 300` gives the weight of the lines up to the next `=`:
//   = 300
//   D Hooks: {z:0-12} matchers configured for {event}
// The first letter is the level (D, I, W, E). The names of the variables are in scene_parser.cc, their values in scene_player.cc.
extern const std::string_view kSceneTable;

// Named variables; the numeric ones after kFirstNumeric are drawn anew at each use, the others once a scene.
enum class Variable : std::uint8_t {
  kLiteral,
  kTool,
  kEvent,
  kServer,
  kMethod,
  kModel,
  kPlugin,
  kLanguage,
  kExtension,
  kScope,
  kMode,
  kAgent,
  kVersion,
  kDims,
  kPath,
  kTemp,
  kSkillPath,
  kProject,
  kHome,
  kSnapshot,
  kResult,
  kBinary,
  kUrl,
  kCommand,
  kError,
  kBranch,
  kPhrase,
  kUuid,
  kSession,
  kHex16,
  kHex24,
  kHex40,
  kHexPool,
  kFirstNumeric,
  kUniform = kFirstNumeric,
  kSkewed,
  kMilliseconds,
  kSeconds,
  kPid,
  kWord,
  kStack,
  kRules,
  kList,
  kJson,
};
inline constexpr auto kStickyVariables = static_cast<std::size_t>(Variable::kFirstNumeric);

struct Piece {
  Variable variable;
  std::string_view literal;
  std::int64_t low = 0;
  std::int64_t high = 0;
};

struct SceneLine {
  char level;                 // D, I, W, E
  std::uint32_t template_id;  // counts up through the table
  std::vector<Piece> pieces;
};

struct Scene {
  std::uint64_t weight;
  std::vector<SceneLine> lines;
};

// Parses the form described in scenes.h. The table is part of this program, so a mistake in it throws std::invalid_argument.
[[nodiscard]] std::vector<Scene> parse_scenes(std::string_view table);

}  // namespace cmem::corpus
