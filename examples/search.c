/*
 * Searches the texts of a store, best match first, optionally within a time range.
 *
 * usage: search STORE QUERY [TIME]
 * try:   search /tmp/memory.db '"authentication setup" token* -session' 2025-11-12..2025-11-13
 */
#include <coditect/memory.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int report(const cmem_error* err) {
  fprintf(stderr, "error (%s): %s\n", cmem_status_name(err->code), err->text);
  return 1;
}

/* Shows the marks \x02 and \x03 around a match as brackets, and each hit on one line. */
static void print_snippet(const cmem_value* snippet) {
  for (size_t i = 0; i < snippet->text_len; ++i) {
    const char c = snippet->text[i];
    putchar(c == '\x02' ? '[' : c == '\x03' ? ']' : (unsigned char)c < ' ' ? ' ' : c);
  }
  putchar('\n');
}

static int search(cmem_store* store, const char* query, const char* time) {
  cmem_error err;
  cmem_filter filter = CMEM_FILTER_INIT;
  if (time != NULL) {
    cmem_time_range range;
    if (cmem_time_range_parse(&range, time, strlen(time), 0, 0, &err) < 0) return report(&err);
    filter.from_ms = range.from_ms;
    filter.until_ms = range.until_ms;
  }
  cmem_page page = CMEM_PAGE_INIT;
  page.order = CMEM_ORDER_RELEVANCE;
  page.limit = 5;

  cmem_cursor* cursor = NULL;
  if (cmem_search(&cursor, store, query, strlen(query), &filter, &page, &err) < 0) return report(&err);
  printf("%" PRId64 " texts match\n", cmem_cursor_total(cursor));
  /* Columns: those of cmem_query with the snippet in place of the content, then score, same_text. */
  const cmem_value* row = NULL;
  cmem_status status = CMEM_OK;
  while ((status = cmem_cursor_next(&row, cursor, &err)) == CMEM_OK) {
    printf("%7.2f  %" PRId64 " x  ", row[11].f64, row[12].i64);
    print_snippet(&row[10]);
  }
  cmem_cursor_close(cursor);
  return status == CMEM_DONE ? 0 : report(&err);
}

int main(int argc, char** argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: %s STORE QUERY [TIME]\n", argv[0]);
    return 2;
  }
  cmem_open_options options = CMEM_OPEN_OPTIONS_INIT;
  options.read_only = 1;
  cmem_store* store = NULL;
  cmem_error err;
  if (cmem_store_open(&store, argv[1], &options, &err) < 0) return report(&err);
  const int failed = search(store, argv[2], argc > 3 ? argv[3] : NULL);
  cmem_store_close(store);
  return failed;
}
