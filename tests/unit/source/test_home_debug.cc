// Debug logs to events: against a simple splitter, and each trap of real logs.
#include <catch2/catch.hpp>
#include <regex>

#include "unit/source/home_support.h"
#include "unit/support/random.h"

using namespace cmem;
using namespace cmem::test;

namespace {

const char* const kPath = "debug/34632016-9b2c-4684-95b0-f61221a4e094.txt";

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

struct Event {
  std::int64_t line;
  std::string content;
};

// The same by regular expressions, a line at a time.
std::vector<Event> simple_events(const std::string& text) {
  static const std::regex kTimed(R"(^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \[(DEBUG|INFO|WARN|ERROR)\] [^]*)");
  static const std::regex kBare(R"(^\[(DEBUG|INFO|WARN|ERROR)\] [^]*)");
  std::vector<Event> events;
  bool any = false;
  bool timed = false;
  std::int64_t number = 0;
  for (const std::string& line : lines_of(text)) {
    ++number;
    const bool begins_timed = std::regex_match(line, kTimed) && !line.starts_with("2026-02-30");
    const bool begins = begins_timed || (!timed && std::regex_match(line, kBare));
    if (begins || events.empty()) {
      events.push_back({number, line});
    } else {
      events.back().content += "\n" + line;
    }
    if (begins && !std::exchange(any, true)) timed = begins_timed;
  }
  for (Event& event : events) {
    if (event.content.ends_with('\r')) event.content.pop_back();
  }
  return events;
}

std::string random_log(Rng& rng) {
  static const std::vector<std::string> kLines = {"2026-02-20T22:48:42.741Z [DEBUG] [LSP MANAGER] call",
                                                  "2026-02-20T22:48:43.206Z [ERROR] Error: spawn /x/rg ENOENT",
                                                  "2026-02-20T22:48:43.206Z [WARN] ",
                                                  "2026-02-20T22:48:43.206Z [ERROR]",
                                                  "2026-02-20T22:48:43.206Z [TRACE] x",
                                                  "2026-02-30T22:48:43.206Z [DEBUG] no such day",
                                                  "2026-02-20T22:48:43.206Z plain",
                                                  "2025-10-18 12:37:51.618 | INFO | next",
                                                  " 2026-02-20T22:48:43.206Z [DEBUG] quoted",
                                                  "[DEBUG] old form",
                                                  "[ERROR] Renaming a.tmp.123.1762721090165 to a",
                                                  "[INFO]no space",
                                                  "    at ChildProcess (node:internal:285:19)",
                                                  "",
                                                  "[",
                                                  "  {",
                                                  "x [DEBUG] y",
                                                  "caf\xC3\xA9",
                                                  "bad \xFF byte",
                                                  std::string("nul \0 byte", 10),
                                                  "\r",
                                                  "\x1b[31mred\x1b[0m"};
  std::string text = pick(rng, 10) == 0 ? "\xEF\xBB\xBF" : "";
  for (std::size_t i = pick(rng, 12); i > 0; --i) {
    // The first lines now and then are of the timed form alone, as in new logs.
    text += kLines[pick(rng, kLines.size())];
    if (pick(rng, 8) == 0) text += '\r';
    text += '\n';
  }
  if (pick(rng, 4) == 0 && text.ends_with('\n')) text.pop_back();
  return text == "\xEF\xBB\xBF" ? "" : text;
}

void check_against_simple(const std::string& text) {
  const HomeRun run = parse_home(kPath, text);
  const std::string body = text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
  const auto events = simple_events(body);
  REQUIRE(run.records.size() == events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    CHECK(run.records[i]->position == events[i].line);
    if (run.records[i]->residue.empty()) CHECK(content_of(*run.records[i]) == events[i].content);
  }
  CHECK(restored(run) == text);
}

}  // namespace

TEST_CASE("An event of a debug log is a line with time and level, and the lines behind it", "[source][home]") {
  const HomeRun run = parse_home(kPath,
                                 "2026-02-20T22:48:42.741Z [DEBUG] [LSP MANAGER] initializeLspServerManager() called\n"
                                 "2026-02-20T22:49:28.007Z [ERROR] Permission suggestions for Bash: [\n  {\n\n  }]\n"
                                 "2026-02-20T22:49:29.000Z [DEBUG] \"Hook error:\\nmissing\\n\"\n");
  REQUIRE(run.records.size() == 3);
  const Record& first = *run.records[0];
  CHECK(first.source_type == SourceType::kDebug);
  CHECK(first.prefix == TextPrefix::kTimeLevel);
  CHECK(first.level == Level::kDebug);
  CHECK(first.time_ms == 1771627722741);
  CHECK(first.time_precision == TimePrecision::kExact);
  CHECK(first.text == "[LSP MANAGER] initializeLspServerManager() called");
  CHECK(first.component == "LSP");
  CHECK(first.session == "34632016-9b2c-4684-95b0-f61221a4e094");
  CHECK(first.origin == kPath);
  CHECK(first.position == 1);
  CHECK(first.residue.empty());
  CHECK(first.shape->text() == "%U%d");
  CHECK(run.records[1]->text == "Permission suggestions for Bash: [\n  {\n\n  }]");
  CHECK(run.records[1]->component == "Permissions");
  CHECK(run.records[1]->level == Level::kError);
  CHECK(run.records[2]->position == 6);
  CHECK(metadata_of(*run.records[1]) == "{}");
}

