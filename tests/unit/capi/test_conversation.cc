// Sessions of homes as conversations, their titles, tokens and counts, through the C API. Every home is written by its test.
#include <coditect/memory_home.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include "unit/store/store_fixture.h"
#include "unit/support/random.h"

namespace cmem::test {
namespace {

constexpr const char* kA = "aaaaaaaa-1111-4222-8333-444455556666";
constexpr const char* kB = "bbbbbbbb-1111-4222-8333-444455556666";
constexpr const char* kC = "cccccccc-1111-4222-8333-444455556666";

std::string uuid(int number) {
  std::string digits = std::to_string(number);
  digits.insert(0, 12 - digits.size(), '0');
  return "00000000-0000-4000-8000-" + digits;
}

std::string minute(int number) {
  const auto two = [](int n) { return std::string(n < 10 ? "0" : "") + std::to_string(n); };
  return "2026-02-20T" + two(number / 60) + ":" + two(number % 60) + ":00.000Z";
}

// A record of a transcript. No id: it has neither uuid nor parent.
struct Said {
  int id = 0;
  int parent = 0;
  int at = 0;
  std::string type = "user";
  std::string message = R"({"role":"user","content":"hello"})";
  std::string more{};  // members, each with a comma behind
  std::string folder = "/w/atlas";

  [[nodiscard]] std::string line() const {
    std::string out = "{";
    if (id != 0) out += R"("uuid":")" + uuid(id) + R"(","parentUuid":)" + (parent == 0 ? "null" : '"' + uuid(parent) + '"') + ",";
    return out + more + R"("type":")" + type + R"(","timestamp":")" + minute(at) + R"(","cwd":")" + folder + R"(","message":)" + message + "}\n";
  }
};

Said prompt(int id, int parent, int at, const std::string& text) {
  return {.id = id, .parent = parent, .at = at, .message = R"({"role":"user","content":")" + text + R"("})"};
}
Said reply(int id, int parent, int at, const std::string& text) {
  return {.id = id, .parent = parent, .at = at, .type = "assistant", .message = R"({"role":"assistant","content":[{"type":"text","text":")" + text + R"("}]})"};
}
Said call(int id, int parent, int at, const std::string& tool) {
  return {.id = id, .parent = parent, .at = at, .type = "assistant",
          .message = R"({"role":"assistant","content":[{"type":"tool_use","id":"t","name":")" + tool + R"(","input":{"description":"look"}}]})"};
}
Said result(int id, int parent, int at, const std::string& more) {
  return {.id = id, .parent = parent, .at = at,
          .message = R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"done"}]})", .more = more};
}
// A record without a time or an id, such as {"type":"summary","summary":"…"}.
std::string note(const std::string& members) { return "{" + members + "}\n"; }

class Home {
 public:
  void write(const std::string& path, const std::string& bytes) {
    const std::filesystem::path file(folder_.file("claude/" + path));
    std::filesystem::create_directories(file.parent_path());
    write_file(file.string(), bytes);
    // Nobody is writing it any more.
    std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
  }
  void write(const std::string& path, const std::vector<Said>& records) {
    std::string bytes;
    for (const Said& record : records) bytes += record.line();
    write(path, bytes);
  }
  void load() {
    cmem_home_options options CMEM_HOME_OPTIONS_INIT;
    cmem_home_result result CMEM_HOME_RESULT_INIT;
    cmem_error error;
    const cmem_status status = cmem_home_load(&result, memory.handle(), "claude", folder_.file("claude").c_str(), &options, &error);
    INFO(error.text);
    REQUIRE(status == CMEM_OK);
  }
  Answer conversation(const std::string& session, const Paging& paging = {}) {
    const cmem_page page = paging.page();
    return memory.table(cmem_conversation, session.data(), session.size(), &page);
  }
  Answer session(const std::string& id) { return memory.table(cmem_session_get, id.data(), id.size()); }
  std::string title(const std::string& id) { return session(id).at(0, "title").text; }
  Answer tokens(const std::string& by, const Where& where = {}) {
    const cmem_filter filter = where.filter();
    return memory.table(cmem_tokens, by.data(), by.size(), &filter, std::uint32_t{1});
  }
  Answer counts(const std::string& fields) { return memory.table(cmem_message_counts, fields.data(), fields.size(), std::uint32_t{1}); }

 private:
  TempFolder folder_;

 public:
  Memory memory{folder_.file("memory.db")};
};

std::string transcript(const std::string& session) { return "projects/-w-atlas/" + session + ".jsonl"; }
std::string subagent(const std::string& session, const std::string& agent) {
  return "projects/-w-atlas/" + session + "/subagents/agent-" + agent + ".jsonl";
}

}  // namespace

