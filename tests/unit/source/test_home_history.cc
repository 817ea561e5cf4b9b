// history.jsonl of both agents, and the rollouts of Codex.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "unit/source/home_support.h"
#include "unit/support/random.h"

using namespace cmem;
using namespace cmem::test;

namespace {

const std::string kSession = "34632016-9b2c-4684-95b0-f61221a4e094";

std::string prompt(const std::string& display, const std::string& pasted = "{}") {
  return R"({"display":")" + display + R"(","pastedContents":)" + pasted + R"(,"timestamp":1771548272159,"project":"/home/u/app","sessionId":")" + kSession + "\"}\n";
}

HomeRun parse_codex(const std::string& path, const std::string& text) { return parse_home(home_file(path, "codex"), text); }

const std::string kRollout = "sessions/2025/10/20/rollout-2025-10-20T12-00-01-" + kSession + ".jsonl";

std::string rollout_line(const std::string& type, const std::string& payload) {
  return R"({"timestamp":"2025-10-20T12:00:01.000Z","type":")" + type + R"(","payload":)" + payload + "}\n";
}

}  // namespace

TEST_CASE("A prompt of the history is the extraction record of its line", "[source][home]") {
  const std::string text = prompt("/login ") + prompt(R"(two\nlines \"quoted\" caf)" "\xC3\xA9");
  const HomeRun run = parse_home("history.jsonl", text);
  const std::string tail = R"(", "timestamp": 1771548272159, "session_id": ")" + kSession + R"(", "project": "/home/u/app", "source_type": "history"})" + "\n";
  const Parsed extraction = parse_text(R"({"content": "/login ", "source": "history.jsonl:line-1)" + tail +
                                       R"({"content": "two\nlines \"quoted\" caf)" "\xC3\xA9" R"(", "source": "history.jsonl:line-2)" + tail);
  REQUIRE(run.records.size() == 2);
  REQUIRE(extraction.records.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    const Record& a = *run.records[i];
    const Record& b = *extraction.records[i];
    CHECK(a.source_type == b.source_type);
    CHECK(a.text == b.text);
    CHECK(a.text_hash == b.text_hash);
    CHECK(a.prefix == b.prefix);
    CHECK(a.level == b.level);
    CHECK(a.time_ms == b.time_ms);
    CHECK(a.time_precision == b.time_precision);
    CHECK(a.origin == b.origin);
    CHECK(a.position == b.position);
    CHECK(a.session == b.session);
    CHECK(a.project == b.project);
    CHECK(a.role == b.role);
    CHECK(a.component == b.component);
  }
  CHECK(restored(run) == text);
  CHECK(metadata_of(*run.records[0]) == R"({"pastedContents":{}})");
}

TEST_CASE("Old prompts have no session", "[source][home]") {
  const std::string text = R"({"display":"x","pastedContents":{},"timestamp":1762089605294,"project":"/mnt/c/Work/C&I BESS"})" "\n" R"({"display":"y"})" "\n";
  const HomeRun run = parse_home("history.jsonl", text);
  CHECK(run.records[0]->session.empty());
  CHECK(run.records[0]->project == "/mnt/c/Work/C&I BESS");
  CHECK(run.records[1]->time_ms == 1762089605294);
  CHECK(run.records[1]->time_precision == TimePrecision::kNeighbour);
  CHECK(run.records[1]->project.empty());
  CHECK(restored(run) == text);
}

TEST_CASE("What was pasted into a prompt is a record of its own", "[source][home]") {
  const std::string text = prompt("a [Pasted text #1] b", R"({"1":{"id":1,"type":"text","content":"short\ntext"},"2":{"id":2,"type":"text","contentHash":"79a1d36705b4f156"},)"
                                  R"("3":{"id":3,"type":"text","contentHash":"0000000000000000"},"4":{"id":4,"type":"text","contentHash":"../../secret"},"5":{"type":"image","content":"QUJD"}})") +
                           prompt("next");
  const HomeRun run = parse_home("history.jsonl", text, home_options(1, {{"paste-cache/79a1d36705b4f156.txt", "long \xFF text"}, {"paste-cache/../../secret.txt", "no"}}));
  REQUIRE(run.records.size() == 4);
  const Record& inline_text = *run.records[1];
  CHECK(inline_text.source_type == SourceType::kPaste);
  CHECK(inline_text.text == "short\ntext");
  CHECK(inline_text.origin == "history.jsonl/paste-1");
  CHECK(inline_text.position == 1);
  CHECK(inline_text.role == "user");
  CHECK(inline_text.session == kSession);
  CHECK(inline_text.project == "/home/u/app");
  CHECK(inline_text.time_ms == 1771548272159);
  CHECK(inline_text.shape == nullptr);
  CHECK(run.records[2]->text == "long \xEF\xBF\xBD text");
  CHECK(run.records[2]->origin == "history.jsonl/paste-2");
  CHECK(run.records[3]->text == "next");
  CHECK(run.records[3]->position == 2);
  CHECK(restored(run) == text);
}

