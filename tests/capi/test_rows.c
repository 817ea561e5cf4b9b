/* Cursors: columns, the three outcomes of a step, totals, positions, borrowed cells. */
#include <stdio.h>

#include "check.h"
#include "fixture.h"

static const char* const message_columns[] = {"id", "time", "project", "session", "source_type", "role",
                                              "component", "level", "source", "line", "content"};

static void the_columns_of_a_query_are_those_of_the_header(void) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  OK(cmem_query(&cursor, store, NULL, NULL, &err));
  CHECK(cmem_cursor_column_count(cursor) == sizeof message_columns / sizeof *message_columns);
  for (uint32_t i = 0; i < sizeof message_columns / sizeof *message_columns; ++i) {
    CHECK(cmem_cursor_column_name(cursor, i) != NULL && strcmp(cmem_cursor_column_name(cursor, i), message_columns[i]) == 0);
  }
  CHECK(cmem_cursor_column_type(cursor, 0) == CMEM_TYPE_INT);
  CHECK(cmem_cursor_column_type(cursor, 1) == CMEM_TYPE_TIME);
  CHECK(cmem_cursor_column_type(cursor, 10) == CMEM_TYPE_TEXT);
  CHECK(cmem_cursor_column_name(cursor, 99) == NULL);
  cmem_cursor_close(cursor);
  cmem_store_close(store);
}

static void a_cursor_gives_rows_then_done_and_stays_done(void) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  const cmem_value* row = NULL;
  int rows = 0;
  cmem_status status;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  OK(cmem_query(&cursor, store, NULL, NULL, &err));
  CHECK(cmem_cursor_total(cursor) == FIXTURE_MESSAGES);
  while ((status = cmem_cursor_next(&row, cursor, &err)) == CMEM_OK) {
    CHECK(row != NULL && row[0].type == CMEM_TYPE_INT && row[0].i64 > 0);
    CHECK(row[10].type == CMEM_TYPE_TEXT && row[10].text[row[10].text_len] == '\0');
    ++rows;
  }
  CHECK(status == CMEM_DONE && rows == FIXTURE_MESSAGES && row == NULL && err.code == CMEM_OK);
  CHECK(cmem_cursor_next(&row, cursor, &err) == CMEM_DONE && row == NULL);
  CHECK(cmem_cursor_total(cursor) == FIXTURE_MESSAGES);
  cmem_cursor_close(cursor);
  cmem_store_close(store);
}

static void cells_are_of_their_columns_type_or_null(void) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  const cmem_value* row = NULL;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  OK(cmem_query(&cursor, store, NULL, NULL, &err));
  while (cmem_cursor_next(&row, cursor, &err) == CMEM_OK) {
    for (uint32_t i = 0; i < cmem_cursor_column_count(cursor); ++i) {
      CHECK(row[i].type == CMEM_TYPE_NULL || row[i].type == cmem_cursor_column_type(cursor, i));
    }
  }
  cmem_cursor_close(cursor);
  cmem_store_close(store);
}

/* Pages of two, each from the position where the one before ended, are the whole list. */
static int pages_cover(cmem_store* store, uint32_t order, int64_t* ids) {
  cmem_error err;
  cmem_page page = CMEM_PAGE_INIT;
  char after[256] = "";
  int rows = 0;
  int rows_of_page;
  page.order = order;
  page.limit = 2;
  do {
    cmem_cursor* cursor = NULL;
    const cmem_value* row = NULL;
    page.after = after[0] == '\0' ? NULL : after;
    if (cmem_query(&cursor, store, NULL, &page, &err) != CMEM_OK) return -1;
    for (rows_of_page = 0; cmem_cursor_next(&row, cursor, &err) == CMEM_OK && rows < 32; ++rows_of_page) ids[rows++] = row[0].i64;
    snprintf(after, sizeof after, "%s", cmem_cursor_position(cursor));
    cmem_cursor_close(cursor);
  } while (rows_of_page == 2);
  return rows;
}

static void pages_follow_each_other_without_gap_or_repeat(void) {
  int64_t newest[32] = {0};
  int64_t oldest[32] = {0};
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  CHECK(pages_cover(store, CMEM_ORDER_NEWEST, newest) == FIXTURE_MESSAGES);
  CHECK(pages_cover(store, CMEM_ORDER_OLDEST, oldest) == FIXTURE_MESSAGES);
  for (int i = 0; i < FIXTURE_MESSAGES; ++i) {
    int found = 0;
    for (int j = 0; j < FIXTURE_MESSAGES; ++j) found += oldest[j] == newest[i];
    CHECK(found == 1);
  }
  CHECK(newest[0] == oldest[FIXTURE_MESSAGES - 1]);
  cmem_store_close(store);
}

