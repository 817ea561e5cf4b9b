// What was forgotten must not come back when the same source is loaded again: salted hashes of places, identities and files.
// Nothing can be read from them, only recognised.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/hash.h"
#include "base/result.h"
#include "sqlite/connection.h"

namespace cmem {

class ForgottenKeys {
 public:
  explicit ForgottenKeys(std::string salt) : salt_(std::move(salt)) {}
  // A message at its place.
  [[nodiscard]] Hash128 place(std::string_view origin, std::int64_t position, const Sha256Digest& text) const;
  // A record with an identity of its own, wherever it stands.
  [[nodiscard]] Hash128 identity(const Hash128& uuid) const;
  // What a file held.
  [[nodiscard]] Hash128 file(std::string_view origin, const Sha256Digest& content) const;

 private:
  [[nodiscard]] Hash128 key(std::string bytes) const;
  std::string salt_;
};

// The store's salt, for these and for placeholders. Every store of format 3 has one.
Result<std::string> read_salt(sqlite::Connection& db);

// The writer's look-up. Empty in most stores, and then asked nothing.
class Forgotten {
 public:
  Status load(sqlite::Connection& db);
  [[nodiscard]] bool empty() const { return keys_.empty(); }
  [[nodiscard]] bool has_message(std::string_view origin, std::int64_t position, std::string_view text,
                                 std::string_view uuid) const;
  // A message at this place too, from now on. Something was forgotten before.
  Status add_message(sqlite::Connection& db, std::string_view origin, std::int64_t position, std::string_view text);
  [[nodiscard]] bool has_file(std::string_view origin, std::string_view content) const;

 private:
  struct Low {
    std::size_t operator()(const Hash128& key) const { return key.low; }
  };
  ForgottenKeys makes_{""};
  std::unordered_set<Hash128, Low> keys_;
};

// As it is stored.
std::string to_bytes(const Hash128& key);
Hash128 hash128_from(std::string_view bytes);

}  // namespace cmem
