// What the files of a coding agent's home are, by their paths: an allow-list. Files that are not known here are never opened.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cmem {

enum class HomeFileKind : std::uint8_t {
  kHistory,
  kDebug,
  kTranscript,
  kToolResult,
  kAgentMeta,
  kTodos,
  kTask,
  kFileVersion,
  kShellSnapshot,
  kSessionEnv,  // a folder
  kPlan,
  kMemoryNote,
  kPastedText,
  kCodexRollout,
  kCodexHistory,
};

struct HomeFile {
  HomeFileKind kind = HomeFileKind::kHistory;
  bool grows = false;          // lines are appended, and reading goes on where it ended; else it is read whole whenever it changed
  std::string origin;          // the path in the home, without .gz or .zst
  std::string session;         // empty: the records say
  std::string parent_session;  // of a subagent
};

// A coding agent whose home we read.
struct Agent {
  std::string_view name;           // "claude"
  std::string_view home_variable;  // the environment variable that names its home: "CLAUDE_CONFIG_DIR"
  std::string_view home_folder;    // else the folder in the user's home: ".claude"
  // Of a file at this path within the home ('/' between names); nothing: not ours to read.
  std::optional<HomeFile> (*classify)(std::string_view path);
  // The folders of the home that are listed, with all below them. Of the home itself only the files are.
  std::span<const std::string_view> folders;
};

std::span<const Agent> agents();
// nullptr: none of this name.
const Agent* find_agent(std::string_view name);
// What the file is whose messages have this origin.
std::optional<HomeFile> classify_origin(const Agent& agent, std::string_view origin);

}  // namespace cmem
