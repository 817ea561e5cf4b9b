// Secrets that are planted in a store: found by a scan, taken out at load and by forgetting, so that no byte of the store's files has
// them. Messages that were forgotten do not come back.
#include <coditect/memory_home.h>

#include <filesystem>
#include <set>

#include "unit/secrets/planted.h"
#include "unit/store/store_fixture.h"
#include "unit/support/random.h"

namespace cmem::test {
namespace {

namespace fs = std::filesystem;
using cmem::testing::Planted;
using cmem::testing::SecretMaker;

constexpr const char* kSession = "11111111-2222-4333-8444-555555555555";
constexpr const char* kOther = "99999999-2222-4333-8444-555555555555";

std::string json(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\n')
      out += "\\n";
    else
      out += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  }
  return out + "\"";
}

std::string uuid(int number) {
  const std::string digits = std::to_string(number);
  return "aaaaaaaa-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

std::string user(const std::string& session, int number, const std::string& text, const std::string& more = "") {
  return R"({"type":"user","uuid":")" + uuid(number) + R"(","parentUuid":null,"sessionId":")" + session +
         R"(","timestamp":"2025-11-19T16:34:04.944Z","cwd":"/w/atlas","message":{"role":"user","content":)" + json(text) + "}" + more + "}\n";
}

// A home and an extraction file with a secret of every kind: in prompts, in tools' input, in other members, in a log, a plan, the
// versions of a file, a shell snapshot and a line that is no JSON.
struct Planting {
  TempFolder folder;
  std::vector<Planted> planted;
  std::string home = folder.file("home"), extraction = folder.file("h.jsonl");

  Planting() {
    planted = SecretMaker(test_seed()).all();
    std::string transcript, log, files, lines;
    int number = 0;
    for (const Planted& one : planted) {
      ++number;
      transcript += user(kSession, number, "giraffe " + one.text, R"(,"note":)" + json(one.text));
      transcript += R"({"type":"assistant","uuid":")" + uuid(1000 + number) + R"(","sessionId":")" + kSession +
                    R"(","timestamp":"2025-11-19T16:35:04.944Z","message":{"role":"assistant","id":"m)" + std::to_string(number) +
                    R"(","model":"opus","usage":{"input_tokens":1,"output_tokens":2},"content":[{"type":"tool_use","id":"t","name":"Write","input":{"text":)" +
                    json(one.text) + "}}]}}\n";
      log += "2025-11-19T16:34:04.944Z [DEBUG] zebra " + one.text + "\n";
      files += one.text + "\n";
      lines += R"({"content": )" + json("ostrich " + one.text) + R"(, "source": "history.jsonl:line-)" + std::to_string(number) +
               R"(", "timestamp": 1763570044944, "source_type": "history", "metadata": {"x": )" + json(one.text) + "}}\n";
    }
    // A password that only the name before it tells.
    transcript += user(kSession, 999, "plain", R"(,"db":{"password":"k9!Zx81qLm"})");
    planted.push_back({"password", "", "k9!Zx81qLm"});
    transcript += "no JSON: " + planted[20].text + "\n";
    const std::string project = home + "/projects/-w-atlas/";
    put(project + kSession + ".jsonl", transcript);
    put(project + kOther + ".jsonl", user(kOther, 5000, "hippo stays") + user(kOther, 5001, "hippo too"));
    put(home + "/debug/" + kSession + ".txt", log);
    put(home + "/plans/plan.md", "# Plan\n" + files);
    put(home + "/file-history/" + kSession + "/0123456789abcdef@v1", files);
    put(home + "/shell-snapshots/snapshot-bash-1763570044944-abc123.sh", files);
    write_file(extraction, lines);
  }
  static void put(const std::string& path, const std::string& bytes) {
    fs::create_directories(fs::path(path).parent_path());
    write_file(path, bytes);
  }
  cmem_home_result load(Memory& memory, std::string folder_of_home = {}) const {
    if (folder_of_home.empty()) folder_of_home = home;
    cmem_home_result result CMEM_HOME_RESULT_INIT;
    cmem_home_options options CMEM_HOME_OPTIONS_INIT;
    options.settled_ms = 1;
    cmem_error error;
    memory.done(cmem_home_load(&result, memory.handle(), "claude", folder_of_home.c_str(), &options, &error));
    return result;
  }
  // The secrets that some file of the store, an export or a file it keeps has, as they are or as JSON.
  std::set<std::string> left(Memory& memory, const std::string& path) const {
    std::string all = memory.export_raw();
    REQUIRE(memory.try_export(all, CMEM_EXPORT_JSONL) == CMEM_OK);
    memory.close();
    for (const char* end : {"", "-wal", "-shm"})
      if (fs::exists(path + end)) all += read_file(path + end);
    std::set<std::string> found;
    for (const Planted& one : planted)
      for (const std::string& form : {one.secret, json(one.secret).substr(1, json(one.secret).size() - 2)})
        if (all.find(form) != std::string::npos) found.insert(one.kind);
    return found;
  }
};

