/* Asking: filters, counts, one message, search, projects, sessions, components, statistics, SQL, export. */
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "fixture.h"

#define TEXT(field, value) ((field) = (value), field##_len = strlen(value))

static int64_t count_with(cmem_store* store, const cmem_filter* filter) {
  cmem_error err;
  uint64_t count = 0;
  if (cmem_count(&count, store, filter, &err) == CMEM_OK) return (int64_t)count;
  check_note(&err);
  return -1;
}

static int64_t rows_with(cmem_store* store, const cmem_filter* filter) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  if (cmem_query(&cursor, store, filter, NULL, &err) == CMEM_OK) return count_rows(cursor);
  check_note(&err);
  return -1;
}

static void each_filter_alone_gives_its_messages(void) {
  cmem_filter filter = CMEM_FILTER_INIT;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  CHECK(count_with(store, NULL) == FIXTURE_MESSAGES && count_with(store, &filter) == FIXTURE_MESSAGES);
  TEXT(filter.project, "shop");
  CHECK(count_with(store, &filter) == 6 && rows_with(store, &filter) == 6); /* the debug lines have their session's project */
  TEXT(filter.project, "/home/ann/blog");
  CHECK(count_with(store, &filter) == 1 && rows_with(store, &filter) == 1);
  filter = (cmem_filter)CMEM_FILTER_INIT;
  TEXT(filter.session, FIXTURE_SHOP_SESSION);
  CHECK(count_with(store, &filter) == 6);
  TEXT(filter.session, "9f8e");
  CHECK(count_with(store, &filter) == 1 && rows_with(store, &filter) == 1);
  filter = (cmem_filter)CMEM_FILTER_INIT;
  TEXT(filter.level, "ERROR");
  CHECK(count_with(store, &filter) == 1 && rows_with(store, &filter) == 1);
  filter = (cmem_filter)CMEM_FILTER_INIT;
  TEXT(filter.source_type, "debug");
  CHECK(count_with(store, &filter) == FIXTURE_DEBUG_LINES && rows_with(store, &filter) == FIXTURE_DEBUG_LINES);
  filter = (cmem_filter)CMEM_FILTER_INIT;
  filter.from_ms = FIXTURE_FIRST_MS;
  filter.until_ms = FIXTURE_FIRST_MS + 1001;
  CHECK(count_with(store, &filter) == 3 && rows_with(store, &filter) == 3);
  filter.until_ms = FIXTURE_FIRST_MS + 1000; /* half-open */
  CHECK(count_with(store, &filter) == 1 && rows_with(store, &filter) == 1);
  cmem_store_close(store);
}

static void filters_together_must_all_hold(void) {
  cmem_filter filter = CMEM_FILTER_INIT;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  TEXT(filter.project, "shop");
  TEXT(filter.source_type, "history");
  CHECK(count_with(store, &filter) == 3);
  TEXT(filter.session, FIXTURE_BLOG_SESSION);
  CHECK(count_with(store, &filter) == 0 && rows_with(store, &filter) == 0);
  cmem_store_close(store);
}

static void unknown_names_have_no_rows_and_wrong_values_are_refused(void) {
  cmem_error err;
  uint64_t count = 0;
  cmem_filter filter = CMEM_FILTER_INIT;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  TEXT(filter.project, "castle");
  CHECK(count_with(store, &filter) == 0);
  filter = (cmem_filter)CMEM_FILTER_INIT;
  TEXT(filter.component, "Catapult");
  CHECK(count_with(store, &filter) == 0);
  filter = (cmem_filter)CMEM_FILTER_INIT;
  TEXT(filter.session, "ffffffff");
  CHECK(count_with(store, &filter) == 0);
  filter = (cmem_filter)CMEM_FILTER_INIT;
  TEXT(filter.level, "LOUD");
  FAILS(CMEM_E_INVALID, cmem_count(&count, store, &filter, &err));
  cmem_store_close(store);
}

static void an_ambiguous_project_lists_the_candidates(void) {
  cmem_error err;
  cmem_append_result appended = CMEM_APPEND_RESULT_INIT;
  uint64_t count = 0;
  cmem_message message = CMEM_MESSAGE_INIT;
  cmem_filter filter = CMEM_FILTER_INIT;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  TEXT(message.content, "another shop");
  TEXT(message.project, "/srv/shop");
  OK(cmem_append(&appended, store, &message, 1, &err));
  TEXT(filter.project, "shop");
  FAILS(CMEM_E_AMBIGUOUS, cmem_count(&count, store, &filter, &err));
  CHECK(strstr(err.text, "/srv/shop") != NULL && strstr(err.text, "/home/ann/shop") != NULL);
  TEXT(filter.project, "/srv/shop");
  CHECK(count_with(store, &filter) == 1);
  cmem_store_close(store);
}

