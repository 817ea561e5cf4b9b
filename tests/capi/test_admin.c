/* memory_admin.h: check, rebuild, checkpoint, synonyms, saved searches. */
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

#define SAVE(replaced, name, query, replace) \
  cmem_saved_search_add(replaced, store, name, strlen(name), query, strlen(query), replace, &err)

/* The saved searches that have the name, or all; the first one's name, query and times, if there is one. */
static void expect_saved(cmem_store* store, const char* name, int64_t count, const char* first, const char* query) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  const cmem_value* row = NULL;
  OK(cmem_saved_searches(&cursor, store, name, name == NULL ? 0 : strlen(name), &err));
  CHECK(cmem_cursor_total(cursor) == count);
  CHECK(column(cursor, "name") == 0 && column(cursor, "query") == 1 && column(cursor, "created") == 2 && column(cursor, "changed") == 3);
  if (count > 0) {
    OK(cmem_cursor_next(&row, cursor, &err));
    CHECK(text_is(&row[0], first));
    CHECK(text_is(&row[1], query));
    CHECK(row[2].type == CMEM_TYPE_TIME && row[3].type == CMEM_TYPE_TIME && row[2].i64 > 0 && row[2].i64 <= row[3].i64);
  }
  cmem_cursor_close(cursor);
}

static void a_saved_search_stays_as_typed_until_it_is_removed(void) {
  cmem_error err;
  uint32_t changed = 7;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  expect_saved(store, NULL, 0, NULL, NULL);
  OK(SAVE(&changed, "pages", "login on:yesterday", 0));
  CHECK(changed == 0);
  OK(SAVE(NULL, "a/b.c_d-\xc3\xa9", "\"login page\"", 1));
  expect_saved(store, NULL, 2, "a/b.c_d-\xc3\xa9", "\"login page\"");
  expect_saved(store, "pages", 1, "pages", "login on:yesterday");
  expect_saved(store, "Pages", 0, NULL, NULL);
  OK(SAVE(&changed, "pages", "login", 1));
  CHECK(changed == 1);
  OK(cmem_rebuild(store, NULL, NULL, &err)); /* they are rows, not derived data */
  expect_saved(store, "pages", 1, "pages", "login");
  expect_all_checks_ok(store, 1);
  OK(cmem_saved_search_remove(&changed, store, "pages", 5, &err));
  CHECK(changed == 1);
  OK(cmem_saved_search_remove(&changed, store, "pages", 5, &err));
  CHECK(changed == 0);
  expect_saved(store, NULL, 1, "a/b.c_d-\xc3\xa9", "\"login page\"");
  cmem_store_close(store);
}

static void what_can_be_no_saved_search_is_refused(void) {
  static const char* const bad_names[] = {"", "two words", "-x", "a\tb", "a\xc2\xa0" "b", "\xff",
                                          "12345678901234567890123456789012345678901234567890123456789012345"};
  cmem_error err;
  cmem_open_options options = CMEM_OPEN_OPTIONS_INIT;
  uint32_t changed = 7;
  size_t i;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  for (i = 0; i < sizeof bad_names / sizeof *bad_names; ++i) FAILS(CMEM_E_INVALID, SAVE(&changed, bad_names[i], "login", 0));
  CHECK(changed == 0);
  FAILS(CMEM_E_INVALID, SAVE(NULL, "x", "-login", 0));
  FAILS(CMEM_E_INVALID, SAVE(NULL, "x", "\xff", 0));
  FAILS(CMEM_E_INVALID, SAVE(NULL, "x", "login", 2));
  FAILS(CMEM_E_LIMIT, SAVE(NULL, "x", "(((((((((a)))))))))", 0));
  OK(SAVE(NULL, "x", "login", 0));
  FAILS(CMEM_E_INVALID, SAVE(&changed, "x", "page", 0));
  CHECK(strstr(err.text, "'x'") != NULL);
  expect_saved(store, NULL, 1, "x", "login");
  cmem_store_close(store);
  options.read_only = 1;
  OK(cmem_store_open(&store, test_path("memory.db"), &options, &err));
  REQUIRE(store != NULL);
  FAILS(CMEM_E_READ_ONLY, SAVE(NULL, "y", "login", 0));
  FAILS(CMEM_E_READ_ONLY, cmem_saved_search_remove(NULL, store, "x", 1, &err));
  cmem_store_close(store);
}

const struct test_case admin_cases[] = {
    {"a good store passes every check", a_good_store_passes_every_check},
    {"rebuild changes no answer", rebuild_changes_no_answer},
    {"a cancelled rebuild leaves the store as it was", a_cancelled_rebuild_leaves_the_store_as_it_was},
    {"a checkpoint empties the log", a_checkpoint_empties_the_log},
    {"synonyms widen a search until they are removed", synonyms_widen_a_search_until_they_are_removed},
    {"what can be no synonym is refused", what_can_be_no_synonym_is_refused},
    {"a saved search stays as typed until it is removed", a_saved_search_stays_as_typed_until_it_is_removed},
    {"what can be no saved search is refused", what_can_be_no_saved_search_is_refused},
    {NULL, NULL},
};
