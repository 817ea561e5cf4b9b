// A commit that is durable stays one, whatever becomes of the checkpoint behind it. Needs a build with CMEM_TEST_HOOKS.
#ifdef CMEM_TEST_HOOKS
#include <coditect/memory.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "base/hash.h"
#include "sqlite/vfs_fault.h"
#include "store/store.h"
#include "unit/store/store_fixture.h"

namespace cmem::test {
namespace {

// A commit moves the log into the file when it is larger than 64 MiB.
constexpr const char* kFillTheLog = "CREATE TABLE filler AS SELECT zeroblob(70 << 20) AS bytes";

struct FaultScope {
  explicit FaultScope(const std::string& spec) { REQUIRE(sqlite::set_io_fault(spec)); }
  FaultScope(const FaultScope&) = delete;
  FaultScope& operator=(const FaultScope&) = delete;
  ~FaultScope() { sqlite::set_io_fault(""); }
};

NewMessage message(std::int64_t position) {
  NewMessage out;
  out.text = "a text";
  out.text_hash = xxh3_64(out.text);
  out.origin = "origin";
  out.position = position;
  return out;
}

void add(Writer& writer, std::int64_t position) {
  SeenRecords seen;
  CHECK(must(writer.add(message(position), seen)) == AddOutcome::kNew);
}

std::uint64_t messages_seen_by_another(const std::string& path) { return Memory(path, true).count(); }

}  // namespace

TEST_CASE("a checkpoint that fails behind a commit is not a failed commit", "[store][fault]") {
  const TempFolder folder;
  const std::string path = folder.file("memory.db");
  // Without full durability a commit syncs nothing, with it the log: the next sync is the checkpoint's.
  const bool full_sync = GENERATE(false, true);
  const std::string nth = full_sync ? "2" : "1";
  const std::string kind = GENERATE("eio", "enospc");
  INFO("full sync " << full_sync << ", " << kind);
  StoreOptions options;
  options.create = true;
  options.full_sync = full_sync;
  auto store = must(Store::open(path, options));
  Writer& writer = *must(store->writer());
  must(writer.begin("test"));
  add(writer, 1);
  must(writer.commit());
  must(writer.begin("test"));
  must(writer.db().exec(kFillTheLog));
  add(writer, 2);
  {
    const FaultScope fault("sync:" + nth + ":" + kind);
    must(writer.commit());
  }
  CHECK(writer.db().wal_bytes() > 70 << 20);
  CHECK(messages_seen_by_another(path) == 2);
  // After a failed sync nobody knows what the system still holds, so this connection writes no more. A full disk may get room.
  CHECK(writer.db().write_failed() == (kind == "eio"));
  const Status next = writer.begin("test");
  CHECK(next.has_value() == (kind == "enospc"));
  if (!next) CHECK(next.error().code == Code::kIo);
  store.reset();
  store = must(Store::open(path, options));
  Writer& again = *must(store->writer());
  must(again.begin("test"));
  add(again, 3);
  must(again.commit());
  CHECK(messages_seen_by_another(path) == 3);
  store.reset();
  CHECK(Memory(path, true).count() == 3);
}

}  // namespace cmem::test
#endif
