// Random numbers that are the same on every machine. The distributions of <random> are not, and neither is floating point with
// pow() or fused multiply-add, so everything here is integer arithmetic.
#pragma once
#include <cstddef>
#include <cstdint>

namespace cmem::corpus {

// SplitMix64's finalizer: a bijection that spreads every input bit; also used to derive independent seeds.
constexpr std::uint64_t mix64(std::uint64_t x) noexcept {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

constexpr std::uint64_t derive_seed(std::uint64_t seed, std::uint64_t stream) noexcept { return mix64(mix64(seed) ^ stream); }

// xoshiro256** by Blackman and Vigna (public domain).
class Rng {
 public:
  explicit constexpr Rng(std::uint64_t seed) noexcept {
    for (auto& word : state_) word = seed = mix64(seed);
  }

  constexpr std::uint64_t next() noexcept {
    const std::uint64_t result = rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotl(state_[3], 45);
    return result;
  }

  // Uniform in [0, bound); bound <= 2^32. The bias of at most 2^-32 does not matter here.
  constexpr std::uint64_t below(std::uint64_t bound) noexcept { return ((next() >> 32) * bound) >> 32; }

  // Uniform in [low, high], both included.
  constexpr std::int64_t between(std::int64_t low, std::int64_t high) noexcept {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }

  // In [0, bound), small values far more often: the cube of a uniform number.
  constexpr std::uint64_t skewed(std::uint64_t bound) noexcept {
    const std::uint64_t u = next() >> 32;
    return ((((u * u) >> 32) * u >> 32) * bound) >> 32;
  }

  // True `parts` times in `whole`.
  constexpr bool chance(std::uint64_t parts, std::uint64_t whole) noexcept { return below(whole) < parts; }

 private:
  static constexpr std::uint64_t rotl(std::uint64_t x, int bits) noexcept { return (x << bits) | (x >> (64 - bits)); }

  std::uint64_t state_[4]{};
};

}  // namespace cmem::corpus
