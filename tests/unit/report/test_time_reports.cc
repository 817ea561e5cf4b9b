// The reports by time, by session and by load against computations over the rows of a query.
#include <coditect/memory_home.h>
#include <coditect/memory_report.h>

#include <map>
#include <random>
#include <set>
#include <tuple>

#include "unit/base/scoped_zone.h"
#include "unit/store/store_fixture.h"

namespace cmem::test {
namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kPause = 15 * kMinute;
constexpr std::int64_t kMay = 1'746'057'600'000;  // 2025-05-01T00:00Z
constexpr std::int64_t kNone = INT64_MIN;

cmem_report_options in_utc() {
  cmem_report_options options CMEM_REPORT_OPTIONS_INIT;
  options.utc = 1;
  return options;
}

Answer report(Memory& memory, const std::string& name, const cmem_report_options& options = in_utc()) {
  return memory.table(cmem_report, name.data(), name.size(), &options);
}

std::vector<std::string> notes(Memory& memory, const std::string& name, const cmem_report_options& options = in_utc()) {
  cmem_cursor* cursor = nullptr;
  cmem_cursor* rows = nullptr;
  cmem_error error;
  REQUIRE(cmem_report(&cursor, memory.handle(), name.data(), name.size(), &options, &error) == CMEM_OK);
  REQUIRE(cmem_report_notes(&rows, cursor, &error) == CMEM_OK);
  cmem_cursor_close(cursor);
  return read_cursor(rows).texts("note");
}

struct Message {
  std::int64_t id = 0, time_ms = kNone;
  std::string project, session, role, component, level, text;
};

std::vector<Message> messages_of(Memory& memory) {
  const Answer rows = memory.query({}, {.order = CMEM_ORDER_OLDEST});
  std::vector<Message> messages;
  for (std::size_t i = 0; i < rows.rows.size(); ++i)
    messages.push_back({rows.at(i, "id").number, rows.at(i, "time").type == CMEM_TYPE_NULL ? kNone : rows.at(i, "time").number,
                        rows.at(i, "project").text, rows.at(i, "session").text, rows.at(i, "role").text, rows.at(i, "component").text,
                        rows.at(i, "level").text, rows.at(i, "content").text});
  return messages;
}

Appended random_message(std::mt19937& random) {
  const auto pick = [&](std::initializer_list<const char*> of) { return std::string(*(of.begin() + random() % of.size())); };
  Appended message{.content = "text " + std::to_string(random() % 500), .session = pick({"", "s1", "s2", "s3", "s4"})};
  if (!message.session.empty()) message.project = message.session < "s3" ? "/w/atlas" : "/w/tide";
  if (message.session == "s4") message.project.clear();
  message.level = pick({"", "INFO", "ERROR"});
  message.component = pick({"", "A", "B", "C", "D", "E", "F", "G"});
  message.role = pick({"", "user", "assistant"});
  if (random() % 9 != 0) message.time_ms = kMay + static_cast<std::int64_t>(random() % (9 * kDay));
  return message;
}

// Times in which somebody was active, of one session or of all together, without overlaps.
using Spans = std::vector<std::pair<std::int64_t, std::int64_t>>;

Spans active_spans(const std::vector<Message>& messages, const std::set<std::string>& sessions) {
  std::map<std::string, std::vector<std::int64_t>> times;
  for (const Message& message : messages)
    if (message.time_ms != kNone && sessions.count(message.session) > 0) times[message.session].push_back(message.time_ms);
  Spans spans;
  for (auto& [session, list] : times) {
    std::sort(list.begin(), list.end());
    for (std::size_t i = 1; i < list.size(); ++i) spans.emplace_back(list[i - 1], std::min(list[i], list[i - 1] + kPause));
  }
  std::sort(spans.begin(), spans.end());
  Spans united;
  for (const auto& [from, until] : spans) {
    if (united.empty() || from > united.back().second)
      united.emplace_back(from, until);
    else
      united.back().second = std::max(united.back().second, until);
  }
  return united;
}

std::int64_t within(const Spans& spans, std::int64_t from, std::int64_t until) {
  std::int64_t sum = 0;
  for (const auto& [begin, end] : spans) sum += std::max<std::int64_t>(0, std::min(end, until) - std::max(begin, from));
  return sum;
}

// Names by their messages, most first, at most so many.
std::string ranked(const std::map<std::string, std::int64_t>& counts, std::size_t limit, const std::string& between = ", ") {
  std::vector<std::pair<std::int64_t, std::string>> order;
  for (const auto& [name, count] : counts)
    if (!name.empty()) order.emplace_back(-count, name);
  std::sort(order.begin(), order.end());
  std::string out;
  for (std::size_t i = 0; i < std::min(limit, order.size()); ++i) out += (i == 0 ? "" : between) + order[i].second;
  return out;
}

std::string last_component(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

TEST_CASE("the timeline has what the rows have, day by day and hour by hour", "[report]") {
  const unsigned seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const std::int64_t unit = GENERATE(kDay, kHour);
  TempFolder folder;
  Memory memory(folder.file("memory.db"));
  std::vector<Appended> added;
  for (std::size_t i = 20 + random() % 300; i > 0; --i) added.push_back(random_message(random));
  memory.append(added);
  const auto messages = messages_of(memory);

  auto options = in_utc();
  options.by = unit == kDay ? CMEM_HISTOGRAM_DAY : CMEM_HISTOGRAM_HOUR;
  options.from_ms = kMay + static_cast<std::int64_t>(random() % 3) * kDay;
  options.until_ms = kMay + static_cast<std::int64_t>(5 + random() % 5) * kDay;
  const Answer rows = report(memory, "timeline", options);

  std::map<std::int64_t, std::vector<Message>> periods;
  for (const Message& message : messages)
    if (message.time_ms != kNone && message.time_ms >= options.from_ms && message.time_ms < options.until_ms)
      periods[message.time_ms / unit * unit].push_back(message);
  REQUIRE(rows.rows.size() == periods.size());
  const Spans active = active_spans(messages, {"s1", "s2", "s3", "s4"});
  std::size_t i = 0;
  for (auto period = periods.begin(); period != periods.end(); ++period, ++i) {
    std::map<std::string, std::int64_t> projects, components, sessions;
    std::int64_t errors = 0, prompts = 0;
    for (const Message& message : period->second) {
      ++projects[last_component(message.project)];
      ++components[message.component];
      ++sessions[message.session];
      errors += message.level == "ERROR" ? 1 : 0;
      prompts += message.role == "user" ? 1 : 0;
    }
    // A pause may reach into periods without a row: it is of the last one that has.
    const auto next = std::next(period);
    const std::int64_t end = next == periods.end() ? options.until_ms : next->first;
    CHECK(rows.at(i, "messages").number == static_cast<std::int64_t>(period->second.size()));
    CHECK(rows.at(i, "first").number == period->second.front().time_ms);
    CHECK(rows.at(i, "last").number == period->second.back().time_ms);
    CHECK(rows.at(i, "errors").number == errors);
    CHECK(rows.at(i, "prompts").number == prompts);
    CHECK(rows.at(i, "active").number == within(active, period->first, end));
    CHECK(rows.at(i, "project_names").text == ranked(projects, 100));
    CHECK(rows.at(i, "projects").number == static_cast<std::int64_t>(projects.size() - projects.count("")));
    CHECK(rows.at(i, "components").text == ranked(components, 5));
    CHECK(rows.at(i, "sessions").number == static_cast<std::int64_t>(sessions.size() - sessions.count("")));
  }
}

TEST_CASE("session activity has what the rows have", "[report]") {
  const unsigned seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  TempFolder folder;
  Memory memory(folder.file("memory.db"));
  std::vector<Appended> added{{.content = "alone", .session = "lonely", .role = "user", .time_ms = kMay + kHour}};
  for (std::size_t i = 20 + random() % 300; i > 0; --i) added.push_back(random_message(random));
  memory.append(added);
  const auto messages = messages_of(memory);
  const Answer rows = report(memory, "session-activity");
  std::map<std::string, std::vector<Message>> sessions;
  for (const Message& message : messages)
    if (message.time_ms != kNone && !message.session.empty()) sessions[message.session].push_back(message);
  REQUIRE(rows.rows.size() == sessions.size());
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    const std::string session = rows.at(i, "session").text;
    const auto& own = sessions.at(session);
    CHECK(rows.at(i, "messages").number == static_cast<std::int64_t>(own.size()));
    CHECK(rows.at(i, "active").number == within(active_spans(messages, {session}), kMay, kMay + 10 * kDay));
    CHECK(rows.at(i, "first").number == own.front().time_ms);
    CHECK(rows.at(i, "last").number == own.back().time_ms);
    CHECK(rows.at(i, "project").text == own.front().project);
    CHECK(rows.at(i, "errors").number == std::count_if(own.begin(), own.end(), [](const auto& m) { return m.level == "ERROR"; }));
    if (session == "lonely") CHECK((rows.at(i, "active").number == 0 && rows.at(i, "title").text == "alone"));
  }
}

TEST_CASE("each report that counts messages may be of one session", "[report]") {
  TempFolder folder;
  Memory memory(folder.file("memory.db"));
  memory.append({{.content = "a", .session = "first-1", .component = "A", .level = "ERROR", .time_ms = kMay},
                 {.content = "b", .session = "first-1", .component = "A", .time_ms = kMay + 1},
                 {.content = "c", .session = "second-2", .component = "B", .level = "ERROR", .time_ms = kMay + 2}});
  cmem_report_options options = in_utc();
  const auto of = [&](const std::string& session, const std::string& name) {
    options.session = session.data();
    options.session_len = session.size();
    return report(memory, name, options);
  };
  for (const char* name : {"project-activity", "timeline", "session-activity"}) {
    INFO(name);
    REQUIRE(of("first-1", name).rows.size() == 1);
    CHECK(of("first-1", name).at(0, "messages").number == 2);
    CHECK(of("seco", name).at(0, "messages").number == 1);
  }
  for (const std::string name : {"project-activity", "timeline", "session-activity", "component-usage", "error-analysis", "session"}) {
    cmem_cursor* cursor = nullptr;
    options.session = "third-3";
    options.session_len = 7;
    INFO(name);
    CHECK(cmem_report(&cursor, memory.handle(), name.data(), name.size(), &options, nullptr) == CMEM_E_NOT_FOUND);
  }
  CHECK(of("first-1", "component-usage").texts("component") == std::vector<std::string>{"A"});
  CHECK(of("second-2", "error-analysis").texts("sample") == std::vector<std::string>{"c"});
}

TEST_CASE("what a session's report says of the whole has its messages without a time, unless it is of some times", "[report]") {
  TempFolder folder;
  Memory memory(folder.file("memory.db"));
  memory.append({{.content = "at noon", .session = "s", .role = "assistant", .time_ms = kMay + 12 * kHour},
                 {.content = "at some time", .session = "s", .component = "Hooks", .level = "ERROR", .role = "user"},
                 {.content = "elsewhere", .session = "t", .level = "ERROR"}});
  auto options = in_utc();
  options.session = "s";
  options.session_len = 1;
  const auto facts = [&] {
    const Answer rows = report(memory, "session", options);
    std::map<std::string, std::string> out;
    for (std::size_t i = 0; i < rows.rows.size(); ++i)
      if (rows.at(i, "kind").text == "fact") out[rows.at(i, "name").text] = rows.at(i, "text").text;
    return out;
  };
  auto all = facts();
  CHECK(all["messages"] == "2");
  CHECK(all["sources"] == "program 2");
  CHECK(all["prompts"] == "1");
  CHECK(all["errors"] == "1");
  CHECK(all["components"] == "Hooks 1");
  options.from_ms = kMay;
  options.until_ms = kMay + kDay;
  auto day = facts();
  CHECK(day["messages"] == "1");
  CHECK(day["sources"] == "program 1");
  CHECK(day["errors"] == "0");
}

TEST_CASE("what ranks as high as another stands by name, in whatever order it was loaded", "[report]") {
  TempFolder folder;
  Memory memory(folder.file("memory.db"));
  memory.append({{.content = "b", .session = "later", .project = "/w/tide", .time_ms = kMay},
                 {.content = "a", .session = "earlier", .project = "/w/atlas", .time_ms = kMay},
                 {.content = "of two", .session = "two", .project = "/w/tide", .time_ms = kMay},
                 {.content = "of two", .session = "two", .project = "/w/atlas", .time_ms = kMay}});
  CHECK(report(memory, "project-activity").texts("project") == std::vector<std::string>{"/w/atlas", "/w/tide"});
  const Answer sessions = report(memory, "session-activity");
  CHECK(sessions.texts("session") == std::vector<std::string>{"two", "earlier", "later"});
  CHECK(sessions.at(0, "project").text == "/w/atlas");
}

TEST_CASE("a session's report tells its messages by time, after what is true of the whole", "[report]") {
  const unsigned seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  TempFolder folder;
  Memory memory(folder.file("memory.db"));
  std::vector<Appended> added;
  for (std::size_t i = 40 + random() % 200; i > 0; --i) added.push_back(random_message(random));
  added.push_back({.content = "\n\nfirst line\nsecond", .session = "long", .time_ms = kMay});
  added.push_back({.content = std::string(300, 'x'), .session = "long", .time_ms = kMay + 1});
  memory.append(added);
  auto options = in_utc();
  options.session = "s1";
  options.session_len = 2;
  const Answer rows = report(memory, "session", options);
  std::vector<std::int64_t> expected, found;
  for (const Message& message : messages_of(memory))
    if (message.session == "s1") expected.push_back(message.id);
  std::map<std::string, std::string> facts;
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    const bool is_event = rows.at(i, "kind").text == "event";
    if (is_event) found.push_back(rows.at(i, "id").number);
    CHECK((is_event || found.empty()));
    if (!is_event) facts[rows.at(i, "name").text] = rows.at(i, "text").text;
  }
  CHECK(found == expected);
  CHECK(facts["messages"] == std::to_string(expected.size()));
  CHECK(facts["project"] == "/w/atlas");

