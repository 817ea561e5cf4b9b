// Memory for the strings of one ParsedChunk: handed out in order, given back all at once, never moved.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>
#include <vector>

namespace cmem {

class TextArena {
 public:
  // `size` bytes, uninitialised; shrink() gives back what was not needed of the last piece.
  char* allocate(std::size_t size) {
    if (size > room_) add_block(size);
    char* piece = next_;
    next_ += size;
    room_ -= size;
    return piece;
  }
  void shrink(std::size_t unused) noexcept {
    next_ -= unused;
    room_ += unused;
  }
  // Forgets every piece. Keeps the first block, unless one huge text made it large.
  void clear() noexcept {
    while (blocks_.size() > 1 || (!blocks_.empty() && blocks_.back().size > kBlockBytes)) blocks_.pop_back();
    next_ = blocks_.empty() ? nullptr : blocks_[0].bytes.get();
    room_ = blocks_.empty() ? 0 : blocks_[0].size;
  }
  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    char* piece = allocate(text.size());
    std::memcpy(piece, text.data(), text.size());
    return {piece, text.size()};
  }
  // A value that needs no destructor.
  template <typename T>
  T* make() {
    static_assert(std::is_trivially_destructible_v<T>);
    void* place = allocate(sizeof(T) + alignof(T) - 1);
    std::size_t room = sizeof(T) + alignof(T) - 1;
    return new (std::align(alignof(T), sizeof(T), place, room)) T();
  }

 private:
  void add_block(std::size_t size) {
    room_ = std::max(size, kBlockBytes);
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(room_), room_});
    next_ = blocks_.back().bytes.get();
  }

  static constexpr std::size_t kBlockBytes = std::size_t{64} << 10;
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t size;
  };
  std::vector<Block> blocks_;
  char* next_ = nullptr;
  std::size_t room_ = 0;
};

}  // namespace cmem
