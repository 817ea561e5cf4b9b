/*
 * Appends messages from a program. When cmem_append returns CMEM_OK they are durable: they survive a power loss.
 *
 * usage: append STORE TEXT...
 * try:   append /tmp/memory.db "deployed version 2.4" "all checks green"
 */
#include <coditect/memory.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int report(const cmem_error* err) {
  fprintf(stderr, "error (%s): %s\n", cmem_status_name(err->code), err->text);
  return 1;
}

static int append(cmem_store* store, char** texts, size_t count) {
  cmem_message* messages = calloc(count, sizeof *messages);
  if (messages == NULL) return 1;
  for (size_t i = 0; i < count; ++i) {
    const cmem_message empty = CMEM_MESSAGE_INIT;
    messages[i] = empty;
    messages[i].time_ms = (int64_t)time(NULL) * 1000;
    messages[i].content = texts[i];
    messages[i].content_len = strlen(texts[i]);
    messages[i].level = "INFO";
    messages[i].level_len = strlen("INFO");
    messages[i].source = "deploy-script";
    messages[i].source_len = strlen("deploy-script");
  }
  cmem_append_result result = CMEM_APPEND_RESULT_INIT;
  cmem_error err;
  const cmem_status status = cmem_append(&result, store, messages, count, &err); /* all of them or none */
  free(messages);
  if (status < 0) return report(&err);
  printf("%" PRId64 " messages are stored, the first with id %" PRId64 "\n", result.messages_new, result.first_id);
  return 0;
}

int main(int argc, char** argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: %s STORE TEXT...\n", argv[0]);
    return 2;
  }
  cmem_open_options options = CMEM_OPEN_OPTIONS_INIT;
  options.create = 1;
  cmem_store* store = NULL;
  cmem_error err;
  if (cmem_store_open(&store, argv[1], &options, &err) < 0) return report(&err);
  const int failed = append(store, argv + 2, (size_t)argc - 2);
  cmem_store_close(store);
  return failed;
}
