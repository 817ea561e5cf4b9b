/* Closing in any order, while cursors are open, half read or at their end. */
#include "check.h"
#include "fixture.h"

static void a_cursor_outlives_its_store(void) {
  cmem_error err;
  cmem_cursor* query = NULL;
  cmem_cursor* sql = NULL;
  const cmem_value* row = NULL;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  OK(cmem_query(&query, store, NULL, NULL, &err));
  OK(cmem_sql(&sql, store, "SELECT message_id FROM session_messages", 39, 0, &err));
  CHECK(cmem_cursor_next(&row, query, &err) == CMEM_OK);
  cmem_store_close(store);
  CHECK(count_rows(query) == FIXTURE_MESSAGES - 1);
  CHECK(count_rows(sql) == FIXTURE_MESSAGES);
}

static void cursors_close_in_any_order(void) {
  cmem_error err;
  cmem_cursor* cursors[4] = {NULL, NULL, NULL, NULL};
  static const int orders[3][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}};
  for (int order = 0; order < 3; ++order) {
    cmem_store* store = order == 0 ? fixture_store() : NULL;
    const cmem_value* row = NULL;
    if (order != 0) OK(cmem_store_open(&store, test_path("memory.db"), NULL, &err));
    REQUIRE(store != NULL);
    for (int i = 0; i < 4; ++i) OK(cmem_query(&cursors[i], store, NULL, NULL, &err));
    CHECK(cmem_cursor_next(&row, cursors[1], &err) == CMEM_OK);
    if (order == 1) cmem_store_close(store);
    for (int i = 0; i < 4; ++i) cmem_cursor_close(cursors[orders[order][i]]);
    if (order != 1) cmem_store_close(store);
  }
}

static void two_handles_of_one_file_are_independent(void) {
  cmem_error err;
  cmem_append_result appended = CMEM_APPEND_RESULT_INIT;
  uint64_t count = 0;
  cmem_message message = CMEM_MESSAGE_INIT;
  cmem_store* second = NULL;
  cmem_store* first = fixture_store();
  REQUIRE(first != NULL);
  OK(cmem_store_open(&second, test_path("memory.db"), NULL, &err));
  message.content = "from the second";
  message.content_len = 15;
  OK(cmem_append(&appended, second, &message, 1, &err));
  OK(cmem_count(&count, first, NULL, &err));
  CHECK(count == FIXTURE_MESSAGES + 1);
  cmem_store_close(first);
  OK(cmem_append(&appended, second, &message, 1, &err));
  cmem_store_close(second);
}

static void a_store_opens_and_closes_many_times(void) {
  cmem_error err;
  const char* path = test_path("memory.db");
  cmem_store* store = fixture_store();
  cmem_store_close(store);
  for (int i = 0; i < 50; ++i) {
    cmem_cursor* cursor = NULL;
    OK(cmem_store_open(&store, path, NULL, &err));
    OK(cmem_projects(&cursor, store, &err));
    cmem_cursor_close(cursor);
    cmem_store_close(store);
  }
}

const struct test_case close_cases[] = {
    {"a cursor outlives its store", a_cursor_outlives_its_store},
    {"cursors close in any order", cursors_close_in_any_order},
    {"two handles of one file are independent", two_handles_of_one_file_are_independent},
    {"a store opens and closes many times", a_store_opens_and_closes_many_times},
    {NULL, NULL},
};
