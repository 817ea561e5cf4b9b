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
  uint64_t settled_ms;       /* a file that was not written for so long is settled: an event of a log at its end is stored as it stands, and
                                replaced by the whole event if further lines of it come later; 0 = 1,000 */
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
  int64_t messages_new;    /* an event that replaces the one that was stored before its further lines came is one */
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

/* ----------------------------------------------------------------------------------------------------------- secrets */

/* The kinds of secrets that are known, by name: kind, what, reference (where its form is documented). Since 0.1. */
CMEM_API cmem_status cmem_secret_kinds(cmem_cursor** out, cmem_error* err);

/* The secrets in distinct texts, in what else the lines hold, in stored files, in the quarantine and in names: kind, secret (masked: its
   first 4 characters and its length), tag (4 hex digits; equal secrets have equal ones), place ("text", "line", "file", "rejected",
   "name"), message (the first one that has it, or NULL), messages (how many have this very text, 1 for a line), source, line (NULL: none).
   filter may be NULL; with one, only what belongs to messages that pass, and files of their sources. Reads the whole store.
   CMEM_E_AMBIGUOUS, CMEM_E_INVALID, CMEM_E_CORRUPT, CMEM_E_IO. Since 0.1. */
CMEM_API cmem_status cmem_secrets_scan(cmem_cursor** out, cmem_store* store, const cmem_filter* filter, cmem_error* err);

/* Whether everything that is loaded into or appended to this store is redacted first: *out is 1 or 0. Kept in the store, for every
   program. Since 0.1. */
CMEM_API cmem_status cmem_secrets_policy(uint32_t* out, cmem_store* store, cmem_error* err);
/* Changes it, for loads that begin later. CMEM_E_BUSY, CMEM_E_FULL, CMEM_E_IO, CMEM_E_READ_ONLY. Since 0.1. */
CMEM_API cmem_status cmem_secrets_set_policy(cmem_store* store, uint32_t redact, cmem_error* err);
/* The same for what this handle loads, whatever the store's policy says: 1 redacts, 0 follows the policy. Since 0.1. */
CMEM_API cmem_status cmem_redact_loads(cmem_store* store, uint32_t redact, cmem_error* err);
/* What was redacted: run (NULL: appended, or redacted later), kind, count. Since 0.1. */
CMEM_API cmem_status cmem_redactions(cmem_cursor** out, cmem_store* store, cmem_error* err);

/* -------------------------------------------------------------------------------------------------------- forgetting */

/* What to delete for good: messages for which all of session, project, before_ms and message_id hold that are given. Or, with `secrets`
   alone, what to redact in place. */
typedef struct cmem_forget_options {
  uint32_t struct_size;
  uint32_t dry_run;                         /* 1: count, and change nothing */
  const char* session; size_t session_len;  /* as in cmem_filter; with the sessions that are part of it, and its copies of others' records */
  const char* project; size_t project_len;  /* as in cmem_filter */
  int64_t before_ms;                        /* messages of an earlier time; INT64_MIN: any. Messages without a time are never earlier */
  int64_t message_id;                       /* 0: any */
  const char* secrets; size_t secrets_len;  /* "all", or kinds with commas between them */
  const char* reason;  size_t reason_len;   /* for the tombstones */
} cmem_forget_options;
#define CMEM_FORGET_OPTIONS_INIT {sizeof(cmem_forget_options), 0, NULL, 0, NULL, 0, INT64_MIN, 0, NULL, 0, NULL, 0}

typedef struct cmem_forget_result {
  uint32_t struct_size;
  uint32_t compacted; /* 0: somebody reads the store, so old pages are in the file and its log until a cmem_checkpoint */
  int64_t messages;   /* deleted; with `secrets`, whose text changed */
  int64_t copies;     /* places of records in other files */
  int64_t texts;      /* deleted, or redacted */
  int64_t lines;      /* redacted beside their text */
  int64_t files;      /* deleted, or redacted */
  int64_t secrets;    /* redacted places */
} cmem_forget_result;
#define CMEM_FORGET_RESULT_INIT {sizeof(cmem_forget_result), 0, 0, 0, 0, 0, 0, 0}

