// Digests: XXH3 for in-process keys and fingerprints, SHA-256 where the data itself carries one.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cmem {

using Sha256Digest = std::array<std::uint8_t, 32>;

struct Hash128 {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend bool operator==(const Hash128&, const Hash128&) = default;
};

std::uint64_t xxh3_64(std::string_view bytes) noexcept;
Hash128 xxh3_128(std::string_view bytes) noexcept;

// Incremental SHA-256 for long inputs (files). After finish() it starts afresh. Not for use by two threads at once.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::string_view bytes) noexcept;
  Sha256Digest finish() noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// One digest of a short input; allocates nothing.
Sha256Digest sha256(std::string_view bytes) noexcept;

std::string to_hex(const Sha256Digest& digest);
// Writes 64 lower-case digits to `out`.
void to_hex(const Sha256Digest& digest, char* out) noexcept;
// Exactly 64 digits of either case, else nothing.
std::optional<Sha256Digest> from_hex(std::string_view hex) noexcept;

}  // namespace cmem