TEST_CASE("An event has the fields of the extraction record of its line", "[source][home]") {
  const std::string line = "2026-02-20T22:48:43.206Z [WARN] [ToolSearch:optimistic] x \xC3\xA9";
  const HomeRun run = parse_home("debug/a.txt", line + "\n");
  const Parsed extraction = parse_text(R"({"content": ")" + line + R"(", "source": "debug/a.txt:line-1", "source_type": "debug"})" + "\n");
  REQUIRE(extraction.records.size() == 1);
  const Record& a = *run.records[0];
  const Record& b = *extraction.records[0];
  CHECK(a.text == b.text);
  CHECK(a.prefix == b.prefix);
  CHECK(a.level == b.level);
  CHECK(a.time_ms == b.time_ms);
  CHECK(a.component == b.component);
  CHECK(a.origin == b.origin);
  CHECK(a.position == b.position);
}

TEST_CASE("Lines of other programs in a log do not begin events", "[source][home]") {
  const HomeRun run = parse_home(kPath,
                                 "2025-10-18T12:37:51.000Z [ERROR] MCP server \"m\" Server stderr: 2025-10-18 12:37:51.618 | ERROR | x\n"
                                 "2025-10-18 12:37:51.618 | INFO | next\n"
                                 "[INFO] the server's own line\n"
                                 " [DEBUG] a file that quotes a log\n"
                                 "2025-10-18T12:37:51.618Z no level\n"
                                 "2025-10-18T12:37:52.000Z [DEBUG] end\n");
  REQUIRE(run.records.size() == 2);
  CHECK(run.records[0]->level == Level::kError);
  CHECK(run.records[1]->position == 6);
}

TEST_CASE("Events without a time get one from names, from the event before or from the file", "[source][home]") {
  const HomeRun run = parse_home(kPath,
                                 "[DEBUG] Watching for changes in setting files\n"
                                 "[DEBUG] Writing to temp file: /u/.claude.json.tmp.4711.1762721090165\n"
                                 "[ERROR] Error: x\n    at y\n"
                                 "[DEBUG] Creating snapshot at /u/snapshot-zsh-1762721099999-abc.sh\n"
                                 "[DEBUG] a.tmp.1.17627210901650 has too many digits, snapshot-bash-1- too few\n",
                                 home_options(42));
  REQUIRE(run.records.size() == 5);
  CHECK(run.records[0]->time_ms == 42);
  CHECK(run.records[0]->time_precision == TimePrecision::kFile);
  CHECK(run.records[0]->prefix == TextPrefix::kLevel);
  CHECK(run.records[1]->time_ms == 1762721090165);
  CHECK(run.records[1]->time_precision == TimePrecision::kNeighbour);
  CHECK(run.records[2]->time_ms == 1762721090165);
  CHECK(run.records[2]->text == "Error: x\n    at y");
  CHECK(run.records[3]->time_ms == 1762721099999);
  CHECK(run.records[4]->time_ms == 1762721099999);
  CHECK(run.records[4]->time_precision == TimePrecision::kNeighbour);
}

TEST_CASE("What stands before a log's first event is one record without a level", "[source][home]") {
  const HomeRun run = parse_home(kPath, "\nrest of\nan event\n2025-10-18T12:37:52.000Z [DEBUG] end\n");
  REQUIRE(run.records.size() == 2);
  CHECK(run.records[0]->text == "\nrest of\nan event");
  CHECK(run.records[0]->level == Level::kNone);
  CHECK(run.records[0]->position == 1);
  CHECK(run.records[0]->time_precision == TimePrecision::kFile);
  CHECK(run.records[1]->position == 4);
  CHECK(parse_home(kPath, "").records.empty());
  CHECK(parse_home(kPath, "\n").records.size() == 1);
}

TEST_CASE("Bytes of a log that are no UTF-8 come back, and the text has marks for them", "[source][home]") {
  const std::string text = "2025-10-18T12:37:52.000Z [DEBUG] a\xFF\xE2\x82z\r\nmore\r\n2025-10-18T12:37:52.000Z [DEBUG] good\r\n";
  const HomeRun run = parse_home(kPath, text);
  REQUIRE(run.records.size() == 2);
  CHECK(run.records[0]->text == "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz\r\nmore");
  CHECK(run.records[1]->text == "good");
  CHECK(run.records[1]->shape->text() == "%U%d\r");
  CHECK(restored(run) == text);
}

