/* Loading and appending: counts, idempotence, quarantine, strictness, progress, known hashes. */
#include <stdio.h>

#include "check.h"
#include "fixture.h"

static void the_same_file_twice_adds_nothing(void) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  cmem_stats before = CMEM_STATS_INIT;
  cmem_stats after = CMEM_STATS_INIT;
  cmem_load_result result = CMEM_LOAD_RESULT_INIT;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  OK(cmem_stats_get(&before, store, &err));
  OK(load_one(&result, store, test_path("phase1.jsonl"), NULL, &err));
  CHECK(result.files == 1 && result.records_read == FIXTURE_PROMPTS && result.messages_new == 0 && result.duplicates == FIXTURE_PROMPTS);
  CHECK(result.rejected == 0 && result.hash_mismatches == 0 && result.known_skipped == 0 && result.sources_changed == 0);
  CHECK(result.bytes_read == (int64_t)strlen(FIXTURE_PHASE1) && result.first_run_id > 0 && result.last_run_id == result.first_run_id);
  OK(cmem_stats_get(&after, store, &err));
  CHECK(after.messages == before.messages && strcmp(after.content_root, before.content_root) == 0);
  OK(cmem_runs(&cursor, store, 0, &err));
  CHECK(count_rows(cursor) == 3);
  OK(cmem_runs(&cursor, store, 1, &err));
  CHECK(count_rows(cursor) == 1);
  cmem_store_close(store);
}

static void the_order_of_loading_does_not_matter(void) {
  cmem_error err;
  cmem_load_result loaded = CMEM_LOAD_RESULT_INIT;
  cmem_stats one = CMEM_STATS_INIT;
  cmem_stats two = CMEM_STATS_INIT;
  cmem_open_options options = CMEM_OPEN_OPTIONS_INIT;
  cmem_store* other = NULL;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  options.create = 1;
  OK(cmem_store_open(&other, test_path("other.db"), &options, &err));
  OK(load_one(&loaded, other, test_path("phase2.jsonl"), NULL, &err));
  OK(load_one(&loaded, other, test_path("phase1.jsonl"), NULL, &err));
  OK(cmem_stats_get(&one, store, &err));
  OK(cmem_stats_get(&two, other, &err));
  CHECK(strcmp(one.content_root, two.content_root) == 0 && one.projects == two.projects && one.sessions == two.sessions);
  cmem_store_close(store);
  cmem_store_close(other);
}

static void a_run_says_what_it_did(void) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  const cmem_value* row = NULL;
  int status, read, sha;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  OK(cmem_runs(&cursor, store, 0, &err));
  status = column(cursor, "status");
  read = column(cursor, "read");
  sha = column(cursor, "sha256_before");
  REQUIRE(status >= 0 && read >= 0 && sha >= 0 && column(cursor, "sha256_after") >= 0 && column(cursor, "writer_version") >= 0);
  CHECK(cmem_cursor_next(&row, cursor, &err) == CMEM_OK);
  REQUIRE(row != NULL);
  CHECK(text_is(&row[status], "complete") && row[read].i64 == FIXTURE_DEBUG_LINES && row[sha].text_len == 64);
  cmem_cursor_close(cursor);
  cmem_store_close(store);
}

static void bad_lines_are_set_aside_and_the_rest_is_loaded(void) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  const cmem_value* row = NULL;
  cmem_load_result result = CMEM_LOAD_RESULT_INIT;
  int line, reason, excerpt;
  const char* path = write_file("bad.jsonl", "this is no JSON\n" FIXTURE_PHASE1 "{\"content\": 3}\n");
  cmem_store* store = new_store();
  REQUIRE(store != NULL);
  OK(load_one(&result, store, path, NULL, &err));
  CHECK(result.records_read == FIXTURE_PROMPTS + 2 && result.messages_new == FIXTURE_PROMPTS && result.rejected == 2);
  OK(cmem_rejected(&cursor, store, result.last_run_id, &err));
  line = column(cursor, "line");
  reason = column(cursor, "reason");
  excerpt = column(cursor, "excerpt");
  REQUIRE(line >= 0 && reason >= 0 && excerpt >= 0);
  CHECK(cmem_cursor_next(&row, cursor, &err) == CMEM_OK);
  REQUIRE(row != NULL);
  CHECK(row[line].i64 == 1 && row[reason].text_len > 0);
  CHECK(row[excerpt].type == CMEM_TYPE_BYTES && row[excerpt].text_len >= 15 && memcmp(row[excerpt].text, "this is no JSON", 15) == 0);
  CHECK(count_rows(cursor) == 1);
  OK(cmem_rejected(&cursor, store, 0, &err));
  CHECK(count_rows(cursor) == 2);
  cmem_store_close(store);
}

