// Reports against a computation from the messages one by one, on random stores that were loaded, forgotten from and enriched.
#include <coditect/memory_home.h>
#include <coditect/memory_report.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <map>
#include <optional>
#include <random>
#include <set>

#include "unit/store/store_fixture.h"

namespace cmem::test {
namespace {

constexpr std::int64_t kQuarter = 900'000;
constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kStart = 1'766'534'400'000;  // 2025-12-24, UTC, so that the ISO year ends on a way that is not the calendar's

struct Asking {
  std::string project{}, component{};
  std::int64_t from_ms = INT64_MIN;
  std::int64_t until_ms = INT64_MAX;
  std::uint32_t by = 0;
  std::int64_t pause_ms = kQuarter;
};

Answer report(Memory& memory, const std::string& name, const Asking& asking) {
  cmem_report_options options CMEM_REPORT_OPTIONS_INIT;
  options.utc = 1;
  options.project = asking.project.data();
  options.project_len = asking.project.size();
  options.component = asking.component.data();
  options.component_len = asking.component.size();
  options.from_ms = asking.from_ms;
  options.until_ms = asking.until_ms;
  options.by = asking.by;
  options.pause_ms = asking.pause_ms;
  return memory.table(cmem_report, name.data(), name.size(), static_cast<const cmem_report_options*>(&options));
}

struct Message {
  std::int64_t time_ms = 0;
  std::string project, session, component, level, role, source_type;
};

// Those with a time, of the whole store.
std::vector<Message> read_messages(Memory& memory) {
  const Answer rows = memory.query();
  std::vector<Message> messages;
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    if (rows.at(i, "time").type == CMEM_TYPE_NULL) continue;
    messages.push_back({rows.at(i, "time").number, rows.at(i, "project").text, rows.at(i, "session").text, rows.at(i, "component").text,
                        rows.at(i, "level").text, rows.at(i, "role").text, rows.at(i, "source_type").text});
  }
  return messages;
}

std::int64_t period_of(std::int64_t time_ms, std::uint32_t by) {
  if (by == CMEM_HISTOGRAM_HOUR) return time_ms / kHour * kHour;
  if (by == CMEM_HISTOGRAM_DAY) return time_ms / kDay * kDay;
  return (time_ms / kDay - 4) / 7 * 7 * kDay + 4 * kDay;  // 1970-01-05 was a Monday
}

std::string period_name(std::int64_t period, std::uint32_t by) {
  const std::time_t seconds = period / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  const char* const form = by == CMEM_HISTOGRAM_HOUR ? "%Y-%m-%dT%H" : by == CMEM_HISTOGRAM_DAY ? "%Y-%m-%d" : "%G-W%V";
  return {text, std::strftime(text, sizeof text, form, &parts)};
}

struct Sums {
  std::int64_t messages = 0, prompts = 0, errors = 0, active_ms = 0, first_ms = INT64_MAX, last_ms = INT64_MIN;
  std::set<std::string> sessions;
  std::set<std::int64_t> days;
};

using Key = std::pair<std::string, std::int64_t>;

struct Expected {
  std::map<Key, Sums> rows;
  std::map<Key, std::int64_t> whole_periods;
};

std::int64_t previous(std::int64_t period, std::uint32_t by) { return period_of(period - 1, by); }

Expected compute(const std::vector<Message>& all, const Asking& asking) {
  std::set<std::string> with_history;
  for (const Message& message : all)
    if (message.source_type == "history" && message.role == "user") with_history.insert(message.session);
  Expected expected;
  std::map<std::pair<std::string, std::string>, std::vector<std::int64_t>> times;
  for (const Message& message : all) {
    if ((!asking.project.empty() && message.project != asking.project) || (!asking.component.empty() && message.component != asking.component)) continue;
    const Key key{message.project, period_of(message.time_ms, asking.by)};
    ++expected.whole_periods[key];
    if (!message.session.empty()) times[{message.project, message.session}].push_back(message.time_ms);
    if (message.time_ms < asking.from_ms || message.time_ms >= asking.until_ms) continue;
    Sums& sums = expected.rows[key];
    ++sums.messages;
    if (message.level == "ERROR") ++sums.errors;
    if (message.role == "user" && (message.source_type == "history" || !with_history.contains(message.session))) ++sums.prompts;
    sums.first_ms = std::min(sums.first_ms, message.time_ms);
    sums.last_ms = std::max(sums.last_ms, message.time_ms);
    if (!message.session.empty()) sums.sessions.insert(message.session);
    sums.days.insert(message.time_ms / kDay);
  }
  for (auto& [where, sorted] : times) {
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t i = 1; i < sorted.size(); ++i) {
      const std::int64_t end = std::min({sorted[i], sorted[i - 1] + asking.pause_ms, asking.until_ms});
      for (std::int64_t at = std::max(sorted[i - 1], asking.from_ms); at < end;) {
        const std::int64_t next = std::min(end, (at / kHour + 1) * kHour);
        auto row = expected.rows.upper_bound({where.first, period_of(at, asking.by)});
        if (row != expected.rows.begin() && (--row)->first.first == where.first) row->second.active_ms += next - at;
        at = next;
      }
    }
  }
  return expected;
}

