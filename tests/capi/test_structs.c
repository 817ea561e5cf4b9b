/* struct_size: programs that were built against an older or a newer header work with this library. */
#include <stdlib.h>

#include "check.h"
#include "fixture.h"

enum { kTailBytes = 64 };

/* What a newer caller passes: the struct that we know, then fields that we do not. */
typedef struct newer_open { cmem_open_options known; unsigned char tail[kTailBytes]; } newer_open;
typedef struct newer_load { cmem_load_options known; unsigned char tail[kTailBytes]; } newer_load;
typedef struct newer_filter { cmem_filter known; unsigned char tail[kTailBytes]; } newer_filter;
typedef struct newer_page { cmem_page known; unsigned char tail[kTailBytes]; } newer_page;
typedef struct newer_message { cmem_message known; unsigned char tail[kTailBytes]; } newer_message;
typedef struct newer_stats { cmem_stats known; unsigned char tail[kTailBytes]; } newer_stats;

static void a_struct_without_a_size_is_refused(void) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  cmem_cursor* search = NULL;
  cmem_store* other = NULL;
  cmem_open_options open_options = CMEM_OPEN_OPTIONS_INIT;
  cmem_load_options load_options = CMEM_LOAD_OPTIONS_INIT;
  cmem_load_result loaded = CMEM_LOAD_RESULT_INIT;
  cmem_append_result appended = CMEM_APPEND_RESULT_INIT;
  cmem_message message = CMEM_MESSAGE_INIT;
  cmem_filter filter = CMEM_FILTER_INIT;
  cmem_page page = CMEM_PAGE_INIT;
  cmem_stats stats = CMEM_STATS_INIT;
  cmem_facet_options facets = CMEM_FACET_OPTIONS_INIT;
  const char* path = write_file("phase1.jsonl", FIXTURE_PHASE1);
  cmem_store* store = new_store();
  REQUIRE(store != NULL);
  open_options.struct_size = load_options.struct_size = message.struct_size = filter.struct_size = page.struct_size = stats.struct_size = 0;
  FAILS(CMEM_E_INVALID, cmem_store_open(&other, test_path("other.db"), &open_options, &err));
  FAILS(CMEM_E_INVALID, load_one(&loaded, store, path, &load_options, &err));
  FAILS(CMEM_E_INVALID, cmem_append(&appended, store, &message, 1, &err));
  FAILS(CMEM_E_INVALID, cmem_query(&cursor, store, &filter, NULL, &err));
  FAILS(CMEM_E_INVALID, cmem_query(&cursor, store, NULL, &page, &err));
  FAILS(CMEM_E_INVALID, cmem_stats_get(&stats, store, &err));
  OK(cmem_search(&search, store, "a", 1, NULL, NULL, &err));
  facets.struct_size = 0;
  facets.histogram = CMEM_HISTOGRAM_DAY;
  FAILS(CMEM_E_INVALID, cmem_search_facets(&cursor, search, &facets, &err));
  cmem_cursor_close(search);
  loaded.struct_size = appended.struct_size = 0;
  FAILS(CMEM_E_INVALID, load_one(&loaded, store, path, NULL, &err));
  message.struct_size = sizeof message;
  FAILS(CMEM_E_INVALID, cmem_append(&appended, store, &message, 1, &err));
  cmem_store_close(store);
}

static void an_older_callers_options_end_where_its_struct_ends(void) {
  cmem_error err;
  cmem_load_result loaded = CMEM_LOAD_RESULT_INIT;
  cmem_store* store = NULL;
  cmem_load_options load_options = CMEM_LOAD_OPTIONS_INIT;
  cmem_open_options open_options = CMEM_OPEN_OPTIONS_INIT;
  /* Only the first bytes exist for an older caller: what stands behind them is its own memory and must not be read. */
  open_options.struct_size = offsetof(cmem_open_options, durability);
  open_options.create = 1;
  open_options.durability = 0xdeadbeef;
  open_options.busy_timeout_ms = 0xdeadbeef;
  OK(cmem_store_open(&store, test_path("memory.db"), &open_options, &err));
  load_options.struct_size = offsetof(cmem_load_options, known_hashes_path);
  load_options.known_hashes_path = "/no/such/file";
  OK(load_one(&loaded, store, write_file("phase1.jsonl", FIXTURE_PHASE1), &load_options, &err));
  cmem_store_close(store);
}

