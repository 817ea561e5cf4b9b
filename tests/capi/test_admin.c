/* memory_admin.h: check, rebuild, checkpoint, synonyms. */
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

/* A tier of NULL: there are no hits. */
static void expect_hits(cmem_store* store, const char* query, int64_t hits, const char* tier) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  const cmem_value* row = NULL;
  OK(cmem_search(&cursor, store, query, strlen(query), NULL, NULL, &err));
  CHECK(cmem_cursor_total(cursor) == hits);
  if (tier != NULL) {
    OK(cmem_cursor_next(&row, cursor, &err));
    CHECK(text_is(&row[column(cursor, "tier")], tier));
  }
  cmem_cursor_close(cursor);
}

static void synonyms_widen_a_search_until_they_are_removed(void) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  const cmem_value* row = NULL;
  uint32_t changed = 7;
  cmem_stats stats = CMEM_STATS_INIT;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  expect_hits(store, "kaboom", 0, NULL);
  OK(cmem_synonym_add(&changed, store, "KABOOM", 6, "login page", 10, &err));
  CHECK(changed == 1);
  expect_hits(store, "kaboom", 2, "expanded");
  OK(cmem_synonym_add(&changed, store, "login  PAGE", 11, "kaboom", 6, &err));
  CHECK(changed == 0);
  OK(cmem_synonym_add(NULL, store, "a", 1, "b", 1, &err));
  OK(cmem_rebuild(store, NULL, NULL, &err)); /* they are rows, not derived data */
  OK(cmem_synonyms(&cursor, store, &err));
  CHECK(cmem_cursor_total(cursor) == 2 && column(cursor, "word") == 0 && column(cursor, "other") == 1);
  OK(cmem_cursor_next(&row, cursor, &err));
  CHECK(text_is(&row[0], "a"));
  OK(cmem_cursor_next(&row, cursor, &err));
  CHECK(text_is(&row[0], "kaboom"));
  CHECK(text_is(&row[1], "login page"));
  cmem_cursor_close(cursor);
  OK(cmem_synonym_remove(&changed, store, "login page", 10, "kaboom", 6, &err));
  CHECK(changed == 1);
  OK(cmem_synonym_remove(&changed, store, "login page", 10, "kaboom", 6, &err));
  CHECK(changed == 0);
  expect_hits(store, "kaboom", 0, NULL);
  OK(cmem_stats_get(&stats, store, &err));
  CHECK(stats.messages == FIXTURE_MESSAGES);
  expect_all_checks_ok(store, 1);
  cmem_store_close(store);
}

static void what_can_be_no_synonym_is_refused(void) {
  cmem_error err;
  cmem_open_options options = CMEM_OPEN_OPTIONS_INIT;
  uint32_t changed = 7;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  FAILS(CMEM_E_INVALID, cmem_synonym_add(&changed, store, "...", 3, "b", 1, &err));
  CHECK(changed == 0);
  FAILS(CMEM_E_INVALID, cmem_synonym_add(&changed, store, "Word", 4, "word", 4, &err));
  FAILS(CMEM_E_INVALID, cmem_synonym_remove(&changed, store, NULL, 0, "word", 4, &err));
  FAILS(CMEM_E_INVALID, cmem_synonym_add(&changed, store, "a b c d e f g h i", 17, "word", 4, &err));
  cmem_store_close(store);
  options.read_only = 1;
  OK(cmem_store_open(&store, test_path("memory.db"), &options, &err));
  REQUIRE(store != NULL);
  FAILS(CMEM_E_READ_ONLY, cmem_synonym_add(&changed, store, "a", 1, "b", 1, &err));
  cmem_store_close(store);
}

const struct test_case admin_cases[] = {
    {"a good store passes every check", a_good_store_passes_every_check},
    {"rebuild changes no answer", rebuild_changes_no_answer},
    {"a cancelled rebuild leaves the store as it was", a_cancelled_rebuild_leaves_the_store_as_it_was},
    {"a checkpoint empties the log", a_checkpoint_empties_the_log},
    {"synonyms widen a search until they are removed", synonyms_widen_a_search_until_they_are_removed},
    {"what can be no synonym is refused", what_can_be_no_synonym_is_refused},
    {NULL, NULL},
};
