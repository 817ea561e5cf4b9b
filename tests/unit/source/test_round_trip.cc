// Random lines and the real ones: what is parsed must agree with another JSON parser and come back byte for byte.
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "unit/source/source_support.h"
#include "unit/support/random.h"

using namespace cmem;
using namespace cmem::test;

namespace {

class LineMaker {
 public:
  explicit LineMaker(std::uint64_t seed) : random_(seed) {}

  std::string next() {
    ascii_ = chance(2);
    spaced_ = chance(3) ? "" : " ";
    const bool checkpoint = chance(4);
    std::string line = checkpoint ? checkpoint_line() : plain_line();
    if (chance(10)) line += "\r";
    if (chance(20)) line.insert(0, "  ");
    return line;
  }

 private:
  bool chance(unsigned one_in) { return random_() % one_in == 0; }
  template <typename T>
  const T& pick(const std::vector<T>& from) {
    return from[random_() % from.size()];
  }

  std::string words() {
    static const std::vector<std::string> kWords = {"a",
                                                    "error: \"x\"",
                                                    "caf\xC3\xA9",
                                                    "\xF0\x9F\x98\x80",
                                                    "line\nbreak",
                                                    "\\",
                                                    "tab\t",
                                                    "[DEBUG] ",
                                                    "2025-11-19T16:34:04.944Z [DEBUG] body",
                                                    "/p",
                                                    std::string(1, '\0'),
                                                    "\x7f",
                                                    "\xE2\x80\xA8",
                                                    "%c%%",
                                                    "\x1f",
                                                    "sixteen bytes or more of plain words"};
    std::string text;
    for (auto i = random_() % 5; i > 0; --i) text += pick(kWords);
    return text;
  }
  // JSON string, sometimes with escapes that no program writes.
  std::string quoted(const std::string& text) {
    std::string json = nlohmann::json(text).dump(-1, ' ', ascii_);
    if (chance(15)) json.insert(1, "\\u0041");
    if (chance(15)) json.insert(1, "\\/");
    return json;
  }
  std::string value() {
    static const std::vector<std::string> kValues = {
        "null",  "true",     "1", "-0", "1e400", "12345678901234567890123", "[]", "{\"a\": [1, {\"b\": \"\\u00e9\"}]}",
        "\"s\"", "[1,2 , 3]"};
    return pick(kValues);
  }
  std::string object(std::vector<std::pair<std::string, std::string>> members) {
    for (auto i = random_() % 3; i > 0; --i)
      members.emplace_back(pick(std::vector<std::string>{"x1", "x%2", "x\xC3\xA9", "index"}), value());
    if (chance(2)) std::shuffle(members.begin(), members.end(), random_);
    std::string json = "{";
    for (const auto& [key, text] : members) {
      if (json.size() > 1) json += "," + spaced_;
      json += "\"" + key + "\":" + spaced_ + text;
    }
    return json + "}";
  }
  std::string hash(const std::string& of) { return chance(5) ? "\"bad\"" : "\"" + to_hex(sha256(of)) + "\""; }

  std::string plain_line() {
    static const std::vector<std::string> kTypes = {"history", "debug", "file-history", "todos", "transcript"};
    static const std::vector<std::string> kSources = {"history.jsonl:line-71",
                                                      "debug/0a1b2c3d-1111-2222-3333-444455556666.txt:line-9", "todos/x.json",
                                                      "caf\xC3\xA9/\"q\":line-3"};
    const std::string content = words();
    const std::string source = pick(kSources);
    std::vector<std::pair<std::string, std::string>> members = {
        {"content", quoted(content)}, {"source", quoted(source)}, {"source_type", "\"" + pick(kTypes) + "\""}};
    if (!chance(4))
      members.emplace_back("timestamp",
                           chance(10) ? pick(std::vector<std::string>{"null", "-0", "-5"}) : std::to_string(static_cast<std::uint32_t>(random_())));
    if (chance(2)) members.emplace_back("session_id", chance(8) ? "null" : quoted(words()));
    if (chance(2)) members.emplace_back("project", quoted(words()));
    if (chance(2)) members.emplace_back("file", chance(3) ? value() : quoted("0a1b2c3d-1111-2222-3333-444455556666.txt"));
    if (chance(2)) members.emplace_back("metadata", value());
    if (chance(2)) members.emplace_back("hash", hash(content));
    if (chance(20)) members.emplace_back("content", quoted("again"));
    return object(members);
  }
  std::string checkpoint_line() {
    const std::string content = words();
    const std::string role = pick(std::vector<std::string>{"user", "assistant", "caf\xC3\xA9"});
    std::string hashed = "{\"content\": " + nlohmann::json(content).dump(-1, ' ', true) +
                         ", \"role\": " + nlohmann::json(role).dump(-1, ' ', true) + "}";
    std::vector<std::pair<std::string, std::string>> message = {{"content", quoted(content)}};
    if (!chance(5)) message.emplace_back("role", chance(9) ? "null" : quoted(role));
    std::vector<std::pair<std::string, std::string>> members = {
        {"checkpoint", quoted("2025-EXPORT")}, {"message", object(message)}, {"hash", hash(hashed)}};
    if (!chance(4))
      members.emplace_back("first_seen",
                           pick(std::vector<std::string>{"\"2025-11-18T06:54:48.816973+00:00\"", "\"unknown\"", "5"}));
    return object(members);
  }