static void an_older_callers_filter_and_page_end_where_they_end(void) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  uint64_t count = 0;
  cmem_filter filter = CMEM_FILTER_INIT;
  cmem_page page = CMEM_PAGE_INIT;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  filter.struct_size = offsetof(cmem_filter, run_id);
  filter.run_id = 4711;
  OK(cmem_count(&count, store, &filter, &err));
  CHECK(count == FIXTURE_MESSAGES);
  page.struct_size = offsetof(cmem_page, after);
  page.limit = 2;
  page.after = "rubbish";
  page.without_content = 0xdeadbeef;
  OK(cmem_query(&cursor, store, NULL, &page, &err));
  CHECK(count_rows(cursor) == 2);
  cmem_store_close(store);
}

static void nothing_is_written_behind_an_older_callers_result(void) {
  cmem_error err;
  cmem_stats stats = CMEM_STATS_INIT;
  cmem_load_result loaded = CMEM_LOAD_RESULT_INIT;
  cmem_append_result appended = CMEM_APPEND_RESULT_INIT;
  cmem_message message = CMEM_MESSAGE_INIT;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  stats.struct_size = offsetof(cmem_stats, csn);
  memset(stats.content_root, '#', sizeof stats.content_root);
  stats.csn = -99;
  OK(cmem_stats_get(&stats, store, &err));
  CHECK(stats.messages == FIXTURE_MESSAGES && stats.csn == -99 && stats.content_root[0] == '#');
  loaded.struct_size = offsetof(cmem_load_result, bytes_read);
  loaded.bytes_read = -99;
  loaded.seconds = -99;
  OK(load_one(&loaded, store, test_path("phase1.jsonl"), NULL, &err));
  CHECK(loaded.duplicates == FIXTURE_PROMPTS && loaded.bytes_read == -99 && loaded.seconds < -98);
  appended.struct_size = offsetof(cmem_append_result, first_id);
  appended.first_id = -99;
  message.content = "x";
  message.content_len = 1;
  OK(cmem_append(&appended, store, &message, 1, &err));
  CHECK(appended.messages_new == 1 && appended.first_id == -99);
  cmem_store_close(store);
}

static void a_newer_caller_is_served_while_its_new_fields_are_zero(void) {
  cmem_error err;
  cmem_load_result loaded = CMEM_LOAD_RESULT_INIT;
  cmem_cursor* cursor = NULL;
  cmem_store* store = NULL;
  newer_open open_options = {CMEM_OPEN_OPTIONS_INIT, {0}};
  newer_load load_options = {CMEM_LOAD_OPTIONS_INIT, {0}};
  newer_filter filter = {CMEM_FILTER_INIT, {0}};
  newer_page page = {CMEM_PAGE_INIT, {0}};
  newer_stats stats = {CMEM_STATS_INIT, {0}};
  open_options.known.struct_size = sizeof open_options;
  open_options.known.create = 1;
  load_options.known.struct_size = sizeof load_options;
  filter.known.struct_size = sizeof filter;
  page.known.struct_size = sizeof page;
  stats.known.struct_size = sizeof stats;
  OK(cmem_store_open(&store, test_path("memory.db"), &open_options.known, &err));
  OK(load_one(&loaded, store, write_file("phase1.jsonl", FIXTURE_PHASE1), &load_options.known, &err));
  OK(cmem_query(&cursor, store, &filter.known, &page.known, &err));
  CHECK(count_rows(cursor) == FIXTURE_PROMPTS);
  OK(cmem_stats_get(&stats.known, store, &err));
  CHECK(stats.known.messages == FIXTURE_PROMPTS);
  CHECK(stats.known.struct_size == sizeof stats);
  cmem_store_close(store);
}