  options.session = "long";
  options.session_len = 4;
  const Answer texts = report(memory, "session", options);
  CHECK(texts.rows[texts.rows.size() - 2][texts.column("text")].text == "first line");
  CHECK(texts.rows.back()[texts.column("text")].text == std::string(200, 'x') + "…");
}

TEST_CASE("the days of the timeline are the zone's, of 23 and 25 hours too", "[report]") {
  const ScopedZone berlin(kBerlin);
  TempFolder folder;
  Memory memory(folder.file("memory.db"));
  constexpr std::int64_t kSpring = 1'743'289'200'000;  // 2025-03-29T23:00Z: Sunday 2025-03-30 begins
  constexpr std::int64_t kAutumn = 1'761'429'600'000;  // 2025-10-25T22:00Z: Sunday 2025-10-26 begins
  memory.append({{.content = "a", .time_ms = kSpring - 1},
                 {.content = "b", .time_ms = kSpring},
                 {.content = "c", .time_ms = kSpring + 23 * kHour - 1},
                 {.content = "d", .time_ms = kSpring + 23 * kHour},
                 {.content = "e", .time_ms = kAutumn + 25 * kHour - 1},
                 {.content = "f", .time_ms = kAutumn + 25 * kHour}});
  const cmem_report_options local CMEM_REPORT_OPTIONS_INIT;
  const Answer rows = report(memory, "timeline", local);
  CHECK(rows.texts("period") ==
        std::vector<std::string>{"2025-03-29", "2025-03-30", "2025-03-31", "2025-10-26", "2025-10-27"});
  CHECK(rows.numbers("messages") == std::vector<std::int64_t>{1, 2, 1, 1, 1});
  const auto told = notes(memory, "timeline", local);
  CHECK(std::count(told.begin(), told.end(), "208 periods without messages between them are left out.") == 1);
}

