#include "source/component_classifier.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace cmem {
namespace {

struct Rule {
  std::string_view words;  // the tag, or the line's first words
  std::string_view component;
};

// "[TAG] ...": the whole tag, or the part before its colon.
constexpr Rule kTags[] = {
    {"3P telemetry", "Telemetry"},
    {"API", "API"},
    {"BashTool", "Shell"},
    {"Claude in Chrome", "Chrome"},
    {"FileIndex", "Files"},
    {"LSP Diagnostics", "LSP"},
    {"LSP MANAGER", "LSP"},
    {"LSP SERVER MANAGER", "LSP"},
    {"Perfetto", "Telemetry"},
    {"REPL", "UI"},
    {"SLOW OPERATION DETECTED", "Performance"},
    {"STARTUP", "Startup"},
    {"Todo Migration", "Todos"},
    {"ToolSearch", "ToolSearch"},
    {"binaryCheck", "LSP"},
    {"claudeai-mcp", "MCP"},
    {"init", "Startup"},
    {"keybindings", "Keybindings"},
    {"lspRecommendation", "LSP"},
    {"render", "UI"},
    {"useDeferredValue", "UI"},
};

// First words of an untagged line. Sorted by first byte; the first rule that fits wins, so the longer of two stands first.
constexpr Rule kBeginnings[] = {
    {">>>>> getPluginSkills", "Skills"},
    {">>>>> getSkills", "Skills"},
    {"AbortError", "Errors"},
    {"Acquired PID lock", "Updater"},
    {"Agent file ", "Agents"},
    {"All plugins already exist", "Plugins"},
    {"Applied original permissions", "Files"},
    {"Applying permission update", "Permissions"},
    {"Atomically installed binary", "Updater"},
    {"Auto tool search", "ToolSearch"},
    {"AutoUpdater", "Updater"},
    {"AxiosError", "Errors"},
    {"Bash tool error", "Shell"},
    {"BigQuery metrics", "Telemetry"},
    {"Cannot acquire lock for", "Updater"},
    {"Checking for native installer update", "Updater"},
    {"Cleaned up session snapshot", "Shell"},
    {"Cleared all session hooks", "Hooks"},
    {"Created directory ", "Updater"},
    {"Creating shell snapshot", "Shell"},
    {"Creating snapshot at", "Shell"},
    {"Detected change to", "Settings"},
    {"Detected skill change", "Skills"},
    {"Downloading native installer", "Updater"},
    {"Dynamic tool loading", "ToolSearch"},
    {"ENABLE_SKILLS", "Skills"},
    {"Error in API request", "API"},
    {"Error in non-streaming fallback", "Stream"},
    {"Error log sink", "Startup"},
    {"Error streaming", "Stream"},
    {"Error:", "Errors"},
    {"Executing hooks for", "Hooks"},
    {"Execution timeout", "Shell"},
    {"Failed to check metrics", "Telemetry"},
    {"Failed to fetch Grove", "Grove"},
    {"Failed to parse agent", "Agents"},
    {"Failed to save config", "Settings"},
    {"Fast mode", "API"},
    {"File ", "Files"},
    {"FileHistory", "Files"},
    {"Forked agent", "Agents"},
    {"Full reset", "UI"},
    {"Getting matching hook commands", "Hooks"},
    {"Git remote URL", "Git"},
    {"Grove", "Grove"},
    {"High write ratio", "UI"},
    {"Hook output", "Hooks"},
    {"Hooks:", "Hooks"},
    {"Initialized versioned plugins", "Plugins"},
    {"LSP ", "LSP"},
    {"Layout engine", "UI"},
    {"Loaded plugins", "Plugins"},
    {"Loading skills", "Skills"},
    {"Looking for shell config", "Shell"},
    {"MCP server", "MCP"},
    {"MaxFileReadTokenExceededError", "Files"},
    {"Message ", "UI"},
    {"Metrics export", "Telemetry"},
    {"No git remote", "Git"},
    {"No session environment scripts", "Shell"},
    {"Not in a GitHub repository", "Git"},
    {"Official marketplace", "Plugins"},
    {"Org fast mode", "API"},
    {"Passes", "Passes"},
    {"Permission suggestions for", "Permissions"},
    {"Persisted tool result", "Files"},
    {"Persisting ", "Permissions"},
    {"Plugin ", "Plugins"},
    {"Preserving file permissions", "Files"},
    {"Programmatic settings change", "Settings"},
    {"Protecting locked version", "Updater"},
    {"Renaming ", "Files"},
    {"Replacing all ", "Permissions"},
    {"Ripgrep first use", "Search"},
    {"Sending ", "Skills"},
    {"Setting installation status", "Plugins"},
    {"Shell binary", "Shell"},
    {"Shell snapshot", "Shell"},
    {"Skills and commands", "Skills"},
    {"Slash commands included", "Skills"},
    {"Slow render", "UI"},
    {"Snapshots directory", "Shell"},
    {"Spawning shell", "Shell"},
    {"Starting background plugin", "Plugins"},
    {"Stored paste", "Files"},
    {"Stream started", "Stream"},
    {"Streaming ", "Stream"},
    {"Successfully refreshed marketplace", "Plugins"},
    {"Successfully updated to version", "Updater"},
    {"Summarizing ", "Compaction"},
    {"SyntaxError", "Errors"},
    {"Telemetry ", "Telemetry"},
    {"Temp file written", "Files"},
    {"Tool search", "ToolSearch"},
    {"Total LSP servers", "LSP"},
    {"Total plugin skills", "Skills"},
    {"Total plugin", "Plugins"},
    {"TypeError", "Errors"},
    {"UserCommandMessage", "UI"},
    {"Version ", "Updater"},
    {"Watching for changes in setting", "Settings"},
    {"Watching for changes in skill", "Skills"},
    {"Writing to temp file", "Files"},
    {"attribution header", "API"},
    {"autocompact", "Compaction"},
    {"command-message tags", "UI"},
    {"countTokensWithFallback", "API"},
    {"detectFileEncoding", "Files"},
    {"executePermissionRequestHooks", "Hooks"},
    {"executePostToolHooks", "Hooks"},
    {"executePreToolHooks", "Hooks"},
    {"getPluginSkills", "Skills"},
    {"getSkills", "Skills"},
    {"installed_plugins.json", "Plugins"},
    {"npm ", "Updater"},
    {"performBackgroundPlugin", "Plugins"},
    {"performStartupChecks", "Startup"},
    {"rg error", "Search"},
    {"tree-sitter", "Shell"},
};

// "Found 12 hook matchers in settings": a verb, a number, and what the line is about.
constexpr std::string_view kCountVerbs[] = {"Found ", "Loaded ", "Matched ", "Registered "};
constexpr Rule kCounted[] = {
    {"hook", "Hooks"},
    {"unique hook", "Hooks"},
    {"skill", "Skills"},
    {"unique skill", "Skills"},
    {"plugin", "Plugins"},
    {"enabled plugin", "Plugins"},
    {"installed plugin", "Plugins"},
    {"missing plugin", "Plugins"},
};

constexpr std::size_t kRuleCount = std::size(kBeginnings);

// first_rule[c] = index of the first rule whose words begin with byte c; the next entry ends the range.
constexpr std::array<std::uint16_t, 257> index_by_first_byte() {
  std::array<std::uint16_t, 257> first_rule{};
  std::size_t rule = 0;
  for (std::size_t byte = 0; byte < 256; ++byte) {
    first_rule[byte] = static_cast<std::uint16_t>(rule);
    while (rule < kRuleCount && static_cast<unsigned char>(kBeginnings[rule].words[0]) == byte) ++rule;
  }
  first_rule[256] = static_cast<std::uint16_t>(rule);
  return first_rule;
}

constexpr std::array<std::uint16_t, 257> kFirstRule = index_by_first_byte();
static_assert(kFirstRule[256] == kRuleCount, "kBeginnings must be sorted by first byte");

constexpr std::string_view kOther = "Other";
constexpr std::size_t kLongestTagBytes = 40;

bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// An unknown tag is kept as it is if it looks like a name: words of letters, no digits, so that ids do not become components.
bool looks_like_name(std::string_view tag) noexcept {
  if (tag.empty() || !is_letter(tag[0])) return false;
  for (const char c : tag) {
    if (!is_letter(c) && std::string_view(" -_.:/").find(c) == std::string_view::npos) return false;
  }
  return true;
}

std::string_view component_of_tag(std::string_view tag) noexcept {
  const std::string_view family = tag.substr(0, tag.find(':'));
  for (const Rule& rule : kTags) {
    if (rule.words == tag || rule.words == family) return rule.component;
  }
  return looks_like_name(tag) ? tag : kOther;
}

// Empty if the line is not of the form "Verb 12 things".
std::string_view component_of_count(std::string_view body) noexcept {
  for (const std::string_view verb : kCountVerbs) {
    if (!body.starts_with(verb)) continue;
    std::size_t at = verb.size();
    while (at < body.size() && is_digit(body[at])) ++at;
    if (at == verb.size() || at >= body.size() || body[at] != ' ') return {};
    const std::string_view thing = body.substr(at + 1);
    for (const Rule& rule : kCounted) {
      if (thing.starts_with(rule.words)) return rule.component;
    }
    return {};
  }
  return {};
}

}  // namespace

std::string_view classify_component(std::string_view body) noexcept {
  if (body.empty()) return kOther;
  if (body[0] == '[') {
    const std::size_t close = body.substr(0, kLongestTagBytes + 2).find(']');
    return close == std::string_view::npos ? kOther : component_of_tag(body.substr(1, close - 1));
  }
  const auto first = static_cast<unsigned char>(body[0]);
  for (std::size_t i = kFirstRule[first]; i < kFirstRule[first + 1U]; ++i) {
    if (body.starts_with(kBeginnings[i].words)) return kBeginnings[i].component;
  }
  const std::string_view counted = component_of_count(body);
  return counted.empty() ? kOther : counted;
}

}  // namespace cmem
