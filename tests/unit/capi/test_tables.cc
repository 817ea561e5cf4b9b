// The tables of the C API: columns and types as memory.h names them, and what the small tables say.
#include <coditect/memory.h>
#include <coditect/memory_admin.h>

#include <algorithm>
#include <string>
#include <vector>

#include "unit/store/store_fixture.h"

namespace cmem::test {
namespace {

using Columns = std::vector<std::pair<std::string, std::int32_t>>;

constexpr std::int32_t kInt = CMEM_TYPE_INT;
constexpr std::int32_t kReal = CMEM_TYPE_REAL;
constexpr std::int32_t kText = CMEM_TYPE_TEXT;
constexpr std::int32_t kTime = CMEM_TYPE_TIME;
constexpr std::int32_t kBytes = CMEM_TYPE_BYTES;

Columns columns_of(const Answer& answer) {
  Columns columns;
  for (std::size_t i = 0; i < answer.columns.size(); ++i) columns.emplace_back(answer.columns[i], answer.types[i]);
  for (const auto& row : answer.rows)
    for (std::size_t i = 0; i < row.size(); ++i) CHECK((row[i].type == answer.types[i] || row[i].type == CMEM_TYPE_NULL));
  return columns;
}

Columns message_columns(const std::string& text) {
  return {{"id", kInt},    {"time", kTime},      {"project", kText}, {"session", kText}, {"source_type", kText}, {"role", kText},
          {"component", kText}, {"level", kText}, {"source", kText},  {"line", kInt},     {text, kText}};
}

// Two projects, three sessions, errors, a bad line.
struct Sample {
  TempFolder folder;
  Memory memory{folder.file("memory.db")};

  Sample() {
    const auto record = [](const char* session, const char* project, int line, int minute) {
      return std::string(R"({"content": "prompt )") + std::to_string(line) + R"(", "source": "history.jsonl:line-)" + std::to_string(line) +
             R"(", "timestamp": )" + std::to_string(minute * 60'000) + R"(, "session_id": ")" + session + R"(", "project": ")" + project +
             R"(", "source_type": "history"})" + "\n";
    };
    write_file(folder.file("s.jsonl"), record("aaaa", "/w/atlas", 1, 10) + record("aaaa", "/w/atlas", 2, 20) + "bad \xff line\n" +
                                           record("bbbb", "/w/tide", 3, 30) + record("cccc", "/w/atlas", 4, 5));
    memory.load({folder.file("s.jsonl")});
    memory.append({{.content = "failed", .session = "bbbb", .component = "Hooks", .level = "ERROR", .time_ms = 31 * 60'000},
                   {.content = "fine", .session = "aaaa", .component = "Hooks", .level = "INFO"},
                   {.content = "lonely", .component = "Shell"}});
  }
};

}  // namespace

TEST_CASE("every table has the columns that the header names", "[capi]") {
  Sample sample;
  Memory& memory = sample.memory;
  CHECK(columns_of(memory.query()) == message_columns("content"));
  Columns full = message_columns("content");
  full.insert(full.end(), {{"phase", kInt}, {"hash", kText}, {"metadata", kText}, {"run", kInt}});
  CHECK(columns_of(memory.get(1)) == full);
  Columns hits = message_columns("snippet");
  hits.insert(hits.end(), {{"score", kReal}, {"same_text", kInt}, {"tier", kText}});
  CHECK(columns_of(memory.search("prompt")) == hits);
  CHECK(columns_of(memory.table(cmem_projects)) ==
        Columns{{"project", kText}, {"path", kText}, {"messages", kInt}, {"sessions", kInt}, {"first", kTime}, {"last", kTime}});
  CHECK(columns_of(memory.table(cmem_sessions, static_cast<const cmem_filter*>(nullptr), std::uint64_t{0})) ==
        Columns{{"session", kText}, {"project", kText}, {"messages", kInt}, {"errors", kInt}, {"first", kTime}, {"last", kTime}, {"title", kText}});
  CHECK(columns_of(memory.table(cmem_components)) ==
        Columns{{"component", kText}, {"messages", kInt}, {"errors", kInt}, {"sessions", kInt}, {"first", kTime}, {"last", kTime}});
  CHECK(columns_of(memory.table(cmem_runs, std::uint64_t{0})) ==
        Columns{{"run", kInt},           {"started", kTime},      {"seconds", kReal},   {"status", kText},         {"source", kText},        {"bytes", kInt},
                {"sha256_before", kText}, {"sha256_after", kText}, {"read", kInt},       {"new", kInt},             {"duplicate", kInt},      {"known", kInt},
                {"rejected", kInt},      {"hash_mismatches", kInt}, {"first_message", kInt}, {"last_message", kInt}, {"writer_version", kText}});
  CHECK(columns_of(memory.table(cmem_rejected, std::int64_t{0})) ==
        Columns{{"run", kInt}, {"source", kText}, {"line", kInt}, {"offset", kInt}, {"length", kInt}, {"reason", kText}, {"excerpt", kBytes}});
  CHECK(columns_of(memory.table(cmem_sizes)) == Columns{{"part", kText}, {"bytes", kInt}, {"rows", kInt}, {"derived", kInt}, {"note", kText}, {"kind", kText}});
  CHECK(columns_of(memory.table(cmem_check, std::uint32_t{0})) ==
        Columns{{"check", kText}, {"ok", kInt}, {"severity", kText}, {"detail", kText}, {"hint", kText}});
}

