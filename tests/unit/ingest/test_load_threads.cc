// Loads and what runs beside them in one process. Catch2's macros are for one thread: the others note what went wrong.
#include <coditect/memory.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "ingest/bounded_queue.h"
#include "unit/ingest/load_support.h"

namespace cmem::test {
namespace {

namespace fs = std::filesystem;

cmem_status load(cmem_store* store, const std::vector<std::string>& paths, cmem_load_result& result) {
  std::vector<const char*> names;
  for (const std::string& path : paths) names.push_back(path.c_str());
  result = cmem_load_result CMEM_LOAD_RESULT_INIT;
  return cmem_load(&result, store, names.data(), names.size(), nullptr, nullptr);
}

// What the threads beside a load report.
class Complaints {
 public:
  void require(bool holds, const std::string& what) {
    if (holds) return;
    const std::lock_guard lock(mutex_);
    if (texts_.size() < 10) texts_.push_back(what);
  }
  std::vector<std::string> texts() {
    const std::lock_guard lock(mutex_);
    return texts_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> texts_;
};

// Runs `work` again and again, at least once, on a thread of its own until it goes out of scope.
template <typename Work>
class Repeat {
 public:
  explicit Repeat(Work work)
      : work_(std::move(work)), thread_([this] {
          do work_();
          while (!stop_);
        }) {}
  Repeat(const Repeat&) = delete;
  Repeat& operator=(const Repeat&) = delete;
  ~Repeat() {
    stop_ = true;
    thread_.join();
  }

