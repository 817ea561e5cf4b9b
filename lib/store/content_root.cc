#include "store/content_root.h"

#include <fmt/format.h>

#include <array>

#include "base/varint.h"

namespace cmem {

std::string to_bytes(const ContentRoot& root) {
  std::string bytes(16, '\0');
  std::memcpy(bytes.data(), &root.low, 8);
  std::memcpy(bytes.data() + 8, &root.high, 8);
  return bytes;
}

ContentRoot content_root_from_bytes(std::string_view bytes) {
  ContentRoot root;
  if (bytes.size() != 16) return root;
  std::memcpy(&root.low, bytes.data(), 8);
  std::memcpy(&root.high, bytes.data() + 8, 8);
  return root;
}

std::string to_hex(const ContentRoot& root) { return fmt::format("{:016x}{:016x}", root.high, root.low); }

std::uint64_t identity_hash(const ContextIdentity& identity) {
  // A level that is not part of the content does not tell two messages apart, so it must not tell two stores apart.
  const std::string_view level = identity.prefix == 0 ? std::string_view() : identity.level;
  std::string bytes;
  for (const auto field : {identity.origin, identity.session, identity.project, identity.role, identity.source_type, level}) {
    put_varint(bytes, field.size());
    bytes.append(field);
  }
  bytes.push_back(static_cast<char>(identity.prefix));
  return xxh3_64(bytes);
}

std::uint64_t kind_hash(const ContextIdentity& identity) {
  ContextIdentity kind = identity;
  kind.origin = kind.session = kind.project = {};
  return identity_hash(kind);
}

Hash128 message_digest(std::uint64_t context_identity, std::int64_t position, std::int64_t time_ms, std::uint64_t text_hash,
                       std::size_t text_bytes) {
  const std::array<std::uint64_t, 5> words{context_identity, static_cast<std::uint64_t>(position),
                                           static_cast<std::uint64_t>(time_ms), text_hash, text_bytes};
  return xxh3_128({reinterpret_cast<const char*>(words.data()), sizeof words});
}

Hash128 record_digest(const Hash128& record, std::uint64_t kind, std::int64_t time_ms, std::uint64_t text_hash,
                      std::size_t text_bytes) {
  const std::array<std::uint64_t, 6> words{record.low, record.high, kind, static_cast<std::uint64_t>(time_ms),
                                           text_hash,  text_bytes};
  return xxh3_128({reinterpret_cast<const char*>(words.data()), sizeof words});
}

Hash128 place_digest(const Hash128& record, std::uint64_t origin_hash, std::uint64_t session_hash, std::int64_t position) {
  const std::array<std::uint64_t, 5> words{record.low, record.high, origin_hash, session_hash,
                                           static_cast<std::uint64_t>(position)};
  return xxh3_128({reinterpret_cast<const char*>(words.data()), sizeof words});
}

}  // namespace cmem
