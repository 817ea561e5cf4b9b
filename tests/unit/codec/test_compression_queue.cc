#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "codec/compression_queue.h"
#include "codec/zstd_frame.h"
#include "unit/support/random.h"

using namespace cmem;

namespace {

std::vector<std::string> random_blocks(std::size_t count) {
  cmem::test::Rng random(cmem::test::test_seed());
  std::vector<std::string> blocks(count);
  for (std::string& block : blocks) {
    block.resize(random() % 60'000);
    for (char& c : block) c = static_cast<char>('a' + random() % 7);
  }
  return blocks;
}

}  // namespace

TEST_CASE("each block comes back as it was, whoever waits for it", "[codec][threads]") {
  const auto blocks = random_blocks(200);
  std::vector<std::future<Result<std::string>>> frames;
  // Far less may wait than is submitted, so submit() waits for the worker again and again.
  CompressionQueue queue(3, 100'000);
  for (const std::string& block : blocks) frames.push_back(queue.submit(block));
  FrameDecompressor decompressor;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto frame = frames[i].get();
    REQUIRE(frame);
    std::string raw;
    REQUIRE(decompressor.decompress(*frame, blocks[i].size(), raw));
    CHECK((raw == blocks[i]));
  }
}

TEST_CASE("a queue that ends drops what is not compressed yet and harms nobody who waits", "[codec][threads]") {
  const auto blocks = random_blocks(100);
  std::vector<std::future<Result<std::string>>> frames;
  {
    CompressionQueue queue(3, std::size_t{64} << 20);
    for (const std::string& block : blocks) frames.push_back(queue.submit(block));
  }
  std::size_t dropped = 0;
  for (auto& frame : frames) {
    REQUIRE(frame.wait_for(std::chrono::seconds(0)) == std::future_status::ready);
    try {
      const auto compressed = frame.get();
      CHECK(compressed.has_value());
    } catch (const std::future_error& error) {
      CHECK(error.code() == std::future_errc::broken_promise);
      ++dropped;
    }
  }
  CHECK(dropped <= blocks.size());
  CompressionQueue never_used(3, 1);
}