 private:
  Work work_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

// All rows of a call that opens a cursor; a failure is complained about.
template <typename Call>
std::vector<std::vector<Value>> rows_of(Complaints& complaints, const std::string& what, Call call) {
  cmem_cursor* cursor = nullptr;
  cmem_error error;
  if (call(&cursor, &error) != CMEM_OK) {
    complaints.require(false, what + ": " + error.text);
    return {};
  }
  Answer answer = read_cursor(cursor);
  complaints.require(answer.status == CMEM_DONE, what + ": " + answer.error);
  return answer.rows;
}

std::vector<std::vector<Value>> sql(Complaints& complaints, cmem_store* store, const std::string& statement) {
  return rows_of(complaints, statement, [&](cmem_cursor** out, cmem_error* error) {
    return cmem_sql(out, store, statement.data(), statement.size(), 0, error);
  });
}

void check_one_state(Complaints& complaints, cmem_store* store) {
  const auto rows = sql(complaints, store,
                        "SELECT messages, (SELECT count(*) FROM message), (SELECT sum(messages) FROM context) FROM commit_clock");
  if (rows.size() != 1) return complaints.require(false, "no row");
  complaints.require(rows[0][0].number == rows[0][1].number && rows[0][0].number == rows[0][2].number, "half a batch was seen");
}

// A file whose next open(2), by anybody, waits until release(). The system lets it go by itself after some 45 s.
class HeldFile {
 public:
  explicit HeldFile(const std::string& path) : fd_(::open(path.c_str(), O_RDWR | O_CLOEXEC)), old_(::signal(SIGIO, SIG_IGN)) {
    is_held_ = fd_ >= 0 && ::fcntl(fd_, F_SETLEASE, F_WRLCK) == 0;
  }
  HeldFile(const HeldFile&) = delete;
  HeldFile& operator=(const HeldFile&) = delete;
  ~HeldFile() {
    release();
    ::close(fd_);
    ::signal(SIGIO, old_);
  }
  [[nodiscard]] bool is_held() const { return is_held_; }
  // True once somebody waits in open(2).
  [[nodiscard]] bool wait_until_wanted() const {
    for (int i = 0; i < 60'000; ++i) {
      if (::fcntl(fd_, F_GETLEASE) != F_WRLCK) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }
  void release() {
    if (is_held_) ::fcntl(fd_, F_SETLEASE, F_UNLCK);
    is_held_ = false;
  }

 private:
  int fd_;
  void (*old_)(int);
  bool is_held_ = false;
};

}  // namespace

TEST_CASE("others may write while a source is hashed a second time", "[ingest][threads]") {
  Desk desk;
  // With more than a few sources the load does not put off the wait to its end.
  const int further = GENERATE(0, 30);
  std::vector<std::string> paths = {desk.source(lines(1, 10), "a.jsonl")};
  for (int i = 0; i < further; ++i) paths.push_back(desk.source(line(100 + i), "b" + std::to_string(100 + i) + ".jsonl"));
  const std::string same = desk.source(lines(1, 10), "same");
  HeldFile first(paths[0]);
  HeldFile second(same);
  if (!first.is_held() || !second.is_held()) {
    std::printf("skipped: the file system of the temporary folder knows no leases\n");
    return;
  }
  std::atomic<bool> is_loaded = false;
  cmem_load_result result;
  cmem_status status = CMEM_OK;
  std::jthread loader([&] {
    status = load(desk.memory.handle(), paths, result);
    is_loaded = true;
  });
  // The load is about to open the first file, and will read that one; what it hashes afterwards is the other one.
  REQUIRE(first.wait_until_wanted());
  fs::rename(same, paths[0]);
  first.release();
  REQUIRE(second.wait_until_wanted());
  Memory other(desk.folder.file("memory.db"));
  CHECK(other.append({{.content = "meanwhile", .source = "other"}}).messages_new == 1);
  CHECK(other.count({.source_type = "history"}) >= 10);
  CHECK_FALSE(is_loaded);
  second.release();
  loader.join();
  CHECK(status == CMEM_OK);
  CHECK(result.sources_changed == 0);
  CHECK(desk.memory.count() == static_cast<std::uint64_t>(11 + further));
  const auto runs = desk.memory.table(cmem_runs, std::uint64_t{0}).texts("status");
  CHECK(std::count(runs.begin(), runs.end(), "complete") == 1 + further);
}

TEST_CASE("a large source goes through all threads of the pipeline and comes back byte for byte", "[ingest][threads]") {
  Desk desk;
  std::string bytes;
  for (int i = 1; i <= 40'000; ++i) bytes += i % 1'000 == 0 ? "this is no record\n" : line(i, "message " + std::to_string(i % 500));
  cmem_load_result result;
  REQUIRE(desk.memory.try_load({desk.source(bytes)}, result) == CMEM_OK);
  CHECK(result.messages_new == 39'960);
  CHECK(result.rejected == 40);
  Memory again(desk.folder.file("again.db"));
  again.load({desk.source(desk.memory.export_raw(), "exported.jsonl")});
  CHECK(again.export_raw() == desk.memory.export_raw());
  CHECK(desk.memory.faults().empty());
}

TEST_CASE("many sources are hashed again beside the load of the next ones", "[ingest][threads]") {
  Desk desk;
  std::vector<std::string> paths;
  for (int i = 0; i < 50; ++i) paths.push_back(desk.source(lines(i * 40 + 1, i * 40 + 40), std::to_string(100 + i) + ".jsonl"));
  const auto result = desk.memory.load(paths);
  CHECK(result.messages_new == 2'000);
  const Answer runs = desk.memory.table(cmem_runs, std::uint64_t{0});
  REQUIRE(runs.rows.size() == 50);
  for (std::size_t i = 0; i < runs.rows.size(); ++i) {
    CHECK(runs.at(i, "status").text == "complete");
    CHECK(runs.at(i, "sha256_before").text == runs.at(i, "sha256_after").text);
  }
}

TEST_CASE("several threads read through one handle while it loads, and each sees whole batches", "[ingest][threads]") {
  Desk desk;
  desk.memory.load({desk.source(lines(1, 2'000), "a.jsonl")});
  const auto path = desk.source(lines(2'001, 30'000), "b.jsonl");
  cmem_store* const store = desk.memory.handle();
  Complaints complaints;
  cmem_load_result result;
  cmem_status status = CMEM_OK;
  {
    const Repeat state([&] { check_one_state(complaints, store); });
    const Repeat counts([&, last = std::uint64_t{0}]() mutable {
      std::uint64_t now = 0;
      complaints.require(cmem_count(&now, store, nullptr, nullptr) == CMEM_OK && now >= last, "a count went back");
      last = now;
    });
    const Repeat queries([&] {
      cmem_page page CMEM_PAGE_INIT;
      page.limit = 100;
      const auto rows = rows_of(
          complaints, "query", [&](cmem_cursor** out, cmem_error* error) { return cmem_query(out, store, nullptr, &page, error); });
      complaints.require(rows.size() == 100, "a query gave fewer messages than there are");
    });
    const Repeat searches([&] {
      cmem_page page CMEM_PAGE_INIT;
      page.limit = 10;
      page.tiers = CMEM_TIERS_EXACT;
      const auto rows = rows_of(complaints, "search", [&](cmem_cursor** out, cmem_error* error) {
        return cmem_search(out, store, "1999", 4, nullptr, &page, error);
      });
      complaints.require(rows.size() == 1, "a search did not find its message");
    });
    status = load(store, {path}, result);
  }
  for (const std::string& text : complaints.texts()) FAIL_CHECK(text);
  CHECK(status == CMEM_OK);
  CHECK(desk.memory.count() == 30'000);
}

TEST_CASE("cursors that were opened before a load give what they would have given, also while it runs", "[ingest][threads]") {
  Desk desk;
  desk.memory.load({desk.source(lines(1, 3'000), "a.jsonl")});
  const auto path = desk.source(lines(3'001, 30'000), "b.jsonl");
  cmem_store* const store = desk.memory.handle();
  cmem_cursor* newest = nullptr;
  desk.memory.done(cmem_query(&newest, store, nullptr, nullptr, nullptr));
  cmem_cursor* by_sql = nullptr;
  const std::string statement = "SELECT message_id FROM session_messages ORDER BY message_id DESC";
  desk.memory.done(cmem_sql(&by_sql, store, statement.data(), statement.size(), 0, nullptr));
  const cmem_value* row = nullptr;
  // The first row fixes what the cursor gives: of later messages it knows nothing.
  for (cmem_cursor* cursor : {newest, by_sql}) {
    desk.memory.done(cmem_cursor_next(&row, cursor, nullptr));
    CHECK(row[0].i64 == 3'000);
  }
  Answer answers[2];
  cmem_load_result result;
  {
    std::jthread first([&] { answers[0] = read_cursor(newest); });
    std::jthread second([&] { answers[1] = read_cursor(by_sql); });
    CHECK(load(store, {path}, result) == CMEM_OK);
  }
  for (const Answer& answer : answers) {
    CHECK(answer.status == CMEM_DONE);
    CHECK(answer.rows.size() == 2'999);
    std::int64_t expected = 3'000;
    for (const auto& values : answer.rows) REQUIRE(values[0].number == --expected);
  }
  CHECK(desk.memory.count() == 30'000);
}

TEST_CASE("threads that append and a load take turns and lose nothing", "[ingest][threads]") {
  Desk desk;
  const auto path = desk.source(lines(1, 20'000));
  constexpr int kThreads = 3;
  constexpr int kAppends = 20;
  Complaints complaints;
  Memory second(desk.folder.file("memory.db"));
  {
    std::vector<std::jthread> threads;
    for (int number = 0; number < kThreads; ++number)
      threads.emplace_back([&, number] {
        // Two handles of one store in one process, one of them shared by two threads.
        cmem_store* const store = number == 0 ? desk.memory.handle() : second.handle();
        for (int i = 0; i < kAppends; ++i) {
          const std::string content = "thread " + std::to_string(number) + " says " + std::to_string(i);
          cmem_message message CMEM_MESSAGE_INIT;
          message.content = content.data();
          message.content_len = content.size();
          cmem_append_result result CMEM_APPEND_RESULT_INIT;
          cmem_error error;
          complaints.require(cmem_append(&result, store, &message, 1, &error) == CMEM_OK && result.messages_new == 1, error.text);
        }
      });
    cmem_load_result result;
    complaints.require(load(desk.memory.handle(), {path}, result) == CMEM_OK, "the load failed");
  }
  for (const std::string& text : complaints.texts()) FAIL_CHECK(text);
  CHECK(desk.memory.count() == 20'000 + kThreads * kAppends);
  CHECK(desk.memory.search("says").total == kThreads * kAppends);
  CHECK(desk.memory.faults().empty());
}

TEST_CASE("a bounded queue gives each item once, and wakes who waits when it ends", "[ingest][threads]") {
  BoundedQueue<int> queue(3);
  std::atomic<int> sum = 0;
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> consumers;
    for (int i = 0; i < 3; ++i)
      consumers.emplace_back([&] {
        while (const auto item = queue.pop()) sum += *item;
      });
    std::vector<std::jthread> producers;
    for (int i = 0; i < 2; ++i)
      producers.emplace_back([&] {
        for (int item = 1; item <= 1'000; ++item) refused += queue.push(item) ? 0 : 1;
      });
    producers.clear();
    queue.close();
  }
  CHECK(sum == 2 * 500'500);
  CHECK(refused == 0);
  BoundedQueue<int> aborted(1);
  REQUIRE(aborted.push(1));
  {
    std::jthread waits([&] { refused += aborted.push(2) ? 0 : 1; });
    aborted.abort();
  }
  CHECK(refused == 1);
  CHECK_FALSE(aborted.pop());
}

TEST_CASE("a bounded queue takes items until their weights fill it, and one that is too heavy alone", "[ingest][threads]") {
  BoundedQueue<std::size_t> queue(100);
  REQUIRE(queue.push(1'000, 1'000));
  std::atomic<bool> pushed = false;
  {
    std::jthread waits([&] { pushed = queue.push(60, 60); });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    CHECK_FALSE(pushed);
    CHECK(queue.pop() == 1'000U);
  }
  CHECK(pushed);
  REQUIRE(queue.push(39, 39));
  REQUIRE(queue.push(0, 0));  // 99 are taken: an item without a weight takes one
  {
    std::jthread waits([&] { pushed = !queue.push(1); });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    queue.abort();
  }
  CHECK(pushed);
}

}  // namespace cmem::test
