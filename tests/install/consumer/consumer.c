/* Appends one message and counts: argv[1] is the store. Prints the count. */
#include <coditect/memory.h>
#include <coditect/memory_admin.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char** argv) {
  cmem_error err;
  cmem_store* store = NULL;
  cmem_open_options options = CMEM_OPEN_OPTIONS_INIT;
  cmem_message message = CMEM_MESSAGE_INIT;
  cmem_append_result appended = CMEM_APPEND_RESULT_INIT;
  uint64_t count = 0;
  if (argc != 2) return 2;
  options.create = 1;
  message.content = "a note about tigers";
  message.content_len = strlen(message.content);
  if (cmem_store_open(&store, argv[1], &options, &err) != CMEM_OK || cmem_append(&appended, store, &message, 1, &err) != CMEM_OK ||
      cmem_count(&count, store, NULL, &err) != CMEM_OK || cmem_checkpoint(store, &err) != CMEM_OK) {
    fprintf(stderr, "%s\n", err.text);
    return 1;
  }
  printf("%d\n", (int)count);
  cmem_store_close(store);
  return strcmp(cmem_version(), "0.1.0") == 0 ? 0 : 1;
}
