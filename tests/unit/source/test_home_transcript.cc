// Transcripts to records: each type of record, each trap of real homes, and the lines back byte for byte.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "unit/source/home_support.h"
#include "unit/support/random.h"

using namespace cmem;
using namespace cmem::test;

namespace {

const std::string kSession = "34632016-9b2c-4684-95b0-f61221a4e094";
const std::string kPath = "projects/-home-u-app/" + kSession + ".jsonl";

std::string envelope(const std::string& rest) {
  return R"({"parentUuid":"p1","isSidechain":false,"cwd":"/home/u/app","sessionId":")" + kSession +
         R"(","version":"2.1.49","gitBranch":"HEAD",)" + rest + R"(,"uuid":"u1","timestamp":"2026-02-20T22:21:42.697Z"})" + "\n";
}

std::string user(const std::string& content, const std::string& more = "") {
  return envelope(R"("type":"user",)" + more + R"("message":{"role":"user","content":)" + content + "}");
}

std::string assistant(const std::string& content, const std::string& more = "") {
  return envelope(R"("type":"assistant",)" + more + R"("requestId":"req_1","message":{"model":"claude-haiku","id":"msg_1","role":"assistant","content":)" +
                  content +
                  R"(,"usage":{"input_tokens":3,"cache_creation_input_tokens":5,"cache_read_input_tokens":28443,"output_tokens":253}})");
}

// One line to its only record, whose line comes back.
struct One {
  explicit One(const std::string& line, const std::string& path = kPath) : run(parse_home(path, line)) {
    REQUIRE(run.records.size() == 1);
    CHECK(restored(run) == line);
  }
  const Record* operator->() const { return run.records[0]; }
  const Record& operator*() const { return *run.records[0]; }
  HomeRun run;
};

std::string random_string(Rng& rng) {
  static const std::vector<std::string> kPieces = {"words of a prompt that is long enough", "\\n", "\\\"", "\\u0000", "\\u001b[31m", "caf\xC3\xA9", "\\u00e9",
                                                   "\\ud83d\\ude00", "\\ud83d", "\\/", "%c%%", "[DEBUG]", ",\\\"x\\\":", "\xEF\xBF\xBD", "\x7f", "<system-reminder>"};
  std::string text = "\"";
  for (std::size_t i = pick(rng, 4); i > 0; --i) text += kPieces[pick(rng, kPieces.size())];
  return text + "\"";
}

std::string random_line(Rng& rng) {
  const std::string a = random_string(rng);
  const std::string b = random_string(rng);
  const std::vector<std::string> lines = {
      user(a),
      user(R"([{"type":"text","text":)" + a + "}]"),
      user(R"([{"type":"tool_result","content":)" + a + R"(,"is_error":true}])", R"("toolUseResult":{"stdout":)" + a + R"(,"stderr":)" + b + "},"),
      user(R"([{"type":"text","text":)" + a + R"(},{"type":"image","source":{"type":"base64","data":"AAAA"}},{"type":"text","text":)" + b + "}]"),
      assistant(R"([{"type":"thinking","thinking":)" + a + R"(,"signature":"c2ln"}])"),
      assistant(R"([{"type":"tool_use","name":"Bash","input":{"command":)" + a + R"(,"timeout":5}}])"),
      R"({"type":"summary","summary":)" + a + R"(,"leafUuid":"l1"})" + "\n",
      R"({"type":"ai-title","aiTitle":)" + a + "}\n",
      R"({"type":"new-thing","stuff":[)" + a + "," + b + "]}\n",
      R"({"type":"queue-operation","operation":"enqueue","timestamp":"2025-11-14T19:49:26.199Z","content":)" + a + "}\n",
      R"({"type":"file-history-snapshot","snapshot":{"trackedFileBackups":{)" + a + R"(:{"backupFileName":null}}}})" + "\n",
      "\n",
      "{\"torn\":\n",
      "[1]\n",
      "  {}  \r\n",
      "{\"type\":\"\xFF\"}\n",
      R"({"type":7,"message":[],"timestamp":true,"cwd":{},"sessionId":null,"uuid":1})" + std::string("\n"),
      R"({"type":"assistant","message":{"content":7,"usage":[]}})" + std::string("\n"),
  };
  return lines[pick(rng, lines.size())];
}

std::string random_transcript(Rng& rng) {
  std::string text = pick(rng, 10) == 0 ? "\xEF\xBB\xBF" : "";
  for (std::size_t i = pick(rng, 7); i > 0; --i) text += random_line(rng);
  if (pick(rng, 4) == 0 && text.ends_with('\n')) text.pop_back();
  return text;
}