static void a_message_comes_with_its_neighbours(void) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  const cmem_value* row = NULL;
  cmem_page page = CMEM_PAGE_INIT;
  int64_t second = 0;
  int hash;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  page.order = CMEM_ORDER_OLDEST;
  page.limit = 2;
  OK(cmem_query(&cursor, store, NULL, &page, &err));
  while (cmem_cursor_next(&row, cursor, &err) == CMEM_OK) second = row[0].i64;
  cmem_cursor_close(cursor);
  OK(cmem_get(&cursor, store, second, 0, 0, &err));
  hash = column(cursor, "hash");
  REQUIRE(hash >= 0 && column(cursor, "phase") >= 0 && column(cursor, "metadata") >= 0 && column(cursor, "run") >= 0);
  CHECK(cmem_cursor_next(&row, cursor, &err) == CMEM_OK && row[0].i64 == second && text_is(&row[10], "pwd"));
  CHECK(text_is(&row[hash], "a1159e9df3670d549d04524532629f5477ceb7deec9b45e47e8c009506ecb2c8"));
  cmem_cursor_close(cursor);
  OK(cmem_get(&cursor, store, second, 1, 1, &err));
  CHECK(count_rows(cursor) == 3);
  FAILS(CMEM_E_NOT_FOUND, cmem_get(&cursor, store, 4711, 0, 0, &err));
  CHECK(cursor == NULL);
  cmem_store_close(store);
}

static int64_t hits(cmem_store* store, const char* query, uint32_t all_matches) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  cmem_page page = CMEM_PAGE_INIT;
  int64_t total;
  int64_t rows;
  page.order = CMEM_ORDER_RELEVANCE;
  page.all_matches = all_matches;
  if (cmem_search(&cursor, store, query, strlen(query), NULL, &page, &err) != CMEM_OK) {
    check_note(&err);
    return -1;
  }
  total = cmem_cursor_total(cursor);
  rows = count_rows(cursor);
  CHECK(rows == total);
  return rows;
}

static void search_finds_words_phrases_prefixes_and_exclusions(void) {
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  CHECK(hits(store, "login", 0) == 2);
  CHECK(hits(store, "login page", 0) == 2);
  CHECK(hits(store, "\"the login page\"", 0) == 2);
  CHECK(hits(store, "\"page login\"", 0) == 0);
  CHECK(hits(store, "login -blog", 0) == 1);
  CHECK(hits(store, "log*", 0) == 2);
  CHECK(hits(store, "pwd OR blog", 0) == 2);
  CHECK(hits(store, "pwd", 0) == 1);
  CHECK(hits(store, "pwd", 1) == 2);
  CHECK(hits(store, "unicorn", 0) == 0);
  cmem_store_close(store);
}

static void any_text_is_a_valid_query(void) {
  static const char* const texts[] = {"", " ", "multi-agent", "a'b", "*", "\"", "\"open", "AND", "OR", "NOT", "-", "--", "(", ")", "a OR",
                                      "col:x", "^a", "NEAR(a b)", "NEAR(a b, 3", "level:", "-on:never", "id:..", "a\"b\"c", "{}", "'; DROP TABLE x; --", "\xf0\x9f\xa6\x84", "%", "\\"};
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) CHECK(hits(store, texts[i], 0) >= 0);
  cmem_store_close(store);
}

static void a_hit_has_a_marked_snippet_a_score_and_its_equals(void) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  const cmem_value* row = NULL;
  cmem_page page = CMEM_PAGE_INIT;
  int snippet, score, same;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  page.order = CMEM_ORDER_RELEVANCE;
  OK(cmem_search(&cursor, store, "PWD", 3, NULL, &page, &err));
  snippet = column(cursor, "snippet");
  score = column(cursor, "score");
  same = column(cursor, "same_text");
  REQUIRE(snippet >= 0 && score >= 0 && same >= 0);
  CHECK(cmem_cursor_next(&row, cursor, &err) == CMEM_OK);
  REQUIRE(row != NULL);
  CHECK(text_is(&row[snippet], "\x02pwd\x03"));
  CHECK(row[score].type == CMEM_TYPE_REAL && row[score].f64 > 0);
  CHECK(row[same].i64 == 2);
  cmem_cursor_close(cursor);
  cmem_store_close(store);
}