TEST_CASE("a conversation is in the order of its file, with ids and parents", "[capi][home]") {
  Home home;
  home.write(transcript(kA), {prompt(1, 0, 5, "first"), reply(2, 1, 3, "earlier by its time"), prompt(3, 2, 9, "third"), reply(4, 99, 8, "of nobody")});
  home.load();
  const Answer answer = home.conversation("aaaa");
  CHECK(answer.texts("content") == std::vector<std::string>{"first", "earlier by its time", "third", "of nobody"});
  CHECK(answer.texts("uuid") == std::vector<std::string>{uuid(1), uuid(2), uuid(3), uuid(4)});
  CHECK(answer.total == 4);
  const auto ids = answer.numbers("id");
  CHECK(answer.at(0, "parent").type == CMEM_TYPE_NULL);
  CHECK(answer.at(1, "parent").number == ids[0]);
  CHECK(answer.at(2, "parent").number == ids[1]);
  CHECK(answer.at(3, "parent").type == CMEM_TYPE_NULL);
  CHECK(answer.numbers("depth") == std::vector<std::int64_t>(4, 0));
  CHECK(answer.at(0, "copied_from").type == CMEM_TYPE_NULL);
}

TEST_CASE("whatever records say of their parents, each is in the conversation once", "[capi][home][random]") {
  const auto seed = test_seed();
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  constexpr int kRecords = 300;
  Home home;
  // Parents behind and before the record, itself, circles, in the other file, and nowhere.
  const auto records = [&](int first) {
    std::vector<Said> made;
    for (int id = first; id < first + kRecords; ++id)
      made.push_back(prompt(id, static_cast<int>(random() % (3 * kRecords)), static_cast<int>(random() % 600), "record " + std::to_string(id)));
    return made;
  };
  home.write(transcript(kA), records(1));
  home.write(transcript(kB), records(kRecords + 1));
  home.load();
  for (const int first : {1, kRecords + 1}) {
    const Answer answer = home.conversation(first == 1 ? kA : kB);
    REQUIRE(answer.rows.size() == kRecords);
    for (int i = 0; i < kRecords; ++i) CHECK(answer.at(static_cast<std::size_t>(i), "content").text == "record " + std::to_string(first + i));
  }
}

TEST_CASE("subagents stand behind the calls that started them", "[capi][home]") {
  Home home;
  home.write(transcript(kA),
             {prompt(1, 0, 1, "go"), call(2, 1, 2, "Task"), call(3, 1, 3, "Task"), result(4, 2, 30, R"("toolUseResult":{"agentId":"late"},)"),
              result(5, 3, 20, R"("toolUseResult": {"agentId": "named"},)"), reply(6, 5, 40, "done")});
  home.write(subagent(kA, "named"), {prompt(11, 0, 4, "in named")});
  home.write(subagent(kA, "late"), {prompt(12, 0, 50, "in late"), reply(13, 12, 51, "late ends")});
  home.write(subagent(kA, "unnamed"), {prompt(14, 0, 25, "in unnamed")});
  home.write(subagent(kA, "early"), {prompt(15, 0, 0, "in early")});
  home.load();
  const Answer answer = home.conversation(kA);
  std::vector<std::string> seen;
  for (std::size_t i = 0; i < answer.rows.size(); ++i)
    seen.push_back(std::to_string(answer.at(i, "depth").number) + " " + answer.at(i, "uuid").text.substr(34));
  CHECK(seen == std::vector<std::string>{"1 15", "0 01", "0 02", "1 12", "1 13", "0 03", "1 11", "0 04", "0 05", "1 14", "0 06"});
  CHECK(answer.at(3, "session").text == std::string(kA) + "/agent-late");
  // The agent's own conversation is its own alone.
  CHECK(home.conversation(std::string(kA) + "/agent-late").texts("content") == std::vector<std::string>{"in late", "late ends"});
  // Beginnings of the id mean the session, though its subagents' ids begin so too.
  CHECK(home.session("aaaaaaaa").at(0, "session").text == kA);
  CHECK(home.session(std::string(kA) + "/agent-n").at(0, "parent").text == kA);
}