std::set<std::string> kinds_of(const std::vector<Planted>& planted) {
  std::set<std::string> kinds;
  for (const Planted& one : planted) kinds.insert(one.kind);
  return kinds;
}

Answer scan(Memory& memory, const Where& where = {}) {
  const cmem_filter filter = where.filter();
  return memory.table(cmem_secrets_scan, &filter);
}

cmem_forget_result forget(Memory& memory, const std::string& session, const std::string& secrets, bool dry_run = false, std::int64_t id = 0) {
  cmem_forget_options options CMEM_FORGET_OPTIONS_INIT;
  options.session = session.data();
  options.session_len = session.size();
  options.secrets = secrets.data();
  options.secrets_len = secrets.size();
  options.dry_run = dry_run ? 1 : 0;
  options.message_id = id;
  options.reason = "test";
  options.reason_len = 4;
  cmem_forget_result result CMEM_FORGET_RESULT_INIT;
  cmem_error error;
  const cmem_status status = cmem_forget(&result, memory.handle(), &options, &error);
  if (status != CMEM_OK) FAIL(error.text);
  return result;
}

}  // namespace

TEST_CASE("a scan finds the planted secrets of every kind, and where they are", "[privacy]") {
  const Planting planting;
  Memory memory(planting.folder.file("memory.db"));
  planting.load(memory);
  memory.load({planting.extraction});
  const Answer hits = scan(memory);
  const auto kinds = hits.texts("kind");
  CHECK(std::set<std::string>(kinds.begin(), kinds.end()) == kinds_of(planting.planted));
  const auto places = hits.texts("place");
  for (const char* place : {"text", "line", "file", "rejected"}) CHECK(std::count(places.begin(), places.end(), place) > 0);
  for (const std::string& masked : hits.texts("secret")) CHECK(masked.size() < 20);
  CHECK(scan(memory, {.session = kOther}).rows.empty());
  CHECK_FALSE(scan(memory, {.session = kSession}).rows.empty());
}

TEST_CASE("a load that redacts stores no secret", "[privacy]") {
  const Planting planting;
  const std::string path = planting.folder.file("memory.db");
  Memory memory(path);
  const bool by_policy = GENERATE(false, true);
  cmem_error error;
  memory.done(by_policy ? cmem_secrets_set_policy(memory.handle(), 1, &error) : cmem_redact_loads(memory.handle(), 1, &error));
  const auto first = planting.load(memory);
  memory.load({planting.extraction});
  memory.append({{.content = planting.planted[20].text, .source = "app"}});
  CHECK(scan(memory).rows.empty());
  CHECK(memory.faults().empty());
  const auto counted = memory.table(cmem_redactions).texts("kind");
  CHECK(std::set<std::string>(counted.begin(), counted.end()) == kinds_of(planting.planted));
  CHECK(memory.search("giraffe", {}, {.all_matches = true}).rows.size() == planting.planted.size() - 1);
  CHECK_FALSE(memory.search("REDACTED").rows.empty());
  // What was read is known, although it is stored with other lengths.
  const auto again = planting.load(memory);
  CHECK(again.messages_new == 0);
  CHECK(again.files_failed == 0);
  const std::string transcript = planting.home + "/projects/-w-atlas/" + kSession + ".jsonl";
  write_file(transcript, read_file(transcript) + user(kSession, 7000, "grown " + planting.planted[30].text));
  const auto grown = planting.load(memory);
  CHECK(grown.messages_new == 1);
  CHECK(grown.duplicates == 0);
  CHECK(grown.rejected == 0);
  CHECK(memory.search("grown").rows.size() == 1);
  CHECK(first.rejected == 1);
  CHECK(planting.left(memory, path).empty());
}

