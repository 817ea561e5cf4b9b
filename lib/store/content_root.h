// The content root: a 128-bit sum over all messages that is the same for the same set of messages in whatever order, batches or
// processes they came. Each message adds XXH3-128 of what it is (origin, position, time, text, level, session, stated project,
// role, source type). A record with an identity of its own, which may be met in several files in any order, adds what it is
// (identity, time, text, role, source type), and each place where it stands (identity, origin, position, session). Sums modulo
// 2^128 do not depend on order. It finds accidents (a lost, doubled or changed message); it is no defence against somebody who
// forges a store on purpose.
#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/hash.h"

namespace cmem {

struct ContentRoot {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  void add(const Hash128& digest) {
    low += digest.low;
    high += digest.high + (low < digest.low ? 1 : 0);
  }

  void subtract(const Hash128& digest) {
    high -= digest.high + (low < digest.low ? 1 : 0);
    low -= digest.low;
  }

  friend bool operator==(const ContentRoot&, const ContentRoot&) = default;
};

// 16 bytes, little-endian, low half first: how commit_clock keeps it.
std::string to_bytes(const ContentRoot& root);
// A root of zero for anything that is not 16 bytes.
ContentRoot content_root_from_bytes(std::string_view bytes);
// 32 hex digits, high half first.
std::string to_hex(const ContentRoot& root);

// The part of a message's digest that its context gives: names, never ids.
struct ContextIdentity {
  std::string_view origin, session, project, role, source_type, level;
  std::uint8_t prefix = 0;
};
std::uint64_t identity_hash(const ContextIdentity& identity);

// The part that does not depend on where a record stands: role, source type, level, prefix.
std::uint64_t kind_hash(const ContextIdentity& identity);

Hash128 message_digest(std::uint64_t context_identity, std::int64_t position, std::int64_t time_ms, std::uint64_t text_hash,
                       std::size_t text_bytes);

// Of a record with an identity of its own.
Hash128 record_digest(const Hash128& record, std::uint64_t kind, std::int64_t time_ms, std::uint64_t text_hash,
                      std::size_t text_bytes);
// Of a place where it stands: its own or a copy's. The hashes are XXH3-64 of the names.
Hash128 place_digest(const Hash128& record, std::uint64_t origin_hash, std::uint64_t session_hash, std::int64_t position);

}  // namespace cmem
