#include "base/nested_level.h"

#include <algorithm>
#include <cstddef>

namespace cmem {
namespace {

struct LevelWord {
  std::string_view word;
  Level level;
};
constexpr LevelWord kWords[] = {{"TRACE", Level::kDebug},  {"DEBUG", Level::kDebug},  {"INFO", Level::kInfo},
                                {"NOTICE", Level::kInfo},  {"SUCCESS", Level::kInfo}, {"WARN", Level::kWarn},
                                {"WARNING", Level::kWarn}, {"ERROR", Level::kError},  {"CRITICAL", Level::kError},
                                {"FATAL", Level::kError}};
// A level stands behind a time and a name at most.
constexpr std::size_t kMostBytesBefore = 64;

bool is_word(char c) noexcept { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }

Level level_of_line(std::string_view line) noexcept {
  for (std::size_t at = 0; at < line.size() && at <= kMostBytesBefore;) {
    std::size_t end = at;
    while (end < line.size() && is_word(line[end])) ++end;
    for (const LevelWord& known : kWords)
      if (line.substr(at, end - at) == known.word) return known.level;
    at = std::max(end, at + 1);
  }
  return Level::kNone;
}

}  // namespace

Level nested_level(std::string_view text) noexcept {
  constexpr std::string_view kServer = "MCP server \"";
  constexpr std::string_view kOutput = "\" Server stderr: ";
  if (!text.starts_with(kServer)) return Level::kNone;
  const std::size_t output = text.find(kOutput);
  if (output == std::string_view::npos || text.find('\n') < output) return Level::kNone;
  Level gravest = Level::kNone;
  for (std::size_t at = output + kOutput.size(); at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    gravest = std::max(gravest, level_of_line(text.substr(at, end - at)));
    at = end + 1;
  }
  return gravest;
}

}  // namespace cmem
