#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <mutex>
#include <thread>
#include <vector>

#include "base/fair_mutex.h"

using namespace cmem;

TEST_CASE("A fair mutex lets in one thread at a time, and none far more often than another", "[base]") {
  constexpr int kThreads = 8;
  constexpr int kEntries = 2000;
  FairMutex mutex;
  std::vector<int> entries(kThreads);
  std::atomic<int> inside = 0;
  std::atomic<int> ready = 0;
  int total = 0;
  bool alone = true;
  const auto run = [&](std::size_t thread) {
    ++ready;
    while (ready < kThreads) std::this_thread::yield();
    while (true) {
      const std::lock_guard lock(mutex);
      if (total == kEntries) return;
      if (++inside != 1) alone = false;
      ++total;
      ++entries[thread];
      // All others come to wait meanwhile.
      std::this_thread::sleep_for(std::chrono::microseconds(50));
      --inside;
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < kThreads; ++thread) threads.emplace_back(run, thread);
  for (std::thread& thread : threads) thread.join();
  CHECK(alone);
  CHECK(total == kEntries);
  for (const int count : entries) CHECK(count > kEntries / kThreads / 2);
}

TEST_CASE("A fair mutex that is held cannot be had by trying", "[base]") {
  FairMutex mutex;
  REQUIRE(mutex.try_lock());
  CHECK_FALSE(mutex.try_lock());
  mutex.unlock();
  REQUIRE(mutex.try_lock());
  mutex.unlock();
}

TEST_CASE("A fair mutex for several lets in so many threads at once", "[base][threads]") {
  constexpr int kHolders = 3;
  FairMutex mutex(kHolders);
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  std::atomic<int> total = 0;
  const auto run = [&] {
    for (int entry = 0; entry < 200; ++entry) {
      const std::lock_guard lock(mutex);
      const int now = ++inside;
      for (int known = most; known < now && !most.compare_exchange_weak(known, now);) continue;
      ++total;
      std::this_thread::sleep_for(std::chrono::microseconds(50));
      --inside;
    }
  };
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread) threads.emplace_back(run);
  for (std::thread& thread : threads) thread.join();
  CHECK(most == kHolders);
  CHECK(total == 8 * 200);
  for (int holder = 0; holder < kHolders; ++holder) REQUIRE(mutex.try_lock());
  CHECK_FALSE(mutex.try_lock());
  for (int holder = 0; holder < kHolders; ++holder) mutex.unlock();
}