static void a_strict_load_writes_nothing_if_one_line_is_bad(void) {
  cmem_error err;
  cmem_load_result loaded = CMEM_LOAD_RESULT_INIT;
  uint64_t count = 99;
  cmem_load_options options = CMEM_LOAD_OPTIONS_INIT;
  const char* bad = write_file("bad.jsonl", FIXTURE_PHASE1 "{\n");
  const char* good = write_file("good.jsonl", FIXTURE_PHASE1);
  cmem_store* store = new_store();
  REQUIRE(store != NULL);
  options.strict = 1;
  FAILS(CMEM_E_REJECTED, load_one(&loaded, store, bad, &options, &err));
  CHECK(strstr(err.text, "bad.jsonl") != NULL);
  OK(cmem_count(&count, store, NULL, &err));
  CHECK(count == 0);
  OK(load_one(&loaded, store, good, &options, &err));
  cmem_store_close(store);
}

static void lines_over_the_limit_are_rejected(void) {
  cmem_error err;
  cmem_load_options options = CMEM_LOAD_OPTIONS_INIT;
  cmem_load_result result = CMEM_LOAD_RESULT_INIT;
  const char* path = write_file("phase1.jsonl", FIXTURE_PHASE1);
  cmem_store* store = new_store();
  REQUIRE(store != NULL);
  options.max_line_bytes = 280; /* between "pwd" and the others */
  OK(load_one(&result, store, path, &options, &err));
  CHECK(result.rejected > 0 && result.messages_new > 0 && result.rejected + result.messages_new == FIXTURE_PROMPTS);
  cmem_store_close(store);
}

static void known_hashes_are_skipped(void) {
  cmem_error err;
  cmem_load_options options = CMEM_LOAD_OPTIONS_INIT;
  cmem_load_result result = CMEM_LOAD_RESULT_INIT;
  const char* path = write_file("phase1.jsonl", FIXTURE_PHASE1);
  cmem_store* store = new_store();
  REQUIRE(store != NULL);
  options.known_hashes_path = write_file("known.json", "{\"hashes\": [\"a1159e9df3670d549d04524532629f5477ceb7deec9b45e47e8c009506ecb2c8\"]}");
  OK(load_one(&result, store, path, &options, &err));
  CHECK(result.known_skipped == 2 && result.messages_new == FIXTURE_PROMPTS - 2);
  options.known_hashes_path = write_file("rubbish.json", "{\"hashes\": 12}");
  CHECK(load_one(&result, store, path, &options, &err) == CMEM_E_INVALID);
  options.known_hashes_path = test_path("none.json");
  CHECK(load_one(&result, store, path, &options, &err) == CMEM_E_NOT_FOUND);
  cmem_store_close(store);
}

static void a_path_that_fits_nothing_is_an_error(void) {
  cmem_error err;
  cmem_load_result loaded = CMEM_LOAD_RESULT_INIT;
  cmem_store* store = new_store();
  REQUIRE(store != NULL);
  FAILS(CMEM_E_NOT_FOUND, load_one(&loaded, store, test_path("none.jsonl"), NULL, &err));
  CHECK(strstr(err.text, "none.jsonl") != NULL);
  FAILS(CMEM_E_NOT_FOUND, load_one(&loaded, store, test_path("none*.jsonl"), NULL, &err));
  cmem_store_close(store);
}

