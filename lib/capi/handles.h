// What is behind the opaque handles.
#pragma once
#include <coditect/memory.h>

#include <memory>
#include <string>
#include <vector>

#include "capi/table.h"
#include "store/store.h"

// Cursors share the store, so that handles may be closed in any order.
struct cmem_store {
  std::shared_ptr<cmem::Store> store;
};

struct cmem_cursor {
  explicit cmem_cursor(std::unique_ptr<cmem::Table> rows) : table(std::move(rows)), position(table->position()) {}

  std::unique_ptr<cmem::Table> table;
  cmem::Row row;
  std::vector<cmem_value> values;
  std::string position;
};

namespace cmem {

// Hands a table to the caller as a cursor.
inline Status give_cursor(cmem_cursor** out, std::unique_ptr<Table> table) {
  *out = new cmem_cursor(std::move(table));
  return {};
}

// Checks the two parameters that every call on a store has, and makes *out NULL.
template <typename Out>
Status check_call(Out** out, const cmem_store* store) {
  if (!out) return Unexpected(Code::kInvalid, "out must not be NULL");
  *out = nullptr;
  if (!store) return Unexpected(Code::kInvalid, "store must not be NULL");
  return {};
}

}  // namespace cmem
