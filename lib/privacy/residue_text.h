// Secrets in residues. A residue has the values of a line without what names them: a value is looked at with the bytes of the
// line's shape before it, so that {"password": "…"} is known.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "sqlite/connection.h"
#include "sqlite/statement.h"

namespace cmem {

// What stands before each slot, by shape.
class ShapeLiterals {
 public:
  explicit ShapeLiterals(sqlite::Connection& db) : db_(db) {}
  // The last bytes before the slot; empty: there is no such slot. Valid until the next call.
  Result<std::string_view> before(std::int64_t shape_id, std::size_t slot);

 private:
  Result<const std::vector<std::string>*> of(std::int64_t shape_id);
  sqlite::Connection& db_;
  std::unordered_map<std::int64_t, std::vector<std::string>> literals_;
};

// The shapes of messages and copies, asked for in the order of their ids.
class ShapesById {
 public:
  static Result<ShapesById> open(sqlite::Connection& db);
  // 0: none.
  Result<std::int64_t> of(std::int64_t id);

 private:
  explicit ShapesById(sqlite::Statement rows) : rows_(std::move(rows)) {}
  sqlite::Statement rows_;
  bool at_row_ = false;
  bool started_ = false;
};

// Calls edit(before, value) for each value of the residue. What it returns takes the value's place; nothing: no value changes.
using ValueEdit = std::function<std::optional<std::string>(std::string_view before, std::string_view value)>;
Result<std::optional<std::string>> edit_residue(std::string_view residue, std::int64_t shape_id, ShapeLiterals& literals,
                                                const ValueEdit& edit);

}  // namespace cmem
