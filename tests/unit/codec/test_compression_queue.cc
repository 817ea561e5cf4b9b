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

CompressionQueue::Pending submit(CompressionQueue& queue, const std::string& block) {
  return queue.submit(block.size(), [block] { return block; });
}

}  // namespace

TEST_CASE("who waits for a block compresses others meanwhile", "[codec][threads]") {
  const auto blocks = random_blocks(20);
  CompressionQueue queue(3, std::size_t{64} << 20);
  std::promise<void> go_on;
  // The worker does not get beyond its first block, so the others are the caller's.
  auto stuck = queue.submit(1, [&] {
    go_on.get_future().wait();
    return std::string("x");
  });
  std::vector<std::thread::id> threads(blocks.size());
  std::vector<CompressionQueue::Pending> frames;
  for (std::size_t i = 0; i < blocks.size(); ++i)
    frames.push_back(queue.submit(blocks[i].size(), [&, i] {
      threads[i] = std::this_thread::get_id();
      if (i == 0) go_on.set_value();  // the oldest but one, so the caller's last
      return blocks[i];
    }));
  const auto first = queue.take(stuck);
  REQUIRE(first);
  CHECK(first->raw_bytes == 1);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    REQUIRE(queue.take(frames[i]));
    CHECK(threads[i] == std::this_thread::get_id());
  }
}

TEST_CASE("each block comes back as it was, whoever waits for it", "[codec][threads]") {
  const auto blocks = random_blocks(200);
  std::vector<CompressionQueue::Pending> frames;
  // Far less may wait than is submitted, so submit() compresses again and again itself.
  CompressionQueue queue(3, 100'000);
  for (const std::string& block : blocks) frames.push_back(submit(queue, block));
  FrameDecompressor decompressor;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto block = queue.take(frames[i]);
    REQUIRE(block);
    REQUIRE(block->raw_bytes == blocks[i].size());
    std::string raw;
    REQUIRE(decompressor.decompress(block->frame, blocks[i].size(), raw));
    CHECK((raw == blocks[i]));
  }
}

TEST_CASE("a queue that ends drops what is not compressed yet and harms nobody who waits", "[codec][threads]") {
  const auto blocks = random_blocks(100);
  std::vector<CompressionQueue::Pending> frames;
  {
    CompressionQueue queue(3, std::size_t{64} << 20);
    for (const std::string& block : blocks) frames.push_back(submit(queue, block));
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