/* Deletes for good, in one transaction: messages, their copies, identities, token usage and residues, texts that no other message has,
   files and names that nothing else uses. Derived data are made anew, the file is written without its free pages, and the log is
   emptied: no byte of it is left in the store's files. What was forgotten leaves a tombstone, and salted hashes by which loading the same source again
   does not bring it back. With `secrets` the messages stay, and the values become placeholders ([REDACTED:github-token:3f2a]).
   Takes as long as cmem_rebuild, and room for a second copy of the store. Handles of other processes follow at their next call.
   CMEM_E_INVALID: nothing is asked for, `secrets` with others, a kind that is none. CMEM_E_NOT_FOUND: no such session or project.
   CMEM_E_AMBIGUOUS, CMEM_E_BUSY, CMEM_E_FULL, CMEM_E_IO, CMEM_E_READ_ONLY: the messages are all there still, unless only the last
   step failed. Since 0.1. */
CMEM_API cmem_status cmem_forget(cmem_forget_result* out, cmem_store* store, const cmem_forget_options* options, cmem_error* err);

/* What was deleted: id (of the message), csn, time, reason. Since 0.1. */
CMEM_API cmem_status cmem_tombstones(cmem_cursor** out, cmem_store* store, cmem_error* err);

/* ------------------------------------------------------------------------------------------------------- following */

typedef struct cmem_watched_home {
  const char* agent; /* NULL: told by the folders in the home */
  const char* home;
} cmem_watched_home;

/* What became durable since the last report. */
typedef struct cmem_watch_report {
  uint32_t struct_size;
  uint32_t polls;       /* 1: some home is looked at each second, since the system does not tell what changes in it */
  uint64_t home;        /* index of the home */
  uint32_t committed;   /* 0: nothing did; the call only asks whether to go on, and the counts are 0 */
  uint32_t reserved;
  int64_t files_read;
  int64_t records_read; /* = new + duplicate + rejected */
  int64_t messages_new;
  int64_t duplicates;
  int64_t rejected;
  int64_t bytes_read;
} cmem_watch_report;
#define CMEM_WATCH_REPORT_INIT {sizeof(cmem_watch_report), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

/* Called after each commit, and about once a second, also during a long load, on the thread that called cmem_home_watch. The report
   is valid during the call. Return non-zero to stop. It must not use the store for writing. */
typedef int (*cmem_watch_fn)(const cmem_watch_report* report, void* payload);

typedef struct cmem_watch_options {
  uint32_t struct_size;
  uint32_t poll;           /* 1: look at everything each second, and do not ask the system what changes */
  uint64_t max_line_bytes; /* longer lines are rejected; 0 = 16 MiB */
  uint64_t settled_ms;     /* as in cmem_home_options, but 0 = 300. A file that is not written line by line is read when it was not
                              written for so long */
  cmem_watch_fn report;    /* must not be NULL */
  void* report_payload;
} cmem_watch_options;
#define CMEM_WATCH_OPTIONS_INIT {sizeof(cmem_watch_options), 0, 0, 0, NULL, NULL}

/* Loads homes as cmem_home_load does, and then what is written in them, until `report` says stop: a line is durable and found within
   a second. Needs options, for `report`. Where the system cannot tell what changes (it has no more watches, or the home is on another
   machine), everything is looked at each second, or each minute. A home that is gone is waited for. All that is loaded of a home is
   one run. Other threads and processes may read and write meanwhile; this call waits for its turn.
   CMEM_E_NOT_FOUND: no such agent or folder, or it is the home of no agent. CMEM_E_INVALID: no home, or one twice. CMEM_E_FULL,
   CMEM_E_IO, CMEM_E_CORRUPT, CMEM_E_READ_ONLY: what was committed stays, and watching or loading again adds the rest. Since 0.1. */
CMEM_API cmem_status cmem_home_watch(cmem_store* store, const cmem_watched_home* homes, size_t home_count,
                                     const cmem_watch_options* options, cmem_error* err);

/* ------------------------------------------------------------------------------------------- sessions, tokens, counts */

/* One session, as a row: session (its full id), project, messages, errors, first, last, title, agent ("claude", "codex"; NULL: it has
   no transcript), parent (the session that it is part of: of a subagent; else NULL), records (how many cmem_conversation gives).
   `session` is the id, or the first characters of it (at least 4). CMEM_E_NOT_FOUND, CMEM_E_AMBIGUOUS. Since 0.1. */