static void folders_and_globs_are_loaded(void) {
  cmem_error err;
  cmem_load_result result = CMEM_LOAD_RESULT_INIT;
  cmem_store* store;
  write_file("phase1.jsonl", FIXTURE_PHASE1);
  write_file("phase2.jsonl", FIXTURE_PHASE2);
  store = new_store();
  REQUIRE(store != NULL);
  OK(load_one(&result, store, test_path("phase[12].jsonl"), NULL, &err));
  CHECK(result.files == 2 && result.messages_new == FIXTURE_MESSAGES && result.last_run_id == result.first_run_id + 1);
  OK(load_one(&result, store, test_path(""), NULL, &err));
  CHECK(result.files == 2 && result.messages_new == 0 && result.duplicates == FIXTURE_MESSAGES);
  cmem_store_close(store);
}

typedef struct progress_log {
  int calls;
  int64_t last_done;
  int stop;
} progress_log;

static int note_progress(int64_t done, int64_t total, const char* unit, int64_t rows, void* payload) {
  progress_log* log = payload;
  ++log->calls;
  CHECK(unit != NULL && done >= log->last_done && (total == -1 || done <= total) && rows >= 0);
  log->last_done = done;
  return log->stop;
}

static void progress_is_told_and_can_stop_the_load(void) {
  cmem_error err;
  progress_log log = {0, 0, 0};
  cmem_load_options options = CMEM_LOAD_OPTIONS_INIT;
  cmem_load_result result = CMEM_LOAD_RESULT_INIT;
  const char* path = write_file("phase1.jsonl", FIXTURE_PHASE1);
  cmem_store* store = new_store();
  REQUIRE(store != NULL);
  options.progress = note_progress;
  options.progress_payload = &log;
  log.stop = 1;
  CHECK(load_one(&result, store, path, &options, &err) == CMEM_E_CANCELLED && log.calls == 1);
  log = (progress_log){0, 0, 0};
  OK(load_one(&result, store, path, &options, &err));
  CHECK(log.calls >= 1);
  OK(load_one(&result, store, path, NULL, &err));
  CHECK(result.messages_new == 0); /* stopped or not, two loads later all are there */
  cmem_store_close(store);
}

static cmem_message message_of(const char* content) {
  cmem_message message = CMEM_MESSAGE_INIT;
  message.content = content;
  message.content_len = strlen(content);
  return message;
}

static void appended_messages_come_back_as_they_were(void) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  const cmem_value* row = NULL;
  cmem_append_result result = CMEM_APPEND_RESULT_INIT;
  cmem_message message = message_of("a note, with \"quotes\" and \xc3\xa4");
  cmem_store* store = new_store();
  REQUIRE(store != NULL);
  message.time_ms = FIXTURE_FIRST_MS;
  message.line = 5;
  message.source = "notes.txt"; message.source_len = 9;
  message.session = "s-1"; message.session_len = 3;
  message.project = "/home/ann/shop"; message.project_len = 14;
  message.component = "Editor"; message.component_len = 6;
  message.level = "WARN"; message.level_len = 4;
  message.role = "user"; message.role_len = 4;
  OK(cmem_append(&result, store, &message, 1, &err));
  CHECK(result.messages_new == 1 && result.duplicates == 0 && result.first_id > 0);
  OK(cmem_get(&cursor, store, result.first_id, 0, 0, &err));
  CHECK(cmem_cursor_next(&row, cursor, &err) == CMEM_OK);
  REQUIRE(row != NULL);
  CHECK(row[1].i64 == FIXTURE_FIRST_MS && row[9].i64 == 5);
  CHECK(text_is(&row[3], "s-1") && text_is(&row[4], "program") && text_is(&row[5], "user") && text_is(&row[6], "Editor"));
  CHECK(text_is(&row[7], "WARN") && text_is(&row[8], "notes.txt") && text_is(&row[10], "a note, with \"quotes\" and \xc3\xa4"));
  cmem_cursor_close(cursor);
  OK(cmem_append(&result, store, &message, 1, &err)); /* the same place, time and text: the same message */
  CHECK(result.messages_new == 0 && result.duplicates == 1 && result.first_id == 0);
  cmem_store_close(store);
}