std::optional<double> percent(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return std::nullopt;
  return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

void check_percent(const Value& found, std::optional<double> expected) {
  REQUIRE((found.type == CMEM_TYPE_NULL) == !expected.has_value());
  if (expected) REQUIRE(found.real == Approx(*expected));
}

void check_project_activity(Memory& memory, const Asking& asking) {
  const Expected expected = compute(read_messages(memory), asking);
  const Answer found = report(memory, "project-activity", asking);
  REQUIRE(found.rows.size() == expected.rows.size());
  std::set<Key> seen;
  for (std::size_t i = 0; i < found.rows.size(); ++i) {
    const std::string project = found.at(i, "project").text;
    const auto row = std::find_if(expected.rows.begin(), expected.rows.end(), [&](const auto& entry) {
      return entry.first.first == project && period_name(entry.first.second, asking.by) == found.at(i, "period").text;
    });
    REQUIRE(row != expected.rows.end());
    const auto& [key, sums] = *row;
    REQUIRE(seen.insert(key).second);
    CHECK(found.at(i, "messages").number == sums.messages);
    CHECK(found.at(i, "sessions").number == static_cast<std::int64_t>(sums.sessions.size()));
    CHECK(found.at(i, "active").number == sums.active_ms);
    CHECK(found.at(i, "prompts").number == sums.prompts);
    CHECK(found.at(i, "errors").number == sums.errors);
    CHECK(found.at(i, "first").number == sums.first_ms);
    CHECK(found.at(i, "last").number == sums.last_ms);
    CHECK(found.at(i, "days").number == static_cast<std::int64_t>(sums.days.size()));
    check_percent(found.at(i, "error_rate"), percent(sums.errors, sums.messages));
    const auto before = expected.whole_periods.find({project, previous(key.second, asking.by)});
    const std::int64_t whole = before == expected.whole_periods.end() ? 0 : before->second;
    check_percent(found.at(i, "change"), percent(expected.whole_periods.at(key) - whole, whole));
  }
}

void check_component_usage(Memory& memory, const Asking& asking) {
  std::map<std::string, Sums> expected;
  std::int64_t messages = 0;
  for (const Message& message : read_messages(memory)) {
    if ((!asking.project.empty() && message.project != asking.project) || message.time_ms < asking.from_ms || message.time_ms >= asking.until_ms) continue;
    Sums& sums = expected[message.component];
    ++sums.messages;
    ++messages;
    if (message.level == "ERROR") ++sums.errors;
    sums.first_ms = std::min(sums.first_ms, message.time_ms);
    sums.last_ms = std::max(sums.last_ms, message.time_ms);
    if (!message.session.empty()) sums.sessions.insert(message.session);
    sums.days.insert(message.time_ms / kDay);
  }
  const Answer found = report(memory, "component-usage", asking);
  REQUIRE(found.rows.size() == expected.size());
  for (std::size_t i = 0; i < found.rows.size(); ++i) {
    const Sums& sums = expected.at(found.at(i, "component").text);
    CHECK(found.at(i, "occurrences").number == sums.messages);
    CHECK(found.at(i, "sessions").number == static_cast<std::int64_t>(sums.sessions.size()));
    CHECK(found.at(i, "days").number == static_cast<std::int64_t>(sums.days.size()));
    CHECK(found.at(i, "errors").number == sums.errors);
    CHECK(found.at(i, "first").number == sums.first_ms);
    CHECK(found.at(i, "last").number == sums.last_ms);
    check_percent(found.at(i, "share"), percent(sums.messages, messages));
    if (i > 1) CHECK((found.at(i, "component").text.empty() || found.at(i - 1, "occurrences").number >= sums.messages));
  }
}

Appended random_message(std::mt19937& random, bool states_projects) {
  const auto pick = [&](std::initializer_list<const char*> of) { return std::string(*(of.begin() + random() % of.size())); };
  Appended message{.content = "text " + std::to_string(random() % 1000), .source = pick({"a", "b"}), .session = pick({"", "s-one", "s-two", "s-three"})};
  message.level = pick({"", "INFO", "ERROR"});
  message.component = pick({"", "LSP", "Hooks"});
  message.role = pick({"", "user", "assistant"});
  if (states_projects) message.project = pick({"", "/p/one", "/p/two"});
  const std::int64_t burst = static_cast<std::int64_t>(random() % 12) * 31 * kHour;
  if (random() % 10 != 0) message.time_ms = kStart + burst + static_cast<std::int64_t>(random() % 5'000'000);
  return message;
}

Asking random_asking(std::mt19937& random) {
  Asking asking;
  if (random() % 3 == 0) asking.project = random() % 2 == 0 ? "/p/one" : "/p/two";
  asking.by = static_cast<std::uint32_t>(1 + random() % 3);
  if (random() % 2 == 0) {
    asking.from_ms = kStart + static_cast<std::int64_t>(random() % 400) * kQuarter;
    asking.until_ms = asking.from_ms + static_cast<std::int64_t>(random() % 800) * kQuarter;
  }
  const std::int64_t pauses[] = {kQuarter, kQuarter, 2 * kHour, 300'000, 7'777};
  asking.pause_ms = pauses[random() % 5];
  return asking;
}

void forget(Memory& memory, const std::string& session) {
  cmem_forget_options options CMEM_FORGET_OPTIONS_INIT;
  options.session = session.data();
  options.session_len = session.size();
  cmem_forget_result result CMEM_FORGET_RESULT_INIT;
  cmem_error error;
  const cmem_status status = cmem_forget(&result, memory.handle(), &options, &error);
  if (status != CMEM_E_NOT_FOUND && status != CMEM_OK) FAIL(error.text);
}

TEST_CASE("project activity and component usage are what the messages say, on random stores", "[capi][report]") {
  const unsigned seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 25; ++round) {
    TempFolder folder;
    Memory memory(folder.file("memory.db"));
    for (int step = 0; step < 4; ++step) {
      std::vector<Appended> messages;
      // Sessions get a project late.
      for (std::size_t i = random() % 80; i > 0; --i) messages.push_back(random_message(random, step > 1));
      memory.append(messages);
      if (step == 2 && random() % 2 == 0) forget(memory, random() % 2 == 0 ? "s-one" : "s-three");
      if (memory.table(cmem_projects).texts("path").size() < 2 && step < 3) continue;
      const Asking asking = random_asking(random);
      INFO("round " << round << " step " << step << " by " << asking.by << " pause " << asking.pause_ms << " project " << asking.project);
      if (!asking.project.empty() && memory.count({.project = asking.project}) == 0) continue;
      check_project_activity(memory, asking);
      check_component_usage(memory, asking);
    }
  }
}

