/* NULL where a handle, an output or an input must be: CMEM_E_INVALID, never a crash; outputs are set to nothing. */
#include <coditect/memory_home.h>

#include "check.h"
#include "fixture.h"

static int swallow(const void* data, size_t len, void* payload) {
  (void)data;
  (void)len;
  (void)payload;
  return 0;
}

static void closing_null_is_nothing(void) {
  cmem_store_close(NULL);
  cmem_cursor_close(NULL);
}

static void opening_needs_an_output_and_a_path(void) {
  cmem_error err;
  cmem_store* store = (cmem_store*)&err;
  FAILS(CMEM_E_INVALID, cmem_store_open(NULL, "x.db", NULL, &err));
  FAILS(CMEM_E_INVALID, cmem_store_open(&store, NULL, NULL, &err));
  CHECK(store == NULL);
  CHECK(cmem_store_open(&store, "", NULL, &err) < 0);
}

/* Every call that gives a cursor, with one argument missing. */
static void cursor_calls_need_an_output(void) {
  cmem_error err;
  cmem_store* store = new_store();
  REQUIRE(store != NULL);
  FAILS(CMEM_E_INVALID, cmem_runs(NULL, store, 0, &err));
  FAILS(CMEM_E_INVALID, cmem_rejected(NULL, store, 0, &err));
  FAILS(CMEM_E_INVALID, cmem_query(NULL, store, NULL, NULL, &err));
  FAILS(CMEM_E_INVALID, cmem_get(NULL, store, 1, 0, 0, &err));
  FAILS(CMEM_E_INVALID, cmem_search(NULL, store, "a", 1, NULL, NULL, &err));
  FAILS(CMEM_E_INVALID, cmem_projects(NULL, store, &err));
  FAILS(CMEM_E_INVALID, cmem_sessions(NULL, store, NULL, 0, &err));
  FAILS(CMEM_E_INVALID, cmem_components(NULL, store, &err));
  FAILS(CMEM_E_INVALID, cmem_sizes(NULL, store, &err));
  FAILS(CMEM_E_INVALID, cmem_sql(NULL, store, "SELECT 1", 8, 0, &err));
  FAILS(CMEM_E_INVALID, cmem_check(NULL, store, 0, &err));
  FAILS(CMEM_E_INVALID, cmem_synonyms(NULL, store, &err));
  FAILS(CMEM_E_INVALID, cmem_saved_searches(NULL, store, NULL, 0, &err));
  FAILS(CMEM_E_INVALID, cmem_sources(NULL, store, &err));
  FAILS(CMEM_E_INVALID, cmem_files(NULL, store, NULL, &err));
  FAILS(CMEM_E_INVALID, cmem_file_versions(NULL, store, "/a", NULL, &err));
  cmem_store_close(store);
}

#define NEEDS_STORE(call)                                  \
  do {                                                     \
    cursor = (cmem_cursor*)&err;                           \
    FAILS(CMEM_E_INVALID, call);                           \
    CHECK(cursor == NULL);                                 \
  } while (0)

static void cursor_calls_need_a_store_and_set_the_output_to_null(void) {
  cmem_error err;
  cmem_cursor* cursor;
  NEEDS_STORE(cmem_runs(&cursor, NULL, 0, &err));
  NEEDS_STORE(cmem_rejected(&cursor, NULL, 0, &err));
  NEEDS_STORE(cmem_query(&cursor, NULL, NULL, NULL, &err));
  NEEDS_STORE(cmem_get(&cursor, NULL, 1, 0, 0, &err));
  NEEDS_STORE(cmem_search(&cursor, NULL, "a", 1, NULL, NULL, &err));
  NEEDS_STORE(cmem_projects(&cursor, NULL, &err));
  NEEDS_STORE(cmem_sessions(&cursor, NULL, NULL, 0, &err));
  NEEDS_STORE(cmem_components(&cursor, NULL, &err));
  NEEDS_STORE(cmem_sizes(&cursor, NULL, &err));
  NEEDS_STORE(cmem_sql(&cursor, NULL, "SELECT 1", 8, 0, &err));
  NEEDS_STORE(cmem_check(&cursor, NULL, 0, &err));
  NEEDS_STORE(cmem_synonyms(&cursor, NULL, &err));
  NEEDS_STORE(cmem_saved_searches(&cursor, NULL, NULL, 0, &err));
  NEEDS_STORE(cmem_sources(&cursor, NULL, &err));
  NEEDS_STORE(cmem_files(&cursor, NULL, NULL, &err));
  NEEDS_STORE(cmem_file_versions(&cursor, NULL, "/a", NULL, &err));
}

