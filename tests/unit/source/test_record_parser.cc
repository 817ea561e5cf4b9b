#include <catch2/catch.hpp>
#include <string>

#include "base/time_text.h"
#include "source/record_parser.h"
#include "unit/source/source_support.h"

using namespace cmem;
using namespace cmem::test;

namespace {

const std::string kSession = "0a1b2c3d-1111-2222-3333-444455556666";

std::string hash_of(std::string_view text) { return to_hex(sha256(text)); }

// `json` is the content as it stands in the file, `content` what it means.
std::string debug_line(const std::string& json, const std::string& content, int line = 1) {
  return "{\"content\": \"" + json + "\", \"source\": \"debug/" + kSession + ".txt:line-" + std::to_string(line) +
         "\", \"file\": \"" + kSession + ".txt\", \"timestamp\": 1763790428000, \"source_type\": \"debug\", \"hash\": \"" +
         hash_of(content) + "\"}\n";
}
std::string debug_line(const std::string& content) { return debug_line(content, content); }

const Record& only_record(const Parsed& parsed) {
  for (const Reject* reject : parsed.rejects) WARN(reject->message);
  REQUIRE(parsed.rejects.empty());
  REQUIRE(parsed.records.size() == 1);
  return *parsed.records[0];
}

}  // namespace

TEST_CASE("a debug line gives its own time, level, component and session, never the time of the extraction", "[source]") {
  const std::string line = debug_line("2025-11-19T16:34:04.944Z [WARN] [LSP MANAGER] initialize() called");
  const Parsed parsed = parse_text(line);
  const Record& record = only_record(parsed);
  CHECK(record.source_type == SourceType::kDebug);
  CHECK(record.prefix == TextPrefix::kTimeLevel);
  CHECK(record.time_ms == *parse_iso_ms("2025-11-19T16:34:04.944Z"));
  CHECK(record.level == Level::kWarn);
  CHECK(record.text == "[LSP MANAGER] initialize() called");
  CHECK(record.text_hash == xxh3_64(record.text));
  CHECK(record.component == "LSP");
  CHECK(record.session == kSession);
  CHECK(record.origin == "debug/" + kSession + ".txt");
  CHECK(record.position == 1);
  CHECK(record.role.empty());
  CHECK_FALSE(record.hash_mismatch);
  CHECK(record.content_sha256 == sha256("2025-11-19T16:34:04.944Z [WARN] [LSP MANAGER] initialize() called"));
  CHECK(record.shape->text() ==
        "%U{\"content\": %c, \"source\": %s, \"file\": %f, \"timestamp\": %t, \"source_type\": \"debug\", \"hash\": %h}");
  CHECK(*render_metadata_json(*record.shape, record.residue) == "{\"timestamp\":1763790428000}");
  CHECK(given_hash(*record.shape, record.residue)->empty());
  CHECK(restored(parsed) == line);
}

TEST_CASE("a debug line without a time has a level and no time; without either it is all text", "[source]") {
  const Parsed level_only = parse_text(debug_line("[ERROR] MCP server x: | DEBUG | nested"));
  CHECK(only_record(level_only).prefix == TextPrefix::kLevel);
  CHECK(only_record(level_only).level == Level::kError);
  CHECK(only_record(level_only).time_ms == kNoTime);
  CHECK(only_record(level_only).component == "MCP");
  for (const char* content : {"plain words", "[NOTALEVEL] x", "2025-13-19T16:34:04.944Z [DEBUG] no such month", "[DEBUG]", ""}) {
    const std::string line = debug_line(content);
    const Parsed plain = parse_text(line);
    CHECK(only_record(plain).prefix == TextPrefix::kNone);
    CHECK(only_record(plain).text == content);
    CHECK(only_record(plain).time_ms == kNoTime);
    CHECK(restored(plain) == line);
  }
}