TEST_CASE("A history cut anywhere has the records of the whole history", "[source][home]") {
  const std::string text = "\xEF\xBB\xBF" + prompt("one", R"({"1":{"type":"text","content":"p"}})") + "\n{\"display\":\"no time\"}\nbroken\n" + prompt("two") + "{\"display\":7}";
  const auto whole = describe(parse_home("history.jsonl", text));
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    for (const bool new_parsers : {false, true}) CHECK(describe(parse_pieces(home_file("history.jsonl"), text, {cut}, new_parsers)) == whole);
  }
}

TEST_CASE("The records of a rollout have roles, session and folder", "[source][home]") {
  const std::string text =
      rollout_line("session_meta", R"({"id":"s1","cwd":"/home/u/app","originator":"codex_cli_rs","cli_version":"0.47.0"})") +
      rollout_line("turn_context", R"({"cwd":"/home/u/lib","model":"gpt-5"})") +
      rollout_line("response_item", R"({"type":"message","role":"user","content":[{"type":"input_text","text":"do it"}]})") +
      rollout_line("event_msg", R"({"type":"user_message","message":"do it"})") +
      rollout_line("response_item", R"({"type":"reasoning","summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":"QUJD"})") +
      rollout_line("event_msg", R"({"type":"agent_reasoning","text":"hm"})") +
      rollout_line("response_item", R"({"type":"function_call","name":"shell","arguments":"{\"command\":[\"ls\"],\"workdir\":\"/x\"}","call_id":"c1"})") +
      rollout_line("response_item", R"({"type":"function_call_output","call_id":"c1","output":"a\nb"})") +
      rollout_line("response_item", R"({"type":"custom_tool_call","name":"apply_patch","input":"*** Begin"})") +
      rollout_line("response_item", R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":"done"}]})") +
      rollout_line("event_msg", R"({"type":"token_count","info":null})") + rollout_line("compacted", R"({"message":"short"})");
  const HomeRun run = parse_codex(kRollout, text);
  struct Expected {
    std::string role, text;
  };
  const Expected expected[] = {{"session_meta", "/home/u/app"},
                               {"turn_context", "/home/u/lib\ngpt-5"},
                               {"user", "do it"},
                               {"event", "do it"},
                               {"thinking", "hm"},
                               {"thinking", "hm"},
                               {"tool_use", "shell\ncommand: [\"ls\"]\nworkdir: /x"},
                               {"tool_result", "a\nb"},
                               {"tool_use", "apply_patch\n*** Begin"},
                               {"assistant", "done"},
                               {"token_count", ""},
                               {"compacted", "short"}};
  REQUIRE(run.records.size() == std::size(expected));
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    INFO(i);
    CHECK(run.records[i]->role == expected[i].role);
    CHECK(run.records[i]->text == expected[i].text);
    CHECK(run.records[i]->session == "s1");
    CHECK(run.records[i]->project == (i == 0 ? "/home/u/app" : "/home/u/lib"));
    CHECK(run.records[i]->time_ms == 1760961601000);
    CHECK(run.records[i]->source_type == SourceType::kCodex);
    CHECK(run.records[i]->origin == "codex/" + kRollout);
  }
  CHECK(run.records[6]->component == "shell");
  CHECK(restored(run) == text);
  CHECK(nlohmann::json::parse(metadata_of(*run.records[7]))["payload.call_id"] == "c1");
  const auto whole = describe(run);
  for (std::size_t cut = 0; cut <= text.size(); cut += 7) {
    for (const bool new_parsers : {false, true}) CHECK(describe(parse_pieces(home_file(kRollout, "codex"), text, {cut}, new_parsers)) == whole);
  }
  CHECK(parse_codex(kRollout, rollout_line("event_msg", "{}")).records[0]->session == kSession);
}

TEST_CASE("Times in the history of Codex are in seconds", "[source][home]") {
  const std::string text = R"({"session_id":"s1","ts":1760961601,"text":"fix\tit"})" "\n";
  const HomeRun run = parse_codex("history.jsonl", text);
  REQUIRE(run.records.size() == 1);
  CHECK(run.records[0]->time_ms == 1760961601000);
  CHECK(run.records[0]->text == "fix\tit");
  CHECK(run.records[0]->role == "user");
  CHECK(run.records[0]->session == "s1");
  CHECK(run.records[0]->origin == "codex/history.jsonl");
  CHECK(restored(run) == text);
}