static void without_a_line_every_message_is_new(void) {
  cmem_error err;
  cmem_append_result result = CMEM_APPEND_RESULT_INIT;
  cmem_message messages[2];
  cmem_store* store = new_store();
  REQUIRE(store != NULL);
  messages[0] = messages[1] = message_of("again");
  OK(cmem_append(&result, store, messages, 2, &err));
  CHECK(result.messages_new == 2);
  OK(cmem_append(&result, store, messages, 2, &err));
  CHECK(result.messages_new == 2 && result.duplicates == 0);
  cmem_store_close(store);
}

static void an_append_is_all_or_nothing_and_names_the_bad_message(void) {
  cmem_error err;
  cmem_append_result appended = CMEM_APPEND_RESULT_INIT;
  uint64_t count = 99;
  cmem_message messages[3];
  cmem_store* store = new_store();
  REQUIRE(store != NULL);
  messages[0] = messages[1] = message_of("good");
  messages[2] = message_of("bad \xff\xfe");
  FAILS(CMEM_E_INVALID, cmem_append(&appended, store, messages, 3, &err));
  CHECK(err.detail == 2);
  messages[2] = message_of("bad level");
  messages[2].level = "LOUD";
  messages[2].level_len = 4;
  FAILS(CMEM_E_INVALID, cmem_append(&appended, store, messages, 3, &err));
  CHECK(err.detail == 2);
  messages[1].line = -1;
  FAILS(CMEM_E_INVALID, cmem_append(&appended, store, messages, 3, &err));
  CHECK(err.detail == 1);
  OK(cmem_count(&count, store, NULL, &err));
  CHECK(count == 0);
  cmem_store_close(store);
}

static void what_is_appended_is_there_after_reopening(void) {
  cmem_error err;
  cmem_append_result appended = CMEM_APPEND_RESULT_INIT;
  uint64_t count = 0;
  cmem_cursor* cursor = NULL;
  cmem_message message = message_of("remember the zebra");
  cmem_store* store = new_store();
  REQUIRE(store != NULL);
  OK(cmem_append(&appended, store, &message, 1, &err));
  cmem_store_close(store);
  OK(cmem_store_open(&store, test_path("memory.db"), NULL, &err));
  OK(cmem_count(&count, store, NULL, &err));
  CHECK(count == 1);
  OK(cmem_search(&cursor, store, "zebra", 5, NULL, NULL, &err));
  CHECK(count_rows(cursor) == 1);
  cmem_store_close(store);
}

const struct test_case load_cases[] = {
    {"the same file twice adds nothing", the_same_file_twice_adds_nothing},
    {"the order of loading does not matter", the_order_of_loading_does_not_matter},
    {"a run says what it did", a_run_says_what_it_did},
    {"bad lines are set aside and the rest is loaded", bad_lines_are_set_aside_and_the_rest_is_loaded},
    {"a strict load writes nothing if one line is bad", a_strict_load_writes_nothing_if_one_line_is_bad},
    {"lines over the limit are rejected", lines_over_the_limit_are_rejected},
    {"known hashes are skipped", known_hashes_are_skipped},
    {"a path that fits nothing is an error", a_path_that_fits_nothing_is_an_error},
    {"folders and globs are loaded", folders_and_globs_are_loaded},
    {"progress is told and can stop the load", progress_is_told_and_can_stop_the_load},
    {"appended messages come back as they were", appended_messages_come_back_as_they_were},
    {"without a line every message is new", without_a_line_every_message_is_new},
    {"an append is all or nothing and names the bad message", an_append_is_all_or_nothing_and_names_the_bad_message},
    {"what is appended is there after reopening", what_is_appended_is_there_after_reopening},
    {NULL, NULL},
};