TEST_CASE("a resumed session has what it took from another in its place", "[capi][home]") {
  Home home;
  const std::vector<Said> shared{prompt(1, 0, 1, "go"), reply(2, 1, 2, "gone")};
  home.write(transcript(kA), {shared[0], shared[1], prompt(3, 2, 3, "and on")});
  home.load();
  home.write(transcript(kB), {shared[0], shared[1], prompt(4, 2, 60, "otherwise"), shared[1]});
  home.load();
  CHECK(home.memory.count() == 4);
  CHECK(home.conversation(kA).texts("content") == std::vector<std::string>{"go", "gone", "and on"});
  const Answer answer = home.conversation(kB);
  CHECK(answer.texts("content") == std::vector<std::string>{"go", "gone", "otherwise"});
  CHECK(answer.texts("copied_from") == std::vector<std::string>{kA, kA, ""});
  CHECK(answer.texts("session") == std::vector<std::string>(3, kB));
  CHECK(answer.numbers("line") == std::vector<std::int64_t>{1, 2, 3});
  CHECK(answer.at(0, "source").text.find(kB) != std::string::npos);
  CHECK(answer.at(0, "id").number == home.conversation(kA).at(0, "id").number);
  // Also of a session that has nothing else.
  home.write(transcript(kC), {shared[0], shared[1]});
  home.load();
  CHECK(home.conversation(kC).texts("content") == std::vector<std::string>{"go", "gone"});
  CHECK(home.session(kC).at(0, "records").number == 2);
  CHECK(home.session(kC).at(0, "agent").text == "claude");
}

TEST_CASE("the pages of a conversation are the conversation", "[capi][home]") {
  Home home;
  std::vector<Said> records;
  for (int i = 1; i <= 10; ++i) records.push_back(prompt(i, i - 1, i, "record " + std::to_string(i)));
  home.write(transcript(kA), records);
  home.write(subagent(kA, "x"), {prompt(50, 0, 4, "in x"), prompt(51, 0, 4, "in x again")});
  home.load();
  const auto whole = home.conversation(kA).texts("content");
  CHECK(whole.size() == 12);
  for (std::uint64_t limit = 1; limit <= 13; ++limit) {
    std::vector<std::string> paged;
    std::string after;
    while (true) {
      const Answer page = home.conversation(kA, {.limit = limit, .after = after});
      CHECK(page.total == 12);
      if (page.rows.empty()) break;
      for (const auto& text : page.texts("content")) paged.push_back(text);
      after = page.position;
    }
    CHECK(paged == whole);
  }
  cmem_cursor* cursor = nullptr;
  cmem_page page CMEM_PAGE_INIT;
  cmem_error error;
  for (const char* bad : {"c:999999", "c:", "o0:0:0:1", "rubbish"}) {
    page.after = bad;
    CHECK(cmem_conversation(&cursor, home.memory.handle(), kA, 36, &page, &error) == CMEM_E_INVALID);
  }
  CHECK(cmem_conversation(&cursor, home.memory.handle(), "zzzz", 4, nullptr, &error) == CMEM_E_NOT_FOUND);
  CHECK(cmem_session_get(&cursor, home.memory.handle(), "zzzz", 4, &error) == CMEM_E_NOT_FOUND);
  CHECK(cmem_session_get(&cursor, home.memory.handle(), nullptr, 4, &error) == CMEM_E_INVALID);
}

TEST_CASE("a session without a transcript has no conversation and no agent", "[capi][home]") {
  Home home;
  home.write(std::string("debug/") + kA + ".txt", "2026-02-20T10:00:00.000Z [ERROR] Hooks: failed\n");
  home.load();
  CHECK(home.conversation(kA).rows.empty());
  const Answer session = home.session(kA);
  CHECK(session.at(0, "agent").type == CMEM_TYPE_NULL);
  CHECK(session.at(0, "title").type == CMEM_TYPE_NULL);
  CHECK(session.at(0, "messages").number == 1);
  CHECK(session.at(0, "errors").number == 1);
  CHECK(session.at(0, "records").number == 0);
}

