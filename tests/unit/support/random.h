// The seed of random tests. CMEM_TEST_SEED repeats a run.
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace cmem::test {

using Rng = std::mt19937_64;

inline std::size_t pick(Rng& rng, std::size_t count) { return static_cast<std::size_t>(rng() % count); }

// One for all tests of a run, and printed before anything can crash.
inline std::uint64_t test_seed() {
  static const std::uint64_t seed = [] {
    const char* chosen = std::getenv("CMEM_TEST_SEED");
    const std::uint64_t value = chosen ? std::strtoull(chosen, nullptr, 10) : std::random_device{}();
    std::printf("CMEM_TEST_SEED=%llu\n", static_cast<unsigned long long>(value));
    std::fflush(stdout);
    return value;
  }();
  return seed;
}

}  // namespace cmem::test