TEST_CASE("secrets that are stored are redacted in place, and do not come back", "[privacy]") {
  const Planting planting;
  const std::string path = planting.folder.file("memory.db");
  Memory memory(path);
  planting.load(memory);
  memory.load({planting.extraction});
  const std::uint64_t messages = memory.count();
  const auto counted = forget(memory, "", "all", true);
  CHECK(counted.secrets > 0);
  CHECK_FALSE(scan(memory).rows.empty());
  const auto done = forget(memory, "", "all");
  CHECK(done.secrets == counted.secrets);
  CHECK(done.compacted == 1);
  CHECK(scan(memory).rows.empty());
  CHECK(memory.count() == messages);
  CHECK(memory.faults().empty());
  CHECK(memory.load({planting.extraction}).messages_new == 0);
  // A copy of the home elsewhere is read from its beginning, and a forked session has the records again.
  const std::string copy = planting.folder.file("copy");
  fs::copy(planting.home, copy, fs::copy_options::recursive);
  const std::string project = copy + "/projects/-w-atlas/";
  Planting::put(project + "forked.jsonl", read_file(project + kSession + ".jsonl").substr(0, 20000));
  CHECK(planting.load(memory, copy).records_read > 100);
  CHECK(memory.count() == messages);
  CHECK(memory.faults().empty());
  CHECK(planting.left(memory, path).empty());
}

TEST_CASE("a session that is forgotten leaves no byte, and does not come back", "[privacy]") {
  const Planting planting;
  const std::string path = planting.folder.file("memory.db");
  Memory memory(path);
  planting.load(memory);
  Memory reader(path, true);
  CHECK(reader.search("giraffe").rows.size() == planting.planted.size() - 1);
  const std::uint64_t all = memory.count();
  const auto dry = forget(memory, kSession, "", true);
  CHECK(memory.count() == all);
  const auto done = forget(memory, kSession, "");
  CHECK(done.messages == dry.messages);
  CHECK(done.files == 1);
  CHECK(memory.count() == all - static_cast<std::uint64_t>(done.messages));
  // Another handle follows.
  CHECK(reader.search("giraffe").rows.empty());
  CHECK(reader.search("hippo").rows.size() == 2);
  CHECK(reader.count() == memory.count());
  reader.close();
  CHECK(memory.faults().empty());
  CHECK(memory.search("zebra").rows.empty());
  CHECK(memory.table(cmem_tombstones).rows.size() == static_cast<std::size_t>(done.messages));
  const std::string root = memory.stats().content_root;
  // A copy of the home elsewhere is read from its beginning.
  const std::string copy = planting.folder.file("copy");
  fs::copy(planting.home, copy, fs::copy_options::recursive);
  CHECK(planting.load(memory, copy).records_read > 100);
  CHECK(memory.search("giraffe").rows.empty());
  CHECK(memory.search("zebra").rows.empty());
  CHECK(memory.search("hippo").rows.size() == 2);
  // A text that was forgotten may be said anew.
  memory.append({{.content = "giraffe again", .source = "app"}, {.content = "", .source = "app"}, {.content = "giraffe again", .source = "app"}});
  CHECK(memory.search("giraffe").rows.size() == 1);
  CHECK(memory.faults().empty());
  CHECK(root.size() == 32);
  const auto places = scan(memory).texts("place");
  CHECK(std::set<std::string>(places.begin(), places.end()) == std::set<std::string>{"file", "text"});
  forget(memory, "", "all");  // of the plan and the snapshot, which are no session's
  CHECK(planting.left(memory, path).empty());
}

TEST_CASE("a store whose rest was never forgotten is the same", "[privacy]") {
  TempFolder folder;
  Memory memory(folder.file("a.db"));
  Memory other(folder.file("b.db"));
  std::vector<Appended> rest;
  for (int i = 1; i <= 300; ++i) {
    const Appended message{.content = "text " + std::to_string(i % 7), .source = i % 3 == 0 ? "gone" : "kept", .session = i % 3 == 0 ? "gone-session" : "kept-session",
                           .time_ms = i * 1000, .line = i};
    memory.append({message});
    if (i % 3 != 0) rest.push_back(message);
  }
  other.append(rest);
  CHECK(forget(memory, "gone-session", "").messages == 100);
  CHECK(std::string(memory.stats().content_root) == other.stats().content_root);
  CHECK(memory.stats().sessions == 1);
  CHECK(memory.stats().sources == 1);
  CHECK(memory.faults().empty());
  memory.append({{.content = "text 3", .source = "gone", .session = "gone-session", .time_ms = 3000, .line = 3}});
  CHECK(memory.count() == 200);
  memory.append({{.content = "text 3", .source = "gone", .session = "gone-session", .time_ms = 3000, .line = 4}});
  CHECK(memory.count() == 201);
  CHECK(memory.faults().empty());
}

}  // namespace cmem::test