TEST_CASE("a session is called what somebody called it, else as it begins", "[capi][home]") {
  Home home;
  const std::string begin = prompt(1, 0, 1, "<command-name>/clear</command-name>").line() + prompt(2, 1, 2, "draw\\n\\n the   coast").line() +
                            prompt(3, 2, 3, "then the harbour").line();
  home.write(transcript(kA), begin);
  home.load();
  CHECK(home.title(kA) == "draw the coast");
  // The summary of a session stands where another one begins.
  home.write(transcript(kB), note(R"("type":"summary","summary":"Coast drawn","leafUuid":")" + uuid(3) + '"') +
                                 note(R"("type":"summary","summary":"of something else","leafUuid":")" + uuid(77) + '"') +
                                 prompt(9, 0, 5, "what now?").line());
  home.load();
  CHECK(home.title(kA) == "Coast drawn");
  CHECK(home.title(kB) == "what now?");
  const std::string made = begin + note(R"("type":"ai-title","aiTitle":"Old","sessionId":"x")") + note(R"("type":"ai-title","aiTitle":"Coast lines","sessionId":"x")");
  home.write(transcript(kA), made);
  home.load();
  CHECK(home.title(kA) == "Coast lines");
  home.write(transcript(kA), made + note(R"("type":"custom-title","customTitle":"My coast","sessionId":"x")") +
                                 note(R"("type":"ai-title","aiTitle":"Later","sessionId":"x")"));
  home.load();
  CHECK(home.title(kA) == "My coast");
  std::string longest;
  for (int i = 0; i < 130; ++i) longest += "é";
  home.write(transcript(kC), {prompt(20, 0, 7, longest)});
  home.load();
  CHECK(home.title(kC) == longest.substr(0, 240) + "…");
  const Answer list = home.memory.table(cmem_sessions, static_cast<const cmem_filter*>(nullptr), std::uint64_t{2});
  CHECK(list.columns.back() == "title");
  CHECK(list.total == 3);
  CHECK(list.texts("title") == std::vector<std::string>{longest.substr(0, 240) + "…", "what now?"});
}

namespace {

Said spent(int id, int at, const std::string& message, const std::string& model, int input, int output, const std::string& folder = "/w/atlas") {
  return {.id = id, .at = at, .type = "assistant",
          .message = R"({"id":")" + message + R"(","role":"assistant","model":")" + model + R"(","content":[{"type":"text","text":")" + std::to_string(id) +
                     R"("}],"usage":{"input_tokens":)" + std::to_string(input) + R"(,"output_tokens":)" + std::to_string(output) +
                     R"(,"cache_creation_input_tokens":5,"cache_read_input_tokens":7}})",
          .more = R"("requestId":"r",)", .folder = folder};
}

using Sums = std::map<std::string, std::vector<std::int64_t>>;
Sums sums_of(const Answer& answer) {
  Sums sums;
  for (std::size_t i = 0; i < answer.rows.size(); ++i) {
    std::string key;
    std::vector<std::int64_t> numbers;
    for (const Value& value : answer.rows[i]) {
      if (value.type == CMEM_TYPE_INT)
        numbers.push_back(value.number);
      else
        key += (key.empty() ? "" : "|") + (value.type == CMEM_TYPE_NULL ? "-" : value.text);
    }
    sums[key] = numbers;
  }
  return sums;
}

}  // namespace

TEST_CASE("tokens are summed by day, model, project and session, once for each reply", "[capi][home]") {
  Home home;
  CHECK(sums_of(home.tokens("")) == Sums{{"", {0, 0, 0, 0, 0, 0}}});
  CHECK(home.tokens("day").rows.empty());
  home.write(transcript(kA), {spent(1, 10, "m1", "big", 100, 1), spent(2, 11, "m1", "big", 100, 30), spent(3, 12, "m2", "small", 10, 2)});
  home.write("projects/-w-tide/" + std::string(kB) + ".jsonl", std::vector<Said>{spent(4, 13, "m3", "big", 1, 1, "/w/tide")});
  home.write(subagent(kA, "x"), {spent(5, 14, "m4", "small", 1000, 3)});
  home.load();
  CHECK(sums_of(home.tokens("")) == Sums{{"", {4, 1111, 36, 20, 28, 1195}}});
  CHECK(sums_of(home.tokens("model")) == Sums{{"big", {2, 101, 31, 10, 14, 156}}, {"small", {2, 1010, 5, 10, 14, 1039}}});
  CHECK(home.tokens("model").texts("model") == std::vector<std::string>{"small", "big"});
  CHECK(sums_of(home.tokens("day, model")) ==
        Sums{{"2026-02-20|big", {2, 101, 31, 10, 14, 156}}, {"2026-02-20|small", {2, 1010, 5, 10, 14, 1039}}});
  CHECK(sums_of(home.tokens("project")) == Sums{{"/w/atlas", {3, 1110, 35, 15, 21, 1181}}, {"/w/tide", {1, 1, 1, 5, 7, 14}}});
  CHECK(home.tokens("session").rows.size() == 3);
  CHECK(sums_of(home.tokens("", {.project = "tide"})) == Sums{{"", {1, 1, 1, 5, 7, 14}}});
  CHECK(home.tokens("model", {.project = "nowhere"}).rows.empty());
  const std::int64_t day_ms = 1'771'545'600'000;  // 2026-02-20
  CHECK(sums_of(home.tokens("", {.from_ms = day_ms + 12 * 60'000, .until_ms = day_ms + 14 * 60'000})) == Sums{{"", {2, 11, 3, 10, 14, 38}}});
  cmem_cursor* cursor = nullptr;
  cmem_error error;
  CHECK(cmem_tokens(&cursor, home.memory.handle(), "week", 4, nullptr, 0, &error) == CMEM_E_INVALID);
  CHECK(cmem_tokens(&cursor, home.memory.handle(), "day", 3, nullptr, 2, &error) == CMEM_E_INVALID);
  const Where by_role{.role = "user"};
  const cmem_filter filter = by_role.filter();
  CHECK(cmem_tokens(&cursor, home.memory.handle(), "day", 3, &filter, 0, &error) == CMEM_E_INVALID);
}