TEST_CASE("continuation lines and NUL stay in the text", "[source]") {
  const std::string content = std::string("2025-11-19T16:34:04.944Z [DEBUG] first\n  second") + '\0' + "third";
  const std::string line = debug_line("2025-11-19T16:34:04.944Z [DEBUG] first\\n  second\\u0000third", content);
  const Parsed parsed = parse_text(line);
  CHECK(content_of(only_record(parsed)) == content);
  CHECK_FALSE(only_record(parsed).hash_mismatch);
  CHECK(restored(parsed) == line);
}

TEST_CASE("a history line gives project, session, role and line", "[source]") {
  const std::string line =
      "{\"content\": \"pwd\", \"source\": \"history.jsonl:line-71\", \"timestamp\": 1762721090165, \"session_id\": \"s1\", "
      "\"project\": \"/Users/dev\", \"source_type\": \"history\", \"hash\": \"" +
      hash_of("pwd") + "\"}\n";
  const Parsed parsed = parse_text(line);
  const Record& record = only_record(parsed);
  CHECK(record.source_type == SourceType::kHistory);
  CHECK(record.time_ms == 1762721090165);
  CHECK(record.session == "s1");
  CHECK(record.project == "/Users/dev");
  CHECK(record.role == "user");
  CHECK(record.origin == "history.jsonl");
  CHECK(record.position == 71);
  CHECK(record.residue.empty());
  CHECK(*render_metadata_json(*record.shape, record.residue) == "{}");
  CHECK(restored(parsed) == line);
}

TEST_CASE("a source without a canonical line keeps all of it as origin and gets a negative position", "[source]") {
  for (const char* source :
       {"todos/x.json", "a:line-", "a:line-0", "a:line-07", "a:line-99999999999999999999", "a:line-1x", "a:Line-1"}) {
    const std::string line = std::string("{\"content\":\"c\",\"source\":\"") + source + "\",\"source_type\":\"transcript\"}\n";
    const Parsed parsed = parse_text(line);
    CHECK(only_record(parsed).origin == source);
    CHECK(only_record(parsed).position < 0);
    CHECK(restored(parsed) == line);
  }
}

TEST_CASE("a todo takes the session from the file name; its fingerprint follows content, metadata and time alone", "[source]") {
  const auto todo = [](const std::string& text, const std::string& meta, const std::string& rest) {
    return "{\"content\": \"" + text + "\", \"source\": \"todos/" + kSession +
           "-agent-ffffffff-1111-2222-3333-444455556666.json\", " + rest + "\"source_type\": \"todos\", \"metadata\": " + meta +
           "}\n";
  };
  const Parsed parsed =
      parse_text(todo("a", "{\"k\": [1, 2]}", "\"timestamp\": 1, ") + todo("a", "{\"k\": [1, 2]}", "\"timestamp\": 1, ") +
                 todo("b", "{\"k\": [1, 2]}", "\"timestamp\": 1, ") + todo("a", "{\"k\": [1, 3]}", "\"timestamp\": 1, ") +
                 todo("a", "{\"k\": [1, 2]}", "\"timestamp\": 2, "));
  REQUIRE(parsed.records.size() == 5);
  CHECK(parsed.records[0]->session == kSession);
  CHECK(parsed.records[0]->position == parsed.records[1]->position);
  for (const std::size_t other : {2U, 3U, 4U}) CHECK(parsed.records[0]->position != parsed.records[other]->position);
  CHECK(*render_metadata_json(*parsed.records[0]->shape, parsed.records[0]->residue) == "{\"metadata\":{\"k\": [1, 2]}}");
}