CMEM_API cmem_status cmem_session_get(cmem_cursor** out, cmem_store* store, const char* session, size_t session_len, cmem_error* err);

/* What was said and done in a session, in the order of its transcripts' lines, which is not always that of the times. The columns of
   cmem_query, then: uuid (the record's own id; of one that is no UUID a hash, written as one), parent (the id of the message that it
   follows; NULL: none, or it is not here), depth (0: of the session itself; 1: of a subagent of it, and so on), copied_from (the session
   that the record was taken from when a session was resumed or forked; NULL: it is no copy).
   `session`, `source` and `line` are those of the place: of a copy not those of the message `id`. A subagent's records stand behind
   the call that started it where the result of the call names it, else behind the nearest earlier record. Each message is there once,
   whatever the records say of their parents.
   `session` as in cmem_session_get. page (may be NULL): limit, after and without_content. No rows: the session has no transcript.
   CMEM_E_NOT_FOUND, CMEM_E_AMBIGUOUS, CMEM_E_INVALID (a position that is none of this session). Since 0.1. */
CMEM_API cmem_status cmem_conversation(cmem_cursor** out, cmem_store* store, const char* session, size_t session_len,
                                       const cmem_page* page, cmem_error* err);

/* Tokens that replies of models took, each reply once however many records repeat it, as rows: a column for each of `by`, then replies,
   input, output, cache_creation, cache_read, total.
   `by`: names of day, model, project, session, separated by commas; empty: one row for all. A reply is of the time, project and session
   of its first record; days are of the system's local zone, or of UTC when `utc` is 1. filter (may be NULL): project and time range.
   Order: days newest first, else most tokens first. CMEM_E_INVALID: a name that is none, a filter that asks for more. Since 0.1. */
CMEM_API cmem_status cmem_tokens(cmem_cursor** out, cmem_store* store, const char* by, size_t by_len, const cmem_filter* filter,
                                 uint32_t utc, cmem_error* err);

/* How many messages have which value, exactly, as rows: field, value (NULL: those that have none), messages. The values of a field add up
   to all messages. `fields`: names of source (the type), level, component, role, project, session, day, separated by commas; days as in
   cmem_tokens. Order: the fields as named; days newest first, other values most messages first, those without a value last.
   CMEM_E_INVALID: a name that is none. Since 0.1. */
CMEM_API cmem_status cmem_message_counts(cmem_cursor** out, cmem_store* store, const char* fields, size_t fields_len, uint32_t utc,
                                         cmem_error* err);

/* ------------------------------------------------------------------------------------------- what the store lacks */

/* The files of homes, compared with what was read of them, as rows: agent, home, path (in the home), origin (of its messages), state,
   bytes (of the file now; NULL: gone), read_bytes (uncompressed). state: "loaded"; "waiting" (all but a last line or event that is not
   complete); "grown" (more was written behind it); "changed" (it is another file now, or was written anew); "new" (nothing was read of
   it); "unreadable"; "gone" (what was loaded of it stays in the store). What is grown, changed or new is read by the next load.
   A file whose size, time and inode are as when it was read is not opened; else the first and last 4,096 bytes of what was read
   are compared. `home` (may be NULL): this home alone, which may be gone.
   CMEM_E_NOT_FOUND: nothing was loaded of it, or of any home. Since 0.1. */
CMEM_API cmem_status cmem_home_verify(cmem_cursor** out, cmem_store* store, const char* home, cmem_error* err);

/* Of a message with the role tool_use or tool_result search knows so many bytes of the text; the text itself is kept whole. */
#define CMEM_INDEXED_BEGIN_BYTES 4096

/* How much is known less well than the rest, as rows: what, count, note. approximate_time: messages whose time their record does not
   state, so that it is that of a neighbour or of their file; time ranges find them by it. With `texts` 1, which decodes every text,
   also indexed_in_part and not_indexed: distinct texts that search finds by their beginning only, or not at all.
   `session` (may be empty): approximate_time of this session and its parts alone; as in cmem_session_get.
   CMEM_E_NOT_FOUND, CMEM_E_AMBIGUOUS. Since 0.1. */
CMEM_API cmem_status cmem_caveats(cmem_cursor** out, cmem_store* store, const char* session, size_t session_len, uint32_t texts,
                                  cmem_error* err);

#ifdef __cplusplus
}
#endif
#endif