static void a_search_says_how_its_messages_are_divided(void) {
  cmem_error err;
  cmem_cursor* search = NULL;
  cmem_cursor* cursor = NULL;
  const cmem_value* row = NULL;
  int64_t bars = 0, levels = 0;
  cmem_page page = CMEM_PAGE_INIT;
  cmem_facet_options options = CMEM_FACET_OPTIONS_INIT;
  cmem_search_summary found = CMEM_SEARCH_SUMMARY_INIT;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  page.utc = 1;
  OK(cmem_search(&search, store, "id:1..", 6, NULL, &page, &err));
  cmem_store_close(store); /* the cursors stay */
  OK(cmem_search_get_summary(&found, search, &err));
  CHECK(found.messages == FIXTURE_MESSAGES);
  FAILS(CMEM_E_INVALID, cmem_search_facets(&cursor, search, NULL, &err));
  FAILS(CMEM_E_INVALID, cmem_search_facets(&cursor, search, &options, &err));
  options.fields = "level";
  options.fields_len = 5;
  options.histogram = CMEM_HISTOGRAM_MONTH;
  FAILS(CMEM_E_INVALID, cmem_search_facets(NULL, search, &options, &err));
  FAILS(CMEM_E_INVALID, cmem_search_facets(&cursor, NULL, &options, &err));
  OK(cmem_search_facets(&cursor, search, &options, &err));
  CHECK(column(cursor, "facet") == 0 && column(cursor, "value") == 1 && column(cursor, "messages") == 2);
  CHECK(column(cursor, "selected") == 3 && column(cursor, "values") == 4 && column(cursor, "from") == 5 && column(cursor, "until") == 6);
  while (cmem_cursor_next(&row, cursor, &err) == CMEM_OK) {
    const int is_bar = text_is(&row[0], "histogram");
    CHECK(is_bar || text_is(&row[0], "level"));
    CHECK((row[5].type == CMEM_TYPE_TIME) == (is_bar && row[1].type == CMEM_TYPE_TEXT));
    *(is_bar ? &bars : &levels) += row[2].i64;
  }
  CHECK(bars == FIXTURE_MESSAGES && levels == FIXTURE_MESSAGES);
  cmem_cursor_close(search);
  FAILS(CMEM_E_INVALID, cmem_search_facets(&search, cursor, &options, &err));
  CHECK(search == NULL);
  cmem_cursor_close(cursor);
}

static void a_search_says_how_it_was_understood(void) {
  static const char query[] = "login on:yesterday foo:bar";
  cmem_error err;
  cmem_cursor* search = NULL;
  cmem_cursor* none = NULL;
  cmem_cursor* cursor = NULL;
  const cmem_value* row = NULL;
  cmem_page page = CMEM_PAGE_INIT;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  page.utc = 1;
  page.now_ms = 2 * 86400000 + 1;
  page.prose_weight = 10.5;
  FAILS(CMEM_E_INVALID, cmem_search(&search, store, query, sizeof query - 1, NULL, &page, &err));
  page.prose_weight = 2;
  OK(cmem_search(&search, store, query, sizeof query - 1, NULL, &page, &err));
  cmem_store_close(store); /* the cursors stay */
  OK(cmem_search_explanation(&cursor, search, &err));
  FAILS(CMEM_E_INVALID, cmem_search_explanation(NULL, search, &err));
  CHECK(column(cursor, "part") == 0 && column(cursor, "text") == 1 && column(cursor, "texts") == 2);
  CHECK(column(cursor, "from") == 3 && column(cursor, "until") == 4);
  CHECK(cmem_cursor_total(cursor) == 5);
  CHECK(cmem_cursor_next(&row, cursor, &err) == CMEM_OK && text_is(&row[0], "query"));
  CHECK(text_is(&row[1], "(\"login\" AND \"foo bar\")"));
  CHECK(cmem_cursor_next(&row, cursor, &err) == CMEM_OK && text_is(&row[0], "term") && row[2].i64 == 2);
  CHECK(cmem_cursor_next(&row, cursor, &err) == CMEM_OK && text_is(&row[0], "term") && row[2].i64 == 0);
  CHECK(cmem_cursor_next(&row, cursor, &err) == CMEM_OK && text_is(&row[0], "field") && text_is(&row[1], "on:yesterday"));
  CHECK(row[3].type == CMEM_TYPE_TIME && row[3].i64 == 86400000 && row[4].i64 == 2 * 86400000);
  CHECK(cmem_cursor_next(&row, cursor, &err) == CMEM_OK && text_is(&row[0], "note"));
  CHECK(cmem_cursor_next(&row, cursor, &err) == CMEM_DONE);
  none = cursor;
  FAILS(CMEM_E_INVALID, cmem_search_explanation(&none, cursor, &err));
  CHECK(none == NULL);
  cmem_cursor_close(search);
  cmem_cursor_close(cursor);
}

