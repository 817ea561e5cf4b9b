// The report on errors, and the log it is made from, against a computation over the rows of a query.
#include <coditect/memory_home.h>
#include <coditect/memory_report.h>

#include <map>
#include <set>

#include "base/error_template.h"
#include "store/error_log.h"
#include "unit/store/store_fixture.h"
#include "unit/support/random.h"

namespace cmem::test {
namespace {

constexpr std::int64_t kDay = 86'400'000;
constexpr std::int64_t kBegin = 1'763'164'800'000;  // 2025-11-15T00:00:00Z
constexpr std::int64_t kNever = INT64_MIN;

struct Asked {
  std::string project{}, component{}, session{};
  std::int64_t from_ms = INT64_MIN;
  std::int64_t until_ms = INT64_MAX;
  std::uint64_t limit = 0;
};

Answer report(Memory& memory, const Asked& asked = {}) {
  cmem_report_options options CMEM_REPORT_OPTIONS_INIT;
  const auto set = [](const char*& text, std::size_t& size, const std::string& value) {
    text = value.empty() ? nullptr : value.data();
    size = value.size();
  };
  set(options.project, options.project_len, asked.project);
  set(options.component, options.component_len, asked.component);
  set(options.session, options.session_len, asked.session);
  options.utc = 1;
  options.from_ms = asked.from_ms;
  options.until_ms = asked.until_ms;
  options.limit = asked.limit;
  cmem_cursor* cursor = nullptr;
  cmem_error error;
  const std::string name = "error-analysis";
  const cmem_status status = cmem_report(&cursor, memory.handle(), name.data(), name.size(), &options, &error);
  if (status != CMEM_OK) {
    Answer failed;
    failed.status = status;
    failed.error = error.text;
    return failed;
  }
  return read_cursor(cursor);
}

// Every cell as text.
using Row = std::vector<std::string>;

std::vector<Row> cells(const Answer& answer) {
  INFO(answer.error);
  REQUIRE(answer.status == CMEM_DONE);
  std::vector<Row> rows;
  for (const auto& row : answer.rows) {
    auto& out = rows.emplace_back();
    for (const Value& value : row)
      out.push_back(value.type == CMEM_TYPE_NULL ? "" : value.type == CMEM_TYPE_TEXT ? value.text : std::to_string(value.number));
  }
  return rows;
}

struct Naive {
  std::int64_t errors = 0;
  std::map<std::string, std::int64_t> components;
  std::set<std::string> projects, sessions;
  std::map<std::string, std::vector<std::int64_t>> times;  // by session
  std::set<std::int64_t> days;
  std::vector<std::int64_t> all_times;
  std::tuple<std::int64_t, std::int64_t> newest{kNever, 0};
  std::string sample;
};

std::string percentile(std::vector<std::int64_t> values, double part) {
  if (values.empty()) return "";
  std::sort(values.begin(), values.end());
  std::size_t rank = 0;
  while (static_cast<double>(rank) < part * static_cast<double>(values.size()) - 1e-9) ++rank;
  return std::to_string(values[rank - 1]);
}

std::string time_text(std::int64_t time_ms) { return time_ms == kNever ? "" : std::to_string(time_ms); }

std::vector<Row> expected(Memory& memory, const Asked& asked = {}) {
  const Answer all = memory.query();
  std::map<std::string, std::int64_t> ends;
  std::map<std::pair<std::string, Level>, Naive> found;
  for (std::size_t i = 0; i < all.rows.size(); ++i) {
    const auto text = [&](const char* name) { return all.at(i, name).text; };
    const Value& time = all.at(i, "time");
    const std::int64_t time_ms = time.type == CMEM_TYPE_NULL ? kNever : time.number;
    const std::string session = text("session");
    ends.try_emplace(session, kNever);
    ends[session] = std::max(ends[session], time_ms);
    if (text("level") != "ERROR") continue;
    if (!asked.project.empty() && text("project") != asked.project) continue;
    if (!asked.component.empty() && text("component") != asked.component) continue;
    if (!asked.session.empty() && session != asked.session) continue;
    const bool is_open = asked.from_ms == INT64_MIN && asked.until_ms == INT64_MAX;
    if (time_ms == kNever ? !is_open : time_ms < asked.from_ms || time_ms >= asked.until_ms) continue;
    const ErrorTemplate kind = error_template(text("content"));
    Naive& sums = found[{kind.text, kind.level_inside}];
    ++sums.errors;
    if (!text("component").empty()) ++sums.components[text("component")];
    if (!text("project").empty()) sums.projects.insert(text("project"));
    if (!session.empty()) sums.sessions.insert(session);
    if (!session.empty() && time_ms != kNever) sums.times[session].push_back(time_ms);
    if (time_ms != kNever) sums.days.insert(time_ms / kDay);
    if (time_ms != kNever) sums.all_times.push_back(time_ms);
    const std::tuple<std::int64_t, std::int64_t> key(time_ms, all.at(i, "id").number);
    if (key > sums.newest) {
      sums.newest = key;
      sums.sample = text("content");
    }
  }
  std::vector<std::tuple<std::int64_t, std::string, Level, Row>> rows;
  for (const auto& [kind, sums] : found) {
    std::int64_t open = 0;
    std::vector<std::int64_t> closed;
    for (const auto& [session, times] : sums.times) {
      const auto [first, last] = std::minmax_element(times.begin(), times.end());
      if (ends[session] - *last >= 600'000) closed.push_back(*last - *first);
      else ++open;
    }
    std::string component;
    std::int64_t most = 0;
    for (const auto& [name, errors] : sums.components)
      if (errors > most) std::tie(component, most) = std::pair(name, errors);
    const auto count = [](std::size_t number) { return std::to_string(number); };
    const auto& times = sums.all_times;
    rows.emplace_back(-sums.errors, kind.first, kind.second,
                      Row{kind.first, std::string(to_string(kind.second)), std::to_string(sums.errors), component, count(sums.components.size()),
                          count(sums.projects.size()), count(sums.sessions.size()), time_text(times.empty() ? kNever : *std::min_element(times.begin(), times.end())),
                          time_text(times.empty() ? kNever : *std::max_element(times.begin(), times.end())), count(sums.days.size()), std::to_string(open),
                          count(closed.size()), percentile(closed, 0.5), percentile(closed, 0.9), std::to_string(std::get<1>(sums.newest)), sums.sample});
  }
  std::sort(rows.begin(), rows.end());
  std::vector<Row> out;
  for (auto& row : rows) out.push_back(std::move(std::get<3>(row)));
  return out;
}

Appended random_message(Rng& rng) {
  const auto choose = [&](std::initializer_list<const char*> of) { return std::string(*(of.begin() + pick(rng, of.size()))); };
  const std::string number = std::to_string(pick(rng, 5));
  Appended message;
  message.content = choose({"cannot open '/tmp/a", "socket hang up after ", "status code ", "MCP server \"x\" Server stderr: 2025-11-15 10:00:00 | INFO | n ",
                            "MCP server \"x\" Server stderr: 2025-11-15 10:00:00 | DEBUG | n ", "the tide is at "}) + number;
  message.level = choose({"ERROR", "ERROR", "INFO", "WARN", ""});
  message.session = choose({"", "session-1", "session-2", "session-3", "session-4"});
  message.source = message.session + "/log.txt";
  message.project = choose({"", "/home/ada/tides", "/home/ada/atlas"});
  message.component = choose({"", "MCP", "LSP", "Hooks"});
  if (pick(rng, 10) != 0) message.time_ms = kBegin + static_cast<std::int64_t>(pick(rng, 2 * kDay / 60'000)) * 60'000;
  return message;
}

void forget(Memory& memory, const std::string& session, std::int64_t message_id) {
  cmem_forget_options options CMEM_FORGET_OPTIONS_INIT;
  options.session = session.empty() ? nullptr : session.data();
  options.session_len = session.size();
  options.message_id = message_id;
  cmem_error error;
  cmem_forget_result result CMEM_FORGET_RESULT_INIT;
  if (cmem_forget(&result, memory.handle(), &options, &error) != CMEM_OK) FAIL(error.text);
}

void check_all(Memory& memory) {
  const std::vector<Asked> questions{{},
                                     {.project = "/home/ada/tides"},
                                     {.component = "MCP"},
                                     {.session = "session-2"},
                                     {.from_ms = kBegin + 3 * 3'600'000, .until_ms = kBegin + kDay}};
  for (const Asked& asked : questions) {
    const Answer answer = report(memory, asked);
    // A name that is forgotten by now.
    if (answer.status == CMEM_E_NOT_FOUND) continue;
    REQUIRE(cells(answer) == expected(memory, asked));
  }
}

}  // namespace

TEST_CASE("the report on errors equals a computation over the messages", "[report][errors]") {
  const std::uint64_t seed = test_seed();
  for (std::uint64_t store = 0; store < 6; ++store) {
    INFO("seed " << seed << " + " << store);
    Rng rng(seed + store);
    TempFolder folder;
    Memory memory(folder.file("memory.db"));
    Memory other(folder.file("memory.db"));
    for (int batch = 0; batch < 8; ++batch) {
      std::vector<Appended> messages;
      for (std::size_t i = pick(rng, 60); i > 0; --i) messages.push_back(random_message(rng));
      (pick(rng, 2) == 0 ? memory : other).append(messages);
      if (batch % 3 == 0) check_all(memory);
    }
    check_all(memory);
    const auto before = cells(report(memory));
    memory.rebuild();
    CHECK(cells(report(memory)) == before);
    CHECK(memory.faults().empty());
    const std::int64_t some = memory.query().at(0, "id").number;
    forget(memory, "", some);
    forget(memory, "session-1", 0);
    check_all(memory);
    other.append({random_message(rng), random_message(rng)});
    check_all(memory);
    CHECK(memory.faults().empty());
  }
}

TEST_CASE("many errors are logged in several rows", "[report][errors]") {
  TempFolder folder;
  Memory memory(folder.file("memory.db"));
  for (int batch = 0; batch < 5; ++batch) {
    std::vector<Appended> messages;
    for (int i = 0; i < 700; ++i)
      messages.push_back({.content = "tide " + std::to_string(i), .source = "a", .level = "ERROR", .time_ms = kBegin + batch * 700 + i});
    memory.append(messages);
  }
  CHECK(report(memory).at(0, "errors").number == 3500);
  CHECK(memory.try_sql("SELECT count(*) FROM error_log").rows[0][0].number == 4);
  CHECK(memory.try_sql("SELECT count(*) FROM error_template").rows[0][0].number == 1);
  CHECK(memory.faults().empty());
}

TEST_CASE("a text that was no error first is one where its message says so", "[report][errors]") {
  TempFolder folder;
  Memory memory(folder.file("memory.db"));
  memory.append({{.content = "status code 500", .level = "INFO", .time_ms = kBegin}});
  CHECK(report(memory).rows.empty());
  memory.append({{.content = "status code 500", .level = "ERROR", .time_ms = kBegin + 1}});
  memory.append({{.content = "status code 500", .level = "DEBUG", .time_ms = kBegin + 2}, {.content = "status code 404", .level = "ERROR"}});
  CHECK(cells(report(memory)) == expected(memory));
  CHECK(report(memory).at(0, "template").text == "status code <num>");
  CHECK(report(memory).at(0, "errors").number == 2);
}

TEST_CASE("an error is closed in a session that went on for ten minutes without it", "[report][errors]") {
  TempFolder folder;
  Memory memory(folder.file("memory.db"));
  const auto message = [](const char* session, const char* level, std::int64_t time_ms) {
    return Appended{.content = "tide " + std::to_string(time_ms), .source = session, .session = session, .level = level, .time_ms = kBegin + time_ms};
  };
  memory.append({message("session-a", "ERROR", 0), message("session-a", "ERROR", 5'000), message("session-a", "INFO", 605'000)});
  memory.append({message("session-b", "ERROR", 0), message("session-b", "INFO", 599'999)});
  memory.append({message("session-c", "ERROR", 1'000)});
  const Answer answer = report(memory);
  CHECK(answer.at(0, "closed").number == 1);
  CHECK(answer.at(0, "open").number == 2);
  CHECK(answer.at(0, "median_resolution").number == 5'000);
  CHECK(answer.at(0, "p90_resolution").number == 5'000);
  CHECK(report(memory, {.session = "session-c"}).at(0, "errors").number == 1);
  CHECK(report(memory, {.session = "no-such-session"}).status == CMEM_E_NOT_FOUND);
}

TEST_CASE("what is forgotten leaves no template behind", "[report][errors]") {
  TempFolder folder;
  Memory memory(folder.file("memory.db"));
  memory.append({{.content = "quahog leaked", .source = "a", .session = "session-a", .level = "ERROR"}, {.content = "tide", .source = "b", .level = "ERROR"}});
  forget(memory, "session-a", 0);
  CHECK(memory.try_sql("SELECT text FROM error_template").rows.size() == 1);
  memory.close();
  CHECK(read_file(folder.file("memory.db")).find("quahog") == std::string::npos);
}

TEST_CASE("a store of an older format is reported by a scan, and gets its log when it is opened for writing", "[report][errors]") {
  Rng rng(test_seed());
  TempFolder folder;
  const std::string path = folder.file("memory.db");
  std::vector<Row> before;
  {
    Memory memory(path);
    std::vector<Appended> messages;
    for (int i = 0; i < 200; ++i) messages.push_back(random_message(rng));
    memory.append(messages);
    before = cells(report(memory));
  }
  {
    sqlite::OpenOptions options;
    options.defensive = false;
    must(must(sqlite::Connection::open(path, options))
             .exec("DROP TABLE activity; DROP TABLE error_log; DROP TABLE error_template; DELETE FROM schema_migration; "
                   "INSERT INTO schema_migration VALUES(3, 0, 'x'); PRAGMA user_version = 3"));
  }
  {
    Memory memory(path, true);
    CHECK(cells(report(memory)) == before);
  }
  Memory memory(path);
  memory.append({random_message(rng)});
  CHECK(memory.faults().empty());
  CHECK(cells(report(memory)) == expected(memory));
}

TEST_CASE("a store of format 4 gets the levels of all lines of a server's output", "[report][errors][format]") {
  TempFolder folder;
  const std::string path = folder.file("memory.db");
  {
    Memory memory(path);
    memory.append({{.content = "MCP server \"m\" Server stderr: INFO: it starts\nERROR: it fails", .level = "ERROR", .time_ms = kBegin}});
  }
  {
    sqlite::OpenOptions options;
    options.defensive = false;
    must(must(sqlite::Connection::open(path, options))
             .exec("UPDATE error_template SET level = 2; UPDATE schema_migration SET version = 4; PRAGMA user_version = 4"));
  }
  CHECK(Memory(path, true).faults().size() == 1);
  Memory memory(path);
  CHECK(memory.faults().empty());
  CHECK(cells(report(memory)).at(0).at(1) == "ERROR");
}

TEST_CASE("a log of errors that differs from the rows is found, and mended by a rebuild", "[report][errors]") {
  TempFolder folder;
  const std::string path = folder.file("memory.db");
  {
    Memory memory(path);
    memory.append({{.content = "a", .level = "ERROR", .time_ms = kBegin}, {.content = "b", .level = "ERROR"}});
  }
  for (const char* damage : {"UPDATE error_template SET text = 'x' WHERE id = 1", "UPDATE error_log SET entries = x'00'", "DELETE FROM error_log",
                             "INSERT INTO error_template VALUES(9, 0, 'y')"}) {
    {
      sqlite::OpenOptions options;
      options.defensive = false;
      must(must(sqlite::Connection::open(path, options)).exec(damage));
    }
    Memory memory(path);
    CHECK(memory.faults().size() == 1);
    memory.rebuild();
    CHECK(memory.faults().empty());
  }
}

TEST_CASE("a message that is taken out is in the log of errors no more", "[report][errors]") {
  TempFolder folder;
  const std::string path = folder.file("memory.db");
  {
    Memory memory(path);
    for (const char* content : {"a 1", "b 2", "a 3"}) memory.append({{.content = content, .level = "ERROR", .time_ms = kBegin}, {.content = content, .level = "INFO"}});
  }
  sqlite::OpenOptions options;
  options.defensive = false;
  sqlite::Connection db = must(sqlite::Connection::open(path, options));
  const auto ids = [&] {
    std::vector<std::int64_t> found;
    for (const LoggedError& error : must(read_error_log(db)).errors) found.push_back(error.message_id);
    return found;
  };
  REQUIRE(ids() == std::vector<std::int64_t>{1, 3, 5});
  ErrorLogWriter writer;
  must(writer.take_out(db, 1));
  must(writer.take_out(db, 2));  // no error
  CHECK(ids() == std::vector<std::int64_t>{3, 5});
  must(writer.take_out(db, 5));
  must(writer.add(db, {7, kNoTime, 1, 0}, 1, "b 9"));
  must(writer.flush(db));
  CHECK(ids() == std::vector<std::int64_t>{3, 7});
  must(writer.take_out(db, 3));
  must(writer.take_out(db, 7));
  CHECK(ids().empty());
  CHECK(must(db.query_int("SELECT count(*) FROM error_log")) == 0);
}

}  // namespace cmem::test