static void other_calls_need_a_store(void) {
  cmem_error err;
  cmem_load_result loaded = CMEM_LOAD_RESULT_INIT;
  cmem_append_result appended = CMEM_APPEND_RESULT_INIT;
  cmem_stats stats = CMEM_STATS_INIT;
  uint64_t count = 0;
  const char* path = "x.jsonl";
  FAILS(CMEM_E_INVALID, cmem_load(&loaded, NULL, &path, 1, NULL, &err));
  FAILS(CMEM_E_INVALID, cmem_append(&appended, NULL, NULL, 0, &err));
  FAILS(CMEM_E_INVALID, cmem_count(&count, NULL, NULL, &err));
  FAILS(CMEM_E_INVALID, cmem_stats_get(&stats, NULL, &err));
  FAILS(CMEM_E_INVALID, cmem_export(&count, NULL, NULL, CMEM_EXPORT_JSONL, swallow, NULL, &err));
  FAILS(CMEM_E_INVALID, cmem_rebuild(NULL, NULL, NULL, &err));
  FAILS(CMEM_E_INVALID, cmem_checkpoint(NULL, &err));
  FAILS(CMEM_E_INVALID, cmem_synonym_add(NULL, NULL, "a", 1, "b", 1, &err));
  FAILS(CMEM_E_INVALID, cmem_synonym_remove(NULL, NULL, "a", 1, "b", 1, &err));
  FAILS(CMEM_E_INVALID, cmem_saved_search_add(NULL, NULL, "a", 1, "b", 1, 0, &err));
  FAILS(CMEM_E_INVALID, cmem_saved_search_remove(NULL, NULL, "a", 1, &err));
  FAILS(CMEM_E_INVALID, cmem_source_export(NULL, NULL, "history.jsonl", swallow, NULL, &err));
  FAILS(CMEM_E_INVALID, cmem_file_read(NULL, 1, swallow, NULL, &err));
}

static void calls_need_the_inputs_they_work_on(void) {
  cmem_error err;
  cmem_time_range range;
  cmem_load_result loaded = CMEM_LOAD_RESULT_INIT;
  cmem_append_result appended = CMEM_APPEND_RESULT_INIT;
  cmem_cursor* cursor = NULL;
  uint64_t count = 0;
  const char* path = "x.jsonl";
  const char* none[1] = {NULL};
  cmem_store* store = new_store();
  REQUIRE(store != NULL);
  FAILS(CMEM_E_INVALID, cmem_time_range_parse(NULL, "today", 5, 0, 1, &err));
  FAILS(CMEM_E_INVALID, cmem_time_range_parse(&range, NULL, 5, 0, 1, &err));
  FAILS(CMEM_E_INVALID, cmem_load(NULL, store, &path, 1, NULL, &err));
  FAILS(CMEM_E_INVALID, cmem_append(NULL, store, NULL, 0, &err));
  FAILS(CMEM_E_INVALID, cmem_load(&loaded, store, NULL, 1, NULL, &err));
  FAILS(CMEM_E_INVALID, cmem_load(&loaded, store, none, 1, NULL, &err));
  FAILS(CMEM_E_INVALID, cmem_append(&appended, store, NULL, 1, &err));
  FAILS(CMEM_E_INVALID, cmem_count(NULL, store, NULL, &err));
  FAILS(CMEM_E_INVALID, cmem_stats_get(NULL, store, &err));
  FAILS(CMEM_E_INVALID, cmem_search(&cursor, store, NULL, 3, NULL, NULL, &err));
  FAILS(CMEM_E_INVALID, cmem_sql(&cursor, store, NULL, 3, 0, &err));
  FAILS(CMEM_E_INVALID, cmem_synonym_add(NULL, store, NULL, 3, "b", 1, &err));
  FAILS(CMEM_E_INVALID, cmem_synonym_remove(NULL, store, "a", 1, NULL, 3, &err));
  FAILS(CMEM_E_INVALID, cmem_saved_search_add(NULL, store, NULL, 3, "b", 1, 0, &err));
  FAILS(CMEM_E_INVALID, cmem_saved_search_add(NULL, store, "a", 1, NULL, 3, 0, &err));
  FAILS(CMEM_E_INVALID, cmem_saved_search_remove(NULL, store, NULL, 3, &err));
  FAILS(CMEM_E_INVALID, cmem_saved_searches(&cursor, store, NULL, 3, &err));
  FAILS(CMEM_E_INVALID, cmem_export(&count, store, NULL, CMEM_EXPORT_JSONL, NULL, NULL, &err));
  FAILS(CMEM_E_INVALID, cmem_source_export(NULL, store, NULL, swallow, NULL, &err));
  FAILS(CMEM_E_INVALID, cmem_source_export(NULL, store, "history.jsonl", NULL, NULL, &err));
  FAILS(CMEM_E_INVALID, cmem_file_versions(&cursor, store, NULL, NULL, &err));
  FAILS(CMEM_E_INVALID, cmem_file_read(store, 1, NULL, NULL, &err));
  cmem_store_close(store);
}