TEST_CASE("projects are listed busiest first, with the sessions of each", "[capi]") {
  Sample sample;
  const Answer projects = sample.memory.table(cmem_projects);
  CHECK(projects.texts("project") == std::vector<std::string>{"atlas", "tide"});
  CHECK(projects.texts("path") == std::vector<std::string>{"/w/atlas", "/w/tide"});
  CHECK(projects.numbers("messages") == std::vector<std::int64_t>{4, 2});
  CHECK(projects.numbers("sessions") == std::vector<std::int64_t>{2, 1});
  CHECK(projects.numbers("first") == std::vector<std::int64_t>{300'000, 1'800'000});
  CHECK(projects.numbers("last") == std::vector<std::int64_t>{1'200'000, 1'860'000});
}

TEST_CASE("sessions are listed newest first and can be narrowed", "[capi]") {
  Sample sample;
  const auto sessions = [&](const Where& where, std::uint64_t limit) {
    const cmem_filter filter = where.filter();
    return sample.memory.table(cmem_sessions, &filter, limit);
  };
  const Answer all = sessions({}, 0);
  CHECK(all.texts("session") == std::vector<std::string>{"bbbb", "aaaa", "cccc"});
  CHECK(all.numbers("messages") == std::vector<std::int64_t>{2, 3, 1});
  CHECK(all.numbers("errors") == std::vector<std::int64_t>{1, 0, 0});
  CHECK(sessions({}, 1).texts("session") == std::vector<std::string>{"bbbb"});
  CHECK(sessions({.project = "atlas"}, 0).texts("session") == std::vector<std::string>{"aaaa", "cccc"});
  CHECK(sessions({.project = "nowhere"}, 0).rows.empty());
  CHECK(sessions({.from_ms = 1, .until_ms = 600'000}, 0).texts("session") == std::vector<std::string>{"cccc"});
  CHECK(sessions({.from_ms = 600'000, .until_ms = 600'001}, 0).texts("session") == std::vector<std::string>{"aaaa"});
  cmem_cursor* cursor = nullptr;
  cmem_error error;
  const Where by_level{.level = "INFO"};  // the filter borrows its texts
  const cmem_filter level = by_level.filter();
  CHECK(cmem_sessions(&cursor, sample.memory.handle(), &level, 0, &error) == CMEM_E_INVALID);
  CHECK_THAT(std::string(error.text), Catch::Contains("project and time"));
}

TEST_CASE("components are listed busiest first with their errors", "[capi]") {
  Sample sample;
  const Answer components = sample.memory.table(cmem_components);
  CHECK(components.texts("component") == std::vector<std::string>{"Hooks", "Shell"});
  CHECK(components.numbers("messages") == std::vector<std::int64_t>{2, 1});
  CHECK(components.numbers("errors") == std::vector<std::int64_t>{1, 0});
  CHECK(components.numbers("sessions") == std::vector<std::int64_t>{2, 0});
  CHECK(components.at(1, "first").type == CMEM_TYPE_NULL);
}

TEST_CASE("a run says what it read, and its messages can be asked for", "[capi]") {
  Sample sample;
  const Answer runs = sample.memory.table(cmem_runs, std::uint64_t{0});
  REQUIRE(runs.rows.size() == 1);
  CHECK(runs.at(0, "read").number == 5);
  CHECK(runs.at(0, "new").number == 4);
  CHECK(runs.at(0, "rejected").number == 1);
  CHECK(runs.at(0, "first_message").number == 1);
  CHECK(runs.at(0, "last_message").number == 4);
  CHECK(runs.at(0, "bytes").number == static_cast<std::int64_t>(read_file(sample.folder.file("s.jsonl")).size()));
  CHECK(runs.at(0, "sha256_before").text == runs.at(0, "sha256_after").text);
  CHECK(runs.at(0, "sha256_before").text.size() == 64);
  CHECK(sample.memory.count({.run_id = 1}) == 4);
  CHECK(sample.memory.get(1).at(0, "run").number == 1);
  CHECK(sample.memory.get(5).at(0, "run").type == CMEM_TYPE_NULL);
  const Answer rejected = sample.memory.table(cmem_rejected, std::int64_t{1});
  CHECK(rejected.at(0, "excerpt").text == "bad \xff line");
  CHECK(sample.memory.table(cmem_rejected, std::int64_t{2}).rows.empty());
}

TEST_CASE("the parts of a store add up to its file", "[capi]") {
  Sample sample;
  sample.memory.done(cmem_checkpoint(sample.memory.handle(), nullptr));
  std::int64_t sum = 0;
  for (const std::int64_t bytes : sample.memory.table(cmem_sizes).numbers("bytes")) sum += bytes;
  CHECK(sum == static_cast<std::int64_t>(read_file(sample.folder.file("memory.db")).size()));
  CHECK(sample.memory.stats().store_bytes >= sum);
}

TEST_CASE("a cursor outlives its store", "[capi]") {
  Sample sample;
  cmem_cursor* messages = nullptr;
  cmem_cursor* hits = nullptr;
  cmem_cursor* sql = nullptr;
  cmem_store* store = sample.memory.handle();
  REQUIRE(cmem_query(&messages, store, nullptr, nullptr, nullptr) == CMEM_OK);
  REQUIRE(cmem_search(&hits, store, "prompt", 6, nullptr, nullptr, nullptr) == CMEM_OK);
  const std::string statement = "SELECT content, hash, metadata FROM session_messages";
  REQUIRE(cmem_sql(&sql, store, statement.data(), statement.size(), 0, nullptr) == CMEM_OK);
  sample.memory.close();
  CHECK(read_cursor(messages).rows.size() == 7);
  CHECK(read_cursor(hits).rows.size() == 4);
  CHECK(read_cursor(sql).rows.size() == 7);
}

TEST_CASE("SQL reads and never writes", "[capi]") {
  Sample sample;
  Memory& memory = sample.memory;
  CHECK(memory.try_sql("SELECT 1, 2.5, 'x', x'00ff', NULL").rows[0].size() == 5);
  CHECK(memory.try_sql("SELECT cmem_content(1)").rows[0][0].text == "prompt 1");
  CHECK(memory.try_sql("SELECT cmem_content(99)").rows[0][0].type == CMEM_TYPE_NULL);
  CHECK_THAT(memory.try_sql("SELECT cmem_raw(1)").rows[0][0].text, Catch::Contains("\"prompt 1\""));
  CHECK(memory.try_sql("SELECT cmem_hash(1)").rows[0][0].text.size() == 64);
  CHECK(memory.try_sql("SELECT cmem_metadata(1)").rows[0][0].text == "{}");
  CHECK(memory.try_sql("SELECT * FROM projects").rows.size() == 2);
  CHECK(memory.try_sql("SELECT * FROM sessions").rows.size() == 3);
  CHECK(memory.try_sql("SELECT * FROM extraction_runs").rows.size() == 1);
  for (const char* writing : {"DELETE FROM message", "DROP TABLE message", "PRAGMA user_version = 5", "CREATE TABLE t(a)", "VACUUM"})
    CHECK((memory.try_sql(writing).status == CMEM_E_READ_ONLY || memory.try_sql(writing).status == CMEM_E_INVALID));
  for (const char* wrong : {"SELEC 1", "", "SELECT * FROM nothing", "ATTACH '/tmp/x.db' AS x"}) {
    const Answer answer = memory.try_sql(wrong);
    INFO(wrong);
    CHECK((answer.status == CMEM_E_INVALID || answer.status == CMEM_E_READ_ONLY));
    CHECK_FALSE(answer.error.empty());
  }
  const Answer endless = memory.try_sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n", 50);
  CHECK(endless.status == CMEM_E_LIMIT);
  CHECK(memory.count() == 7);
}

TEST_CASE("JSON lines have the columns of cmem_get", "[capi][export]") {
  Sample sample;
  std::string bytes;
  REQUIRE(sample.memory.try_export(bytes, CMEM_EXPORT_JSONL, {.session = "bbbb"}) == CMEM_OK);
  const std::string first = bytes.substr(0, bytes.find('\n'));
  CHECK_THAT(first, Catch::StartsWith(R"({"id":3,"time":"1970-01-01T00:30:00.000Z","project":"/w/tide","session":"bbbb","source_type":"history","role":"user",)"
                                      R"("component":null,"level":null,"source":"history.jsonl","line":3,"content":"prompt 3","phase":1,"hash":")"));
  CHECK_THAT(first, Catch::EndsWith(R"("metadata":{}})"));
  CHECK(std::count(bytes.begin(), bytes.end(), '\n') == 2);
}

TEST_CASE("an export can be stopped and refuses what it does not know", "[capi][export]") {
  Sample sample;
  std::uint64_t written = 0;
  const auto stop = [](const void*, std::size_t, void*) { return 1; };
  CHECK(cmem_export(&written, sample.memory.handle(), nullptr, CMEM_EXPORT_RAW, stop, nullptr, nullptr) == CMEM_E_CANCELLED);
  CHECK(cmem_export(&written, sample.memory.handle(), nullptr, 7, stop, nullptr, nullptr) == CMEM_E_INVALID);
  CHECK(cmem_export(&written, sample.memory.handle(), nullptr, CMEM_EXPORT_RAW, nullptr, nullptr, nullptr) == CMEM_E_INVALID);
}

TEST_CASE("a rebuild can be stopped and then has changed nothing", "[capi]") {
  Sample sample;
  std::vector<Appended> many(70'000, Appended{.content = "again"});
  sample.memory.append(many);
  const std::string root = sample.memory.stats().content_root;
  const auto stop = [](std::int64_t, std::int64_t, const char*, std::int64_t, void*) { return 1; };
  CHECK(cmem_rebuild(sample.memory.handle(), stop, nullptr, nullptr) == CMEM_E_CANCELLED);
  CHECK(sample.memory.search("again", {}, {.limit = 1, .all_matches = true}).total == 70'000);
  int calls = 0;
  const auto count = [](std::int64_t done, std::int64_t total, const char* unit, std::int64_t, void* payload) {
    ++*static_cast<int*>(payload);
    return done <= total && std::string(unit) == "messages" ? 0 : 1;
  };
  CHECK(cmem_rebuild(sample.memory.handle(), count, &calls, nullptr) == CMEM_OK);
  CHECK(calls >= 2);
  CHECK(sample.memory.stats().content_root == root);
  CHECK(sample.memory.faults().empty());
  sample.memory.append({{.content = "after the rebuild"}});
  CHECK(sample.memory.search("rebuild").total == 1);
}

TEST_CASE("an unknown page, order, position or struct size is refused", "[capi]") {
  Sample sample;
  Memory& memory = sample.memory;
  CHECK(memory.try_query({}, {.order = CMEM_ORDER_RELEVANCE}).status == CMEM_E_INVALID);
  CHECK(memory.try_query({}, {.order = 9}).status == CMEM_E_INVALID);
  for (const char* position : {"x", "n:", "n:0:1", "n:0:1:2:3", "n:zz:1:2", "o:0:1:2", "n:0:1:"})
    CHECK(memory.try_query({}, {.after = position}).status == CMEM_E_INVALID);
  cmem_filter filter CMEM_FILTER_INIT;
  filter.struct_size = 2;
  std::uint64_t count = 0;
  CHECK(cmem_count(&count, memory.handle(), &filter, nullptr) == CMEM_E_INVALID);
  filter = cmem_filter CMEM_FILTER_INIT;
  filter.project_len = 3;
  CHECK(cmem_count(&count, memory.handle(), &filter, nullptr) == CMEM_E_INVALID);
  filter = cmem_filter CMEM_FILTER_INIT;
  filter.run_id = -1;
  CHECK(cmem_count(&count, memory.handle(), &filter, nullptr) == CMEM_E_INVALID);
  CHECK(memory.try_get(0).status == CMEM_E_NOT_FOUND);
  CHECK(memory.try_get(-5).status == CMEM_E_NOT_FOUND);
}

}  // namespace cmem::test
