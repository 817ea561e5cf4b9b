/*
 * CODITECT memory: the C API for the homes of coding agents (~/.claude, ~/.codex): read natively, all of it, and only what is new
 * when read again. The rules are those of memory.h.
 */
#ifndef CODITECT_MEMORY_HOME_H
#define CODITECT_MEMORY_HOME_H

#include <coditect/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The agents whose homes can be read: agent, variable (the environment variable that names its home), folder (else the folder in the
   user's home directory). Since 0.1. */
CMEM_API cmem_status cmem_agents(cmem_cursor** out, cmem_error* err);

typedef struct cmem_home_options {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t max_line_bytes;   /* longer lines are rejected; 0 = 16 MiB */
  uint64_t settled_ms;       /* a file that was not written for so long is complete: an event of a log at its end waits for no further
                                line; 0 = 1,000 */
  cmem_progress_fn progress; /* may be NULL */
  void* progress_payload;
} cmem_home_options;
#define CMEM_HOME_OPTIONS_INIT {sizeof(cmem_home_options), 0, 0, 0, NULL, NULL}

typedef struct cmem_home_result {
  uint32_t struct_size;
  uint32_t reserved;
  int64_t files;           /* that the home has and we read */
  int64_t files_read;      /* of which something was read */
  int64_t files_unchanged; /* of which nothing was */
  int64_t files_waiting;   /* whose last line or event is not complete yet; it is read when it is */
  int64_t files_gone;      /* that were there another time; what was loaded of them stays */
  int64_t files_failed;    /* that could not be read; see cmem_rejected */
  int64_t files_skipped;   /* symbolic links, and what is no source: settings, keys, caches */
  int64_t records_read;    /* = new + duplicate + rejected */
  int64_t messages_new;
  int64_t duplicates;      /* records that the store already has, copies among them */
  int64_t copies;          /* records that a resumed or forked session took from another: their places are kept, each counts once */
  int64_t rejected;        /* bad records; see cmem_rejected */
  int64_t bytes_read;      /* uncompressed */
  int64_t run_id;          /* 0: nothing was new */
  double seconds;
} cmem_home_result;
#define CMEM_HOME_RESULT_INIT {sizeof(cmem_home_result), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.0}

/* Loads the home of an agent ("claude", "codex"): only files on a list of known sources are opened, never credentials or settings, and
   no symbolic link is followed. Files are told apart by what was read of them: one that grew is read on, one that was replaced anew,
   one that was renamed or compressed (.gz, .zst) is known again; what is gone stays in the store. A last line without its newline waits. The
   home may be in use. Each batch is one transaction, as in cmem_load. Bad records are counted, not errors.
   CMEM_E_NOT_FOUND: no such agent or folder. CMEM_E_CANCELLED, CMEM_E_BUSY, CMEM_E_FULL, CMEM_E_IO, CMEM_E_READ_ONLY: *out has the
   counts of what is committed, and loading again adds the rest. Memory as for cmem_load. out must not be NULL and start from its INIT macro.
   Since 0.1. */
CMEM_API cmem_status cmem_home_load(cmem_home_result* out, cmem_store* store, const char* agent, const char* home,
                                    const cmem_home_options* options, cmem_error* err);

#ifdef __cplusplus
}
#endif
#endif
