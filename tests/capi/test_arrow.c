/* The Arrow C stream of a cursor, read with nothing but the structs of the Arrow specification. */
#include <stdlib.h>

#include "check.h"
#include "fixture.h"

/* From https://arrow.apache.org/docs/format/CDataInterface.html: every user of the interface declares these. */
struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema** children;
  struct ArrowSchema* dictionary;
  void (*release)(struct ArrowSchema*);
  void* private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void** buffers;
  struct ArrowArray** children;
  struct ArrowArray* dictionary;
  void (*release)(struct ArrowArray*);
  void* private_data;
};

struct ArrowArrayStream {
  int (*get_schema)(struct ArrowArrayStream*, struct ArrowSchema* out);
  int (*get_next)(struct ArrowArrayStream*, struct ArrowArray* out);
  const char* (*get_last_error)(struct ArrowArrayStream*);
  void (*release)(struct ArrowArrayStream*);
  void* private_data;
};

static void the_schema_has_the_cursors_columns_and_types(void) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  struct ArrowArrayStream stream;
  struct ArrowSchema schema;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  OK(cmem_query(&cursor, store, NULL, NULL, &err));
  OK(cmem_cursor_to_arrow(&stream, cursor, &err));
  REQUIRE(stream.get_schema(&stream, &schema) == 0);
  CHECK(strcmp(schema.format, "+s") == 0 && schema.n_children == 11);
  CHECK(strcmp(schema.children[0]->name, "id") == 0 && strcmp(schema.children[0]->format, "l") == 0);
  CHECK(strcmp(schema.children[1]->name, "time") == 0 && strcmp(schema.children[1]->format, "tsm:UTC") == 0);
  CHECK(strcmp(schema.children[10]->name, "content") == 0 && strcmp(schema.children[10]->format, "U") == 0);
  schema.release(&schema);
  CHECK(schema.release == NULL);
  stream.release(&stream);
  CHECK(stream.release == NULL);
  cmem_store_close(store);
}

static void the_batches_hold_the_remaining_rows(void) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  const cmem_value* row = NULL;
  struct ArrowArrayStream stream;
  struct ArrowArray batch;
  int64_t rows = 0;
  int64_t next_id = 0;
  cmem_page page = CMEM_PAGE_INIT;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  page.order = CMEM_ORDER_OLDEST;
  OK(cmem_query(&cursor, store, NULL, &page, &err));
  CHECK(cmem_cursor_next(&row, cursor, &err) == CMEM_OK);
  OK(cmem_cursor_to_arrow(&stream, cursor, &err));
  cmem_store_close(store); /* the stream lives on its own */
  for (;;) {
    REQUIRE(stream.get_next(&stream, &batch) == 0);
    if (batch.release == NULL) break;
    CHECK(batch.n_children == 11 && batch.length > 0 && batch.children[0]->length == batch.length);
    if (rows == 0) {
      const struct ArrowArray* content = batch.children[10];
      const int64_t* offsets = content->buffers[1];
      next_id = ((const int64_t*)batch.children[0]->buffers[1])[0];
      CHECK(offsets[1] - offsets[0] == 3 && memcmp((const char*)content->buffers[2] + offsets[0], "pwd", 3) == 0);
    }
    rows += batch.length;
    batch.release(&batch);
    CHECK(batch.release == NULL);
  }
  CHECK(rows == FIXTURE_MESSAGES - 1 && next_id > 0);
  stream.release(&stream);
}

static void a_stream_may_be_released_unread(void) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  struct ArrowArrayStream stream;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  OK(cmem_search(&cursor, store, "login", 5, NULL, NULL, &err));
  OK(cmem_cursor_to_arrow(&stream, cursor, &err));
  stream.release(&stream);
  cmem_store_close(store);
}

static void columns_without_a_declared_type_cannot_become_arrow(void) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  struct ArrowArrayStream stream;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  OK(cmem_sql(&cursor, store, "SELECT 1", 8, 0, &err));
  FAILS(CMEM_E_INVALID, cmem_cursor_to_arrow(&stream, cursor, &err));
  CHECK(count_rows(cursor) == 1); /* on failure the cursor is still ours, and unchanged */
  cmem_store_close(store);
}

const struct test_case arrow_cases[] = {
    {"the schema has the cursor's columns and types", the_schema_has_the_cursors_columns_and_types},
    {"the batches hold the remaining rows", the_batches_hold_the_remaining_rows},
    {"a stream may be released unread", a_stream_may_be_released_unread},
    {"columns without a declared type cannot become Arrow", columns_without_a_declared_type_cannot_become_arrow},
    {NULL, NULL},
};