// The file without its blank lines, which no record keeps.
std::string without_blank_lines(const std::string& text) {
  std::string kept;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at) == std::string::npos ? text.size() : text.find('\n', at) + 1, text.size());
    const std::string line = text.substr(at, end - at);
    if (line.find_first_not_of(" \t\r\n") != std::string::npos && line != "\xEF\xBB\xBF" && line != "\xEF\xBB\xBF\n") kept += line;
    at = end;
  }
  return kept;
}

}  // namespace

TEST_CASE("A prompt of a transcript has its text, place, time and folder", "[source][home]") {
  const One r(user(R"("fix the \"parser\"\nnow")"));
  CHECK(r->source_type == SourceType::kTranscript);
  CHECK(r->role == "user");
  CHECK(r->text == "fix the \"parser\"\nnow");
  CHECK(r->session == kSession);
  CHECK(r->project == "/home/u/app");
  CHECK(r->time_ms == 1771626102697);
  CHECK(r->time_precision == TimePrecision::kExact);
  CHECK(r->position == 1);
  CHECK(r->origin == kPath);
  CHECK(r->level == Level::kNone);
  REQUIRE(r->facts != nullptr);
  CHECK(r->facts->uuid == "u1");
  CHECK(r->facts->parent_uuid == "p1");
  CHECK(r->facts->usage == nullptr);
  CHECK(r->shape->text() == "%U%b%c%b");
  const auto metadata = nlohmann::json::parse(metadata_of(*r));
  CHECK(metadata["version"] == "2.1.49");
  CHECK(metadata["gitBranch"] == "HEAD");
  CHECK(metadata["uuid"] == "u1");
  CHECK_FALSE(metadata.contains("message.content"));
  CHECK_FALSE(metadata.contains("cwd"));
}

TEST_CASE("What the program writes as the user is the system's", "[source][home]") {
  CHECK(One(user("\"caveat\"", "\"isMeta\":true,"))->role == "system");
  CHECK(One(user("\"summary\"", "\"isCompactSummary\":true,\"isVisibleInTranscriptOnly\":true,"))->role == "system");
  CHECK(One(user("\"typed\"", "\"isMeta\":false,"))->role == "user");
}

TEST_CASE("A tool's result has its text, and is an error if it says so", "[source][home]") {
  const std::string text = "\"a result of more than thirty-two bytes\\n\"";
  const One r(user(R"([{"tool_use_id":"t1","type":"tool_result","content":)" + text + R"(,"is_error":true}])",
                   R"("toolUseResult":{"stdout":)" + text + R"(,"file":{"filePath":"/home/u/app/a.py"}},)"));
  CHECK(r->role == "tool_result");
  CHECK(r->text == "a result of more than thirty-two bytes\n");
  CHECK(r->level == Level::kError);
  CHECK(r->component.empty());
  CHECK(r->shape->text() == "%U%b%c%b%c%b");
  CHECK(r->residue.find("thirty-two") == std::string_view::npos);
  CHECK(r.run.paths == std::vector<std::string>{"/home/u/app/a.py"});
  CHECK(nlohmann::json::parse(metadata_of(*r))["toolUseResult"]["stdout"].is_null());
  const One ok(user(R"([{"type":"tool_result","content":[{"type":"text","text":"one"},{"type":"image","source":{"type":"base64","data":"QUJD"}},{"type":"text","text":"two"}],"is_error":false}])"));
  CHECK(ok->text == "one\ntwo");
  CHECK(ok->level == Level::kNone);
}

TEST_CASE("A reply, a thought and a call of a tool have roles of their own", "[source][home]") {
  const One reply(assistant(R"([{"type":"text","text":"done"}])"));
  CHECK(reply->role == "assistant");
  CHECK(reply->text == "done");
  REQUIRE(reply->facts->usage != nullptr);
  const TokenUsage& usage = *reply->facts->usage;
  CHECK(usage.api_message_id == "msg_1");
  CHECK(usage.request_id == "req_1");
  CHECK(usage.model == "claude-haiku");
  CHECK(usage.input == 3);
  CHECK(usage.output == 253);
  CHECK(usage.cache_creation == 5);
  CHECK(usage.cache_read == 28443);
  const One thought(assistant(R"([{"type":"thinking","thinking":"hm","signature":"c2lnbmF0dXJl"}])"));
  CHECK(thought->role == "thinking");
  CHECK(thought->text == "hm");
  const One call(assistant(R"([{"type":"tool_use","id":"t1","name":"Edit","input":{"file_path":"/home/u/a.c","old_string":"a\nb","replace_all":false}}])"));
  CHECK(call->role == "tool_use");
  CHECK(call->component == "Edit");
  CHECK(call->text == "Edit\nfile_path: /home/u/a.c\nold_string: a\nb\nreplace_all: false");
  CHECK(call.run.paths == std::vector<std::string>{"/home/u/a.c"});
  const One both(assistant(R"([{"type":"thinking","thinking":"hm"},{"type":"text","text":"I look"},{"type":"tool_use","name":"Bash","input":{}}])"));
  CHECK(both->role == "assistant");
  CHECK(both->text == "I look\nBash");
  const One failed(assistant(R"([{"type":"text","text":"API Error: 429"}])", "\"isApiErrorMessage\":true,"));
  CHECK(failed->level == Level::kError);
  CHECK(One(assistant("[]"))->role == "assistant");
}

TEST_CASE("Records that are no messages have the text of their kind", "[source][home]") {
  struct Case {
    std::string json, role, text;
  };
  const Case cases[] = {
      {R"("type":"system","subtype":"compact_boundary","content":"Conversation compacted")", "system", "Conversation compacted"},
      {R"("type":"system","subtype":"turn_duration","durationMs":5)", "system", "turn_duration"},
      {R"("type":"attachment","attachment":{"type":"edited_text_file","filename":"/a.c","snippet":"1 x"})", "attachment", "edited_text_file\n/a.c\n1 x"},
      {R"("type":"attachment","attachment":{"type":"queued_command","prompt":"go on"})", "attachment", "queued_command\ngo on"},
      {R"("type":"attachment","attachment":{"type":"file","filename":"/a","content":{"type":"text","file":{"filePath":"/a","content":"body"}}})", "attachment",
       "file\n/a\nbody"},
      {R"("type":"attachment","attachment":{"type":"file","content":{"type":"image","file":{"base64":"QUJD"}}})", "attachment", "file"},
      {R"("type":"queue-operation","operation":"enqueue","content":"later")", "queue-operation", "later"},
      {R"("type":"queue-operation","operation":"dequeue")", "queue-operation", "dequeue"},
      {R"("type":"progress","data":{"type":"hook_progress","hookEvent":"Stop","hookName":"Stop:x","command":"ls"})", "progress", "hook_progress\nStop:x\nls"},
      {R"("type":"progress","data":{"type":"bash_progress","output":"out","fullOutput":"out"})", "progress", "bash_progress\nout"},
      {R"("type":"summary","summary":"A parser","leafUuid":"l1")", "summary", "A parser"},
      {R"("type":"ai-title","aiTitle":"T1")", "ai-title", "T1"},
      {R"("type":"custom-title","customTitle":"T2")", "custom-title", "T2"},
      {R"("type":"agent-name","agentName":"T3")", "agent-name", "T3"},
      {R"("type":"last-prompt","lastPrompt":"T4")", "last-prompt", "T4"},
      {R"("type":"permission-mode","permissionMode":"plan")", "permission-mode", "plan"},
      {R"("type":"from-the-future","content":"T5")", "from-the-future", "T5"},
      {R"("type":"empty-one")", "empty-one", ""},
  };
  for (const Case& c : cases) {
    INFO(c.json);
    const One r(envelope(c.json));
    CHECK(r->role == c.role);
    CHECK(r->text == c.text);
  }
  CHECK(One(envelope(cases[10].json))->facts->parent_uuid == "l1");
  const One error(envelope(R"("type":"system","subtype":"api_error","error":{"message":"overloaded"},"retryInMs":538.25)"));
  CHECK(error->level == Level::kError);
  CHECK(error->text == "overloaded");
}

TEST_CASE("Saved files reveal their paths, relative ones by the hash of the name", "[source][home]") {
  const std::string hash = to_hex(sha256("/home/u/app/src/a.py")).substr(0, 16);
  const std::string snapshot = R"({"type":"file-history-snapshot","messageId":"m","snapshot":{"trackedFileBackups":{"src/a.py":{"backupFileName":")" + hash +
                               R"(@v1","version":1},"src/b.py":{"backupFileName":"0123456789abcdef@v1"},"/abs/c.py":{"backupFileName":null},"d.py":{"backupFileName":null}}}})" + "\n";
  const HomeRun run = parse_home(kPath, user("\"x\"") + snapshot);
  REQUIRE(run.records.size() == 2);
  CHECK(run.records[1]->text == "src/a.py\nsrc/b.py\n/abs/c.py\nd.py");
  CHECK(run.records[1]->time_ms == run.records[0]->time_ms);
  CHECK(run.records[1]->time_precision == TimePrecision::kNeighbour);
  CHECK(run.records[1]->project == "/home/u/app");
  CHECK(run.paths == std::vector<std::string>{"/home/u/app/src/a.py", "/abs/c.py"});
}

