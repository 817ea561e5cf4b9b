// Everything that is kept as a count or sum, computed anew from the rows: the oracle of `doctor --deep`, and what `rebuild` writes.
#pragma once
#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/terms.h"
#include "sqlite/connection.h"
#include "store/content_root.h"

namespace cmem {

struct ContextCount {
  std::int64_t messages = 0;
  std::int64_t without_time = 0;
  std::int64_t first_ms = kNoTime;
  std::int64_t last_ms = kNoTime;
};

struct Recount {
  std::int64_t messages = 0;
  std::int64_t texts = 0;
  std::int64_t text_bytes = 0;
  ContentRoot root;
  std::unordered_map<std::int64_t, ContextCount> contexts;  // by context id
  std::vector<std::uint64_t> text_hashes;                   // of text id i + 1
};

struct RowFacts {
  std::int64_t id;
  std::int64_t text_id;
  std::int64_t time_ms;
  std::int64_t context_id;
  std::int64_t origin_id;
  std::int64_t position;
};

// Decodes every text and reads every message row, in id order; `visit` (may be empty) sees each row. kCorrupt: a text is damaged or
// missing, a row points to nothing. Memory: 12 bytes a distinct text. Call in a transaction.
Result<Recount> recount(sqlite::Connection& db, const std::function<Status(const RowFacts& row)>& visit);

}  // namespace cmem