static void a_position_stays_valid_when_new_messages_arrive(void) {
  cmem_error err;
  cmem_append_result appended = CMEM_APPEND_RESULT_INIT;
  cmem_cursor* cursor = NULL;
  const cmem_value* row = NULL;
  cmem_page page = CMEM_PAGE_INIT;
  cmem_message message = CMEM_MESSAGE_INIT;
  char after[256];
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  page.limit = 3;
  OK(cmem_query(&cursor, store, NULL, &page, &err));
  for (int i = 0; i < 3; ++i) CHECK(cmem_cursor_next(&row, cursor, &err) == CMEM_OK);
  CHECK(cmem_cursor_next(&row, cursor, &err) == CMEM_DONE);
  snprintf(after, sizeof after, "%s", cmem_cursor_position(cursor));
  cmem_cursor_close(cursor);
  message.content = "newer than all";
  message.content_len = strlen(message.content);
  message.time_ms = FIXTURE_LAST_MS + 1;
  OK(cmem_append(&appended, store, &message, 1, &err));
  page.limit = 0;
  page.after = after;
  OK(cmem_query(&cursor, store, NULL, &page, &err));
  CHECK(count_rows(cursor) == FIXTURE_MESSAGES - 3);
  cmem_store_close(store);
}

static void a_position_that_is_none_is_refused(void) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  cmem_page page = CMEM_PAGE_INIT;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  page.after = "somewhere over the rainbow";
  FAILS(CMEM_E_INVALID, cmem_query(&cursor, store, NULL, &page, &err));
  CHECK(cursor == NULL);
  page.after = NULL;
  page.order = 77;
  FAILS(CMEM_E_INVALID, cmem_query(&cursor, store, NULL, &page, &err));
  cmem_store_close(store);
}

static void content_can_be_left_out(void) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  const cmem_value* row = NULL;
  cmem_page page = CMEM_PAGE_INIT;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  page.without_content = 1;
  OK(cmem_query(&cursor, store, NULL, &page, &err));
  CHECK(cmem_cursor_next(&row, cursor, &err) == CMEM_OK);
  CHECK(row != NULL && row[10].type == CMEM_TYPE_NULL);
  cmem_cursor_close(cursor);
  cmem_store_close(store);
}

static void two_cursors_of_one_store_do_not_disturb_each_other(void) {
  cmem_error err;
  cmem_cursor* first = NULL;
  cmem_cursor* second = NULL;
  const cmem_value* row = NULL;
  cmem_page page = CMEM_PAGE_INIT;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  page.order = CMEM_ORDER_OLDEST;
  OK(cmem_query(&first, store, NULL, &page, &err));
  OK(cmem_query(&second, store, NULL, NULL, &err));
  CHECK(cmem_cursor_next(&row, first, &err) == CMEM_OK && text_is(&row[10], "fix the login page"));
  CHECK(cmem_cursor_next(&row, second, &err) == CMEM_OK && text_is(&row[10], "write the blog post about the login page"));
  CHECK(cmem_cursor_next(&row, first, &err) == CMEM_OK && text_is(&row[10], "pwd"));
  cmem_cursor_close(first);
  CHECK(count_rows(second) == FIXTURE_MESSAGES - 1);
  cmem_store_close(store);
}

const struct test_case row_cases[] = {
    {"the columns of a query are those of the header", the_columns_of_a_query_are_those_of_the_header},
    {"a cursor gives rows, then DONE, and stays DONE", a_cursor_gives_rows_then_done_and_stays_done},
    {"cells are of their column's type or NULL", cells_are_of_their_columns_type_or_null},
    {"pages follow each other without gap or repeat", pages_follow_each_other_without_gap_or_repeat},
    {"a position stays valid when new messages arrive", a_position_stays_valid_when_new_messages_arrive},
    {"a position that is none is refused", a_position_that_is_none_is_refused},
    {"content can be left out", content_can_be_left_out},
    {"two cursors of one store do not disturb each other", two_cursors_of_one_store_do_not_disturb_each_other},
    {NULL, NULL},
};
