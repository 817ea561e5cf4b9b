/*
 * Loads extraction files into a store and lists the newest messages of a project.
 *
 * usage: load_and_query STORE PROJECT PATH...
 * try:   load_and_query /tmp/memory.db shop-api examples/data/sample
 */
#include <coditect/memory.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int report(const cmem_error* err) {
  fprintf(stderr, "error (%s): %s\n", cmem_status_name(err->code), err->text);
  return 1;
}

static int load(cmem_store* store, const char* const* paths, size_t count) {
  cmem_load_result result = CMEM_LOAD_RESULT_INIT;
  cmem_error err;
  if (cmem_load(&result, store, paths, count, NULL, &err) < 0) return report(&err);
  printf("%" PRId64 " new messages from %" PRId64 " files, %" PRId64 " were there, %" PRId64 " bad records\n", result.messages_new,
         result.files, result.duplicates, result.rejected);
  return 0;
}

static int list_newest(cmem_store* store, const char* project) {
  cmem_filter filter = CMEM_FILTER_INIT;
  filter.project = project;
  filter.project_len = strlen(project);
  cmem_page page = CMEM_PAGE_INIT; /* newest first */
  page.limit = 5;

  cmem_cursor* cursor = NULL;
  cmem_error err;
  if (cmem_query(&cursor, store, &filter, &page, &err) < 0) return report(&err);
  printf("%" PRId64 " messages of %s, the newest:\n", cmem_cursor_total(cursor), project);

  /* Columns: id, time, project, session, source_type, role, component, level, source, line, content. */
  const cmem_value* row = NULL;
  cmem_status status = CMEM_OK;
  while ((status = cmem_cursor_next(&row, cursor, &err)) == CMEM_OK)
    printf("%8" PRId64 "  %-12s %.*s\n", row[0].i64, row[4].text, (int)row[10].text_len, row[10].text);
  cmem_cursor_close(cursor);
  return status == CMEM_DONE ? 0 : report(&err);
}

int main(int argc, char** argv) {
  if (argc < 4) {
    fprintf(stderr, "usage: %s STORE PROJECT PATH...\n", argv[0]);
    return 2;
  }
  cmem_open_options options = CMEM_OPEN_OPTIONS_INIT;
  options.create = 1;
  cmem_store* store = NULL;
  cmem_error err;
  if (cmem_store_open(&store, argv[1], &options, &err) < 0) return report(&err);

  int failed = load(store, (const char* const*)argv + 3, (size_t)argc - 3);
  if (!failed) failed = list_newest(store, argv[2]);
  cmem_store_close(store);
  return failed;
}