TEST_CASE("Saved files are in the folder that the session began in, or in the present one", "[source][home]") {
  const auto snapshot = [](const std::string& key, const std::string& path) {
    return R"({"type":"file-history-snapshot","snapshot":{"trackedFileBackups":{")" + key + R"(":{"backupFileName":")" + to_hex(sha256(path)).substr(0, 16) + "@v1\"}}}}\n";
  };
  const std::string text = user("\"x\"") + R"({"type":"user","cwd":"/home/u/app/sub"})" "\n" + snapshot("a.py", "/home/u/app/a.py") + snapshot("b.py", "/home/u/app/sub/b.py") +
                           R"({"type":"user","cwd":"D:\\03_Maps"})" "\n" + snapshot(R"(src\\c.cs)", R"(D:\03_Maps\src\c.cs)");
  const std::vector<std::string> expected = {"/home/u/app/a.py", "/home/u/app/sub/b.py", R"(D:\03_Maps\src\c.cs)"};
  CHECK(parse_home(kPath, text).paths == expected);
  CHECK(parse_pieces(home_file(kPath), text, {400, 600}, true).paths == expected);
}

TEST_CASE("Subagents have sessions of their own under that of their parent", "[source][home]") {
  const std::string line = user("\"x\"");
  CHECK(One(line, "projects/-p/" + kSession + "/subagents/agent-a66.jsonl")->session == kSession + "/agent-a66");
  CHECK(One(line, "projects/-p/agent-1a2b3c4d.jsonl")->session == kSession + "/agent-1a2b3c4d");
  CHECK(One("{\"type\":\"x\"}\n", "projects/-p/agent-1a2b3c4d.jsonl")->session == "agent-1a2b3c4d");
  // A resumed session's file may state another one: the file decides.
  CHECK(One(line, "projects/-p/00000000-9b2c-4684-95b0-f61221a4e094.jsonl")->session == "00000000-9b2c-4684-95b0-f61221a4e094");
}

