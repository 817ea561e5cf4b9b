// memory.hpp against the shared library: RAII, errors as exceptions, iteration, callbacks.
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <coditect/memory.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

namespace fs = std::filesystem;
using coditect::Cursor;
using coditect::Filter;
using coditect::Order;
using coditect::Page;
using coditect::Row;
using coditect::Store;

static_assert(!std::is_copy_constructible_v<Store> && std::is_nothrow_move_constructible_v<Store>);
static_assert(!std::is_copy_constructible_v<Cursor> && std::is_nothrow_move_constructible_v<Cursor>);
static_assert(std::input_iterator<Cursor::Iterator>);

namespace {

struct Folder {
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "cmem-hpp-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path = pattern;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  std::string file(const std::string& name) const { return (path / name).string(); }

  fs::path path;
};

Store create(const Folder& folder, const std::string& name = "memory.db") {
  coditect::OpenOptions options;
  options.create = true;
  return Store::open(folder.file(name), options);
}

coditect::Message message(int i) {
  coditect::Message out;
  out.content = "message " + std::to_string(i);
  out.time_ms = 1'763'000'000'000 + i * 1000;
  out.session = "session-" + std::to_string(i % 3);
  out.project = "/home/dev/app";
  out.level = i % 10 == 0 ? "ERROR" : "INFO";
  out.source = "app.log";
  out.line = i + 1;
  return out;
}

void append(Store& store, int count) {
  std::vector<coditect::Message> messages;
  for (int i = 0; i < count; ++i) messages.push_back(message(i));
  REQUIRE(store.append(messages).messages_new == count);
}

std::vector<std::string> contents(Cursor cursor) {
  std::vector<std::string> out;
  for (const Row& row : cursor) out.emplace_back(row["content"].text());
  return out;
}

// Writes extraction records that are no duplicates of each other.
std::string write_history(const Folder& folder, int count) {
  const std::string path = folder.file("history.jsonl");
  std::ofstream out(path);
  for (int i = 1; i <= count; ++i) {
    out << R"({"content": "prompt )" << i << R"(", "source": "history.jsonl:line-)" << i << R"(", "timestamp": )"
        << 1'763'000'000'000 + i << R"(, "session_id": "11111111-2222-3333-4444-555555555555", "project": "/p", )"
        << R"("source_type": "history"})" << '\n';
  }
  return path;
}

template <typename Call>
cmem_status status_of(Call&& call) {
  try {
    call();
  } catch (const coditect::Error& error) {
    CHECK(std::string(error.what()).size() > 5);
    return error.status();
  }
  return CMEM_OK;
}

}  // namespace

TEST_CASE("rows are read in a range-based for loop") {
  const Folder folder;
  Store store = create(folder);
  append(store, 100);
  const std::vector<std::string> oldest = contents(store.query({}, Page().order(Order::oldest).limit(3)));
  CHECK(oldest == std::vector<std::string>{"message 0", "message 1", "message 2"});
  CHECK(contents(store.query(Filter().session("session-2"), Page().limit(1))) == std::vector<std::string>{"message 98"});
  CHECK(store.query().total() == 100);
  CHECK(std::distance(store.query().begin(), Cursor::Iterator()) == 100);
}

TEST_CASE("cells know their type and complain about the wrong one") {
  const Folder folder;
  Store store = create(folder);
  append(store, 1);
  Cursor cursor = store.query();
  const Row* row = cursor.next();
  REQUIRE(row != nullptr);
  CHECK((*row)["id"].integer() == 1);
  CHECK((*row)[0].integer() == (*row)[0U].integer());
  CHECK((*row)["time"].time_ms() == 1'763'000'000'000);
  CHECK((*row)["time"].time().time_since_epoch() == std::chrono::milliseconds(1'763'000'000'000));
  CHECK((*row)["project"].text() == "/home/dev/app");
  CHECK((*row)["role"].is_null());
  CHECK_FALSE((*row)["role"]);
  CHECK((*row)["role"].text().empty());
  CHECK(row->size() == 11);
  CHECK(status_of([&] { (*row)["content"].integer(); }) == CMEM_E_INVALID);
  CHECK(status_of([&] { (*row)["id"].text(); }) == CMEM_E_INVALID);
  CHECK(status_of([&] { (*row)["role"].time(); }) == CMEM_E_INVALID);
  CHECK(status_of([&] { (*row)["nothing"]; }) == CMEM_E_INVALID);
  CHECK(status_of([&] { (*row)[11]; }) == CMEM_E_INVALID);
  CHECK(status_of([&] { (*row)[-1]; }) == CMEM_E_INVALID);
  CHECK(cursor.next() == nullptr);
  CHECK(cursor.next() == nullptr);
}

