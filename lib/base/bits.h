// Flags as bits.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace cmem {

// Of 64 bytes that are 0 or 1 a bit each, the first one's lowest. Little-endian machines only.
inline std::uint64_t bits_of(const std::uint8_t* flags) noexcept {
  // The factor moves the lowest bit of byte i to bit 56 + i, and no two bits to one place.
  constexpr std::uint64_t kToTop = 0x0102040810204080;
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 64; i += 8) {
    std::uint64_t eight;
    std::memcpy(&eight, flags + i, sizeof eight);
    bits |= eight * kToTop >> 56 << i;
  }
  return bits;
}

}  // namespace cmem