TEST_CASE("Records without a time have that of the record before, or at a file's start behind", "[source][home]") {
  const std::string title = "{\"type\":\"ai-title\",\"aiTitle\":\"T\"}\n";
  const HomeRun run = parse_home(kPath, title + title + user("\"x\"") + title);
  for (const std::size_t i : {0U, 1U, 3U}) {
    CHECK(run.records[i]->time_ms == 1771626102697);
    CHECK(run.records[i]->time_precision == TimePrecision::kNeighbour);
  }
  const HomeRun alone = parse_home(kPath, title, home_options(42));
  CHECK(alone.records[0]->time_ms == 42);
  CHECK(alone.records[0]->time_precision == TimePrecision::kFile);
  std::string many;
  for (int i = 0; i < 300; ++i) many += title;
  many += user("\"x\"") + title;
  const HomeRun limited = parse_home(kPath, many, home_options(42));
  CHECK(limited.records[0]->time_ms == 42);
  CHECK(limited.records[299]->time_precision == TimePrecision::kFile);
  CHECK(limited.records[301]->time_ms == 1771626102697);
  CHECK(describe(parse_pieces(home_file(kPath), many, {1000, 10000, 11000}, true, home_options(42))) == describe(limited));
}

TEST_CASE("A line of a transcript that is broken is rejected, and blank ones are counted", "[source][home]") {
  const std::string text = "{\"type\":\"user\"\n\n   \n[]\n\"x\"\n{\"a\":\"\xFF\"}\n" + std::string(70, '[') + "\n{}\n";
  const HomeRun run = parse_home(kPath, text);
  REQUIRE(run.rejects.size() == 5);
  CHECK(run.rejects[0]->reason == RejectReason::kInvalidJson);
  CHECK(run.rejects[0]->line_number == 1);
  CHECK(run.rejects[1]->reason == RejectReason::kNotAnObject);
  CHECK(run.rejects[1]->line_number == 4);
  CHECK(run.rejects[3]->reason == RejectReason::kInvalidUtf8);
  CHECK(run.rejects[4]->reason == RejectReason::kTooDeep);
  REQUIRE(run.records.size() == 1);
  CHECK(run.records[0]->role.empty());
  CHECK(run.chunks[0].blank_lines == 2);
  CHECK(run.chunks[0].lines == 8);
}