TEST_CASE("pages go on after a position") {
  const Folder folder;
  Store store = create(folder);
  append(store, 25);
  std::vector<std::string> all;
  std::string position;
  for (int page = 0; page < 4; ++page) {
    Cursor cursor = store.query({}, Page().order(Order::oldest).limit(10).after(position));
    for (const Row& row : cursor) all.emplace_back(row["content"].text());
    position = cursor.position();
  }
  CHECK(all == contents(store.query({}, Page().order(Order::oldest))));
  CHECK(all.size() == 25);
}

TEST_CASE("handles move and close once") {
  const Folder folder;
  Store first = create(folder);
  append(first, 5);
  Store second = std::move(first);
  CHECK(first.raw() == nullptr);
  Cursor cursor = second.query();
  REQUIRE(cursor.next() != nullptr);
  Cursor moved = std::move(cursor);
  CHECK(cursor.empty());
  second.close();
  second.close();
  int rest = 0;
  while (moved.next() != nullptr) ++rest;
  CHECK(rest == 4);
  moved = Cursor();
  CHECK(moved.empty());
  CHECK(status_of([&] { second.query(); }) == CMEM_E_INVALID);
}

TEST_CASE("a failed status becomes an exception with its text and detail") {
  const Folder folder;
  CHECK(status_of([&] { Store::open(folder.file("absent.db")); }) == CMEM_E_NOT_FOUND);
  Store store = create(folder);
  CHECK(status_of([&] { store.get(77); }) == CMEM_E_NOT_FOUND);
  CHECK(status_of([&] { store.query(Filter().level("LOUD")); }) == CMEM_E_INVALID);
  CHECK(status_of([] { coditect::parse_time_range("when pigs fly"); }) == CMEM_E_INVALID);
  try {
    coditect::Message bad = message(2);
    bad.line = -1;
    store.append({message(0), message(1), bad});
    FAIL("a negative line was taken");
  } catch (const coditect::Error& error) {
    CHECK(error.status() == CMEM_E_INVALID);
    CHECK(error.detail() == 2);
    CHECK(std::string(error.name()) == cmem_status_name(CMEM_E_INVALID));
  }
  CHECK(store.count() == 0);
}

TEST_CASE("filters and time ranges reach the library") {
  const Folder folder;
  Store store = create(folder);
  append(store, 100);
  CHECK(store.count(Filter().level("ERROR")) == 10);
  CHECK(store.count(Filter().project("app").session("session-0")) == 34);
  CHECK(store.count(Filter().time({1'763'000'000'000, 1'763'000'010'000})) == 10);
  CHECK(store.count(Filter().component("None")) == 0);
  const coditect::TimeRange days = coditect::parse_time_range("2025-11-15..2025-11-17", true);
  CHECK(days.until_ms - days.from_ms == 3 * 86'400'000LL);
  CHECK(coditect::version() == cmem_version());
}

TEST_CASE("searching ranks by relevance unless told otherwise") {
  const Folder folder;
  Store store = create(folder);
  append(store, 100);
  Cursor cursor = store.search("message 42");
  CHECK(cursor.total() == 1);
  const Row* row = cursor.next();
  REQUIRE(row != nullptr);
  CHECK(std::string((*row)["snippet"].text()) ==
        "\x02message\x03 \x02"
        "42\x03");
  CHECK((*row)["score"].real() > 0.0);
  CHECK((*row)["same_text"].integer() == 1);
  std::vector<std::int64_t> times;
  for (const Row& hit : store.search("message", {}, Page().order(Order::oldest).limit(5))) times.push_back(hit["time"].time_ms());
  CHECK(times.size() == 5);
  CHECK(std::is_sorted(times.begin(), times.end()));
}

