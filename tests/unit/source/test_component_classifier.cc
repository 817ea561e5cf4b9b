#include <catch2/catch.hpp>
#include <string>

#include "source/component_classifier.h"

using cmem::classify_component;

TEST_CASE("a debug line belongs to the component that its own words name", "[source]") {
  struct Line {
    const char* body;
    const char* component;
  };
  const Line lines[] = {
      {"[LSP MANAGER] initializeLspServerManager() called", "LSP"},
      {"[LSP SERVER MANAGER] getAllLspServers returned 3 server(s)", "LSP"},
      {"[lspRecommendation] Looking for LSP plugins for .md", "LSP"},
      {"LSP Diagnostics: getLSPDiagnosticAttachments called", "LSP"},
      {"[API:auth] OAuth token check starting", "API"},
      {"[API:request] Creating client", "API"},
      {"[ToolSearch:optimistic] mode=standard, result=false", "ToolSearch"},
      {"Hooks: Found 2 total hooks in registry", "Hooks"},
      {"executePreToolHooks called for tool: Bash", "Hooks"},
      {"Getting matching hook commands for PreToolUse with query: Bash", "Hooks"},
      {"Matched 12 unique hooks for query \"Bash\" (13 before deduplication)", "Hooks"},
      {"Found 0 hook matchers in settings", "Hooks"},
      {"Registered 4 hooks from 2 plugins", "Hooks"},
      {"Found 12 plugins (3 enabled, 9 disabled)", "Plugins"},
      {"Loaded 7 unique skills (managed: 0)", "Skills"},
      {"Permission suggestions for Bash: [", "Permissions"},
      {"MCP server \"x\": Calling MCP tool: getDiagnostics", "MCP"},
      {"[claudeai-mcp] Gate returned: false", "MCP"},
      {"Stream started - received first chunk", "Stream"},
      {"Streaming stall detected: 31.2s gap between events", "Stream"},
      {"FileHistory: Added snapshot", "Files"},
      {"Writing to temp file: /a/b.tmp", "Files"},
      {"Renaming /a/b.tmp to /a/b", "Files"},
      {"File /a/b written atomically", "Files"},
      {"getPluginSkills: Processing 2 enabled plugins", "Skills"},
      {"Error: Error: 404 page not found", "Errors"},
      {"[Brand-new tag] something", "Brand-new tag"},
      {"[12345] something", "Other"},
      {"[", "Other"},
      {"[]", "Other"},
      {"", "Other"},
      {"Found many things", "Other"},
      {"Found 3 coins", "Other"},
      {"something else entirely", "Other"},
  };
  for (const Line& line : lines) {
    INFO(line.body);
    CHECK(classify_component(line.body) == line.component);
  }
}

TEST_CASE("a tag that never closes, or only after 40 bytes, is no component", "[source]") {
  CHECK(classify_component("[" + std::string(1000, 'a')) == "Other");
  CHECK(classify_component("[" + std::string(41, 'a') + "] x") == "Other");
  CHECK(classify_component("[" + std::string(40, 'a') + "] x") == std::string(40, 'a'));
}
