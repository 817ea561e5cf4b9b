// Files that are read whole: todos, tasks, plans, tool results, snapshots, saved versions.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "unit/source/home_support.h"

using namespace cmem;
using namespace cmem::test;

namespace {

const std::string kSession = "34632016-9b2c-4684-95b0-f61221a4e094";
const std::string kTodos = "todos/" + kSession + "-agent-" + kSession + ".json";

// The line that a Python script makes of a todo.
std::string extraction_line(const std::string& origin, const std::string& title, const std::string& status, const std::string& task, std::int64_t mtime_ms) {
  return R"({"content": "Task: )" + title + R"(", "source": ")" + origin + R"(", "timestamp": )" + std::to_string(mtime_ms) +
         R"(, "source_type": "todos", "metadata": {"title": ")" + title + R"(", "status": ")" + status + R"(", "project": "", "complete_task": )" + task + "}}\n";
}

void check_same(const Record& a, const Record& b) {
  CHECK(a.source_type == b.source_type);
  CHECK(a.position == b.position);
  CHECK(a.text == b.text);
  CHECK(a.time_ms == b.time_ms);
  CHECK(a.origin == b.origin);
  CHECK(a.session == b.session);
  CHECK(a.project == b.project);
  CHECK(a.role == b.role);
}

}  // namespace

TEST_CASE("A todo is the extraction record that Python makes of it", "[source][home]") {
  const HomeRun run = parse_home(kTodos,
                                 "[{\"content\":\"Write \\\"tests\\\" caf\\u00e9 \xED\x95\x9C\",\"status\":\"in_progress\",\"activeForm\":\"Writing\"},\n"
                                 " {\"content\": \"b\", \"status\":\"pending\",\"priority\":\"high\",\"id\":\"1\",\"x\":[1,{\"y\":null}, -2.5],\"e\":{},\"l\":[]}, 7]",
                                 home_options(1763790838014));
  const Parsed extraction = parse_text(
      extraction_line(kTodos, "Write \\\"tests\\\" caf\xC3\xA9 \xED\x95\x9C", "in_progress",
                      "{\"content\": \"Write \\\"tests\\\" caf\xC3\xA9 \xED\x95\x9C\", \"status\": \"in_progress\", \"activeForm\": \"Writing\"}", 1763790838014) +
      extraction_line(kTodos, "b", "pending", R"({"content": "b", "status": "pending", "priority": "high", "id": "1", "x": [1, {"y": null}, -2.5], "e": {}, "l": []})",
                      1763790838014));
  REQUIRE(run.records.size() == 2);
  REQUIRE(extraction.records.size() == 2);
  check_same(*run.records[0], *extraction.records[0]);
  check_same(*run.records[1], *extraction.records[1]);
  CHECK(run.records[0]->time_precision == TimePrecision::kFile);
  CHECK(run.records[0]->shape == nullptr);
  CHECK(run.records[0]->text_hash == extraction.records[0]->text_hash);
}

TEST_CASE("Real todo records are made of the tasks in them", "[source][home]") {
  const char* folder = std::getenv("CMEM_SHARED_DATA");
  const std::filesystem::path path = std::filesystem::path(folder == nullptr ? "../shared/data" : folder) / "phase4-todos.jsonl";
  std::ifstream in(path);
  if (!in) {
    std::printf("skipped: no %s\n", path.c_str());
    return;
  }
  std::int64_t same = 0;
  for (std::string line; std::getline(in, line);) {
    const Parsed extraction = parse_text(line + "\n");
    REQUIRE(extraction.records.size() == 1);
    const auto row = nlohmann::ordered_json::parse(line);
    const std::string file = nlohmann::ordered_json::array({row["metadata"]["complete_task"]}).dump();
    const HomeRun run = parse_home(row["source"].get<std::string>(), file, home_options(row["timestamp"].get<std::int64_t>()));
    REQUIRE(run.records.size() == 1);
    check_same(*run.records[0], *extraction.records[0]);
    ++same;
  }
  CHECK(same > 0);
}

TEST_CASE("Empty lists of todos are no errors, broken ones are rejected", "[source][home]") {
  for (const char* text : {"", "[]", " \n", "{}", "7"}) {
    const HomeRun run = parse_home(kTodos, text);
    CHECK(run.records.empty());
    CHECK(run.rejects.empty());
  }
  CHECK(parse_home(kTodos, "[{\"content\":").rejects.at(0)->reason == RejectReason::kInvalidJson);
  CHECK(parse_home(kTodos, "[] []").rejects.at(0)->reason == RejectReason::kInvalidJson);
  CHECK(parse_home(kTodos, "[\"\xFF\"]").rejects.at(0)->reason == RejectReason::kInvalidUtf8);
}

