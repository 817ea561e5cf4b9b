/* Watching homes: what is there is loaded at once, what comes later soon, and `report` ends it. */
#include <coditect/memory_home.h>
#include <stdio.h>

#include "check.h"

#define PROMPT "{\"display\":\"%s\",\"pastedContents\":{},\"timestamp\":1763200000000,\"project\":\"/home/ann/shop\"}\n"

enum { kMaxReports = 60 };

struct seen {
  const char* history; /* grows by a line when the first message is in */
  int reports;
  int64_t messages_new;
};

static void append_prompt(const char* path, const char* text) {
  FILE* file = fopen(path, "ab");
  REQUIRE(file != NULL);
  fprintf(file, PROMPT, text);
  fclose(file);
}

/* Stops when two messages are in; also when they do not come. */
static int see(const cmem_watch_report* report, void* payload) {
  struct seen* seen = payload;
  ++seen->reports;
  seen->messages_new += report->messages_new;
  CHECK(report->struct_size == sizeof *report && report->home == 0);
  CHECK(report->committed == 1 || (report->records_read == 0 && report->messages_new == 0 && report->bytes_read == 0));
  if (report->committed == 1 && seen->messages_new == 1) append_prompt(seen->history, "and the sign-up page");
  return seen->messages_new == 2 || seen->reports == kMaxReports;
}

static void a_watch_loads_what_is_there_and_what_comes(uint32_t poll) {
  cmem_error err;
  cmem_store* store = new_store();
  cmem_watch_options options = CMEM_WATCH_OPTIONS_INIT;
  struct seen seen = {NULL, 0, 0};
  REQUIRE(store != NULL);
  seen.history = write_file("history.jsonl", "");
  append_prompt(seen.history, "fix the login page");
  const cmem_watched_home home = {"claude", test_path("")};
  options.poll = poll;
  options.report = see;
  options.report_payload = &seen;
  OK(cmem_home_watch(store, &home, 1, &options, &err));
  CHECK(seen.messages_new == 2);
  cmem_cursor* runs = NULL;
  OK(cmem_runs(&runs, store, 0, &err));
  CHECK(count_rows(runs) == 1);
  cmem_store_close(store);
}

static void a_watch_follows(void) { a_watch_loads_what_is_there_and_what_comes(0); }
static void a_watch_polls(void) { a_watch_loads_what_is_there_and_what_comes(1); }

static int stop(const cmem_watch_report* report, void* payload) {
  (void)report;
  (void)payload;
  return 1;
}

static void what_cannot_be_watched_is_refused(void) {
  cmem_error err;
  cmem_store* store = new_store();
  cmem_watch_options options = CMEM_WATCH_OPTIONS_INIT;
  cmem_watched_home homes[2] = {{"claude", test_path("")}, {"claude", test_path("")}};
  REQUIRE(store != NULL);
  FAILS(CMEM_E_INVALID, cmem_home_watch(store, homes, 1, NULL, &err));
  FAILS(CMEM_E_INVALID, cmem_home_watch(store, homes, 1, &options, &err));
  options.report = stop;
  FAILS(CMEM_E_INVALID, cmem_home_watch(NULL, homes, 1, &options, &err));
  FAILS(CMEM_E_INVALID, cmem_home_watch(store, NULL, 1, &options, &err));
  FAILS(CMEM_E_INVALID, cmem_home_watch(store, homes, 0, &options, &err));
  FAILS(CMEM_E_INVALID, cmem_home_watch(store, homes, 2, &options, &err));
  options.poll = 2;
  FAILS(CMEM_E_INVALID, cmem_home_watch(store, homes, 1, &options, &err));
  options.poll = 0;
  homes[0].agent = NULL;
  FAILS(CMEM_E_NOT_FOUND, cmem_home_watch(store, homes, 1, &options, &err));
  homes[0].agent = "nobody";
  FAILS(CMEM_E_NOT_FOUND, cmem_home_watch(store, homes, 1, &options, &err));
  homes[0].agent = "claude";
  homes[0].home = "/nonexistent/home";
  FAILS(CMEM_E_NOT_FOUND, cmem_home_watch(store, homes, 1, &options, &err));
  homes[0].home = NULL;
  FAILS(CMEM_E_INVALID, cmem_home_watch(store, homes, 1, &options, &err));
  cmem_store_close(store);
}

const struct test_case watch_cases[] = {
    {"a watch loads what is there, and soon what comes", a_watch_follows},
    {"a watch that polls does too", a_watch_polls},
    {"what cannot be watched is refused", what_cannot_be_watched_is_refused},
    {NULL, NULL},
};