TEST_CASE("a store from before the rollup, open for reading only, has reports", "[capi][report][format]") {
  TempFolder folder;
  const std::string path = folder.file("memory.db");
  std::mt19937 random(7);
  {
    Memory memory(path);
    std::vector<Appended> messages;
    for (int i = 0; i < 300; ++i) messages.push_back(random_message(random, true));
    memory.append(messages);
  }
  {
    sqlite::OpenOptions options;
    options.defensive = false;
    must(must(sqlite::Connection::open(path, options)).exec("DROP TABLE activity; PRAGMA user_version = 3"));
  }
  Memory memory(path, true);
  const Asking asking{.by = CMEM_HISTOGRAM_DAY};
  check_project_activity(memory, asking);
  check_component_usage(memory, asking);
}

TEST_CASE("a report says what it is asked wrongly", "[capi][report]") {
  TempFolder folder;
  Memory memory(folder.file("memory.db"));
  memory.append({{.content = "a", .time_ms = 5}});
  cmem_report_options options CMEM_REPORT_OPTIONS_INIT;
  cmem_cursor* cursor = nullptr;
  cmem_error error;
  const auto ask = [&](const char* name) { return cmem_report(&cursor, memory.handle(), name, std::strlen(name), &options, &error); };
  CHECK(ask("nonsense") == CMEM_E_NOT_FOUND);
  CHECK_THAT(error.text, Catch::Contains("project-activity"));
  options.from_ms = 7;
  options.until_ms = kQuarter;
  CHECK(ask("project-activity") == CMEM_E_INVALID);
  CHECK_THAT(error.text, Catch::Contains("quarter"));
  options = cmem_report_options CMEM_REPORT_OPTIONS_INIT;
  options.project = "nobody";
  options.project_len = 6;
  CHECK(ask("component-usage") == CMEM_E_NOT_FOUND);
  CHECK_THAT(error.text, Catch::Contains("nobody"));
  options = cmem_report_options CMEM_REPORT_OPTIONS_INIT;
  options.pause_ms = 10;
  CHECK(ask("project-activity") == CMEM_E_INVALID);
  options = cmem_report_options CMEM_REPORT_OPTIONS_INIT;
  options.by = 9;
  CHECK(ask("project-activity") == CMEM_E_INVALID);
  REQUIRE(cmem_stats_get(nullptr, memory.handle(), &error) == CMEM_E_INVALID);
  memory.done(cmem_components(&cursor, memory.handle(), &error));
  cmem_cursor* notes = nullptr;
  CHECK(cmem_report_notes(&notes, cursor, &error) == CMEM_E_INVALID);
  cmem_cursor_close(cursor);
}

TEST_CASE("a report has notes, and its columns have units", "[capi][report]") {
  TempFolder folder;
  Memory memory(folder.file("memory.db"));
  memory.append({{.content = "a", .time_ms = 5}, {.content = "no time"}});
  cmem_cursor* cursor = nullptr;
  memory.done(cmem_report(&cursor, memory.handle(), "project-activity", 16, nullptr, nullptr));
  cmem_cursor* notes = nullptr;
  memory.done(cmem_report_notes(&notes, cursor, nullptr));
  CHECK(read_cursor(notes).texts("note") == std::vector<std::string>{"Active time: a gap between two messages of a session counts as 15 min at most.",
                                                                     "1 message has no known time, and so no period."});
  const Answer rows = read_cursor(cursor);
  memory.done(cmem_report_columns(&cursor, nullptr));
  const Answer columns = read_cursor(cursor);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < columns.rows.size(); ++i) {
    CHECK(!columns.at(i, "meaning").text.empty());
    if (columns.at(i, "report").text == "project-activity") names.push_back(columns.at(i, "column").text);
  }
  CHECK(names == rows.columns);
}

}  // namespace
}  // namespace cmem::test