TEST_CASE("a checkpoint record gives role, time and checkpoint, and its hash follows Python's json.dumps", "[source]") {
  const std::string content = "caf\xC3\xA9 \"x\"";
  const std::string hash = hash_of("{\"content\": \"caf\\u00e9 \\\"x\\\"\", \"role\": \"assistant\"}");
  const std::string line =
      "{\"hash\": \"" + hash +
      "\", \"message\": {\"index\": 3, \"role\": \"assistant\", \"type\": \"t\", \"content\": "
      "\"caf\xC3\xA9 \\\"x\\\"\"}, \"first_seen\": \"2025-11-18T06:54:48.816973+00:00\", \"checkpoint\": \"2025-11-18-EXPORT\"}\n";
  const Parsed parsed = parse_text(line + line);
  REQUIRE(parsed.records.size() == 2);
  const Record& record = *parsed.records[0];
  CHECK(record.source_type == SourceType::kCheckpoint);
  CHECK(record.text == content);
  CHECK(record.role == "assistant");
  CHECK(record.origin == "2025-11-18-EXPORT");
  CHECK(record.time_ms == *parse_iso_ms("2025-11-18T06:54:48.816Z"));
  CHECK_FALSE(record.hash_mismatch);
  CHECK(record.position < 0);
  CHECK(record.position == parsed.records[1]->position);
  CHECK(*render_metadata_json(*record.shape, record.residue) ==
        "{\"message.index\":3,\"message.type\":\"t\",\"first_seen\":\"2025-11-18T06:54:48.816973+00:00\"}");
  CHECK(restored(parsed) == line + line);
}

TEST_CASE("a hash that follows no rule is kept as given and counted", "[source]") {
  for (const std::string& hash : {std::string(64, 'a'), std::string("short"), std::string()}) {
    const std::string line = "{\"content\":\"c\",\"source\":\"x\",\"source_type\":\"history\",\"hash\":\"" + hash + "\"}\n";
    const Parsed parsed = parse_text(line);
    CHECK(only_record(parsed).hash_mismatch);
    CHECK(parsed.hash_mismatches == 1);
    CHECK(*given_hash(*only_record(parsed).shape, only_record(parsed).residue) == hash);
    CHECK(restored(parsed) == line);
  }
  const Parsed without = parse_text("{\"content\":\"c\",\"source\":\"x\",\"source_type\":\"history\",\"hash\":null}\n");
  CHECK_FALSE(only_record(without).hash_mismatch);
}

TEST_CASE("without hash checks every hash is kept as given and none is a mismatch", "[source]") {
  const std::string line = debug_line("[DEBUG] x");
  MemoryStream stream(line);
  const Parsed parsed = parse_stream(stream, {}, {.check_hashes = false});
  CHECK(only_record(parsed).content_sha256 == Sha256Digest{});
  CHECK(parsed.hash_mismatches == 0);
  CHECK(*given_hash(*only_record(parsed).shape, only_record(parsed).residue) == hash_of("[DEBUG] x"));
  CHECK(restored(parsed) == line);
}

