// Memory for the strings of one ParsedChunk: handed out in order, given back all at once, never moved.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
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
  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    char* piece = allocate(text.size());
    std::memcpy(piece, text.data(), text.size());
    return {piece, text.size()};
  }

 private:
  void add_block(std::size_t size) {
    room_ = std::max(size, kBlockBytes);
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(room_));
    next_ = blocks_.back().get();
  }

  static constexpr std::size_t kBlockBytes = std::size_t{64} << 10;
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  std::size_t room_ = 0;
};

}  // namespace cmem