  Rng random_;
  bool ascii_ = false;
  std::string spaced_;
};

std::string string_or_empty(const nlohmann::json& object, const char* key) {
  return object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : std::string();
}

// Compares a record with what nlohmann::json finds in the same line (it takes the last of two equal keys too).
void check_against_oracle(const Record& record, const std::string& line) {
  const auto json = nlohmann::json::parse(line);
  const bool checkpoint = json.contains("checkpoint") && !json.contains("content");
  const auto& holder = checkpoint ? json["message"] : json;
  CHECK(content_of(record) == holder["content"].get<std::string>());
  if (checkpoint) {
    CHECK(record.origin == json["checkpoint"].get<std::string>());
    CHECK(record.role == string_or_empty(holder, "role"));
  } else {
    CHECK(std::string(record.origin) + (record.position > 0 ? ":line-" + std::to_string(record.position) : "") ==
          json["source"].get<std::string>());
    CHECK(to_string(record.source_type) == json["source_type"].get<std::string>());
    CHECK(record.project == string_or_empty(json, "project"));
    if (record.source_type != SourceType::kDebug && json.contains("timestamp") && json["timestamp"].is_number()) {
      CHECK(record.time_ms == json["timestamp"].get<std::int64_t>());
    }
  }
}

std::string metadata_is_json(const Record& record) {
  const auto metadata = render_metadata_json(*record.shape, record.residue);
  if (!metadata) return metadata.error().text;
  return nlohmann::json::accept(*metadata) || metadata->find("e400") != std::string::npos ? "" : *metadata;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// The folder with the real samples, or nothing.
std::filesystem::path real_data() {
  const char* named = std::getenv("CMEM_SHARED_DATA");
  const std::filesystem::path folder = named != nullptr ? named : "../shared/data";
  if (std::filesystem::exists(folder / "phase1-history.jsonl")) return folder;
  std::printf("SKIPPED: no real data in %s; set CMEM_SHARED_DATA\n", folder.c_str());
  return {};
}

struct Totals {
  std::size_t records = 0, rejects = 0;
  std::int64_t mismatches = 0;
  std::set<std::pair<std::string, std::int64_t>> identities;
  std::set<std::string> texts, sessions, projects;
};

void load(const std::filesystem::path& path, Totals& totals) {
  auto stream = ByteStream::open(path);
  REQUIRE(stream);
  const Parsed parsed = parse_stream(**stream, {100000, 16 << 20});
  CHECK(restored(parsed) == read_file(path));
  totals.records += parsed.records.size();
  totals.rejects += parsed.rejects.size();
  totals.mismatches += parsed.hash_mismatches;
  for (const Record* record : parsed.records) {
    totals.identities.insert({std::string(record->origin), record->position});
    totals.texts.insert(content_of(*record));
    if (!record->session.empty()) totals.sessions.emplace(record->session);
    if (!record->project.empty()) totals.projects.emplace(record->project);
  }
}

}  // namespace

TEST_CASE("random lines agree with another parser and come back byte for byte", "[source][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  LineMaker maker(seed);
  for (int round = 0; round < 100; ++round) {
    std::vector<std::string> lines;
    std::string text;
    for (int i = 0; i < 50; ++i) text += lines.emplace_back(maker.next()) + "\n";
    const Parsed parsed = parse_text(text);
    REQUIRE(parsed.rejects.empty());
    REQUIRE(parsed.records.size() == lines.size());
    CHECK(restored(parsed) == text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      CHECK(metadata_is_json(*parsed.records[i]).empty());
      if (lines[i].find("1e400") == std::string::npos) check_against_oracle(*parsed.records[i], lines[i]);
    }
  }
}

TEST_CASE("random damage to valid lines never crashes, and every line is a record, a reject or blank", "[source][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  LineMaker maker(seed);
  Rng random(seed);
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (int i = 0; i < 20; ++i) text += maker.next() + "\n";
    for (auto i = random() % 20; i > 0; --i) text[random() % text.size()] = static_cast<char>(random() % 256);
    const Parsed parsed = parse_text(text, {256 + random() % 10000, 4000});
    const auto newlines = std::count(text.begin(), text.end(), '\n') + (text.back() == '\n' ? 0 : 1);
    CHECK(parsed.lines == newlines);
    CHECK(static_cast<std::int64_t>(parsed.records.size() + parsed.rejects.size()) + parsed.blank_lines == newlines);
    for (const Record* record : parsed.records) {
      const std::string line = restored(*record);
      CHECK(text.substr(static_cast<std::size_t>(record->byte_offset), line.size()) == line);
    }
  }
}

TEST_CASE("the real extraction files have their known counts and come back byte for byte", "[source][data]") {
  const std::filesystem::path folder = real_data();
  if (folder.empty()) return;
  Totals history, files, todos, checkpoints;
  load(folder / "phase1-history.jsonl", history);
  CHECK(history.records == 1494);
  CHECK(history.identities.size() == 1494);
  CHECK(history.texts.size() == 963);
  CHECK(history.sessions.size() == 39);
  CHECK(history.projects.size() == 16);
  load(folder / "phase3-file-history.jsonl", files);
  CHECK(files.records == 866);
  CHECK(files.identities.size() == 866);
  CHECK(files.sessions.size() == 33);
  load(folder / "phase4-todos.jsonl", todos);
  CHECK(todos.records == 300);
  CHECK(todos.identities.size() == 300);
  CHECK(history.rejects + files.rejects + todos.rejects == 0);
  CHECK(history.mismatches + files.mismatches + todos.mismatches == 0);
  for (const auto& entry : std::filesystem::directory_iterator(folder / "checkpoints")) load(entry.path(), checkpoints);
  CHECK(checkpoints.records == 5426);
  CHECK(checkpoints.identities.size() == 4904);
  CHECK(checkpoints.rejects == 0);
  CHECK(checkpoints.mismatches == 383);
}
