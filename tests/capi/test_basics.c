/* Status names, version, opening, the error record, time ranges. */
#define _XOPEN_SOURCE 700
#include <sys/stat.h>

#include "check.h"
#include "fixture.h"

static void every_status_has_a_name_of_its_own(void) {
  static const cmem_status all[] = {CMEM_OK, CMEM_DONE, CMEM_E_INVALID, CMEM_E_NOT_FOUND, CMEM_E_AMBIGUOUS, CMEM_E_BUSY, CMEM_E_CANCELLED,
                                    CMEM_E_REJECTED, CMEM_E_CORRUPT, CMEM_E_IO, CMEM_E_FULL, CMEM_E_NEWER_FORMAT, CMEM_E_NOT_A_STORE,
                                    CMEM_E_READ_ONLY, CMEM_E_LIMIT, CMEM_E_NO_MEMORY, CMEM_E_INTERNAL};
  const size_t count = sizeof all / sizeof *all;
  for (size_t i = 0; i < count; ++i) {
    CHECK(strcmp(cmem_status_name(all[i]), "unknown") != 0);
    for (size_t j = i + 1; j < count; ++j) CHECK(strcmp(cmem_status_name(all[i]), cmem_status_name(all[j])) != 0);
  }
  CHECK(strcmp(cmem_status_name(CMEM_E_BUSY), "busy") == 0);
  CHECK(strcmp(cmem_status_name(CMEM_E_NEWER_FORMAT), "newer-format") == 0);
  CHECK(strcmp(cmem_status_name(-12345), "unknown") == 0);
}

static void the_version_is_that_of_the_header(void) {
  CHECK(strcmp(cmem_version(), "0.1.0") == 0);
  CHECK(CMEM_VERSION_MAJOR == 0 && CMEM_VERSION_MINOR == 1 && CMEM_VERSION_PATCH == 0);
}

static void a_missing_store_is_not_created_unless_asked(void) {
  cmem_error err;
  cmem_store* store = (cmem_store*)&err;
  struct stat info;
  const char* path = test_path("none.db");
  FAILS(CMEM_E_NOT_FOUND, cmem_store_open(&store, path, NULL, &err));
  CHECK(store == NULL);
  CHECK(strstr(err.text, "none.db") != NULL);
  CHECK(stat(path, &info) != 0);
}

static void a_created_store_is_for_its_owner_only(void) {
  struct stat info;
  cmem_store* store = new_store();
  REQUIRE(store != NULL);
  CHECK(stat(test_path("memory.db"), &info) == 0 && (info.st_mode & 0777) == 0600);
  cmem_store_close(store);
}

static void another_kind_of_file_is_refused_and_left_alone(void) {
  cmem_error err;
  cmem_store* store = NULL;
  cmem_open_options options = CMEM_OPEN_OPTIONS_INIT;
  struct stat info;
  const char* path = write_file("letter.txt", "Dear store, this is a letter and no database at all, nor will it become one.\n");
  options.create = 1;
  FAILS(CMEM_E_NOT_A_STORE, cmem_store_open(&store, path, &options, &err));
  CHECK(store == NULL);
  CHECK(stat(path, &info) == 0 && info.st_size == 77);
}

static void a_read_only_store_refuses_writes_and_answers(void) {
  cmem_error err;
  cmem_open_options options = CMEM_OPEN_OPTIONS_INIT;
  cmem_append_result appended = CMEM_APPEND_RESULT_INIT;
  cmem_load_result loaded = CMEM_LOAD_RESULT_INIT;
  cmem_message message = CMEM_MESSAGE_INIT;
  uint64_t count = 0;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  cmem_store_close(store);
  options.read_only = 1;
  OK(cmem_store_open(&store, test_path("memory.db"), &options, &err));
  message.content = "x";
  message.content_len = 1;
  FAILS(CMEM_E_READ_ONLY, cmem_append(&appended, store, &message, 1, &err));
  FAILS(CMEM_E_READ_ONLY, load_one(&loaded, store, test_path("phase1.jsonl"), NULL, &err));
  FAILS(CMEM_E_READ_ONLY, cmem_rebuild(store, NULL, NULL, &err));
  OK(cmem_count(&count, store, NULL, &err));
  CHECK(count == FIXTURE_MESSAGES);
  cmem_store_close(store);
}