TEST_CASE("each kind of bad line is rejected with its reason, line and offset, and the lines around it are loaded", "[source]") {
  const std::string good = debug_line("[DEBUG] good");
  struct Bad {
    std::string line;
    RejectReason reason;
    std::string said;
  };
  const std::string ok = "\"content\":\"c\",\"source\":\"x:line-1\",\"source_type\":\"history\"";
  const std::vector<Bad> bad = {
      {"{\"content\": \"cut", RejectReason::kInvalidJson, "byte 16"},
      {"{" + ok + "} trailing", RejectReason::kInvalidJson, "unexpected character"},
      {"{" + ok + ",}", RejectReason::kInvalidJson, "byte"},
      {"{" + ok + ",\"n\":NaN}", RejectReason::kInvalidJson, "byte"},
      {"{" + ok + std::string(",\"n\":\"\0\"}", 9), RejectReason::kInvalidJson, "control character"},
      {"[1,2]", RejectReason::kNotAnObject, "not an object"},
      {"42", RejectReason::kNotAnObject, "not an object"},
      {"{" + ok + ",\"deep\":" + std::string(64, '[') + std::string(64, ']') + "}", RejectReason::kTooDeep, "64 levels"},
      {std::string(100000, '['), RejectReason::kTooDeep, "64 levels"},
      {"{\"content\":\"a\xC3\x28\",\"source\":\"x\",\"source_type\":\"history\"}", RejectReason::kInvalidUtf8, "byte 13"},
      {"{\"content\":7,\"source\":\"x\",\"source_type\":\"history\"}", RejectReason::kWrongType, "\"content\""},
      {"{\"content\":\"c\",\"source\":null,\"source_type\":\"history\"}", RejectReason::kWrongType, "\"source\""},
      {"{\"content\":\"c\",\"source\":\"x\",\"source_type\":2}", RejectReason::kWrongType, "\"source_type\""},
      {"{" + ok + ",\"timestamp\":\"2025\"}", RejectReason::kWrongType, "\"timestamp\""},
      {"{" + ok + ",\"timestamp\":1.5}", RejectReason::kWrongType, "\"timestamp\""},
      {"{" + ok + ",\"timestamp\":1e3}", RejectReason::kWrongType, "\"timestamp\""},
      {"{" + ok + ",\"session_id\":[]}", RejectReason::kWrongType, "\"session_id\""},
      {"{" + ok + ",\"project\":1}", RejectReason::kWrongType, "\"project\""},
      {"{" + ok + ",\"role\":{}}", RejectReason::kWrongType, "\"role\""},
      {"{" + ok + ",\"hash\":1}", RejectReason::kWrongType, "\"hash\""},
      {"{\"checkpoint\":\"k\",\"message\":\"m\"}", RejectReason::kWrongType, "\"message\""},
      {"{\"checkpoint\":1,\"message\":{\"content\":\"c\"}}", RejectReason::kWrongType, "\"checkpoint\""},
      {"{\"checkpoint\":\"k\",\"message\":{\"content\":[]}}", RejectReason::kWrongType, "\"message.content\""},
      {"{}", RejectReason::kMissingField, "\"source_type\""},
      {"{\"source\":\"x\",\"source_type\":\"history\"}", RejectReason::kMissingField, "\"content\""},
      {"{\"content\":\"c\",\"source_type\":\"history\"}", RejectReason::kMissingField, "\"source\""},
      {"{\"content\":\"c\",\"source\":\"\",\"source_type\":\"history\"}", RejectReason::kMissingField, "\"source\""},
      {"{\"content\":\"c\",\"source\":\"x\"}", RejectReason::kMissingField, "\"source_type\""},
      {"{\"checkpoint\":\"k\"}", RejectReason::kMissingField, "\"message\""},
      {"{\"checkpoint\":\"\",\"message\":{\"content\":\"c\"}}", RejectReason::kMissingField, "\"checkpoint\""},
      {"{\"checkpoint\":\"k\",\"message\":{}}", RejectReason::kMissingField, "\"message.content\""},
      {"{\"content\":\"c\",\"source\":\"x\",\"source_type\":\"newfangled\"}", RejectReason::kUnknownSourceType, "newfangled"},
      {"{" + ok + ",\"timestamp\":253402300800000}", RejectReason::kBadTimestamp, "253402300800000"},
      {"{" + ok + ",\"timestamp\":-62135596800001}", RejectReason::kBadTimestamp, "-62135596800001"},
      {"{" + ok + ",\"timestamp\":99999999999999999999}", RejectReason::kBadTimestamp, "years 1 to 9999"},
  };
  for (const Bad& one : bad) {
    INFO(one.line.substr(0, 200));
    const Parsed parsed = parse_text(good + one.line + "\n" + good);
    CHECK(parsed.records.size() == 2);
    REQUIRE(parsed.rejects.size() == 1);
    const Reject& reject = *parsed.rejects[0];
    CHECK(std::string(to_string(reject.reason)) == to_string(one.reason));
    CHECK(reject.line_number == 2);
    CHECK(reject.byte_offset == static_cast<std::int64_t>(good.size()));
    CHECK(reject.length_bytes == static_cast<std::int64_t>(one.line.size()));
    CHECK(reject.excerpt == one.line.substr(0, kRejectExcerptBytes));
    CHECK_THAT(reject.message, Catch::Contains(one.said));
    CHECK(restored(parsed) == good + good);
  }
}