static void a_query_over_the_limits_is_refused(void) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  char query[5000];
  cmem_store* store = new_store();
  REQUIRE(store != NULL);
  memset(query, 'a', sizeof query);
  FAILS(CMEM_E_LIMIT, cmem_search(&cursor, store, query, sizeof query, NULL, NULL, &err));
  for (size_t i = 0; i < 200; ++i) query[i] = (char)(i % 2 == 0 ? (int)(unsigned char)"abcdefghijklmnopqrstuvwxyz"[(i / 2) % 26] : (int)' ');
  FAILS(CMEM_E_LIMIT, cmem_search(&cursor, store, query, 200, NULL, NULL, &err));
  CHECK(cursor == NULL);
  cmem_store_close(store);
}

static void projects_sessions_and_components_are_counted(void) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  const cmem_value* row = NULL;
  cmem_filter filter = CMEM_FILTER_INIT;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  OK(cmem_projects(&cursor, store, &err));
  CHECK(column(cursor, "project") == 0 && column(cursor, "path") == 1 && column(cursor, "messages") == 2);
  CHECK(cmem_cursor_next(&row, cursor, &err) == CMEM_OK && text_is(&row[0], "shop") && text_is(&row[1], "/home/ann/shop") && row[2].i64 == 6);
  CHECK(cmem_cursor_next(&row, cursor, &err) == CMEM_OK && text_is(&row[0], "blog") && row[2].i64 == 1);
  CHECK(cmem_cursor_next(&row, cursor, &err) == CMEM_DONE);
  cmem_cursor_close(cursor);
  OK(cmem_sessions(&cursor, store, NULL, 0, &err));
  CHECK(cmem_cursor_next(&row, cursor, &err) == CMEM_OK && text_is(&row[0], FIXTURE_BLOG_SESSION));
  CHECK(count_rows(cursor) == 1);
  OK(cmem_sessions(&cursor, store, NULL, 1, &err));
  CHECK(count_rows(cursor) == 1);
  TEXT(filter.project, "shop");
  OK(cmem_sessions(&cursor, store, &filter, 0, &err));
  CHECK(cmem_cursor_next(&row, cursor, &err) == CMEM_OK && text_is(&row[0], FIXTURE_SHOP_SESSION));
  CHECK(count_rows(cursor) == 0);
  OK(cmem_components(&cursor, store, &err));
  CHECK(column(cursor, "component") == 0 && column(cursor, "errors") == 2);
  CHECK(count_rows(cursor) > 0);
  cmem_store_close(store);
}

static void the_statistics_are_those_of_the_fixture(void) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  cmem_stats stats = CMEM_STATS_INIT;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  OK(cmem_stats_get(&stats, store, &err));
  CHECK(stats.messages == FIXTURE_MESSAGES && stats.distinct_texts == FIXTURE_TEXTS);
  CHECK(stats.sessions == 2 && stats.projects == 2 && stats.runs == 2 && stats.rejected == 0 && stats.duplicates == 0);
  CHECK(stats.without_time == 0 && stats.first_ms == FIXTURE_FIRST_MS && stats.last_ms == FIXTURE_LAST_MS);
  CHECK(stats.csn > 0 && stats.store_bytes > 0 && stats.text_bytes > 0 && stats.schema_version > 0);
  CHECK(strlen(stats.content_root) == 32 && strspn(stats.content_root, "0123456789abcdef") == 32);
  OK(cmem_sizes(&cursor, store, &err));
  CHECK(column(cursor, "part") == 0 && column(cursor, "bytes") == 1);
  CHECK(count_rows(cursor) > 0);
  cmem_store_close(store);
}