TEST_CASE("a search says how its messages are divided") {
  const Folder folder;
  Store store = create(folder);
  append(store, 30);
  Cursor search = store.search("message", {}, Page().utc());
  Cursor rows = search.facets({"role,session", coditect::Histogram::day, 5});
  std::map<std::string, std::int64_t> sums;
  while (const Row* row = rows.next()) sums[std::string((*row)["facet"].text())] += (*row)["messages"].integer();
  CHECK(sums == std::map<std::string, std::int64_t>{{"histogram", 30}, {"role", 30}, {"session", 30}});
  CHECK_THROWS_AS(search.facets({}), coditect::Error);
  CHECK_THROWS_AS(rows.facets({"role"}), coditect::Error);
}

TEST_CASE("a search says how it was understood, by the clock of its page") {
  const Folder folder;
  Store store = create(folder);
  append(store, 5);
  constexpr std::int64_t kDay = 86'400'000;
  Cursor search = store.search("message 4 on:yesterday", {}, Page().utc().now(10 * kDay + 5));
  Cursor rows = search.explanation();
  std::vector<std::string> parts;
  while (const Row* row = rows.next()) {
    parts.emplace_back((*row)["part"].text());
    if (parts.back() == "field") CHECK((*row)["from"].time_ms() == 9 * kDay);
  }
  CHECK(parts == std::vector<std::string>{"query", "term", "term", "field"});
  CHECK(search.next() == nullptr);
  CHECK_THROWS_AS(rows.explanation(), coditect::Error);
}