TEST_CASE("A transcript's text with NUL, ANSI codes and other alphabets comes back", "[source][home]") {
  const One r(user(R"("a\u0000b \u001b[31mred\u001b[0m )" "\xED\x95\x9C \xF0\x9F\x98\x80\xEF\xBF\xBD\""));
  CHECK(r->text == std::string_view("a\0b \x1b[31mred\x1b[0m \xED\x95\x9C \xF0\x9F\x98\x80\xEF\xBF\xBD", 28));
  // A lone surrogate has no UTF-8: the whole line is kept.
  const One lone(user(R"("a\ud83d")"));
  CHECK(lone->text == "a\xEF\xBF\xBD");
  CHECK(lone->shape->text() == "%U%l");
  // Python's form of the same file.
  const One ascii(user(R"("caf\u00e9")"));
  CHECK(ascii->shape->text() == "%A%b%c%b");
  CHECK(ascii->residue.find("caf") == std::string_view::npos);
}

TEST_CASE("A line of two million bytes is one record", "[source][home]") {
  const One r(user("\"" + std::string(2'200'000, 'x') + "\""));
  CHECK(r->text.size() == 2'200'000);
  CHECK(r->residue.size() < 400);
}

TEST_CASE("Copies of a text are not kept twice, wherever else its bytes occur", "[source][home]") {
  const std::string text = "\"thirty-two bytes and a few more, as a value\"";
  const One r(user(text, "\"a\":" + text + ",\"b\":[" + text + "," + text + "," + text + "]," + text + ":1,\"c\":\"x\\" + text.substr(0, text.size() - 1) + "\\\"\","));
  CHECK(r->shape->text() == "%U%b%c%b%c%b%c%b%c%b");
  const auto metadata = nlohmann::json::parse(metadata_of(*r));
  CHECK(metadata["c"] == "x\"thirty-two bytes and a few more, as a value\"");
  CHECK(metadata["thirty-two bytes and a few more, as a value"] == 1);
}

TEST_CASE("Metadata of a line that is kept whole are its members", "[source][home]") {
  const One r(assistant(R"([{"type":"tool_use","name":"Bash","input":{"command":"ls"}}])"));
  CHECK(r->shape->text() == "%U%l");
  const auto metadata = nlohmann::json::parse(metadata_of(*r));
  CHECK(metadata["message.model"] == "claude-haiku");
  CHECK(metadata["message.usage"]["output_tokens"] == 253);
  CHECK(metadata["requestId"] == "req_1");
  CHECK_FALSE(metadata.contains("message.content"));
  CHECK_FALSE(metadata.contains("timestamp"));
}

TEST_CASE("Random transcripts come back byte for byte and have metadata", "[source][home]") {
  Rng rng(test_seed());
  for (int round = 0; round < 1000; ++round) {
    const std::string text = random_transcript(rng);
    INFO(text);
    const HomeRun run = parse_home(kPath, text);
    // The mark before a first line that is rejected or blank is nobody's.
    if (run.rejects.empty() || !text.starts_with("\xEF\xBB\xBF")) {
      const std::string expected = without_blank_lines(text);
      std::string got = restored(run);
      if (!expected.ends_with('\n') && got.ends_with('\n') && !run.rejects.empty()) got.pop_back();
      const bool mark_is_blank = text.starts_with("\xEF\xBB\xBF\n");
      CHECK(got == (mark_is_blank ? without_blank_lines(text.substr(3)) : expected));
    }
    for (const Record* record : run.records) {
      const std::string metadata = metadata_of(*record);
      CHECK(json_skip_value(metadata, 0).at == metadata.size());
    }
  }
}

TEST_CASE("A transcript cut anywhere has the records of the whole transcript", "[source][home]") {
  Rng rng(test_seed());
  const HomeFile files[] = {home_file(kPath), home_file("projects/-p/agent-1a2b3c4d.jsonl")};
  for (int round = 0; round < 40; ++round) {
    const std::string text = random_transcript(rng);
    INFO(text);
    const HomeFile& file = files[pick(rng, 2)];
    const HomeRun run = parse_home(file, text);
    const auto whole = describe(run);
    for (std::size_t cut = 0; cut <= text.size(); cut += 1 + pick(rng, 5)) {
      for (const bool new_parsers : {false, true}) {
        const HomeRun pieces = parse_pieces(file, text, {cut, cut + pick(rng, text.size() - cut + 1)}, new_parsers);
        CHECK(describe(pieces) == whole);
        CHECK(pieces.paths == run.paths);
      }
    }
  }
}
