// Messages read many at once, against one by one.
#include "store/message_reader.h"

#include <optional>
#include <tuple>

#include "unit/store/store_fixture.h"
#include "unit/support/random.h"

namespace cmem::test {
namespace {

constexpr std::size_t kCacheBytes = std::size_t{1} << 20;
constexpr std::int64_t kMessages = 400;

// A store in which some ids are not taken.
struct Rows {
  Rows() {
    {
      Memory memory(path);
      std::vector<Appended> messages;
      for (std::int64_t i = 1; i <= kMessages; ++i)
        messages.push_back({.content = "tide " + std::to_string(i % 50), .session = "s" + std::to_string(i % 7), .time_ms = 1'763'164'800'000 + i});
      memory.append(messages);
    }
    sqlite::OpenOptions options;
    options.defensive = false;
    db.emplace(must(sqlite::Connection::open(path, options)));
    must(db->exec("DELETE FROM message WHERE id % 5 = 0 OR id BETWEEN 101 AND 130"));
    for (std::int64_t id = 1; id <= kMessages; ++id)
      if (id % 5 != 0 && (id < 101 || id > 130)) ids.push_back(id);
  }

  TempFolder folder;
  const std::string path = folder.file("memory.db");
  std::optional<sqlite::Connection> db;
  BlockReader texts{"text_block", kCacheBytes};
  BlockReader records{"record_block", kCacheBytes};
  MessageContexts contexts{kCacheBytes};
  std::vector<std::int64_t> ids;
};

TEST_CASE("messages read at once are those read one by one", "[store]") {
  Rows rows;
  auto reader = must(MessageReader::create(*rows.db, rows.texts, rows.records, rows.contexts));
  Rng rng(test_seed());
  for (int round = 0; round < 100; ++round) {
    const std::size_t keep_one_of = 1 + pick(rng, 40);
    std::vector<std::int64_t> asked;
    for (const std::int64_t id : rows.ids)
      if (pick(rng, keep_one_of) == 0) asked.push_back(id);
    const auto found = must(reader.read_listed(asked));
    REQUIRE(found.size() == asked.size());
    for (std::size_t i = 0; i < asked.size(); ++i) {
      const MessageRow one = must(reader.read(asked[i]));
      CHECK(std::tuple(found[i].id, found[i].text_id, found[i].time_ms, found[i].position, found[i].context->session) ==
            std::tuple(asked[i], one.text_id, one.time_ms, one.position, one.context->session));
    }
  }
}

TEST_CASE("a listed message that is missing is damage, near others and far from them", "[store]") {
  Rows rows;
  auto reader = must(MessageReader::create(*rows.db, rows.texts, rows.records, rows.contexts));
  for (const std::vector<std::int64_t>& asked :
       {std::vector<std::int64_t>{4, 5, 6}, {5}, {1, 115, 131}, {1, 399, 400}, {399, 401}, {1, 9000}}) {
    const auto found = reader.read_listed(asked);
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().code == Code::kCorrupt);
    CHECK_THAT(found.error().text, Catch::Contains("row is missing"));
  }
}

}  // namespace
}  // namespace cmem::test