TEST_CASE("an over-long line is a reject in its place and the record counts still fit", "[source]") {
  const std::string good = debug_line("[DEBUG] good");
  const Parsed parsed = parse_text(good + std::string(5000, 'x') + "\n\n" + good, {1 << 20, 1000});
  CHECK(parsed.records.size() == 2);
  REQUIRE(parsed.rejects.size() == 1);
  CHECK(parsed.rejects[0]->reason == RejectReason::kTooLong);
  CHECK(parsed.rejects[0]->length_bytes == 5000);
  CHECK(parsed.blank_lines == 1);
  CHECK(parsed.lines == 4);
  CHECK(parsed.records[1]->line_number == 4);
}

TEST_CASE("every reject reason has a name of its own", "[source]") {
  std::vector<std::string> names;
  for (int i = 0; i <= static_cast<int>(RejectReason::kBadTimestamp); ++i)
    names.emplace_back(to_string(static_cast<RejectReason>(i)));
  std::sort(names.begin(), names.end());
  CHECK(std::unique(names.begin(), names.end()) == names.end());
}

TEST_CASE("byte order mark, carriage returns, odd spacing and a missing last newline come back as they were", "[source]") {
  const std::string line = debug_line("[DEBUG] x");
  const std::string body = line.substr(0, line.size() - 1);
  for (const std::string& text : {"\xEF\xBB\xBF" + line + line, body + "\r\n" + body + "\r\n", line + body, "\xEF\xBB\xBF" + body,
                                  "  " + body + "\t \n" + line, body + "\r\n" + line + body + "\r"}) {
    const Parsed parsed = parse_text(text);
    CHECK(parsed.rejects.empty());
    CHECK(restored(parsed) == text);
  }
}

TEST_CASE("blank lines are counted and are neither records nor rejects", "[source]") {
  const Parsed parsed = parse_text("\n \t\r\n" + debug_line("[DEBUG] x") + "\r\n\n   ");
  CHECK(parsed.records.size() == 1);
  CHECK(parsed.rejects.empty());
  CHECK(parsed.blank_lines == 5);
  CHECK(parsed.records[0]->line_number == 3);
}

TEST_CASE("lines that no shape can hold are kept whole", "[source]") {
  const std::string ok = "\"source\":\"x:line-1\",\"source_type\":\"history\"";
  std::string many = "{\"content\":\"c\"," + ok;
  for (int i = 0; i < 100; ++i) many += ",\"key" + std::to_string(i) + "\":" + std::to_string(i);
  const std::vector<std::string> lines = {
      "{\"content\":\"first\",\"content\":\"c\"," + ok + "}\n",
      "{\"con\\u0074ent\":\"c\"," + ok + "}\n",
      "{\"content\":\"c\",\"k\":1,\"k\":2," + ok + "}\n",
      "{\"content\":\"c\"," + ok + ",\"source_type\":\"history\"}\n",
      "{\"content\":\"c\"," + ok + "}" + std::string(10000, ' ') + "\n",
      many + "}\n",
      "\xEF\xBB\xBF{\"content\":\"first\",\"content\":\"c\"," + ok + "}",
  };
  for (const std::string& line : lines) {
    INFO(line.substr(0, 200));
    const Parsed parsed = parse_text(line);
    const Record& record = only_record(parsed);
    CHECK(record.shape->is_whole_line());
    CHECK(record.text == "c");
    CHECK(record.origin == "x");
    CHECK(restored(parsed) == line);
  }
  const Parsed twice = parse_text(lines[2]);
  CHECK(*render_metadata_json(*only_record(twice).shape, only_record(twice).residue) == "{\"k\":2}");
}