TEST_CASE("A task has its subject and description", "[source][home]") {
  const std::string path = "tasks/" + kSession + "/3.json";
  const std::string json = R"({"id":"3","subject":"Parse it","description":"all\nof it","status":"pending","blocks":[],"blockedBy":[]})";
  const HomeRun run = parse_home(path, json);
  REQUIRE(run.records.size() == 1);
  CHECK(run.records[0]->text == "Task: Parse it\nall\nof it");
  CHECK(run.records[0]->source_type == SourceType::kTodos);
  CHECK(run.records[0]->session == kSession);
  CHECK(run.records[0]->origin == path);
  CHECK(run.records[0]->position < 0);
  CHECK(parse_home(path, json).records[0]->position == run.records[0]->position);
  CHECK(parse_home(path, json + " ").records[0]->position != run.records[0]->position);
  CHECK(parse_home(path, R"({"subject":"x"})").records[0]->text == "Task: x");
}

TEST_CASE("A whole file is one record", "[source][home]") {
  struct Case {
    std::string path;
    SourceType type;
    std::string role, session;
  };
  const Case cases[] = {
      {"plans/quiet-river.md", SourceType::kPlan, "", ""},
      {"projects/-p/memory/MEMORY.md", SourceType::kMemoryNote, "", ""},
      {"projects/-p/" + kSession + "/tool-results/toolu_01.txt", SourceType::kToolResult, "tool_result", kSession},
      {"shell-snapshots/snapshot-zsh-x.sh", SourceType::kShellSnapshot, "", ""},
  };
  for (const Case& c : cases) {
    INFO(c.path);
    const HomeRun run = parse_home(c.path, "# Plan\n\xFFtext\n", home_options(42));
    REQUIRE(run.records.size() == 1);
    const Record& r = *run.records[0];
    CHECK(r.source_type == c.type);
    CHECK(r.role == c.role);
    CHECK(r.session == c.session);
    CHECK(r.origin == c.path);
    CHECK(r.text == "# Plan\n\xEF\xBF\xBDtext\n");
    CHECK(r.time_ms == 42);
    CHECK(r.time_precision == TimePrecision::kFile);
    CHECK(r.position < 0);
    CHECK(r.shape == nullptr);
  }
  CHECK(parse_home("plans/a.md", "").records.size() == 1);
  CHECK(parse_home("plans/a.md", "\xEF\xBB\xBFx").records[0]->text == "\xEF\xBB\xBFx");
}

TEST_CASE("A shell snapshot has the time in its name", "[source][home]") {
  const HomeRun run = parse_home("shell-snapshots/snapshot-zsh-1762721090165-abc123.sh", "alias ll=ls\n", home_options(42));
  CHECK(run.records.at(0)->time_ms == 1762721090165);
  CHECK(run.records.at(0)->time_precision == TimePrecision::kExact);
}

TEST_CASE("The folder of a session's environment is one record with the names in it", "[source][home]") {
  const HomeRun run = parse_home("session-env/" + kSession, "a.sh\nb.sh\n");
  CHECK(run.records.at(0)->text == "session-env\na.sh\nb.sh");
  CHECK(run.records.at(0)->session == kSession);
  CHECK(parse_home("session-env/" + kSession, "").records.at(0)->text == "session-env");
}

TEST_CASE("A saved version of a file is at its number", "[source][home]") {
  const HomeRun run = parse_home("file-history/" + kSession + "/d759299bbbdcbf61@v12", std::string("\0\xFF\xEF", 3), home_options(42));
  const Record& r = *run.records.at(0);
  CHECK(r.source_type == SourceType::kFileHistory);
  CHECK(r.origin == "file-history/" + kSession + "/d759299bbbdcbf61");
  CHECK(r.position == 12);
  CHECK(r.text == "File d759299bbbdcbf61@v12, 3 bytes");
  CHECK(r.session == kSession);
  CHECK(r.time_ms == 42);
  // A byte order mark belongs to the file.
  CHECK(parse_home("file-history/s/d759299bbbdcbf61@v1", "\xEF\xBB\xBFx").records.at(0)->text == "File d759299bbbdcbf61@v1, 4 bytes");
}

TEST_CASE("What describes an agent is no record", "[source][home]") {
  const HomeRun run = parse_home("projects/-p/" + kSession + "/subagents/agent-a.meta.json", R"({"agentType":"Explore","description":"x"})");
  CHECK(run.records.empty());
  CHECK(run.rejects.empty());
}
