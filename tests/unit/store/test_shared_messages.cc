// What the handles of one process learn of the messages for each other, against scans of the rows in the same transaction.
#include "store/shared_messages.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "sqlite/transaction.h"
#include "store/store.h"
#include "unit/store/store_fixture.h"
#include "unit/support/random.h"

namespace cmem::test {
namespace {

using Totals = std::map<std::uint32_t, std::int64_t>;  // by text: its messages
constexpr std::int64_t kAll = INT64_MAX;

std::vector<Appended> some_messages(Rng& rng, std::size_t count) {
  static const std::vector<std::string> levels{"", "DEBUG", "INFO", "WARN", "ERROR"};
  std::vector<Appended> messages;
  for (; count > 0; --count)
    messages.push_back({.content = "text " + std::to_string(pick(rng, 200)),
                        .session = "session-" + std::to_string(pick(rng, 20)),
                        .level = levels[pick(rng, levels.size())],
                        .time_ms = pick(rng, 9) == 0 ? INT64_MIN : static_cast<std::int64_t>(pick(rng, 100'000)) * 1000 + 1'700'000'000'000});
  return messages;
}

std::unique_ptr<Store> open_store(const std::string& path, std::int64_t most_learnt_in_search = kAll) {
  return must(Store::open(path, StoreOptions{.read_only = true, .most_learnt_in_search = most_learnt_in_search}));
}

Totals totals_of(const TextMessagesParts& parts) {
  Totals totals;
  for (const auto& part : parts)
    part->for_each_text([&](std::uint32_t text_id, std::span<const std::uint32_t> ranks) { totals[text_id] += static_cast<std::int64_t>(ranks.size()); });
  return totals;
}

Result<Totals> scan(sqlite::Connection& db, const std::string& where) {
  CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare("SELECT m.text_id, count(*) FROM message m JOIN context c ON c.id = m.context_id LEFT JOIN session s "
                                              "ON s.id = c.session_id LEFT JOIN project p ON p.id = coalesce(c.project_id, s.project_id) WHERE " +
                                              where + " GROUP BY m.text_id"));
  Totals totals;
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) return totals;
    totals[static_cast<std::uint32_t>(rows.column_int(0))] = rows.column_int(1);
  }
}

// A question, and the same in SQL.
struct Question {
  MessageFilter filter;
  std::string where = "1";
};

Question by(FilterField field, const std::string& value, const std::string& where) {
  Question question{{}, where};
  question.filter.add(field, value);
  return question;
}

Question random_question(Rng& rng) {
  switch (pick(rng, 4)) {
    case 0:
      return by(FilterField::kLevel, "WARN", "c.level = " + std::to_string(static_cast<int>(*level_from("WARN"))));
    case 1: {
      const std::string session = "session-" + std::to_string(pick(rng, 20));
      return by(FilterField::kSession, session, "s.external_id = '" + session + "'");
    }
    case 2:
      return by(FilterField::kProject, "/work/tides", "p.path = '/work/tides'");
    default:
      return {};
  }
}

// What a search would know in this moment; nothing: it does without.
std::optional<TextMessagesParts> ask(Store& store, const MessageFilter& filter = {}) {
  const auto transaction = must(sqlite::Transaction::begin_read(store.reader()));
  return must(store.resolve_filter(filter)).messages;
}

TextMessagesParts ask_until_known(Store& store, const MessageFilter& filter = {}) {
  for (int search = 0; search < 5'000; ++search) {
    if (auto known = ask(store, filter)) return *known;
    if (search > 100) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  FAIL("not learnt");
  return {};
}

// Empty, or what is wrong.
Result<std::string> compare(Store& store, const Question& question, std::atomic<int>& known_answers) {
  CMEM_ASSIGN_OR_RETURN(auto transaction, sqlite::Transaction::begin_read(store.reader()));
  CMEM_ASSIGN_OR_RETURN(const auto known, store.resolve_filter(question.filter));
  if (!known.messages) return std::string();
  ++known_answers;
  CMEM_ASSIGN_OR_RETURN(const Totals expected, scan(store.reader(), question.where));
  return totals_of(*known.messages) == expected ? std::string() : "other totals where " + question.where;
}

void search_until(const std::atomic<bool>& done, const std::string& path, std::uint64_t seed, std::atomic<int>& known_answers, std::string& wrong) {
  Rng rng(seed);
  while (wrong.empty() && !done) {
    auto store = Store::open(path, StoreOptions{.read_only = true, .most_learnt_in_search = static_cast<std::int64_t>(pick(rng, 3) * 2'000)});
    if (!store) wrong = store.error().text;
    for (std::size_t searches = 20 + pick(rng, 100); searches > 0 && wrong.empty() && !done; --searches) {
      auto difference = compare(**store, random_question(rng), known_answers);
      wrong = difference ? *difference : difference.error().text;
    }
  }
}

}  // namespace

TEST_CASE("what is known of a store's messages follows the store in few parts", "[store][shared_messages][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  const TempFolder folder;
  const std::string path = folder.file("memory.db");
  Memory memory(path);
  memory.append(some_messages(rng, 10));
  const auto store = open_store(path);
  ask_until_known(*store);
  for (int round = 0; round < 60; ++round) {
    // Some rounds go over the end of a segment of doc values.
    memory.append(some_messages(rng, 1 + pick(rng, round % 20 == 19 ? 9000 : 300)));
    const auto parts = ask(*store);
    REQUIRE(parts);
    CHECK(parts->size() <= 9);
    CHECK(totals_of(*parts) == must(scan(store->reader(), "1")));
    std::int64_t last_id = 0;
    for (const auto& part : *parts) {
      std::int64_t end_id = last_id;
      for (const TimedMessage& message : part->messages()) {
        REQUIRE(message.message_id > last_id);
        end_id = std::max(end_id, message.message_id);
      }
      last_id = end_id;
    }
  }
}

TEST_CASE("a handle uses what another one of the process has learnt", "[store][shared_messages]") {
  Rng rng(7);
  const TempFolder folder;
  const std::string path = folder.file("memory.db");
  Memory memory(path);
  memory.append(some_messages(rng, 3'000));
  auto first = open_store(path);
  CHECK_FALSE(ask(*first));  // a single search does not pay for it
  const auto question = by(FilterField::kLevel, "WARN", "");
  const auto parts = ask_until_known(*first);
  const auto selected = ask_until_known(*first, question.filter);
  const auto second = open_store(path);
  CHECK(ask(*second) == parts);
  CHECK(ask(*second, question.filter) == selected);
  first.reset();
  CHECK(ask(*second) == parts);

  cmem_error error;
  memory.done(cmem_checkpoint(memory.handle(), &error));
  std::filesystem::copy_file(path, folder.file("copy.db"));
  CHECK_FALSE(ask(*open_store(folder.file("copy.db"))));
  memory.rebuild();
  CHECK_FALSE(ask(*second));
}

TEST_CASE("a file that takes the place of a store is another one", "[store][shared_messages]") {
  Rng rng(7);
  const TempFolder folder;
  const std::string path = folder.file("memory.db");
  Memory(path).append(some_messages(rng, 3'000));
  Memory(folder.file("other.db")).append(some_messages(rng, 500));
  const auto store = open_store(path);
  const auto parts = ask_until_known(*store);
  std::filesystem::rename(folder.file("other.db"), path);
  const auto other = open_store(path);
  CHECK_FALSE(ask(*other));
  CHECK(totals_of(ask_until_known(*other)) == must(scan(other->reader(), "1")));
}

TEST_CASE("a transaction uses what lies before its end", "[store][shared_messages]") {
  Rng rng(7);
  const TempFolder folder;
  const std::string path = folder.file("memory.db");
  Memory memory(path);
  memory.append(some_messages(rng, 3'000));
  const auto old = open_store(path);
  const auto fresh = open_store(path);
  const bool knows_more = GENERATE(false, true);
  if (knows_more) ask_until_known(*old);
  {
    const auto transaction = must(sqlite::Transaction::begin_read(old->reader()));
    CHECK(must(scan(old->reader(), "1")).size() == 200);
    memory.append({{.content = "new", .time_ms = 5}, {.content = "newer", .time_ms = 6}});
    ask_until_known(*fresh);
    const auto parts = must(old->resolve_filter({})).messages;
    if (knows_more) REQUIRE(parts);
    if (parts) CHECK(totals_of(*parts) == must(scan(old->reader(), "1")));
  }
  CHECK(totals_of(*ask(*old)) == must(scan(old->reader(), "1")));
  CHECK(totals_of(*ask(*old)).size() == 202);
}

TEST_CASE("a selection stays as long as the same contexts pass", "[store][shared_messages]") {
  Rng rng(7);
  const TempFolder folder;
  const std::string path = folder.file("memory.db");
  Memory memory(path);
  memory.append(some_messages(rng, 3'000));
  const auto store = open_store(path);
  const auto warnings = by(FilterField::kLevel, "WARN", "c.level = " + std::to_string(static_cast<int>(*level_from("WARN"))));
  const auto tides = by(FilterField::kProject, "/work/tides", "p.path = '/work/tides'");
  const auto selected = ask_until_known(*store, warnings.filter);
  CHECK_FALSE(ask(*store, tides.filter));  // nothing can pass
  // It becomes the project of all messages of the session.
  memory.append({{.content = "of tides", .session = "session-3", .project = "/work/tides", .level = "WARN", .time_ms = 5}});
  CHECK(totals_of(*ask(*store, warnings.filter)) == must(scan(store->reader(), warnings.where)));
  CHECK(ask(*store, warnings.filter)->front() == selected.front());
  CHECK(totals_of(*ask(*store, tides.filter)) == must(scan(store->reader(), tides.where)));
  CHECK(must(scan(store->reader(), tides.where)).size() > 1);
}

TEST_CASE("a thread learns what is too much for a search", "[store][shared_messages][threads]") {
  Rng rng(7);
  const TempFolder folder;
  const std::string path = folder.file("memory.db");
  Memory memory(path);
  memory.append(some_messages(rng, 20'000));
  const auto store = open_store(path, 10);
  CHECK(totals_of(ask_until_known(*store)) == must(scan(store->reader(), "1")));
  memory.append(some_messages(rng, 5'000));
  CHECK_FALSE(ask(*store));
  CHECK(totals_of(ask_until_known(*store)) == must(scan(store->reader(), "1")));
}

TEST_CASE("a search learns by itself what the thread cannot", "[store][shared_messages][threads]") {
  Rng rng(7);
  const TempFolder folder;
  const std::string path = folder.file("memory.db");
  Memory(path).append(some_messages(rng, 3'000));
  const auto store = open_store(path, 10);
  CHECK_FALSE(ask(*store));
  std::filesystem::rename(path, folder.file("elsewhere.db"));
  CHECK(totals_of(ask_until_known(*store)) == must(scan(store->reader(), "1")));
}

TEST_CASE("a store may be closed while it is learnt", "[store][shared_messages][threads]") {
  Rng rng(7);
  const TempFolder folder;
  const std::string path = folder.file("memory.db");
  Memory(path).append(some_messages(rng, 40'000));
  for (int round = 0; round < 30; ++round) {
    auto store = open_store(path, 10);
    auto shared = must(share_store(store->reader()));
    REQUIRE(shared->messages.learn_in_thread(10));
    std::this_thread::sleep_for(std::chrono::microseconds(pick(rng, 5'000)));
    if (round % 2 == 0) ask(*store);
    shared.reset();
    store.reset();
  }
}

TEST_CASE("many handles find what a scan does while messages come", "[store][shared_messages][threads][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  const TempFolder folder;
  const std::string path = folder.file("memory.db");
  Memory memory(path);
  memory.append(some_messages(rng, 3'000));
  std::atomic<bool> done = false;
  std::atomic<int> known_answers = 0;
  std::vector<std::string> wrong(6);
  std::vector<std::thread> threads;
  for (std::size_t number = 0; number < wrong.size(); ++number)
    threads.emplace_back([&, number] { search_until(done, path, seed + number, known_answers, wrong[number]); });
  for (int commit = 0; commit < 60; ++commit) {
    auto messages = some_messages(rng, 1 + pick(rng, commit % 10 == 0 ? 6'000 : 100));
    if (commit == 30) messages[0].project = "/work/tides";
    memory.append(messages);
    std::this_thread::sleep_for(std::chrono::milliseconds(pick(rng, 20)));
  }
  done = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == std::vector<std::string>(wrong.size()));
  CHECK(known_answers > 50);
}

}  // namespace cmem::test