TEST_CASE("weeks at the end of a year, empty ranges and messages of nothing are told right", "[report]") {
  TempFolder folder;
  Memory memory(folder.file("memory.db"));
  CHECK(report(memory, "timeline").rows.empty());
  CHECK(report(memory, "session-activity").rows.empty());
  CHECK(report(memory, "extraction-audit").rows.empty());
  constexpr std::int64_t kNewYear = 1'767'225'600'000;  // Thursday 2026-01-01
  memory.append({{.content = "monday", .time_ms = kNewYear - 3 * kDay},
                 {.content = "thursday", .time_ms = kNewYear},
                 {.content = "sunday before", .time_ms = kNewYear - 4 * kDay},
                 {.content = "never", .session = "s"}});
  auto options = in_utc();
  options.by = CMEM_HISTOGRAM_WEEK;
  const Answer weeks = report(memory, "timeline", options);
  CHECK(weeks.texts("period") == std::vector<std::string>{"2025-W52", "2026-W01"});
  CHECK(weeks.numbers("messages") == std::vector<std::int64_t>{1, 2});
  CHECK(weeks.numbers("sessions") == std::vector<std::int64_t>{0, 0});
  CHECK(weeks.at(0, "project_names").type == CMEM_TYPE_NULL);
  const auto told = notes(memory, "timeline", options);
  CHECK(std::count(told.begin(), told.end(), "1 message has no known time, and so no period.") == 1);
  options.from_ms = kNewYear + kDay;
  options.until_ms = kNewYear + 2 * kDay;
  CHECK(report(memory, "timeline", options).rows.empty());
  options.session = "s";
  options.session_len = 1;
  cmem_cursor* cursor = nullptr;
  cmem_error error;
  CHECK(cmem_report(&cursor, memory.handle(), "session", 7, nullptr, &error) == CMEM_E_INVALID);
}

