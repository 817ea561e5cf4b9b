#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "base/worker_thread.h"

namespace cmem {
namespace {

TEST_CASE("jobs run one after the other, in order", "[base][threads]") {
  std::vector<int> done;  // only the worker touches it before the last job's end
  std::promise<void> last;
  WorkerThread worker(100);
  for (int i = 0; i < 10'000; ++i) worker.submit(10, [&done, i] { done.push_back(i); });
  worker.submit(0, [&last] { last.set_value(); });
  last.get_future().wait();
  REQUIRE(done.size() == 10'000);
  for (int i = 0; i < 10'000; ++i)
    if (done[static_cast<std::size_t>(i)] != i) FAIL("job " << i);
}

TEST_CASE("submitting waits while too much waits already", "[base][threads]") {
  std::promise<void> go;
  const std::shared_future<void> may_go = go.get_future().share();
  std::atomic<int> submitted = 0;
  WorkerThread worker(100);
  std::thread caller([&] {
    for (int i = 0; i < 5; ++i) {
      worker.submit(60, [may_go] { may_go.wait(); });
      ++submitted;
    }
  });
  // Two jobs reach the limit; a third has to wait for the first one's end.
  while (submitted < 2) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  CHECK(submitted == 2);
  go.set_value();
  caller.join();
  CHECK(submitted == 5);
}

TEST_CASE("a job larger than the limit runs when nothing waits", "[base][threads]") {
  WorkerThread worker(1);
  std::promise<void> ran;
  worker.submit(1'000'000, [&ran] { ran.set_value(); });
  ran.get_future().wait();
}

TEST_CASE("the end of a worker drops what has not begun, and frees it", "[base][threads]") {
  const auto held = std::make_shared<int>(0);
  std::promise<void> begun;
  std::promise<void> go;
  {
    auto worker = std::make_unique<WorkerThread>(1'000);
    worker->submit(1, [&] {
      begun.set_value();
      go.get_future().wait();
    });
    begun.get_future().wait();
    for (int i = 0; i < 10; ++i) worker->submit(1, [held] { ++*held; });
    std::thread ending([&] { worker.reset(); });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    go.set_value();
    ending.join();
  }
  CHECK(*held == 0);
  CHECK(held.use_count() == 1);
  { const WorkerThread unused(1); }
}

}  // namespace
}  // namespace cmem
