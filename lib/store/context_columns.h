// What filters ask of contexts, kept between questions as columns: reading some ten thousand contexts by SQL takes longer than most
// searches.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "sqlite/connection.h"

namespace cmem {

enum class FilterField : std::uint8_t;
inline constexpr std::size_t kFilterFields = 7;

// A column is read when it is first asked for, and again after a commit. One thread at a time.
class ContextColumns {
 public:
  // By context id: the number of the field's value, 0 where there is none. Valid until the next call in another read transaction.
  Result<const std::vector<std::uint32_t>*> column(sqlite::Connection& db, FilterField field);
  void clear() { csn_ = -1; }

 private:
  std::int64_t csn_ = -1;                                          // of the commit that the columns are of
  std::array<std::vector<std::uint32_t>, kFilterFields> columns_;  // empty: not read yet
};

}  // namespace cmem