TEST_CASE("a load reports progress, and what the callback throws comes out") {
  const Folder folder;
  Store store = create(folder);
  const std::string path = write_history(folder, 50'000);

  coditect::LoadOptions options;
  options.progress = [](std::int64_t, std::int64_t, const char*, std::int64_t) -> bool { throw std::domain_error("mine"); };
  CHECK_THROWS_AS(store.load({path}, options), std::domain_error);

  options.progress = [](std::int64_t, std::int64_t, const char*, std::int64_t) { return true; };
  std::int64_t before = 0;
  try {
    store.load({path}, options);
    FAIL("a stopped load returned");
  } catch (const coditect::LoadError& error) {
    CHECK(error.status() == CMEM_E_CANCELLED);
    before = static_cast<std::int64_t>(store.count());
    CHECK(error.result().messages_new <= before);
  }

  int calls = 0;
  options.progress = [&](std::int64_t, std::int64_t, const char* unit, std::int64_t) {
    ++calls;
    return std::string(unit) != "bytes";
  };
  const coditect::LoadResult result = store.load({path}, options);
  CHECK(calls > 0);
  CHECK(before + result.messages_new == 50'000);
  CHECK(store.load({path}).messages_new == 0);
  CHECK(store.runs().total() >= 3);
}

TEST_CASE("an export goes to a sink that may stop or throw") {
  const Folder folder;
  Store store = create(folder);
  append(store, 20);
  std::string text;
  const auto keep = [&](std::string_view piece) {
    text.append(piece);
    return false;
  };
  CHECK(store.export_to(keep) == 20);
  CHECK(std::count(text.begin(), text.end(), '\n') == 20);
  CHECK(store.export_to(keep, coditect::ExportFormat::jsonl, Filter().level("ERROR")) == 2);
  CHECK(status_of([&] { store.export_to([](std::string_view) { return true; }); }) == CMEM_E_CANCELLED);
  CHECK_THROWS_AS(store.export_to([](std::string_view) -> bool { throw std::out_of_range("mine"); }), std::out_of_range);
}

TEST_CASE("listings, statistics, SQL and health have their columns") {
  const Folder folder;
  Store store = create(folder);
  append(store, 30);
  CHECK(store.stats().messages == 30);
  CHECK(store.stats().sessions == 3);
  CHECK(store.projects().total() == 1);
  CHECK(store.sessions(Filter().project("app")).total() == 3);
  CHECK(store.components().column_name(0) == "component");
  CHECK(store.rejected().total() == 0);
  CHECK(store.sizes().next() != nullptr);
  Cursor numbers = store.sql("SELECT 7 AS n, 2.5 AS r, 'x' AS t");
  CHECK(numbers.total() == -1);
  CHECK(numbers.column_count() == 3);
  CHECK(status_of([&] { numbers.column_name(3); }) == CMEM_E_INVALID);
  const Row* row = numbers.next();
  REQUIRE(row != nullptr);
  CHECK((*row)["n"].integer() == 7);
  CHECK((*row)["r"].real() == 2.5);
  CHECK((*row)["n"].real() == 7.0);
  CHECK((*row)["t"].text() == "x");
  for (const Row& check : store.check(true)) {
    if (check["severity"].text() == "error") CHECK(check["ok"].integer() == 1);
  }
  CHECK(store.add_synonym("message", "letter"));
  CHECK_FALSE(store.add_synonym("letter", "message"));
  CHECK(store.synonyms().total() == 1);
  CHECK(store.search("letter").total() == 30);
  CHECK(store.remove_synonym("letter", "message"));
  CHECK_FALSE(store.remove_synonym("letter", "message"));
  CHECK(status_of([&] { store.add_synonym("-", "x"); }) == CMEM_E_INVALID);
  CHECK_FALSE(store.add_saved_search("letters", "message on:today"));
  CHECK(store.add_saved_search("letters", "message", true));
  CHECK_FALSE(store.add_saved_search("all", "message OR letter"));
  CHECK(store.saved_searches().total() == 2);
  {
    Cursor saved = store.saved_searches("letters");
    CHECK((*saved.next())["query"].text() == "message");
  }
  CHECK(store.remove_saved_search("letters"));
  CHECK_FALSE(store.remove_saved_search("letters"));
  CHECK(status_of([&] { store.add_saved_search("all", "x"); }) == CMEM_E_INVALID);
  store.rebuild();
  store.checkpoint();
  CHECK(store.search("message", {}, Page().all_matches()).total() == 30);
}

TEST_CASE("the files of a home come back, and saved versions are found") {
  const Folder folder;
  const auto write = [&](const std::string& name, const std::string& bytes) {
    fs::create_directories(fs::path(folder.file(name)).parent_path());
    std::ofstream(folder.file(name), std::ios::binary) << bytes;
  };
  const std::string history = "{\"display\":\"hello\",\"timestamp\":1763000000000}\n\n \t\r\nno JSON \xFF\n{\"display\":\"again\"}\r\n";
  write("home/history.jsonl", history + "{\"display\":\"torn");
  write("home/file-history/s1/0123456789abcdef@v2", std::string("a\0b", 3));
  Store store = create(folder);
  store.load_home("claude", folder.file("home"));

  std::vector<std::string> origins;
  for (const Row& row : store.sources()) origins.emplace_back(std::string(row["origin"].text()) + " " + std::string(row["kind"].text()));
  CHECK(origins == std::vector<std::string>{"file-history/s1/0123456789abcdef@v2 file", "history.jsonl lines"});
  std::string bytes;
  const auto keep = [&bytes](std::string_view piece) {
    bytes += piece;
    return false;
  };
  CHECK(store.export_source("history.jsonl", keep));
  CHECK(bytes == history);
  CHECK(status_of([&] { store.export_source("nothing.jsonl", keep); }) == CMEM_E_NOT_FOUND);
  CHECK(status_of([&] { store.export_source("history.jsonl", [](std::string_view) { return true; }); }) == CMEM_E_CANCELLED);

  CHECK(store.files().total() == 1);
  CHECK(store.files(Filter().session("s1-nobody")).total() == 0);
  Cursor versions = store.file_versions("0123456789abcdef");
  const Row* const version = versions.next();
  REQUIRE(version != nullptr);
  CHECK((*version)["version"].integer() == 2);
  CHECK((*version)["sessions"].text() == "s1");
  CHECK(store.read_file((*version)["id"].integer()) == std::string("a\0b", 3));
  CHECK(status_of([&] { store.read_file(999); }) == CMEM_E_NOT_FOUND);
  CHECK(store.file_versions("/no/such/file").total() == 0);
}

TEST_CASE("neighbours stand around a message in file order") {
  const Folder folder;
  Store store = create(folder);
  std::vector<coditect::Message> messages;
  for (int i = 0; i < 9; ++i) {
    messages.push_back(message(i));
    messages.back().session = "one";
  }
  const auto added = store.append(messages);
  CHECK(contents(store.get(added.first_id + 4, 2, 1)) ==
        std::vector<std::string>{"message 2", "message 3", "message 4", "message 5"});
}

TEST_CASE("one store serves several threads", "[threads]") {
  const Folder folder;
  Store store = create(folder);
  append(store, 200);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        if (t == 0) store.append({message(1000 + i)});
        if (contents(store.query(Filter().session("session-1"), Page().order(Order::oldest).limit(50))).size() != 50) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(store.count() == 220);
}
