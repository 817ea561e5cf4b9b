// The rollup for reports against the rows.
#include <map>
#include <random>
#include <tuple>

#include "unit/store/store_fixture.h"

namespace cmem::test {
namespace {

constexpr std::int64_t kQuarter = 900'000;

using Cells = std::map<std::pair<std::int64_t, std::int64_t>, std::tuple<std::int64_t, std::int64_t, std::int64_t>>;

std::int64_t quarter_of(std::int64_t time_ms) { return time_ms >= 0 ? time_ms / kQuarter : -((-time_ms + kQuarter - 1) / kQuarter); }

Cells stored_cells(Memory& memory) {
  Cells cells;
  for (const auto& row : memory.try_sql("SELECT * FROM activity").rows)
    cells[{row[0].number, row[1].number}] = {row[2].number, row[1].number * kQuarter + row[3].number, row[1].number * kQuarter + row[4].number};
  return cells;
}

Cells counted_cells(Memory& memory) {
  Cells cells;
  for (const auto& row : memory.try_sql("SELECT context_id, time_ms FROM message WHERE time_ms IS NOT NULL").rows) {
    const std::int64_t time_ms = row[1].number;
    const auto [at, is_new] = cells.try_emplace({row[0].number, quarter_of(time_ms)}, 1, time_ms, time_ms);
    if (is_new) continue;
    auto& [messages, first_ms, last_ms] = at->second;
    ++messages;
    first_ms = std::min(first_ms, time_ms);
    last_ms = std::max(last_ms, time_ms);
  }
  return cells;
}

Appended random_message(std::mt19937& random) {
  const auto pick = [&](std::initializer_list<const char*> of) { return std::string(*(of.begin() + random() % of.size())); };
  Appended message{.content = "text " + std::to_string(random() % 50), .source = pick({"a.txt", "b.txt"}), .session = pick({"", "s1", "s2"})};
  message.level = pick({"", "INFO", "ERROR"});
  message.component = pick({"", "LSP"});
  if (random() % 8 != 0) message.time_ms = static_cast<std::int64_t>(random() % 20'000'000) - 4'000'000;  // also before 1970
  return message;
}

TEST_CASE("the rollup of activity has what the rows have, after each batch and a rebuild", "[store][activity]") {
  const unsigned seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  TempFolder folder;
  Memory memory(folder.file("memory.db"));
  for (int batch = 0; batch < 12; ++batch) {
    std::vector<Appended> messages;
    for (std::size_t i = random() % 60; i > 0; --i) messages.push_back(random_message(random));
    memory.append(messages);
    REQUIRE(stored_cells(memory) == counted_cells(memory));
  }
  const Cells before = stored_cells(memory);
  CHECK(before.size() > 20);
  memory.rebuild();
  CHECK(stored_cells(memory) == before);
  CHECK(memory.faults().empty());
}

TEST_CASE("a rollup that differs from the rows is found, and mended by a rebuild", "[store][activity]") {
  TempFolder folder;
  const std::string path = folder.file("memory.db");
  {
    Memory memory(path);
    memory.append({{.content = "a", .time_ms = 5}, {.content = "b", .time_ms = 7}});
  }
  {
    sqlite::OpenOptions options;
    options.defensive = false;
    must(must(sqlite::Connection::open(path, options)).exec("UPDATE activity SET messages = 3"));
  }
  Memory memory(path);
  CHECK(memory.faults() == std::vector<std::string>{"activity: 2 of its cells differ from the rows"});
  memory.rebuild();
  CHECK(memory.faults().empty());
}

}  // namespace
}  // namespace cmem::test
