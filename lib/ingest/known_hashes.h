// A hash store of another tool: SHA-256 content hashes whose records are not to be loaded.
#pragma once
#include <cstddef>
#include <string>
#include <unordered_set>

#include "base/hash.h"
#include "base/result.h"

namespace cmem {

class KnownHashes {
 public:
  // A JSON array of hex hashes, or {"hashes": [...]}. kNotFound, kInvalid (not of this form; says where).
  static Result<KnownHashes> read(const std::string& path);

  [[nodiscard]] bool contains(const Sha256Digest& digest) const { return digests_.count(digest) != 0; }
  [[nodiscard]] std::size_t size() const { return digests_.size(); }

 private:
  struct Hash {
    std::size_t operator()(const Sha256Digest& digest) const;
  };
  std::unordered_set<Sha256Digest, Hash> digests_;
};

}  // namespace cmem
