// Hands used memory on to the next chunk. A load takes and frees megabytes a thousand times; without this the kernel clears the
// same pages again each time, which took a third of the parser's time.
#pragma once
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace cmem {

// Safe for use by several threads. Keeps at most `kMaxIdle` things that nobody uses.
template <typename T>
class Pool {
 public:
  T take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return T();
    T thing = std::move(idle_.back());
    idle_.pop_back();
    return thing;
  }
  void give(T thing) noexcept {
    const std::lock_guard lock(mutex_);
    if (idle_.size() < kMaxIdle) idle_.push_back(std::move(thing));
  }

  Pool() { idle_.reserve(kMaxIdle); }

 private:
  static constexpr std::size_t kMaxIdle = 16;
  std::mutex mutex_;
  std::vector<T> idle_;
};

// Uninitialised bytes; they go back to the pool, if there is one.
class PooledBytes {
 public:
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t capacity = 0;
  };
  using BlockPool = Pool<Block>;

  PooledBytes() = default;
  PooledBytes(std::size_t capacity, std::shared_ptr<BlockPool> pool) : pool_(std::move(pool)) {
    if (pool_) block_ = pool_->take();
    if (block_.capacity >= capacity) return;
    block_.bytes = std::make_unique_for_overwrite<char[]>(capacity);
    block_.capacity = capacity;
  }
  ~PooledBytes() { release(); }
  PooledBytes(PooledBytes&& other) noexcept : block_(std::exchange(other.block_, {})), pool_(std::move(other.pool_)) {}
  PooledBytes& operator=(PooledBytes&& other) noexcept {
    if (this == &other) return *this;
    release();
    block_ = std::exchange(other.block_, {});
    pool_ = std::move(other.pool_);
    return *this;
  }

  [[nodiscard]] char* get() const noexcept { return block_.bytes.get(); }

 private:
  // A block that one huge line needed is not worth keeping.
  static constexpr std::size_t kMaxKeptBytes = std::size_t{4} << 20;

  void release() noexcept {
    if (pool_ && block_.bytes && block_.capacity <= kMaxKeptBytes) pool_->give(std::move(block_));
    block_ = {};
    pool_.reset();
  }

  Block block_;
  std::shared_ptr<BlockPool> pool_;
};

}  // namespace cmem
