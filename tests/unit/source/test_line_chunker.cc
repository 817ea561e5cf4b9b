#include <catch2/catch.hpp>
#include <string>

#include "source/line_chunker.h"
#include "unit/source/source_support.h"
#include "unit/support/random.h"

using namespace cmem;
using namespace cmem::test;
using cmem::test::MemoryStream;

namespace {

struct Chunks {
  std::string text;  // all chunks, one after another
  std::vector<Reject> rejects;
  std::size_t count = 0;
  bool after_bom = false;
  bool ends_without_newline = false;
  std::optional<Error> error;
};

// Checks on the way that offsets and line numbers fit the original.
Chunks chunk_all(const std::string& original, LineChunkerOptions options, std::size_t step = 1 << 20,
                 std::optional<Error> failure = {}) {
  MemoryStream stream(original, step);
  if (failure) stream.fail_at_end(*failure);
  LineChunker chunker(stream, options);
  Chunks all;
  while (true) {
    auto chunk = chunker.next();
    if (!chunk) all.error = chunk.error();
    if (!chunk || !*chunk) break;
    const LineChunk& one = **chunk;
    const auto offset = static_cast<std::size_t>(one.byte_offset);
    CHECK(original.substr(offset, one.size) == one.view());
    CHECK(one.first_line_number == 1 + std::count(original.begin(), original.begin() + one.byte_offset, '\n'));
    for (std::size_t i = 0; i < kChunkPaddingBytes; ++i) CHECK(one.bytes.get()[one.size + i] == '\0');
    all.text += one.view();
    all.rejects.insert(all.rejects.end(), one.rejects.begin(), one.rejects.end());
    all.after_bom |= one.after_bom;
    all.ends_without_newline = one.ends_without_newline;
    ++all.count;
  }
  return all;
}

}  // namespace

TEST_CASE("chunks are whole lines and together the whole text, for random lines and sizes", "[source][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng random(seed);
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (auto lines = random() % 30; lines > 0; --lines) text += std::string(random() % 60, 'x') + "\n";
    if (random() % 2 != 0) text += "no newline";
    const Chunks all = chunk_all(text, {16 + random() % 100, 1000}, 1 + random() % 50);
    CHECK(all.text == text);
    CHECK(all.rejects.empty());
    CHECK(all.ends_without_newline == (!text.empty() && text.back() != '\n'));
  }
}

TEST_CASE("a line that is too long is skipped and named with its true length, wherever it stands", "[source]") {
  const std::string longest(100, 'a');
  for (const std::size_t chunk_bytes : {std::size_t{10}, std::size_t{64}, std::size_t{1} << 20}) {
    for (const std::size_t extra : {1U, 2U, 100U, 5000U}) {
      const std::string too_long(100 + extra, 'b');
      const Chunks all = chunk_all("one\n" + too_long + "\n" + longest + "\n" + too_long + "\n" + too_long, {chunk_bytes, 100}, 37);
      CHECK(all.text == "one\n" + longest + "\n");
      REQUIRE(all.rejects.size() == 3);
      CHECK(all.rejects[0].line_number == 2);
      CHECK(all.rejects[0].byte_offset == 4);
      CHECK(all.rejects[2].line_number == 5);
      for (const Reject& reject : all.rejects) {
        CHECK(reject.reason == RejectReason::kTooLong);
        CHECK(reject.length_bytes == static_cast<std::int64_t>(too_long.size()));
        CHECK(reject.excerpt == too_long.substr(0, reject.excerpt.size()));
        CHECK(reject.excerpt.size() > 100);
      }
    }
  }
}

TEST_CASE("a line of exactly the limit is kept, with and without a newline", "[source]") {
  const std::string line(100, 'a');
  CHECK(chunk_all(line, {10, 100}).text == line);
  CHECK(chunk_all(line + "\n", {10, 100}).text == line + "\n");
  CHECK(chunk_all(line + "\n" + line, {1000, 100}).text == line + "\n" + line);
}

TEST_CASE("a byte order mark is taken off the first line alone", "[source]") {
  const Chunks all = chunk_all("\xEF\xBB\xBFone\n\xEF\xBB\xBFtwo\n", {}, 1);
  CHECK(all.after_bom);
  CHECK(all.text == "one\n\xEF\xBB\xBFtwo\n");
  CHECK_FALSE(chunk_all("one\n", {}).after_bom);
  CHECK(chunk_all("\xEF\xBB", {}).text == "\xEF\xBB");
  CHECK(chunk_all("\xEF\xBB\xBF", {}).text.empty());
}

TEST_CASE("an empty stream has no chunks", "[source]") { CHECK(chunk_all("", {}).count == 0); }

TEST_CASE("what was read before an error is delivered, then the error comes", "[source]") {
  const Chunks all = chunk_all("one\ntwo\nthr", {8, 100}, 5, Error(Code::kCorrupt, "broken"));
  CHECK(all.text == "one\ntwo\nthr");
  REQUIRE(all.error);
  CHECK(all.error->code == Code::kCorrupt);
}