TEST_CASE("the last of two messages in a checkpoint record counts", "[source]") {
  const std::string line =
      "{\"checkpoint\":\"k\",\"message\":{\"role\":\"user\",\"content\":\"a\",\"index\":1},\"message\":{\"content\":\"b\"}}\n";
  const Parsed parsed = parse_text(line);
  CHECK(only_record(parsed).text == "b");
  CHECK(only_record(parsed).role.empty());
  CHECK(restored(parsed) == line);
}

TEST_CASE("a lone surrogate is U+FFFD in the text and itself in the line", "[source]") {
  const std::string line = "{\"content\":\"a\\ud800b\",\"source\":\"x:line-1\",\"source_type\":\"history\"}\n";
  const Parsed parsed = parse_text(line);
  CHECK(only_record(parsed).text ==
        "a\xEF\xBF\xBD"
        "b");
  CHECK(restored(parsed) == line);
}

TEST_CASE("numbers beyond 64 bits are legal where nobody computes with them", "[source]") {
  const std::string line =
      "{\"content\":\"c\",\"source\":\"x:line-1\",\"source_type\":\"history\",\"metadata\":{\"n\":123456789012345678901234567890}}"
      "\n";
  CHECK(restored(parse_text(line)) == line);
}

TEST_CASE("unknown keys do not explode the shapes: beyond a limit lines are kept whole", "[source]") {
  std::string text;
  for (int i = 0; i < 1000; ++i) {
    text += "{\"content\":\"c\",\"source\":\"x:line-1\",\"source_type\":\"history\",\"key" + std::to_string(i) + "\":1}\n";
  }
  const Parsed parsed = parse_text(text);
  std::vector<std::string> shapes;
  for (const Record* record : parsed.records) shapes.push_back(record->shape->text());
  std::sort(shapes.begin(), shapes.end());
  CHECK(std::unique(shapes.begin(), shapes.end()) - shapes.begin() <= 300);
  CHECK(restored(parsed) == text);
}

TEST_CASE("one bad byte in a chunk rejects its line alone", "[source]") {
  std::string text;
  for (int i = 0; i < 100; ++i) text += debug_line(i == 57 ? "[DEBUG] \xFF" : "[DEBUG] caf\xC3\xA9");
  const Parsed parsed = parse_text(text);
  CHECK(parsed.records.size() == 99);
  REQUIRE(parsed.rejects.size() == 1);
  CHECK(parsed.rejects[0]->line_number == 58);
  CHECK(parsed.rejects[0]->reason == RejectReason::kInvalidUtf8);
}

TEST_CASE("records stay valid when their chunk moves, and outlive the parser", "[source]") {
  std::vector<ParsedChunk> kept;
  const std::string line = debug_line("[DEBUG] tab\\t", "[DEBUG] tab\t");
  {
    RecordParser parser;
    for (int i = 0; i < 20; ++i) {
      MemoryStream stream(line);
      LineChunker chunker(stream);
      kept.push_back(parser.parse(std::move(**chunker.next())));
      if (i % 3 == 0) kept.erase(kept.begin());
    }
  }
  for (const ParsedChunk& chunk : kept) CHECK(restored(chunk.records.at(0)) == line);
}

TEST_CASE("the same line has the same shape and residue whatever was parsed before it", "[source]") {
  const std::string plain = debug_line("[DEBUG] x");
  const std::string utf8 = debug_line("[DEBUG] caf\xC3\xA9");
  const std::string ascii = debug_line("[DEBUG] caf\\u00e9", "[DEBUG] caf\xC3\xA9");
  const auto shape_of_last = [](const std::string& text) {
    const Parsed parsed = parse_text(text);
    return parsed.records.back()->shape->text() + std::string(parsed.records.back()->residue);
  };
  for (const std::string& last : {plain, utf8, ascii}) {
    for (const std::string& before : {plain, utf8, ascii}) CHECK(shape_of_last(before + last) == shape_of_last(last));
  }
  CHECK(parse_text(ascii).records[0]->shape->style() == JsonStyle::kAscii);
  CHECK(restored(parse_text(ascii + plain + utf8 + ascii)) == ascii + plain + utf8 + ascii);
}