TEST_CASE("A log reveals the paths of files that were saved", "[source][home]") {
  const HomeRun run = parse_home(kPath,
                                 "[DEBUG] FileHistory: Tracked file modification for /home/u/a b.py\r\n"
                                 "[DEBUG] FileHistory: Tracked file modification for relative.py\n"
                                 "[DEBUG] FileHistory: Tracked file modification for \n"
                                 "[DEBUG] File /home/u/c.py written atomically\n[DEBUG] File /home/u/c.py written atomically\n"
                                 "[DEBUG] File /home/u/d.py\n");
  CHECK(run.paths == std::vector<std::string>{"/home/u/a b.py", "/home/u/c.py"});
}

TEST_CASE("The last event of a log waits for its next lines", "[source][home]") {
  auto parser = make_home_parser(home_file(kPath), home_options());
  const std::string first = "2025-10-18T12:37:51.000Z [DEBUG] one\n2025-10-18T12:37:52.000Z [ERROR] two\n";
  const ParsedChunk a = parser->parse(make_chunk(first), false);
  REQUIRE(a.records.size() == 1);
  CHECK(a.resume.byte_offset == 37);
  CHECK(a.resume.line_number == 2);
  const ParsedChunk b = parser->parse(make_chunk("  at x\n", static_cast<std::int64_t>(first.size()), 3), true);
  REQUIRE(b.records.size() == 1);
  CHECK(b.records[0].text == "two\n  at x");
  CHECK(b.records[0].position == 2);
  CHECK(b.records[0].byte_offset == 37);
  CHECK(b.resume.line_number == 4);
  CHECK(b.resume.byte_offset == static_cast<std::int64_t>(first.size() + 7));
}

TEST_CASE("A line that is too long ends an event of a log", "[source][home]") {
  auto parser = make_home_parser(home_file(kPath), home_options());
  LineChunk chunk = make_chunk("2025-10-18T12:37:51.000Z [DEBUG] one\n");
  chunk.rejects.emplace_back();
  chunk.rejects[0].line_number = 2;
  chunk.rejects[0].byte_offset = 37;
  chunk.rejects[0].length_bytes = 100;
  const ParsedChunk a = parser->parse(std::move(chunk), false);
  CHECK(a.records.size() == 1);
  CHECK(a.rejects.size() == 1);
  CHECK(a.resume.line_number == 3);
  CHECK(a.resume.byte_offset == 138);
}

TEST_CASE("A line that is too long and the last one may have no newline", "[source][home]") {
  auto parser = make_home_parser(home_file(kPath), home_options());
  LineChunk chunk = make_chunk("");
  chunk.ends_without_newline = true;
  chunk.rejects.emplace_back();
  chunk.rejects[0].line_number = 1;
  chunk.rejects[0].length_bytes = 100;
  CHECK(parser->parse(std::move(chunk), true).resume.byte_offset == 100);
}

TEST_CASE("An event of a log that grows without end is cut", "[source][home]") {
  std::string text = "2025-10-18T12:37:51.000Z [DEBUG] begin\n";
  const std::string line = std::string((1 << 20) - 1, 'x') + "\n";
  for (int i = 0; i < 17; ++i) text += line;
  const HomeRun whole = parse_home(kPath, text);
  REQUIRE(whole.records.size() == 2);
  CHECK(whole.records[1]->level == Level::kNone);
  CHECK(restored(whole) == text);
  CHECK(describe(parse_pieces(home_file(kPath), text, {3 << 20, 9 << 20, 17 << 20}, false)) == describe(whole));
}

TEST_CASE("Random logs are split as a simple splitter splits them", "[source][home]") {
  Rng rng(test_seed());
  for (int round = 0; round < 2000; ++round) {
    const std::string text = random_log(rng);
    INFO(text);
    check_against_simple(text);
  }
}

TEST_CASE("A log cut anywhere has the events of the whole log", "[source][home]") {
  Rng rng(test_seed());
  for (int round = 0; round < 60; ++round) {
    const std::string text = random_log(rng);
    INFO(text);
    const auto whole = describe(parse_home(kPath, text));
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      for (const bool new_parsers : {false, true}) {
        CHECK(describe(parse_pieces(home_file(kPath), text, {cut}, new_parsers)) == whole);
        CHECK(describe(parse_pieces(home_file(kPath), text, {cut, cut + pick(rng, text.size() - cut + 1)}, new_parsers)) == whole);
      }
    }
  }
}
