/* The smallest use: opens a store and says what is in it. usage: consumer STORE */
#include <coditect/memory.h>
#include <inttypes.h>
#include <stdio.h>

int main(int argc, char** argv) {
  cmem_store* store = NULL;
  cmem_error err;
  cmem_stats stats = CMEM_STATS_INIT;
  if (argc != 2) return 2;
  if (cmem_store_open(&store, argv[1], NULL, &err) < 0 || cmem_stats_get(&stats, store, &err) < 0) {
    fprintf(stderr, "error (%s): %s\n", cmem_status_name(err.code), err.text);
    cmem_store_close(store);
    return 1;
  }
  printf("CODITECT memory %s: %" PRId64 " messages, %" PRId64 " distinct texts\n", cmem_version(), stats.messages,
         stats.distinct_texts);
  cmem_store_close(store);
  return 0;
}