static void a_newer_callers_wish_that_we_do_not_know_is_refused(void) {
  cmem_error err;
  cmem_load_result loaded = CMEM_LOAD_RESULT_INIT;
  cmem_append_result appended = CMEM_APPEND_RESULT_INIT;
  cmem_cursor* cursor = NULL;
  cmem_store* other = NULL;
  uint64_t count = 0;
  newer_open open_options = {CMEM_OPEN_OPTIONS_INIT, {0}};
  newer_load load_options = {CMEM_LOAD_OPTIONS_INIT, {0}};
  newer_filter filter = {CMEM_FILTER_INIT, {0}};
  newer_page page = {CMEM_PAGE_INIT, {0}};
  newer_message message = {CMEM_MESSAGE_INIT, {0}};
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  open_options.known.struct_size = sizeof open_options;
  load_options.known.struct_size = sizeof load_options;
  filter.known.struct_size = sizeof filter;
  page.known.struct_size = sizeof page;
  message.known.struct_size = sizeof message;
  open_options.tail[0] = load_options.tail[kTailBytes - 1] = filter.tail[7] = page.tail[kTailBytes - 1] = message.tail[1] = 1;
  FAILS(CMEM_E_INVALID, cmem_store_open(&other, test_path("memory.db"), &open_options.known, &err));
  CHECK(other == NULL);
  FAILS(CMEM_E_INVALID, load_one(&loaded, store, test_path("phase1.jsonl"), &load_options.known, &err));
  FAILS(CMEM_E_INVALID, cmem_count(&count, store, &filter.known, &err));
  FAILS(CMEM_E_INVALID, cmem_query(&cursor, store, NULL, &page.known, &err));
  FAILS(CMEM_E_INVALID, cmem_append(&appended, store, &message.known, 1, &err));
  cmem_store_close(store);
}

static void an_array_of_messages_is_stepped_by_the_callers_size(void) {
  cmem_error err;
  cmem_append_result appended = CMEM_APPEND_RESULT_INIT;
  newer_message newer[2] = {{CMEM_MESSAGE_INIT, {0}}, {CMEM_MESSAGE_INIT, {0}}};
  const size_t older_size = offsetof(cmem_message, role);
  char older[2 * offsetof(cmem_message, role)];
  cmem_message message = CMEM_MESSAGE_INIT;
  cmem_store* store = new_store();
  REQUIRE(store != NULL);
  for (int i = 0; i < 2; ++i) {
    newer[i].known.struct_size = sizeof newer[i];
    newer[i].known.content = i == 0 ? "one" : "three";
    newer[i].known.content_len = strlen(newer[i].known.content);
    message.struct_size = (uint32_t)older_size;
    message.content = i == 0 ? "seven" : "eleven";
    message.content_len = strlen(message.content);
    memcpy(older + (size_t)i * older_size, &message, older_size);
  }
  OK(cmem_append(&appended, store, &newer[0].known, 2, &err));
  CHECK(appended.messages_new == 2);
  OK(cmem_append(&appended, store, (const cmem_message*)(const void*)older, 2, &err));
  CHECK(appended.messages_new == 2);
  cmem_store_close(store);
}

const struct test_case struct_cases[] = {
    {"a struct without a size is refused", a_struct_without_a_size_is_refused},
    {"an older caller's options end where its struct ends", an_older_callers_options_end_where_its_struct_ends},
    {"an older caller's filter and page end where they end", an_older_callers_filter_and_page_end_where_they_end},
    {"nothing is written behind an older caller's result", nothing_is_written_behind_an_older_callers_result},
    {"a newer caller is served while its new fields are zero", a_newer_caller_is_served_while_its_new_fields_are_zero},
    {"a newer caller's wish that we do not know is refused", a_newer_callers_wish_that_we_do_not_know_is_refused},
    {"an array of messages is stepped by the caller's size", an_array_of_messages_is_stepped_by_the_callers_size},
    {NULL, NULL},
};
