// Views between the two byte types: std::byte at the SQLite door, char everywhere text is handled.
#pragma once
#include <cstddef>
#include <span>
#include <string_view>

namespace cmem {

inline std::span<const std::byte> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

inline std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace cmem
