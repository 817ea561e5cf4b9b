#include "ingest/known_hashes.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <cstring>

namespace cmem {

std::size_t KnownHashes::Hash::operator()(const Sha256Digest& digest) const {
  std::size_t head;
  std::memcpy(&head, digest.data(), sizeof head);
  return head;
}

Result<KnownHashes> KnownHashes::read(const std::string& path) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (const auto error = parser.load(path).get(root)) {
    const Code code = error == simdjson::IO_ERROR ? Code::kNotFound : Code::kInvalid;
    return Unexpected(code, fmt::format("read the known hashes from {}: {}", path, simdjson::error_message(error)));
  }
  simdjson::dom::array hashes;
  if (root.get(hashes) && root["hashes"].get(hashes))
    return Unexpected(Code::kInvalid,
                      fmt::format("{}: known hashes must be a JSON array of SHA-256 hashes, or {{\"hashes\": [...]}}", path));
  KnownHashes known;
  std::size_t index = 0;
  for (const auto element : hashes) {
    std::string_view hex;
    const auto digest = element.get(hex) ? std::nullopt : from_hex(hex);
    if (!digest) return Unexpected(Code::kInvalid, fmt::format("{}: entry {} is not a SHA-256 hash of 64 hex digits", path, index));
    known.digests_.insert(*digest);
    ++index;
  }
  return known;
}

}  // namespace cmem