TEST_CASE("the audit finds what was forgotten, and what is missing without that", "[report]") {
  TempFolder folder;
  const std::string path = folder.file("memory.db");
  const auto record = [](const char* session, int line) {
    return std::string(R"({"content": "prompt )") + std::to_string(line) + R"(", "source": "history.jsonl:line-)" + std::to_string(line) +
           R"(", "timestamp": 60000, "session_id": ")" + session + R"(", "project": "/w/atlas", "source_type": "history"})" + "\n";
  };
  write_file(folder.file("a.jsonl"), record("aaaa", 1) + record("aaaa", 2) + record("bbbb", 3) + "bad \xff line\n");
  write_file(folder.file("b.jsonl"), record("bbbb", 3) + record("cccc", 4));
  {
    Memory memory(path);
    memory.load({folder.file("a.jsonl")});
    memory.append({{.content = "of no load"}});
    memory.load({folder.file("b.jsonl")});
    const Answer whole = report(memory, "extraction-audit");
    CHECK(whole.texts("verdict") == std::vector<std::string>{"complete", "complete"});
    CHECK(whole.numbers("new") == std::vector<std::int64_t>{1, 3});
    CHECK(whole.numbers("in_store") == std::vector<std::int64_t>{1, 3});
    CHECK(whole.numbers("rejected") == std::vector<std::int64_t>{0, 1});
    CHECK(whole.texts("checksum") == std::vector<std::string>{"equal", "equal"});
    const auto told = notes(memory, "extraction-audit");
    REQUIRE(told.size() == 2);
    CHECK(told[0] == "The counts of all 2 loads match the store.");
    CHECK(told[1].find("phases 2 (debug), 3 (file-history)") != std::string::npos);
    cmem_forget_options forget CMEM_FORGET_OPTIONS_INIT;
    forget.session = "aaaa";
    forget.session_len = 4;
    cmem_forget_result result CMEM_FORGET_RESULT_INIT;
    cmem_error error;
    REQUIRE(cmem_forget(&result, memory.handle(), &forget, &error) == CMEM_OK);
    CHECK(report(memory, "extraction-audit").texts("verdict") == std::vector<std::string>{"complete", "2 forgotten"});
  }
  {
    sqlite::OpenOptions options;
    options.defensive = false;
    must(must(sqlite::Connection::open(path, options)).exec("DELETE FROM message WHERE id = (SELECT max(id) FROM message)"));
  }
  Memory memory(path);
  CHECK(report(memory, "extraction-audit").texts("verdict") ==
        std::vector<std::string>{"DAMAGED: 1 of 1 messages are missing", "2 forgotten"});
}

}  // namespace cmem::test
