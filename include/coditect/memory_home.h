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

/* ------------------------------------------------------------------------------------------- files, byte for byte */

/* The files of homes that were loaded, by origin: origin (its path in the home, without .gz or .zst), kind ("lines": messages come
   from its lines; "file": it is kept as a whole), agent, home, messages, bytes (uncompressed, as far as it was read), modified, gone
   (when it was seen to be gone; NULL: it is there). Since 0.1. */
CMEM_API cmem_status cmem_sources(cmem_cursor** out, cmem_store* store, cmem_error* err);

/* Writes such a file as it was when it was last read, byte for byte and uncompressed, without a last line that was not complete
   then. The file itself is not needed. *out (may be NULL) is 1 if the bytes are those that were read, as far as their number and the
   hashes of both ends tell; 0 if not: something of it was redacted or forgotten, a line of more than 64 MiB was not kept, or another
   home has a file of this origin too. CMEM_E_NOT_FOUND: there is no such source. CMEM_E_CANCELLED: `write` said stop.
   CMEM_E_CORRUPT. Since 0.1. */
CMEM_API cmem_status cmem_source_export(uint32_t* out, cmem_store* store, const char* origin, cmem_write_fn write, void* payload,
                                        cmem_error* err);

/* Files of which an agent saved versions before it changed them, the last changed one first: name (the first 16 hex digits of the SHA-256
   of the path), path (NULL: no source mentions it), versions, sessions (how many), first, last (when versions were saved), bytes (of
   the last one). filter (may be NULL): project and session. Since 0.1. */
CMEM_API cmem_status cmem_files(cmem_cursor** out, cmem_store* store, const cmem_filter* filter, cmem_error* err);

/* The saved versions of a file, from the first to the last: id (for cmem_file_read), name, path, version (its number, which several may
   have: sessions count for themselves), time (when it was saved), bytes, sessions (ids, with commas between: a resumed session has
   the versions of its first one). file: a name, or an absolute path as it was when it was saved. filter as in cmem_files. A file that
   is not known has no versions. Since 0.1. */
CMEM_API cmem_status cmem_file_versions(cmem_cursor** out, cmem_store* store, const char* file, const cmem_filter* filter,
                                        cmem_error* err);

/* Gives a saved version, byte for byte, to one call of `write`. CMEM_E_NOT_FOUND: there is none of this id. CMEM_E_CANCELLED: `write`
   returned non-zero. CMEM_E_CORRUPT. Since 0.1. */
CMEM_API cmem_status cmem_file_read(cmem_store* store, int64_t id, cmem_write_fn write, void* payload, cmem_error* err);

#ifdef __cplusplus
}
#endif
#endif