TEST_CASE("counts by value are those of the messages", "[capi][home]") {
  Home home;
  home.write(transcript(kA), {prompt(1, 0, 1, "go"), call(2, 1, 2, "Bash"), result(3, 2, 3, ""), reply(4, 3, 4, "done")});
  home.write(transcript(kB), {prompt(1, 0, 1, "go"), reply(5, 1, 5, "otherwise")});  // the first is a copy
  home.write(std::string("debug/") + kC + ".txt", "2026-02-21T10:00:00.000Z [ERROR] Hooks: failed\n2026-02-21T10:00:01.000Z [DEBUG] fine\n");
  home.load();
  home.memory.append({{.content = "no time"}});
  const Answer messages = home.memory.query();
  const std::vector<std::pair<std::string, std::string>> columns{{"source", "source_type"}, {"level", "level"},     {"component", "component"},
                                                                 {"role", "role"},          {"project", "project"}, {"session", "session"}};
  for (const auto& [field, column] : columns) {
    INFO(field);
    Sums expected;
    for (std::size_t i = 0; i < messages.rows.size(); ++i) {
      const Value& value = messages.at(i, column);
      auto& sum = expected[field + "|" + (value.type == CMEM_TYPE_NULL ? "-" : value.text)];
      sum.resize(1);
      ++sum[0];
    }
    CHECK(sums_of(home.counts(field)) == expected);
  }
  CHECK(sums_of(home.counts("day")) == Sums{{"day|2026-02-21", {2}}, {"day|2026-02-20", {5}}, {"day|-", {1}}});
  const Answer both = home.counts("source, role");
  CHECK(both.columns == std::vector<std::string>{"field", "value", "messages"});
  CHECK(both.at(0, "field").text == "source");
  CHECK(both.at(0, "value").text == "transcript");
  CHECK(both.at(0, "messages").number == 5);
  cmem_cursor* cursor = nullptr;
  cmem_error error;
  CHECK(cmem_message_counts(&cursor, home.memory.handle(), "source,colour", 13, 0, &error) == CMEM_E_INVALID);
}

TEST_CASE("a store from before homes, open for reading only, has sessions without conversations", "[capi][home][format]") {
  TempFolder folder;
  const std::string path = folder.file("memory.db");
  {
    Memory memory(path);
    memory.append({{.content = "draw", .session = kA, .role = "user", .time_ms = 5}, {.content = "of long ago", .session = kB, .role = "summary"}});
  }
  {
    sqlite::OpenOptions options;
    options.defensive = false;
    auto db = must(sqlite::Connection::open(path, options));
    must(db.exec("PRAGMA foreign_keys=OFF; ALTER TABLE session DROP COLUMN parent_id; DROP TABLE token_usage; DROP TABLE record_copy; "
                 "DROP TABLE record_identity; PRAGMA user_version = 2"));
  }
  Memory memory(path, true);
  const cmem_filter* const everything = nullptr;
  CHECK(memory.table(cmem_sessions, everything, std::uint64_t{0}).texts("title") == std::vector<std::string>{"draw", ""});
  const Answer session = memory.table(cmem_session_get, kA, std::size_t{36});
  CHECK(session.at(0, "title").text == "draw");
  CHECK(session.at(0, "parent").type == CMEM_TYPE_NULL);
  CHECK(session.at(0, "records").number == 0);
  CHECK(memory.table(cmem_conversation, kA, std::size_t{36}, static_cast<const cmem_page*>(nullptr)).rows.empty());
  CHECK(memory.table(cmem_tokens, "day", std::size_t{3}, everything, std::uint32_t{0}).rows.empty());
  CHECK(memory.table(cmem_message_counts, "role", std::size_t{4}, std::uint32_t{0}).rows.size() == 2);
}

}  // namespace cmem::test
