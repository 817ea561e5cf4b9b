// cmem_cursor_*: stepping through a Table.
#include "capi/guard.h"
#include "capi/handles.h"
#include "capi/options.h"

using namespace cmem;

namespace {

// The cells of the current row as the caller sees them; they point into cursor.row.
void publish(cmem_cursor& cursor) {
  cursor.values.resize(cursor.row.size());
  for (std::size_t i = 0; i < cursor.row.size(); ++i) {
    const Cell& cell = cursor.row[i];
    const bool has_bytes = cell.type == CMEM_TYPE_TEXT || cell.type == CMEM_TYPE_BYTES;
    cursor.values[i] = {
        cell.type, 0, cell.integer, cell.real, has_bytes ? cell.text.c_str() : nullptr, has_bytes ? cell.text.size() : 0};
  }
}

}  // namespace

uint32_t cmem_cursor_column_count(const cmem_cursor* cursor) {
  return cursor ? static_cast<uint32_t>(cursor->table->columns().size()) : 0;
}

const char* cmem_cursor_column_name(const cmem_cursor* cursor, uint32_t index) {
  return index < cmem_cursor_column_count(cursor) ? cursor->table->columns()[index].name.c_str() : nullptr;
}

int32_t cmem_cursor_column_type(const cmem_cursor* cursor, uint32_t index) {
  return index < cmem_cursor_column_count(cursor) ? cursor->table->columns()[index].type : CMEM_TYPE_NULL;
}

cmem_status cmem_cursor_next(const cmem_value** row, cmem_cursor* cursor, cmem_error* err) {
  return guard(err, [&]() -> Result<cmem_status> {
    CMEM_TRY(require(row, "row"));
    *row = nullptr;
    CMEM_TRY(require(cursor, "cursor"));
    CMEM_ASSIGN_OR_RETURN(const bool found, cursor->table->next(cursor->row));
    if (!found) return CMEM_DONE;
    publish(*cursor);
    cursor->position = cursor->table->position();
    *row = cursor->values.data();
    return CMEM_OK;
  });
}

int64_t cmem_cursor_total(const cmem_cursor* cursor) { return cursor ? cursor->table->total() : -1; }

const char* cmem_cursor_position(const cmem_cursor* cursor) { return cursor ? cursor->position.c_str() : ""; }

void cmem_cursor_close(cmem_cursor* cursor) { delete cursor; }
