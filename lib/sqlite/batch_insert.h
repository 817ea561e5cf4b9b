// Inserts rows of integers twice as fast as bind and step: one INSERT ... SELECT reads a whole batch from a virtual table
// that lies over the caller's array (5 columns: 0.32 us a row against 0.65). One thread at a time, like the connection.
#pragma once
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "sqlite/connection.h"

namespace cmem::sqlite {

// Stands for NULL in a batch.
inline constexpr std::int64_t kNullCell = std::numeric_limits<std::int64_t>::min();

class BatchInsert {
 public:
  // `columns` is the number of columns of `table`, all of which every row fills, in the order of its definition.
  static Result<BatchInsert> create(Connection& connection, const std::string& table, int columns);

  BatchInsert(BatchInsert&&) noexcept;
  BatchInsert& operator=(BatchInsert&&) noexcept;
  ~BatchInsert();

  // Row after row, `columns` cells each. All rows go in or, after an error, none of them; an open transaction stays open.
  Status run(std::span<const std::int64_t> row_major_cells);

 private:
  struct Source;
  struct Cursor;
  struct Module;

  BatchInsert(std::unique_ptr<Source> source, Statement statement) noexcept;

  // Declared first, hence dropped last: the statement reads from it.
  std::unique_ptr<Source> source_;
  Statement insert_;
};

}  // namespace cmem::sqlite
