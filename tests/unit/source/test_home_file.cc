// Which files of a home are read, and what they are.
#include <catch2/catch.hpp>

#include "source/home_file.h"
#include "unit/source/home_support.h"

using namespace cmem;
using namespace cmem::test;

namespace {

const std::string kSession = "34632016-9b2c-4684-95b0-f61221a4e094";

std::optional<HomeFile> claude(const std::string& path) { return find_agent("claude")->classify(path); }
std::optional<HomeFile> codex(const std::string& path) { return find_agent("codex")->classify(path); }

}  // namespace

TEST_CASE("The agents are known by their names", "[source][home]") {
  REQUIRE(agents().size() == 2);
  CHECK(find_agent("claude")->home_variable == "CLAUDE_CONFIG_DIR");
  CHECK(find_agent("claude")->home_folder == ".claude");
  CHECK(find_agent("codex")->home_variable == "CODEX_HOME");
  CHECK(find_agent("codex")->home_folder == ".codex");
  CHECK(find_agent("nobody") == nullptr);
}

TEST_CASE("Each file of a home is known by its path", "[source][home]") {
  struct Case {
    std::string path;
    HomeFileKind kind;
    bool grows;
    std::string session, parent;
  };
  const std::string project = "projects/-home-u--app/";
  const Case cases[] = {
      {"history.jsonl", HomeFileKind::kHistory, true, "", ""},
      {"debug/" + kSession + ".txt", HomeFileKind::kDebug, true, kSession, ""},
      {project + kSession + ".jsonl", HomeFileKind::kTranscript, true, kSession, ""},
      {project + "agent-1a2b3c4d.jsonl", HomeFileKind::kTranscript, true, "", ""},
      {project + kSession + "/subagents/agent-a66.jsonl", HomeFileKind::kTranscript, true, kSession + "/agent-a66", kSession},
      {project + kSession + "/subagents/workflows/w1/agent-acompact-9.jsonl", HomeFileKind::kTranscript, true,
       kSession + "/agent-acompact-9", kSession},
      {project + kSession + "/subagents/agent-a66.meta.json", HomeFileKind::kAgentMeta, false, kSession + "/agent-a66", kSession},
      {project + "agent-1a2b3c4d.meta.json", HomeFileKind::kAgentMeta, false, "", ""},
      {project + kSession + "/tool-results/toolu_01.txt", HomeFileKind::kToolResult, false, kSession, ""},
      {project + "memory/MEMORY.md", HomeFileKind::kMemoryNote, false, "", ""},
      {"todos/" + kSession + "-agent-d65d2b50.json", HomeFileKind::kTodos, false, kSession, ""},
      {"todos/" + kSession + ".json", HomeFileKind::kTodos, false, kSession, ""},
      {"tasks/" + kSession + "/12.json", HomeFileKind::kTask, false, kSession, ""},
      {"file-history/" + kSession + "/d759299bbbdcbf61@v2", HomeFileKind::kFileVersion, false, kSession, ""},
      {"shell-snapshots/snapshot-zsh-1762721090165-abc123.sh", HomeFileKind::kShellSnapshot, false, "", ""},
      {"session-env/" + kSession, HomeFileKind::kSessionEnv, false, kSession, ""},
      {"plans/quiet-river.md", HomeFileKind::kPlan, false, "", ""},
      {"paste-cache/79a1d36705b4f156.txt", HomeFileKind::kPastedText, false, "", ""},
  };
  for (const Case& c : cases) {
    INFO(c.path);
    for (const std::string ending : {"", ".gz", ".zst"}) {
      const auto file = claude(c.path + ending);
      REQUIRE(file);
      CHECK(file->kind == c.kind);
      CHECK(file->grows == c.grows);
      CHECK(file->origin == c.path);
      CHECK(file->session == c.session);
      CHECK(file->parent_session == c.parent);
    }
  }
}

TEST_CASE("Credentials, settings, backups and locks are not ours to read", "[source][home]") {
  for (const std::string path :
       {".credentials.json", "settings.json", "settings.local.json", "history.jsonl.bak-1", "history.jsonl.bak", "projects.bak-1/-p/a.jsonl",
        "debug/latest", "debug/latest.gz", "debug/x/a.txt", "statsig/cache.json", "telemetry/1p_failed_events.1.json", "stats-cache.json",
        "tasks/s/.lock", "tasks/s/.highwatermark", "tasks/s/1.json.lock", "tasks/s/a.json", "projects/-p/sessions-index.json", "projects/a.jsonl",
        "paste-cache/notes.txt", "projects/-p/memory/.hidden.md", "projects/-p/memory/a/b.md", "projects/-p/s/other/agent-a.jsonl",
        "projects/-p/s/subagents/a.jsonl", "projects/-p/s/tool-results/a/b.txt", "todos/a/b.json", "todos/a.txt", "file-history/s/abc",
        "file-history/s/abc@v", "file-history/s/abc@vx", "file-history/s/xyz@v1", "file-history/s/abc@v1.bak", "session-env/s/file", "plans/a.txt",
        "shell-snapshots/a.txt", "history.jsonl/", "/history.jsonl", "projects/../history.jsonl", "projects/-p/../a.jsonl", "", "/", "debug/",
        "debug/.txt", "projects//a.jsonl", "../history.jsonl", "image-cache/a.png", "config.json", "CLAUDE.md", "ide/1.lock"}) {
    INFO(path);
    CHECK_FALSE(claude(path));
  }
  for (const std::string path : {"auth.json", "config.toml", "sessions/2025/10/x.jsonl", "sessions/.rollout-a.jsonl", "log/codex.log", "history.json"}) {
    INFO(path);
    CHECK_FALSE(codex(path));
  }
}

TEST_CASE("An origin says what its file is", "[source][home]") {
  const Agent& agent = *find_agent("codex");
  CHECK(classify_origin(agent, "codex/history.jsonl")->kind == HomeFileKind::kCodexHistory);
  CHECK_FALSE(classify_origin(agent, "history.jsonl"));
  CHECK(classify_origin(*find_agent("claude"), "debug/a.txt")->kind == HomeFileKind::kDebug);
  CHECK_FALSE(classify_origin(*find_agent("claude"), "codex/history.jsonl"));
  CHECK_FALSE(classify_origin(*find_agent("claude"), "file-history/" + kSession + "/d759299bbbdcbf61"));
}

TEST_CASE("The histories of two agents have different origins", "[source][home]") {
  CHECK(codex("history.jsonl")->origin == "codex/history.jsonl");
  CHECK(codex("history.jsonl")->kind == HomeFileKind::kCodexHistory);
  const auto rollout = codex("sessions/2025/10/20/rollout-2025-10-20T12-00-01-" + kSession + ".jsonl.zst");
  REQUIRE(rollout);
  CHECK(rollout->kind == HomeFileKind::kCodexRollout);
  CHECK(rollout->grows);
  CHECK(rollout->session == kSession);
  CHECK(rollout->origin == "codex/sessions/2025/10/20/rollout-2025-10-20T12-00-01-" + kSession + ".jsonl");
}