static void an_empty_store_answers_everything_with_nothing(void) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  cmem_stats stats = CMEM_STATS_INIT;
  cmem_store* store = new_store();
  REQUIRE(store != NULL);
  CHECK(count_with(store, NULL) == 0 && rows_with(store, NULL) == 0 && hits(store, "a", 0) == 0);
  OK(cmem_projects(&cursor, store, &err));
  CHECK(count_rows(cursor) == 0);
  OK(cmem_sessions(&cursor, store, NULL, 0, &err));
  CHECK(count_rows(cursor) == 0);
  OK(cmem_components(&cursor, store, &err));
  CHECK(count_rows(cursor) == 0);
  OK(cmem_runs(&cursor, store, 0, &err));
  CHECK(count_rows(cursor) == 0);
  OK(cmem_stats_get(&stats, store, &err));
  CHECK(stats.messages == 0 && stats.first_ms == INT64_MIN && stats.last_ms == INT64_MIN);
  cmem_store_close(store);
}

static int64_t sql_number(cmem_store* store, const char* sql) {
  cmem_error err;
  cmem_cursor* cursor = NULL;
  const cmem_value* row = NULL;
  int64_t number = -1;
  if (cmem_sql(&cursor, store, sql, strlen(sql), 0, &err) != CMEM_OK) {
    check_note(&err);
    return -1;
  }
  CHECK(cmem_cursor_total(cursor) == -1);
  if (cmem_cursor_next(&row, cursor, &err) == CMEM_OK && row[0].type == CMEM_TYPE_INT) number = row[0].i64;
  cmem_cursor_close(cursor);
  return number;
}

static void sql_reads_the_views_and_contents(void) {
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  CHECK(sql_number(store, "SELECT count(*) FROM session_messages") == FIXTURE_MESSAGES);
  CHECK(sql_number(store, "SELECT count(*) FROM projects") == 2);
  CHECK(sql_number(store, "SELECT count(*) FROM sessions") == 2);
  CHECK(sql_number(store, "SELECT count(*) FROM extraction_runs") == 2);
  CHECK(sql_number(store, "SELECT count(*) FROM session_messages WHERE cmem_content(message_id) = 'pwd'") == 2);
  CHECK(sql_number(store, "SELECT count(*) FROM session_messages WHERE content LIKE '%login%'") == 2);
  CHECK(sql_number(store, "SELECT count(*) FROM session_messages WHERE log_level = 'ERROR'") == 1);
  cmem_store_close(store);
}

static void sql_that_writes_or_is_wrong_is_refused(void) {
  static const char* const writes[] = {"DELETE FROM messages", "CREATE TABLE x(y)", "DROP VIEW projects", "PRAGMA journal_mode=DELETE",
                                       "ATTACH ':memory:' AS other", "VACUUM"};
  cmem_error err;
  cmem_cursor* cursor = NULL;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  for (size_t i = 0; i < sizeof writes / sizeof *writes; ++i) {
    cmem_status status = cmem_sql(&cursor, store, writes[i], strlen(writes[i]), 0, &err);
    if (status == CMEM_OK) { /* some statements only fail when they are stepped */
      const cmem_value* row = NULL;
      status = cmem_cursor_next(&row, cursor, &err);
      cmem_cursor_close(cursor);
    }
    if (status != CMEM_E_READ_ONLY && status != CMEM_E_INVALID) printf("not refused: %s\n", writes[i]);
    CHECK(status == CMEM_E_READ_ONLY || status == CMEM_E_INVALID);
  }
  FAILS(CMEM_E_INVALID, cmem_sql(&cursor, store, "SELEKT 1", 8, 0, &err));
  FAILS(CMEM_E_INVALID, cmem_sql(&cursor, store, "SELECT 1; SELECT 2", 18, 0, &err));
  FAILS(CMEM_E_INVALID, cmem_sql(&cursor, store, "", 0, 0, &err));
  CHECK(count_with(store, NULL) == FIXTURE_MESSAGES);
  cmem_store_close(store);
}

static void sql_that_runs_too_long_is_interrupted(void) {
  static const char endless[] = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
  cmem_error err;
  cmem_cursor* cursor = NULL;
  const cmem_value* row = NULL;
  cmem_status status;
  cmem_store* store = new_store();
  REQUIRE(store != NULL);
  status = cmem_sql(&cursor, store, endless, sizeof endless - 1, 50, &err);
  if (status == CMEM_OK) status = cmem_cursor_next(&row, cursor, &err);
  CHECK(status == CMEM_E_LIMIT);
  cmem_cursor_close(cursor);
  cmem_store_close(store);
}

