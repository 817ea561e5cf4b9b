#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <new>
#include <optional>
#include <thread>
#include <vector>

#include "base/lock_file.h"

using namespace cmem;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path;
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "cmem-lock-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path); }
  [[nodiscard]] std::string lock() const { return path / "store.lock"; }
};

LockFile open_lock(const std::string& path) {
  auto lock = LockFile::open(path);
  REQUIRE(lock);
  return std::move(lock).value();
}

// Counters that parent and children share.
struct Shared {
  std::atomic<int> turns{0};
  std::atomic<int> inside{0};
  std::atomic<int> collisions{0};
  std::atomic<bool> stop{false};

  static Shared* make() {
    void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(memory != MAP_FAILED);
    return new (memory) Shared;
  }
};

template <typename Body>
pid_t start_child(Body body) {
  const pid_t child = ::fork();
  if (child == 0) {
    body();
    ::_exit(0);
  }
  return child;
}

void wait_for(const std::atomic<int>& counter, int at_least) {
  const auto limit = std::chrono::steady_clock::now() + 20s;
  while (counter < at_least && std::chrono::steady_clock::now() < limit) std::this_thread::sleep_for(1ms);
  REQUIRE(counter >= at_least);
}

}  // namespace

TEST_CASE("A lock file is private, and its lock excludes another handle of the same process", "[base]") {
  Folder folder;
  LockFile first = open_lock(folder.lock());
  LockFile second = open_lock(folder.lock());
  struct stat info {};
  REQUIRE(::stat(folder.lock().c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  auto guard = first.acquire(0, "first");
  REQUIRE(guard);
  CHECK_FALSE(second.acquire(0, "second"));
  guard->release();
  CHECK(second.acquire(0, "second"));
}

TEST_CASE("A lock that is not free in time is busy, and the error names its holder", "[base]") {
  Folder folder;
  LockFile first = open_lock(folder.lock());
  LockFile second = open_lock(folder.lock());
  const auto guard = first.acquire(0, "memory ingest");
  REQUIRE(guard);
  const auto start = std::chrono::steady_clock::now();
  const auto busy = second.acquire(50, "other");
  const auto waited = std::chrono::steady_clock::now() - start;
  REQUIRE_FALSE(busy);
  CHECK(busy.error().code == Code::kBusy);
  CHECK(busy.error().text.find("pid " + std::to_string(::getpid()) + " (memory ingest)") != std::string::npos);
  CHECK(busy.error().text.find(folder.lock()) != std::string::npos);
  CHECK(waited >= 50ms);
  CHECK(waited < 10s);
}

TEST_CASE("One handle cannot hold its lock twice", "[base]") {
  Folder folder;
  LockFile lock = open_lock(folder.lock());
  const auto guard = lock.acquire(0, "first");
  REQUIRE(guard);
  const auto again = lock.acquire(0, "again");
  REQUIRE_FALSE(again);
  CHECK(again.error().code == Code::kBusy);
}

TEST_CASE("A guard keeps the lock when it moves and when its lock file is gone", "[base]") {
  Folder folder;
  std::optional<LockFile> first(open_lock(folder.lock()));
  LockFile second = open_lock(folder.lock());
  std::optional<LockFile::Guard> guard(std::move(first->acquire(0, "first")).value());
  first.reset();
  LockFile::Guard moved = std::move(*guard);
  guard.reset();
  CHECK_FALSE(second.acquire(0, "second"));
  moved.release();
  CHECK(second.acquire(0, "second"));
}

TEST_CASE("A holder that is killed frees the lock", "[base]") {
  Folder folder;
  Shared* shared = Shared::make();
  const pid_t child = start_child([&] {
    auto lock = LockFile::open(folder.lock());
    auto guard = lock->acquire(0, "to be killed");
    shared->turns = 1;
    ::pause();
  });
  wait_for(shared->turns, 1);
  LockFile lock = open_lock(folder.lock());
  const auto busy = lock.acquire(0, "waiter");
  REQUIRE_FALSE(busy);
  CHECK(busy.error().text.find("pid " + std::to_string(child) + " (to be killed)") != std::string::npos);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK(lock.acquire(1000, "waiter"));
}

TEST_CASE("A forked child neither frees nor takes its parent's lock", "[base]") {
  Folder folder;
  LockFile lock = open_lock(folder.lock());
  LockFile other = open_lock(folder.lock());
  std::optional<LockFile::Guard> guard(std::move(lock.acquire(0, "parent")).value());
  const pid_t child = ::fork();
  if (child == 0) {
    guard.reset();
    ::_exit(lock.acquire(0, "child") ? 1 : 0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
  CHECK_FALSE(other.acquire(0, "other"));
}

TEST_CASE("A waiter gets the lock although its holder wants it back at once", "[base]") {
  Folder folder;
  Shared* shared = Shared::make();
  const pid_t hog = start_child([&] {
    auto lock = LockFile::open(folder.lock());
    while (!shared->stop) {
      auto guard = lock->acquire(20000, "hog");
      if (!guard) return;
      ++shared->turns;
      std::this_thread::sleep_for(10ms);
    }
  });
  LockFile lock = open_lock(folder.lock());
  for (int round = 0; round < 20; ++round) {
    wait_for(shared->turns, shared->turns + 1);
    const int before = shared->turns;
    const auto guard = lock.acquire(20000, "waiter");
    REQUIRE(guard);
    CHECK(shared->turns - before <= 2);
  }
  shared->stop = true;
  ::waitpid(hog, nullptr, 0);
}

TEST_CASE("Of many processes one at a time holds the lock, and each gets its turns", "[base]") {
  Folder folder;
  Shared* shared = Shared::make();
  constexpr int kProcesses = 6;
  constexpr int kTurns = 50;
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    children.push_back(start_child([&] {
      auto lock = LockFile::open(folder.lock());
      for (int turn = 0; turn < kTurns; ++turn) {
        auto guard = lock->acquire(60000, "child");
        if (!guard) ::_exit(1);
        if (++shared->inside != 1) ++shared->collisions;
        std::this_thread::sleep_for(200us);
        --shared->inside;
        ++shared->turns;
      }
    }));
  }
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
  }
  CHECK(shared->turns == kProcesses * kTurns);
  CHECK(shared->collisions == 0);
}

TEST_CASE("A lock file in a folder that is not there is an error with the path", "[base]") {
  Folder folder;
  const auto failed = LockFile::open(folder.path / "none" / "store.lock");
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == Code::kIo);
  CHECK(failed.error().text.find("none/store.lock") != std::string::npos);
}
