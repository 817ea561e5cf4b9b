/* Runs the cases of all tables. usage: cmem_capi_test [PART OF A NAME] */
#define _XOPEN_SOURCE 700
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "fixture.h"

enum { kMaxPaths = 16, kMaxPath = 512 };

static int failures_of_case;
static char folder[kMaxPath / 2];
static char paths[kMaxPaths][kMaxPath];
static int path_count;

void check_failed(const char* file, int line, const char* expression) {
  ++failures_of_case;
  printf("%s:%d: failed: %s\n", file, line, expression);
}

void check_note(const cmem_error* err) {
  printf("  status %d (%s): %.*s\n", (int)err->code, cmem_status_name(err->code), (int)sizeof err->text - 1, err->text);
}

const char* test_path(const char* name) {
  if (path_count == kMaxPaths) {
    puts("too many paths in one case");
    exit(2);
  }
  char* path = paths[path_count++];
  snprintf(path, kMaxPath, "%s/%s", folder, name);
  return path;
}

const char* write_file(const char* name, const char* text) {
  const char* path = test_path(name);
  FILE* file = fopen(path, "wb");
  if (file == NULL || fwrite(text, 1, strlen(text), file) != strlen(text) || fclose(file) != 0) {
    perror(path);
    exit(2);
  }
  return path;
}

cmem_store* new_store(void) {
  cmem_error err;
  cmem_store* store = NULL;
  cmem_open_options options = CMEM_OPEN_OPTIONS_INIT;
  options.create = 1;
  if (cmem_store_open(&store, test_path("memory.db"), &options, &err) != CMEM_OK) {
    check_failed(__FILE__, __LINE__, "cmem_store_open");
    check_note(&err);
  }
  return store;
}

cmem_status load_one(cmem_load_result* out, cmem_store* store, const char* path, const cmem_load_options* options, cmem_error* err) {
  return cmem_load(out, store, &path, 1, options, err);
}

cmem_store* fixture_store(void) {
  cmem_error err;
  cmem_load_result result = CMEM_LOAD_RESULT_INIT;
  const char* files[2];
  cmem_store* store = new_store();
  if (store == NULL) return NULL;
  files[0] = write_file("phase1.jsonl", FIXTURE_PHASE1);
  files[1] = write_file("phase2.jsonl", FIXTURE_PHASE2);
  if (cmem_load(&result, store, files, 2, NULL, &err) != CMEM_OK || result.messages_new != FIXTURE_MESSAGES) {
    check_failed(__FILE__, __LINE__, "loading the fixture");
    check_note(&err);
    cmem_store_close(store);
    return NULL;
  }
  return store;
}

int64_t count_rows(cmem_cursor* cursor) {
  int64_t rows = 0;
  const cmem_value* row = NULL;
  cmem_error err;
  cmem_status status;
  while ((status = cmem_cursor_next(&row, cursor, &err)) == CMEM_OK) ++rows;
  cmem_cursor_close(cursor);
  if (status == CMEM_DONE) return rows;
  check_note(&err);
  return -1;
}

int column(const cmem_cursor* cursor, const char* name) {
  const uint32_t count = cmem_cursor_column_count(cursor);
  for (uint32_t i = 0; i < count; ++i) {
    if (strcmp(cmem_cursor_column_name(cursor, i), name) == 0) return (int)i;
  }
  return -1;
}

int text_is(const cmem_value* value, const char* text) {
  return value->type == CMEM_TYPE_TEXT && value->text_len == strlen(text) && memcmp(value->text, text, value->text_len) == 0;
}

static void make_folder(void) {
  const char* base = getenv("TMPDIR");
  snprintf(folder, sizeof folder, "%s/cmem-capi-XXXXXX", base != NULL ? base : "/tmp");
  if (mkdtemp(folder) == NULL) {
    perror(folder);
    exit(2);
  }
  path_count = 0;
}

static void remove_folder(void) {
  DIR* listing = opendir(folder);
  const struct dirent* entry;
  while (listing != NULL && (entry = readdir(listing)) != NULL) {
    char path[kMaxPath + 256];
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (entry->d_name[0] != '.') unlink(path);
  }
  if (listing != NULL) closedir(listing);
  rmdir(folder);
}

static int run_case(const struct test_case* test) {
  failures_of_case = 0;
  make_folder();
  test->run();
  remove_folder();
  if (failures_of_case != 0) printf("FAILED: %s\n", test->name);
  return failures_of_case == 0;
}

int main(int argc, char** argv) {
  const struct test_case* const tables[] = {basic_cases, null_cases,  struct_cases, row_cases,  query_cases,
                                            load_cases,  close_cases, arrow_cases,  admin_cases, watch_cases};
  int passed = 0;
  int failed = 0;
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (size_t table = 0; table < sizeof tables / sizeof *tables; ++table) {
    for (const struct test_case* test = tables[table]; test->name != NULL; ++test) {
      if (argc > 1 && strstr(test->name, argv[1]) == NULL) continue;
      if (run_case(test)) ++passed; else ++failed;
    }
  }
  printf("%d passed, %d failed, 0 skipped\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