/* A growing text that export writes into. */
typedef struct text_buffer {
  char text[8192];
  size_t len;
  int calls_until_stop; /* 0: never stop */
} text_buffer;

static int collect(const void* data, size_t len, void* payload) {
  text_buffer* buffer = payload;
  if (buffer->calls_until_stop != 0 && --buffer->calls_until_stop == 0) return 1;
  if (buffer->len + len > sizeof buffer->text) return 1;
  memcpy(buffer->text + buffer->len, data, len);
  buffer->len += len;
  return 0;
}

static void export_raw_gives_the_loaded_bytes_back(void) {
  static text_buffer out;
  cmem_error err;
  uint64_t count = 0;
  cmem_filter filter = CMEM_FILTER_INIT;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  memset(&out, 0, sizeof out);
  OK(cmem_export(&count, store, NULL, CMEM_EXPORT_RAW, collect, &out, &err));
  CHECK(count == FIXTURE_MESSAGES);
  CHECK(out.len == strlen(FIXTURE_PHASE1 FIXTURE_PHASE2) && memcmp(out.text, FIXTURE_PHASE1 FIXTURE_PHASE2, out.len) == 0);
  memset(&out, 0, sizeof out);
  TEXT(filter.source_type, "debug");
  OK(cmem_export(&count, store, &filter, CMEM_EXPORT_RAW, collect, &out, &err));
  CHECK(count == FIXTURE_DEBUG_LINES && out.len == strlen(FIXTURE_PHASE2) && memcmp(out.text, FIXTURE_PHASE2, out.len) == 0);
  cmem_store_close(store);
}

static void export_jsonl_writes_one_object_a_message(void) {
  static text_buffer out;
  cmem_error err;
  uint64_t count = 0;
  size_t lines = 0;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  memset(&out, 0, sizeof out);
  OK(cmem_export(&count, store, NULL, CMEM_EXPORT_JSONL, collect, &out, &err));
  for (size_t i = 0; i < out.len; ++i) lines += out.text[i] == '\n';
  CHECK(count == FIXTURE_MESSAGES && lines == FIXTURE_MESSAGES && out.text[0] == '{');
  FAILS(CMEM_E_INVALID, cmem_export(&count, store, NULL, 99, collect, &out, &err));
  cmem_store_close(store);
}

static void export_can_be_stopped(void) {
  static text_buffer out;
  cmem_error err;
  uint64_t count = 0;
  cmem_store* store = fixture_store();
  REQUIRE(store != NULL);
  memset(&out, 0, sizeof out);
  out.calls_until_stop = 1;
  FAILS(CMEM_E_CANCELLED, cmem_export(&count, store, NULL, CMEM_EXPORT_RAW, collect, &out, &err));
  cmem_store_close(store);
}

const struct test_case query_cases[] = {
    {"each filter alone gives its messages", each_filter_alone_gives_its_messages},
    {"filters together must all hold", filters_together_must_all_hold},
    {"unknown names have no rows and wrong values are refused", unknown_names_have_no_rows_and_wrong_values_are_refused},
    {"an ambiguous project lists the candidates", an_ambiguous_project_lists_the_candidates},
    {"a message comes with its neighbours", a_message_comes_with_its_neighbours},
    {"search finds words, phrases, prefixes and exclusions", search_finds_words_phrases_prefixes_and_exclusions},
    {"any text is a valid query", any_text_is_a_valid_query},
    {"a hit has a marked snippet, a score and its equals", a_hit_has_a_marked_snippet_a_score_and_its_equals},
    {"a search says how its messages are divided", a_search_says_how_its_messages_are_divided},
    {"a search says how it was understood", a_search_says_how_it_was_understood},
    {"a query over the limits is refused", a_query_over_the_limits_is_refused},
    {"projects, sessions and components are counted", projects_sessions_and_components_are_counted},
    {"the statistics are those of the fixture", the_statistics_are_those_of_the_fixture},
    {"an empty store answers everything with nothing", an_empty_store_answers_everything_with_nothing},
    {"SQL reads the views and contents", sql_reads_the_views_and_contents},
    {"SQL that writes or is wrong is refused", sql_that_writes_or_is_wrong_is_refused},
    {"SQL that runs too long is interrupted", sql_that_runs_too_long_is_interrupted},
    {"export raw gives the loaded bytes back", export_raw_gives_the_loaded_bytes_back},
    {"export jsonl writes one object a message", export_jsonl_writes_one_object_a_message},
    {"export can be stopped", export_can_be_stopped},
    {NULL, NULL},
};