static void what_is_optional_may_be_null(void) {
  cmem_error err;
  cmem_append_result appended = CMEM_APPEND_RESULT_INIT;
  cmem_load_result loaded = CMEM_LOAD_RESULT_INIT;
  cmem_store* store = new_store();
  REQUIRE(store != NULL);
  OK(cmem_append(&appended, store, NULL, 0, &err));
  CHECK(appended.messages_new == 0 && appended.first_id == 0);
  OK(load_one(&loaded, store, write_file("phase1.jsonl", FIXTURE_PHASE1), NULL, &err));
  OK(cmem_export(NULL, store, NULL, CMEM_EXPORT_JSONL, swallow, NULL, &err));
  OK(cmem_rebuild(store, NULL, NULL, &err));
  cmem_store_close(store);
}

static void the_calls_on_a_missing_cursor_are_harmless(void) {
  cmem_error err;
  const cmem_value* row = (const cmem_value*)&err;
  CHECK(cmem_cursor_column_count(NULL) == 0);
  CHECK(cmem_cursor_column_name(NULL, 0) == NULL);
  CHECK(cmem_cursor_column_type(NULL, 0) == CMEM_TYPE_NULL);
  CHECK(cmem_cursor_total(NULL) == -1);
  CHECK(strcmp(cmem_cursor_position(NULL), "") == 0);
  FAILS(CMEM_E_INVALID, cmem_cursor_next(&row, NULL, &err));
  CHECK(row == NULL);
  FAILS(CMEM_E_INVALID, cmem_cursor_to_arrow(NULL, NULL, &err));
  FAILS(CMEM_E_INVALID, cmem_search_explanation(NULL, NULL, &err));
  FAILS(CMEM_E_INVALID, cmem_search_facets(NULL, NULL, NULL, &err));
}

static void stepping_needs_an_output(void) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  cmem_store* store = new_store();
  REQUIRE(store != NULL);
  OK(cmem_query(&cursor, store, NULL, NULL, &err));
  FAILS(CMEM_E_INVALID, cmem_cursor_next(NULL, cursor, &err));
  FAILS(CMEM_E_INVALID, cmem_cursor_to_arrow(NULL, cursor, &err));
  cmem_cursor_close(cursor);
  cmem_store_close(store);
}

const struct test_case null_cases[] = {
    {"closing NULL is nothing", closing_null_is_nothing},
    {"opening needs an output and a path", opening_needs_an_output_and_a_path},
    {"cursor calls need an output", cursor_calls_need_an_output},
    {"cursor calls need a store and set the output to NULL", cursor_calls_need_a_store_and_set_the_output_to_null},
    {"other calls need a store", other_calls_need_a_store},
    {"calls need the inputs they work on", calls_need_the_inputs_they_work_on},
    {"what is optional may be NULL", what_is_optional_may_be_null},
    {"the calls on a missing cursor are harmless", the_calls_on_a_missing_cursor_are_harmless},
    {"stepping needs an output", stepping_needs_an_output},
    {NULL, NULL},
};
