/* memory_admin.h: check, rebuild, checkpoint. */
#define _XOPEN_SOURCE 700
#include <sys/stat.h>

#include "check.h"
#include "fixture.h"

static void expect_all_checks_ok(cmem_store* store, uint32_t deep) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  const cmem_value* row = NULL;
  int rows = 0;
  int ok;
  cmem_status status;
  OK(cmem_check(&cursor, store, deep, &err));
  ok = column(cursor, "ok");
  REQUIRE(ok >= 0 && column(cursor, "check") == 0 && column(cursor, "severity") >= 0 && column(cursor, "hint") >= 0);
  while ((status = cmem_cursor_next(&row, cursor, &err)) == CMEM_OK) {
    CHECK(row[ok].i64 == 1);
    ++rows;
  }
  CHECK(status == CMEM_DONE && rows > 3);
  cmem_cursor_close(cursor);
}

static void a_good_store_passes_every_check(void) {
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  expect_all_checks_ok(store, 0);
  expect_all_checks_ok(store, 1);
  cmem_store_close(store);
}

static int progress_calls;

static int count_calls(int64_t done, int64_t total, const char* unit, int64_t rows, void* payload) {
  (void)done;
  (void)total;
  (void)rows;
  CHECK(unit != NULL && strcmp(unit, "messages") == 0);
  ++progress_calls;
  return payload != NULL; /* a payload means: stop */
}

static void rebuild_changes_no_answer(void) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  cmem_stats before = CMEM_STATS_INIT;
  cmem_stats after = CMEM_STATS_INIT;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  OK(cmem_stats_get(&before, store, &err));
  progress_calls = 0;
  OK(cmem_rebuild(store, count_calls, NULL, &err));
  OK(cmem_rebuild(store, NULL, NULL, &err));
  OK(cmem_stats_get(&after, store, &err));
  CHECK(before.messages == after.messages && before.distinct_texts == after.distinct_texts && before.projects == after.projects);
  CHECK(strcmp(before.content_root, after.content_root) == 0);
  OK(cmem_search(&cursor, store, "login", 5, NULL, NULL, &err));
  CHECK(count_rows(cursor) == 2);
  expect_all_checks_ok(store, 1);
  cmem_store_close(store);
}

static void a_cancelled_rebuild_leaves_the_store_as_it_was(void) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  int stop = 1;
  cmem_status status;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  progress_calls = 0;
  status = cmem_rebuild(store, count_calls, &stop, &err);
  CHECK(status == CMEM_E_CANCELLED || (status == CMEM_OK && progress_calls <= 1)); /* all was done when it first told */
  OK(cmem_search(&cursor, store, "login", 5, NULL, NULL, &err));
  CHECK(count_rows(cursor) == 2);
  expect_all_checks_ok(store, 1);
  cmem_store_close(store);
}

static void a_checkpoint_empties_the_log(void) {
  cmem_error err;
  struct stat info;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  OK(cmem_checkpoint(store, &err));
  CHECK(stat(test_path("memory.db-wal"), &info) != 0 || info.st_size == 0);
  OK(cmem_checkpoint(store, &err));
  cmem_store_close(store);
}

const struct test_case admin_cases[] = {
    {"a good store passes every check", a_good_store_passes_every_check},
    {"rebuild changes no answer", rebuild_changes_no_answer},
    {"a cancelled rebuild leaves the store as it was", a_cancelled_rebuild_leaves_the_store_as_it_was},
    {"a checkpoint empties the log", a_checkpoint_empties_the_log},
    {NULL, NULL},
};
