#include "source/home_file.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "source/line_fields.h"

namespace cmem {
namespace {

using Names = std::vector<std::string_view>;

// A path that a walk over a home would not give, or one with a hidden file or folder in it, has no names.
Names split_path(std::string_view path) {
  Names names;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    const std::string_view name = path.substr(at, slash - at);
    if (name.empty() || name[0] == '.' || name.find('\0') != std::string_view::npos) return {};
    names.push_back(name);
    at = slash + 1;
  }
  return names;
}

std::string_view without_compression(std::string_view path) noexcept {
  for (const std::string_view ending : {std::string_view(".gz"), std::string_view(".zst")}) {
    if (path.ends_with(ending)) return path.substr(0, path.size() - ending.size());
  }
  return path;
}

// "abc.txt" with ".txt" -> "abc"; empty if there is nothing before the ending, or another ending.
std::string_view stem(std::string_view name, std::string_view ending) noexcept {
  return name.ends_with(ending) ? name.substr(0, name.size() - ending.size()) : std::string_view();
}

bool is_number(std::string_view text) noexcept {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_hex(std::string_view text) noexcept {
  return !text.empty() && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

std::optional<HomeFile> whole(HomeFileKind kind, std::string_view session = {}) {
  return HomeFile{kind, false, {}, std::string(session), {}};
}

std::optional<HomeFile> growing(HomeFileKind kind, std::string_view session = {}) {
  return HomeFile{kind, true, {}, std::string(session), {}};
}

// projects/<slug>/<id>/...: what belongs to a session.
std::optional<HomeFile> classify_session_file(const Names& names) {
  const std::string_view session = names[2];
  const std::string_view file = names.back();
  if (names.size() == 5 && names[3] == "tool-results") return whole(HomeFileKind::kToolResult, session);
  if (names[3] != "subagents" || !file.starts_with("agent-")) return std::nullopt;
  std::string_view agent = stem(file, ".meta.json");
  auto found = whole(HomeFileKind::kAgentMeta);
  if (agent.empty()) {
    agent = stem(file, ".jsonl");
    found = growing(HomeFileKind::kTranscript);
  }
  if (agent.empty()) return std::nullopt;
  found->parent_session = session;
  found->session = std::string(session) + '/' + std::string(agent);
  return found;
}

std::optional<HomeFile> classify_project_file(const Names& names) {
  const std::string_view file = names.back();
  if (names.size() == 3) {
    const std::string_view id = stem(file, ".jsonl");
    if (!id.empty()) return growing(HomeFileKind::kTranscript, id.starts_with("agent-") ? std::string_view() : id);
    if (file.starts_with("agent-") && file.ends_with(".meta.json")) return whole(HomeFileKind::kAgentMeta);
    return std::nullopt;
  }
  if (names.size() == 4 && names[2] == "memory" && !stem(file, ".md").empty()) return whole(HomeFileKind::kMemoryNote);
  return names.size() >= 5 ? classify_session_file(names) : std::nullopt;
}

// <hash>@v<N>
bool is_file_version(std::string_view name) noexcept {
  const std::size_t mark = name.find("@v");
  return mark != std::string_view::npos && is_hex(name.substr(0, mark)) && is_number(name.substr(mark + 2)) &&
         name.size() - mark - 2 <= 9;
}

std::optional<HomeFile> classify_pair(std::string_view folder, std::string_view file) {
  if (folder == "debug" && !stem(file, ".txt").empty()) return growing(HomeFileKind::kDebug, stem(file, ".txt"));
  if (folder == "todos" && !stem(file, ".json").empty()) return whole(HomeFileKind::kTodos, uuid_in(file));
  if (folder == "shell-snapshots" && !stem(file, ".sh").empty()) return whole(HomeFileKind::kShellSnapshot);
  if (folder == "session-env") return whole(HomeFileKind::kSessionEnv, file);
  if (folder == "plans" && !stem(file, ".md").empty()) return whole(HomeFileKind::kPlan);
  if (folder == "paste-cache" && is_hex(stem(file, ".txt"))) return whole(HomeFileKind::kPastedText);
  return std::nullopt;
}

std::optional<HomeFile> classify_claude_names(const Names& names) {
  if (names.empty()) return std::nullopt;
  if (names.size() == 1) return names[0] == "history.jsonl" ? growing(HomeFileKind::kHistory) : std::nullopt;
  if (names.size() == 2) return classify_pair(names[0], names[1]);
  if (names[0] == "projects") return classify_project_file(names);
  if (names.size() != 3) return std::nullopt;
  if (names[0] == "tasks" && is_number(stem(names[2], ".json"))) return whole(HomeFileKind::kTask, names[1]);
  if (names[0] == "file-history" && is_file_version(names[2])) return whole(HomeFileKind::kFileVersion, names[1]);
  return std::nullopt;
}

std::optional<HomeFile> classify_codex_names(const Names& names) {
  if (names.size() == 1 && names[0] == "history.jsonl") return growing(HomeFileKind::kCodexHistory);
  if (names.size() < 2 || names[0] != "sessions") return std::nullopt;
  const std::string_view name = stem(names.back(), ".jsonl");
  if (!name.starts_with("rollout-")) return std::nullopt;
  return growing(HomeFileKind::kCodexRollout, uuid_in(name));
}

std::optional<HomeFile> classify_claude(std::string_view path) {
  const std::string_view plain = without_compression(path);
  auto file = classify_claude_names(split_path(plain));
  if (file) file->origin = plain;
  return file;
}

// The two agents' homes both have a history.jsonl.
std::optional<HomeFile> classify_codex(std::string_view path) {
  const std::string_view plain = without_compression(path);
  auto file = classify_codex_names(split_path(plain));
  if (file) file->origin = "codex/" + std::string(plain);
  return file;
}

constexpr std::array<std::string_view, 9> kClaudeFolders = {
    "projects", "debug", "todos", "tasks", "file-history", "plans", "shell-snapshots", "session-env", "paste-cache"};
constexpr std::array<std::string_view, 1> kCodexFolders = {"sessions"};

constexpr std::array<Agent, 2> kAgents = {{
    {"claude", "CLAUDE_CONFIG_DIR", ".claude", classify_claude, kClaudeFolders},
    {"codex", "CODEX_HOME", ".codex", classify_codex, kCodexFolders},
}};

}  // namespace

std::span<const Agent> agents() { return kAgents; }

const Agent* find_agent(std::string_view name) {
  for (const Agent& agent : kAgents) {
    if (agent.name == name) return &agent;
  }
  return nullptr;
}

// Origins of some agents begin with a folder that their homes do not have, and those of several files with one name have a number.
std::optional<HomeFile> classify_origin(const Agent& agent, std::string_view origin) {
  const std::size_t mark = origin.rfind('#');
  const bool has_number = mark != std::string_view::npos && is_number(origin.substr(mark + 1));
  for (const std::string_view name : {origin, origin.substr(0, has_number ? mark : origin.size())}) {
    for (const std::string_view path : {name, name.substr(name.find('/') + 1)}) {
      auto file = agent.classify(path);
      if (file && file->origin == name) return file;
    }
  }
  return std::nullopt;
}

}  // namespace cmem
