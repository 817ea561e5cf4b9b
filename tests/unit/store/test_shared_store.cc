// What handles of one process have together.
#include "store/shared_store.h"

#include <catch2/catch.hpp>

#include "store/store.h"
#include "unit/store/store_fixture.h"

namespace cmem::test {
namespace {

TEST_CASE("a handle reads texts that were added to a block which another one has", "[store][shared_store]") {
  const TempFolder folder;
  const std::string path = folder.file("memory.db");
  Memory memory(path);
  const auto append = [&](const std::string& text) { memory.append({{.content = text, .time_ms = 5}}); };
  append("one");
  const auto first = must(Store::open(path, StoreOptions{.read_only = true}));
  const auto second = must(Store::open(path, StoreOptions{.read_only = true}));
  const auto text = [](Store& store, std::int64_t id) { return std::string(must(store.texts().read(store.reader(), id))); };
  CHECK(text(*first, 1) == "one");
  append("two");
  CHECK(text(*second, 2) == "two");
  CHECK(text(*first, 2) == "two");
  append("three");
  CHECK(text(*first, 3) == "three");
  CHECK(text(*second, 1) == "one");
  CHECK_FALSE(second->texts().read(second->reader(), 4));
}

TEST_CASE("handles of one file have one thing in common, and none when all are closed", "[store][shared_store]") {
  const TempFolder folder;
  const std::string path = folder.file("memory.db");
  Memory(path).append({{.content = "one"}});
  Memory(folder.file("other.db")).append({{.content = "one"}});
  auto db = open_reader(path);
  auto shared = must(share_store(db));
  const std::weak_ptr<SharedStore> watched = shared;
  {
    auto again = open_reader(folder.path() + "/./memory.db");
    auto other = open_reader(folder.file("other.db"));
    CHECK(must(share_store(again)) == shared);
    CHECK(must(share_store(other)) != shared);
  }
  shared.reset();
  CHECK(watched.expired());
}

}  // namespace
}  // namespace cmem::test
