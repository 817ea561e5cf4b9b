// Where the bytes of a store are.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sqlite/connection.h"

namespace cmem {

enum class PartKind { kTruth, kDerived, kFree };  // derived: `rebuild` can make it anew; free: nothing is in it
std::string_view to_string(PartKind kind);

struct StorePart {
  std::string name;
  std::int64_t bytes = 0;  // whole pages
  std::int64_t rows = -1;  // -1: has none of its own
  PartKind kind = PartKind::kTruth;
  std::string note;
};

// Largest first; the sum of bytes is the size of the file. Reads every page. Call in a read transaction.
Result<std::vector<StorePart>> measure_sizes(sqlite::Connection& db);

}  // namespace cmem