static void the_error_record_is_cleared_on_success(void) {
  cmem_error err;
  cmem_store* store = NULL;
  cmem_stats stats = CMEM_STATS_INIT;
  uint64_t count = 0;
  FAILS(CMEM_E_NOT_FOUND, cmem_store_open(&store, test_path("none.db"), NULL, &err));
  store = new_store();
  REQUIRE(store != NULL);
  err.detail = 7;
  OK(cmem_stats_get(&stats, store, &err));
  CHECK(err.detail == 0);
  CHECK(cmem_count(&count, store, NULL, NULL) == CMEM_OK); /* err may be NULL, also when the call fails */
  CHECK(cmem_count(NULL, store, NULL, NULL) == CMEM_E_INVALID);
  cmem_store_close(store);
}

static void a_long_error_text_is_cut_and_still_ends(void) {
  cmem_error err;
  cmem_store* store = NULL;
  char path[4000];
  memset(path, 'p', sizeof path);
  path[0] = '/';
  path[sizeof path - 1] = '\0';
  CHECK(cmem_store_open(&store, path, NULL, &err) < 0);
  CHECK(store == NULL && memchr(err.text, '\0', sizeof err.text) != NULL);
}

static cmem_status parse_utc(cmem_time_range* out, const char* text, cmem_error* err) {
  return cmem_time_range_parse(out, text, strlen(text), FIXTURE_FIRST_MS, 1, err);
}

static void time_expressions_become_half_open_ranges(void) {
  enum { kDayMs = 86400000 };
  const int64_t midnight = INT64_C(1763164800000); /* 2025-11-15T00:00:00Z */
  cmem_error err;
  cmem_time_range range;
  OK(parse_utc(&range, "2025-11-15", &err));
  CHECK(range.from_ms == midnight && range.until_ms == midnight + kDayMs);
  OK(parse_utc(&range, "2025-11-15..2025-11-17", &err));
  CHECK(range.from_ms == midnight && range.until_ms == midnight + 3 * (int64_t)kDayMs);
  OK(parse_utc(&range, "today", &err));
  CHECK(range.from_ms == midnight);
  OK(parse_utc(&range, "yesterday", &err));
  CHECK(range.from_ms == midnight - kDayMs && range.until_ms == midnight);
  OK(parse_utc(&range, "2025-11-15..", &err));
  CHECK(range.from_ms == midnight && range.until_ms == INT64_MAX);
  OK(parse_utc(&range, "..2025-11-15", &err));
  CHECK(range.from_ms == INT64_MIN && range.until_ms == midnight + kDayMs);
  FAILS(CMEM_E_INVALID, parse_utc(&range, "the day before the flood", &err));
  FAILS(CMEM_E_INVALID, parse_utc(&range, "2025-13-45", &err));
  OK(parse_utc(&range, "", &err)); /* not given: any time */
  CHECK(range.from_ms == INT64_MIN && range.until_ms == INT64_MAX);
}

const struct test_case basic_cases[] = {
    {"every status has a name of its own", every_status_has_a_name_of_its_own},
    {"the version is that of the header", the_version_is_that_of_the_header},
    {"a missing store is not created unless asked", a_missing_store_is_not_created_unless_asked},
    {"a created store is for its owner only", a_created_store_is_for_its_owner_only},
    {"another kind of file is refused and left alone", another_kind_of_file_is_refused_and_left_alone},
    {"a read-only store refuses writes and answers", a_read_only_store_refuses_writes_and_answers},
    {"the error record is cleared on success", the_error_record_is_cleared_on_success},
    {"a long error text is cut and still ends", a_long_error_text_is_cut_and_still_ends},
    {"time expressions become half-open ranges", time_expressions_become_half_open_ranges},
    {NULL, NULL},
};
