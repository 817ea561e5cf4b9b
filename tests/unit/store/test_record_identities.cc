// Records that agents copy from file to file: one message each, whatever order their files come in.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/hash.h"
#include "sqlite/transaction.h"
#include "store/check.h"
#include "store/recount.h"
#include "store/record_identities.h"
#include "store/store.h"
#include "unit/sqlite/temp_store.h"
#include "unit/support/random.h"

namespace cmem::test {
namespace {

// A record at a place. Records with one uuid say the same.
struct Line {
  std::string uuid, origin, session, text;
  std::int64_t line = 0;
  std::int64_t output_tokens = 0;
};

std::string uuid_of(std::size_t number) { return "0a11ce00-1111-4222-8333-" + std::string(12 - std::to_string(number).size(), '0') + std::to_string(number); }

// Files in which records of others come again, as when sessions are resumed.
std::vector<Line> some_lines(Rng& rng) {
  std::vector<Line> lines;
  for (std::size_t file = 0; file < 6; ++file) {
    const std::string session = "session" + std::to_string(file);
    const std::size_t inherited = lines.empty() ? 0 : pick(rng, lines.size());
    std::int64_t number = 0;
    for (std::size_t i = 0; i < inherited; ++i)
      if (!lines[i].uuid.empty() && pick(rng, 2) == 0) {
        Line copy = lines[i];
        copy.origin = session + ".jsonl";
        copy.session = session;
        copy.line = ++number;
        lines.push_back(copy);
      }
    for (std::size_t own = 1 + pick(rng, 20); own > 0; --own)
      lines.push_back({pick(rng, 4) == 0 ? "" : uuid_of(lines.size()), session + ".jsonl", session, "text " + std::to_string(pick(rng, 30)), ++number,
                       static_cast<std::int64_t>(pick(rng, 500))});
  }
  return lines;
}

class Filled {
 public:
  Filled() : store_(must(Store::open(folder_.file("memory.db"), creating(), system_clock()))) {}

  void add(const std::vector<Line>& lines, Rng& rng) {
    Writer& writer = *must(store_->writer());
    must(writer.begin("test"));
    for (const Line& line : lines) {
      NewUsage usage{line.uuid, "model", 1, line.output_tokens, 0, 0};
      NewMessage message;
      message.source_type = SourceType::kTranscript;
      message.time_ms = line.uuid.empty() ? kNoTime : static_cast<std::int64_t>(xxh3_64(line.uuid) % 1'000'000);
      message.text = line.text;
      message.text_hash = xxh3_64(line.text);
      message.origin = line.origin;
      message.session = line.session;
      message.position = line.line;
      message.uuid = line.uuid;
      message.residue = line.origin;
      if (!line.uuid.empty()) message.usage = &usage;
      SeenRecords seen;
      ++outcomes_[must(writer.add(message, seen))];
      if (pick(rng, 20) != 0) continue;
      must(writer.commit());
      must(writer.begin("test"));
    }
    must(writer.commit());
  }

  [[nodiscard]] std::string root() {
    return must(store_->reader().query_text("SELECT hex(content_root) FROM commit_clock"));
  }
  [[nodiscard]] std::int64_t number(const std::string& sql) { return must(store_->reader().query_int(sql)); }
  [[nodiscard]] std::size_t outcomes(AddOutcome outcome) { return outcomes_[outcome]; }
  // doctor --deep finds nothing.
  void check() {
    for (const Finding& finding : must(check_store(*store_, true))) {
      INFO(finding.check << ": " << finding.detail);
      CHECK((finding.ok || finding.severity == Severity::kWarning || finding.severity == Severity::kInfo));
    }
  }

 private:
  static StoreOptions creating() {
    StoreOptions options;
    options.create = true;
    return options;
  }

  TempFolder folder_;
  std::unique_ptr<Store> store_;
  std::map<AddOutcome, std::size_t> outcomes_;
};

}  // namespace

TEST_CASE("a record in several files is one message with several places, in whatever order the files come", "[store]") {
  Rng rng(test_seed());
  for (int round = 0; round < 12; ++round) {
    std::vector<Line> lines = some_lines(rng);
    std::set<std::string> uuids;
    std::size_t without = 0;
    for (const Line& line : lines) line.uuid.empty() ? ++without : uuids.insert(line.uuid).second;
    Filled first;
    first.add(lines, rng);
    CHECK(first.number("SELECT messages FROM commit_clock") == static_cast<std::int64_t>(uuids.size() + without));
    CHECK(first.outcomes(AddOutcome::kCopy) == lines.size() - uuids.size() - without);
    CHECK(first.number("SELECT count(*) FROM record_copy") == static_cast<std::int64_t>(first.outcomes(AddOutcome::kCopy)));
    first.check();

    // Again: nothing is new.
    const std::string root = first.root();
    first.add(lines, rng);
    CHECK(first.root() == root);
    CHECK(first.outcomes(AddOutcome::kDuplicate) == lines.size());

    std::shuffle(lines.begin(), lines.end(), rng);
    Filled second;
    second.add(lines, rng);
    CHECK(second.root() == root);
    second.check();
    const char* const tokens = "SELECT sum(output) FROM token_usage";
    if (!uuids.empty()) CHECK(second.number(tokens) == first.number(tokens));
  }
}

TEST_CASE("a record that says something else under a known identity is a message of its own", "[store]") {
  Rng rng(test_seed());
  Filled store;
  store.add({{uuid_of(1), "a.jsonl", "a", "one", 1}, {uuid_of(1), "b.jsonl", "b", "two", 1}, {uuid_of(1), "c.jsonl", "c", "one", 1}}, rng);
  CHECK(store.outcomes(AddOutcome::kNew) == 2);
  CHECK(store.outcomes(AddOutcome::kCopy) == 1);
  store.check();
}

TEST_CASE("an identity is the uuid's bytes, or a hash of what is none", "[store]") {
  const Hash128 identity = identity_of("00112233-4455-6677-8899-aabbccddeeff");
  CHECK(identity == Hash128{0x8899AABBCCDDEEFF, 0x0011223344556677});
  for (const char* other : {"00112233-4455-6677-8899-aabbccddeefF", "msg_01", "00112233-4455-6677-8899-aabbccddeeff0", "0011223304455-6677-8899-aabbccddeeff"})
    CHECK(identity_of(other) == xxh3_128(other));
}

}  // namespace cmem::test
