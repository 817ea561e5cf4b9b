/*
 * CODITECT memory: the core C API. Store, load, append, query, search, statistics.
 *
 * A store is one SQLite file that keeps a developer's whole session memory. The rules that every call here follows
 * (include/README.md explains them):
 *
 *  1. Handles are opaque. Closing NULL is a no-op; closing never fails. Handles may be closed in any order.
 *  2. Every call that can fail returns a cmem_status: 0 is success, positive values are normal outcomes (CMEM_DONE),
 *     negative values are errors. Codes are never renumbered.
 *  3. The last parameter is a caller-owned cmem_error, may be NULL, and is written on every call: cleared on success.
 *  4. Order of parameters: `out` first, then the object, inputs, options, `err`. Text is pointer + length in bytes, UTF-8;
 *     (NULL, 0) is "not given". Paths are NUL-terminated.
 *  5. What comes through `out` is yours and has a close. What comes in a row is borrowed until the next call on that cursor.
 *  6. Option structs begin with struct_size and must be set up with their INIT macro. Zero means default. They only grow.
 *  7. Times are milliseconds since the Unix epoch, UTC, unless a name says otherwise. Sizes are bytes.
 *  8. Threads: any handle may be used from any thread. Calls on one store that read wait for each other, and calls that write
 *     wait for each other, but a load does not block reads. For parallel reads open one store handle per thread. A cursor
 *     belongs to one thread at a time. Callbacks run on the calling thread and must not call back into the same store.
 *  9. On failure nothing that was stored is harmed; each call says what it leaves unchanged.
 * 10. The library never prints, aborts, exits, reads the environment or talks to a network.
 */
#ifndef CODITECT_MEMORY_H
#define CODITECT_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define CMEM_API __attribute__((visibility("default")))
#else
#define CMEM_API
#endif

#define CMEM_VERSION_MAJOR 0
#define CMEM_VERSION_MINOR 1
#define CMEM_VERSION_PATCH 0

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------------------------------ status and error */

typedef int32_t cmem_status;

enum {
  CMEM_OK = 0,
  CMEM_DONE = 1,                /* a cursor has no more rows */
  CMEM_E_INVALID = -10,         /* an argument, option, time expression or SQL text is not valid */
  CMEM_E_NOT_FOUND = -20,       /* no such file, message, session, run … */
  CMEM_E_AMBIGUOUS = -25,       /* a name fits several things; err->text lists the candidates */
  CMEM_E_BUSY = -30,            /* another process holds the write lock and did not give it up in time */
  CMEM_E_CANCELLED = -40,       /* a progress callback asked to stop; what was committed stays */
  CMEM_E_REJECTED = -50,        /* strict load: a record is bad, nothing was written */
  CMEM_E_CORRUPT = -60,         /* the store's bytes contradict each other; restore from a backup */
  CMEM_E_IO = -70,              /* the operating system reported an error; the handle stops writing */
  CMEM_E_FULL = -75,            /* no space left, or a file size limit was reached */
  CMEM_E_NEWER_FORMAT = -80,    /* the store was written by a newer version that this one cannot serve */
  CMEM_E_NOT_A_STORE = -85,     /* the file exists but is not a CODITECT memory store */
  CMEM_E_READ_ONLY = -90,       /* a write was asked of a read-only store */
  CMEM_E_LIMIT = -100,          /* a documented limit was exceeded (query length, number of terms …) */
  CMEM_E_NO_MEMORY = -110,
  CMEM_E_INTERNAL = -120        /* a defect of this library; please report it with err->text */
};

/* Caller-owned, fixed size. `text` is one line of UTF-8, NUL-terminated, and says what happened, where, and what to do. */
typedef struct cmem_error {
  cmem_status code;
  int32_t reserved;
  int64_t detail; /* call-specific: index of the bad message, errno, extended SQLite code; 0 if none */
  char text[1008];
} cmem_error;

/* A short stable name such as "busy" or "newer-format"; "unknown" for a code that is none. Static storage. Since 0.1. */
CMEM_API const char* cmem_status_name(cmem_status status);

/* The library's version, "0.1.0". Static storage. Since 0.1. */
CMEM_API const char* cmem_version(void);

/* ------------------------------------------------------------------------------------------------------------- store */

typedef struct cmem_store cmem_store;

typedef struct cmem_open_options {
  uint32_t struct_size;
  uint32_t read_only;       /* 1: open for reading only; needs no write permission on the file */
  uint32_t create;          /* 1: create the store when the file does not exist (mode 0600, its folder 0700) */
  uint32_t durability;      /* 0 full: a returned write survives power loss; 1 normal: survives kill -9 only */
  uint32_t busy_timeout_ms; /* how long a write waits for other writers; 0 = 10,000 */
  uint32_t cache_mib;       /* page cache and decoded blocks for reading; 0 = 64. Writing takes up to 1.25 times as much again; a
                               process that goes on searching keeps up to 28 bytes a message and 22 a word beside it, for all handles */
} cmem_open_options;
#define CMEM_OPEN_OPTIONS_INIT {sizeof(cmem_open_options), 0, 0, 0, 0, 0}

/* Opens a store.
   Units: path is NUL-terminated. On failure *out is NULL and nothing was created or changed.
   CMEM_E_NOT_FOUND: no such file and `create` is 0. CMEM_E_NOT_A_STORE: another kind of file. CMEM_E_NEWER_FORMAT: written by a
   newer version (`read_only` may still work; err->text says so). CMEM_E_CORRUPT, CMEM_E_IO, CMEM_E_FULL, CMEM_E_BUSY.
   Owner: *out is yours, cmem_store_close. Any thread. options may be NULL. Since 0.1. */
CMEM_API cmem_status cmem_store_open(cmem_store** out, const char* path, const cmem_open_options* options, cmem_error* err);

/* Closes a store. NULL is fine. Cursors that are still open stay valid until they are closed. Since 0.1. */
CMEM_API void cmem_store_close(cmem_store* store);

/* ------------------------------------------------------------------------------------------------------------- rows */

typedef struct cmem_cursor cmem_cursor;

enum { CMEM_TYPE_NULL = 0, CMEM_TYPE_INT = 1, CMEM_TYPE_REAL = 2, CMEM_TYPE_TEXT = 3, CMEM_TYPE_TIME = 4, CMEM_TYPE_BYTES = 5 };

/* One cell. INT and TIME (milliseconds, UTC) are in i64, REAL in f64, TEXT (UTF-8, also NUL-terminated, may hold NULs) and
   BYTES in text/text_len. Borrowed until the next call on the cursor. */
typedef struct cmem_value {
  int32_t type;
  int32_t reserved;
  int64_t i64;
  double f64;
  const char* text;
  size_t text_len;
} cmem_value;

/* The number of columns, at least 1. Since 0.1. */
CMEM_API uint32_t cmem_cursor_column_count(const cmem_cursor* cursor);

/* The name of column `index`, lives as long as the cursor; NULL when out of range. Since 0.1. */
CMEM_API const char* cmem_cursor_column_name(const cmem_cursor* cursor, uint32_t index);

/* The declared type of column `index` (CMEM_TYPE_…); a cell is of this type or NULL. cmem_sql columns are declared
   CMEM_TYPE_NULL: their cells have types of their own. Since 0.1. */
CMEM_API int32_t cmem_cursor_column_type(const cmem_cursor* cursor, uint32_t index);

/* Steps to the next row. *row is an array of column_count cells, borrowed until the next call on this cursor.
   CMEM_OK: a row. CMEM_DONE: no more rows, *row is NULL. Errors: CMEM_E_CORRUPT, CMEM_E_IO, CMEM_E_BUSY; *row is NULL.
   A cursor reads in pages: it never holds the whole result nor keeps a read transaction open between calls (cmem_sql does).
   Since 0.1. */
CMEM_API cmem_status cmem_cursor_next(const cmem_value** row, cmem_cursor* cursor, cmem_error* err);

/* The exact number of rows that the cursor's question has, ignoring limit and position; -1 where it is not known
   (cmem_sql). Since 0.1. */
CMEM_API int64_t cmem_cursor_total(const cmem_cursor* cursor);

/* The place after the row last returned, as opaque text for cmem_page.after: stable when new messages arrive, except in order of
   relevance, where new texts shift the scores and a hit may be met twice or passed over.
   Empty when the cursor's kind has no pages. Borrowed until the next call on this cursor. Since 0.1. */
CMEM_API const char* cmem_cursor_position(const cmem_cursor* cursor);

/* Closes a cursor. NULL is fine. Since 0.1. */
CMEM_API void cmem_cursor_close(cmem_cursor* cursor);

struct ArrowArrayStream;
/* Moves the cursor's remaining rows into an Arrow C stream (https://arrow.apache.org/docs/format/CStreamInterface.html), in
   batches of up to 8,192 rows: INT as int64, REAL as float64, TEXT as large_utf8, BYTES as large_binary, TIME as
   timestamp[ms, UTC]. On success the stream owns the cursor: do not use or close it. On failure the cursor is unchanged.
   CMEM_E_INVALID: columns without a declared type. Since 0.1. */
CMEM_API cmem_status cmem_cursor_to_arrow(struct ArrowArrayStream* out, cmem_cursor* cursor, cmem_error* err);

/* ------------------------------------------------------------------------------------------------------------- time */

/* A half-open range [from_ms, until_ms); INT64_MIN and INT64_MAX mean open. */
typedef struct cmem_time_range {
  int64_t from_ms;
  int64_t until_ms;
} cmem_time_range;

/* Understands a time expression: RFC 3339 ("2025-11-15T10:00:00Z"), "2025-11-15", "2025-11", "2025-11-15 10:30", "today",
   "yesterday", "week" (the last 7 days, today included), "month" (the last 30 days), "this week", "last week", "this month",
   "last month", "3 days ago", "2 hours", and A..B with any of these on either side or a side left out; both sides of A..B are
   whole: "2025-11-15..2025-11-17" ends with the last millisecond of the 17th. Also weekdays ("monday": the latest past one),
   "15 November", "15 Nov 2025", "2025-W46", "7d"; include/README.md lists all forms. An empty text means any time.
   Days are those of the system's local zone, or of UTC when `utc` is 1. `now_ms` 0 means the system clock.
   CMEM_E_INVALID: not understood; err->text shows the forms. Since 0.1. */
CMEM_API cmem_status cmem_time_range_parse(cmem_time_range* out, const char* text, size_t text_len, int64_t now_ms, uint32_t utc,
                                           cmem_error* err);

/* ---------------------------------------------------------------------------------------------------------- loading */

/* Called a few times a second. `done` and `total` are in `unit` ("bytes" for loads, "messages" for rebuilds); total is -1 when
   not known; `rows` is the number of records read so far. Return non-zero to stop: what was committed stays. */
typedef int (*cmem_progress_fn)(int64_t done, int64_t total, const char* unit, int64_t rows, void* payload);

typedef struct cmem_load_options {
  uint32_t struct_size;
  uint32_t strict;               /* 1: check everything first; one bad record and nothing is written (CMEM_E_REJECTED) */
  uint64_t max_line_bytes;       /* longer lines are rejected; 0 = 16 MiB */
  const char* known_hashes_path; /* NULL, or a JSON array (or {"hashes": […]}) of SHA-256 content hashes to skip */
  cmem_progress_fn progress;     /* may be NULL */
  void* progress_payload;
} cmem_load_options;
#define CMEM_LOAD_OPTIONS_INIT {sizeof(cmem_load_options), 0, 0, NULL, NULL, NULL}

typedef struct cmem_load_result {
  uint32_t struct_size;
  uint32_t reserved;
  int64_t files;             /* sources read; each has a run of its own */
  int64_t records_read;      /* = new + duplicate + known + rejected */
  int64_t messages_new;
  int64_t duplicates;        /* records that the store already has */
  int64_t known_skipped;     /* records skipped because of known_hashes_path */
  int64_t rejected;          /* bad records; see cmem_rejected */
  int64_t hash_mismatches;   /* records whose given hash no known rule produces; kept as given, not an error */
  int64_t bytes_read;        /* uncompressed */
  int64_t first_run_id;      /* runs first_run_id … last_run_id belong to this call; 0 if there are none */
  int64_t last_run_id;
  int64_t sources_changed;   /* sources that changed while they were read; their whole lines stay loaded */
  double seconds;
} cmem_load_result;
#define CMEM_LOAD_RESULT_INIT {sizeof(cmem_load_result), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.0}

/* Loads extraction files (JSONL, also .gz and .zst): each path is a file, a folder (its *.jsonl, *.jsonl.gz, *.jsonl.zst, not
   recursively hidden ones), a glob pattern, or "-" for file descriptor 0. Loading the same thing again adds nothing.
   Each batch is one transaction: after CMEM_OK everything is durable; after an error or CMEM_E_CANCELLED the committed batches
   stay, *out has their counts, and loading again adds the rest. Bad records are counted, not errors.
   CMEM_E_NOT_FOUND: a path fits nothing. CMEM_E_REJECTED (strict), CMEM_E_BUSY, CMEM_E_FULL, CMEM_E_IO, CMEM_E_READ_ONLY.
   Memory does not grow with the input: about 200 MiB, and 18 to 54 bytes per distinct text in the store. out must not be NULL and
   start from its INIT macro. Since 0.1. */
CMEM_API cmem_status cmem_load(cmem_load_result* out, cmem_store* store, const char* const* paths, size_t path_count,
                               const cmem_load_options* options, cmem_error* err);

/* A message from a program. Texts are UTF-8. */
typedef struct cmem_message {
  uint32_t struct_size;
  uint32_t reserved;
  int64_t time_ms;         /* INT64_MIN: not known */
  int64_t line;            /* position in `source`, from 1; 0: the next free position, so that the message is always new */
  const char* content;     size_t content_len;      /* required, may be empty */
  const char* source;      size_t source_len;       /* the origin, e.g. a file name; not given: "program" */
  const char* source_type; size_t source_type_len;  /* not given: "program" */
  const char* session;     size_t session_len;
  const char* project;     size_t project_len;      /* absolute path */
  const char* component;   size_t component_len;
  const char* level;       size_t level_len;        /* DEBUG INFO WARN ERROR */
  const char* role;        size_t role_len;
} cmem_message;
#define CMEM_MESSAGE_INIT {sizeof(cmem_message), 0, INT64_MIN, 0, NULL, 0, NULL, 0, NULL, 0, NULL, 0, NULL, 0, NULL, 0, NULL, 0, NULL, 0}

typedef struct cmem_append_result {
  uint32_t struct_size;
  uint32_t reserved;
  int64_t messages_new;
  int64_t duplicates; /* same source, line, time and content as a stored message */
  int64_t first_id;   /* the new messages have the ids first_id … first_id + messages_new - 1; 0 if there are none */
} cmem_append_result;
#define CMEM_APPEND_RESULT_INIT {sizeof(cmem_append_result), 0, 0, 0, 0}

/* Appends `count` messages in one transaction; all or none; durable on return. Copies everything before it returns.
   `messages` is an array whose elements all have the same struct_size, by which it is stepped. out must not be NULL.
   CMEM_E_INVALID: bad UTF-8, an unknown level, a negative line (err->detail = index of the message). CMEM_E_BUSY,
   CMEM_E_FULL, CMEM_E_IO, CMEM_E_READ_ONLY: nothing was written. Since 0.1. */
CMEM_API cmem_status cmem_append(cmem_append_result* out, cmem_store* store, const cmem_message* messages, size_t count,
                                 cmem_error* err);

/* Extraction runs, newest first: run, started, seconds, status (running | complete | interrupted | source-changed),
   source, bytes, sha256_before, sha256_after, read, new, duplicate, known, rejected, hash_mismatches, first_message, last_message,
   writer_version. limit 0 = all. Since 0.1. */
CMEM_API cmem_status cmem_runs(cmem_cursor** out, cmem_store* store, uint64_t limit, cmem_error* err);

/* The quarantine of a run, in file order: run, source, line, offset (bytes from the start of the uncompressed source), length,
   reason, excerpt (the first 4 KiB of the line, BYTES). run_id 0 = all runs. Since 0.1. */
CMEM_API cmem_status cmem_rejected(cmem_cursor** out, cmem_store* store, int64_t run_id, cmem_error* err);

/* ------------------------------------------------------------------------------------------------------------ asking */

/* Which messages. Every given field must hold. `project` is a full path or its last component (ambiguous: CMEM_E_AMBIGUOUS);
   a message's project is the one it states, else its session's. */
typedef struct cmem_filter {
  uint32_t struct_size;
  uint32_t reserved;
  const char* project;     size_t project_len;
  const char* session;     size_t session_len;      /* full id, or a prefix of at least 4 characters that fits one session */
  const char* component;   size_t component_len;
  const char* level;       size_t level_len;
  const char* role;        size_t role_len;
  const char* source_type; size_t source_type_len;
  int64_t from_ms;         /* half-open [from_ms, until_ms); both 0 = any time, also messages without one */
  int64_t until_ms;
  int64_t run_id;          /* only messages that this run added; 0 = any */
} cmem_filter;
#define CMEM_FILTER_INIT {sizeof(cmem_filter), 0, NULL, 0, NULL, 0, NULL, 0, NULL, 0, NULL, 0, NULL, 0, 0, 0, 0}

enum { CMEM_ORDER_NEWEST = 0, CMEM_ORDER_OLDEST = 1, CMEM_ORDER_RELEVANCE = 2 };
/* How far a search goes. AUTO: exact, then, while fewer than 20 texts are found, other forms of the words
   (stems, synonyms, longer words for the last one), then words that are one or two typing errors away. EXACT: the words as typed.
   FUZZY: all of it. */
enum { CMEM_TIERS_AUTO = 0, CMEM_TIERS_EXACT = 1, CMEM_TIERS_FUZZY = 2 };

typedef struct cmem_page {
  uint32_t struct_size;
  uint32_t order;    /* CMEM_ORDER_…; messages without a time come last in both orders. Search: see cmem_search */
  uint64_t limit;    /* 0 = no limit */
  const char* after; /* a cmem_cursor_position, or NULL */
  uint32_t without_content; /* 1: leave the content column out of the work; its cells are NULL */
  uint32_t all_matches;     /* search only. 0: equal texts are one hit; 1: every message is a hit */
  uint32_t utc;             /* search only. Days in the query are 0: of the system's local zone; 1: of UTC */
  uint32_t tiers;           /* search only. CMEM_TIERS_… */
  int64_t now_ms;           /* search only. What "yesterday" in the query counts from; 0: the system clock */
  double prose_weight;      /* search only. How many times a prompt or reply counts in the score, against logs and output; more than
                               0, at most 10; 0: 1.5 */
} cmem_page;
#define CMEM_PAGE_INIT {sizeof(cmem_page), 0, 0, NULL, 0, 0, 0, 0, 0, 0}

/* Messages, as rows: id, time, project, session, source_type, role, component, level, source, line, content.
   `project` is the full path; `role` is the record's ("user" for prompts of the history), NULL where there is none.
   filter and page may be NULL. CMEM_E_AMBIGUOUS, CMEM_E_INVALID (a level, order or position that is none); an unknown project,
   session or component is no error: there are no rows. Since 0.1. */
CMEM_API cmem_status cmem_query(cmem_cursor** out, cmem_store* store, const cmem_filter* filter, const cmem_page* page,
                                cmem_error* err);

/* The exact number of messages. filter may be NULL. Since 0.1. */
CMEM_API cmem_status cmem_count(uint64_t* out, cmem_store* store, const cmem_filter* filter, cmem_error* err);

/* One message and its neighbours in file order, that is those of the same session and source next to it: columns as in
   cmem_query, then: phase, hash (SHA-256 of the content, or as given), metadata (JSON of the record's other fields), run.
   CMEM_E_NOT_FOUND: no such id. Since 0.1. */
CMEM_API cmem_status cmem_get(cmem_cursor** out, cmem_store* store, int64_t message_id, uint32_t before, uint32_t after,
                              cmem_error* err);

/* Full-text search. `query`, in a language that include/README.md describes in full:
     words (all must occur), "a phrase", prefix*, -word or NOT word (must not occur), OR between words, ( ) around groups,
     NEAR(a b, 8) (at most 8 words between the first and the last);
     fields that restrict the messages: project: session: component: level: role: source: (a source type) phase: (1 to 7)
     id: (123, 100..200) after: before: on: (time expressions), values with spaces in "quotes". Several values of one field are a
     choice, different fields must all hold, -field:value excludes.
   Anything that looks like other syntax is searched as text, so that any string is a valid query. A query of fields alone has all
   messages that pass as hits with score 0; one without fields and without a word that must occur has none. `filter` must hold too.
   At most 64 terms, 8 levels of brackets and 4 KiB (CMEM_E_LIMIT). CMEM_E_AMBIGUOUS: a project or session that fits several.
   Columns as in cmem_query with `snippet` in place of content (matches between \x02 and \x03), then score (BM25 over distinct
   texts, times prose_weight if the first message that had this text is a prompt or reply: role "user" or "assistant"; greater is
   better; 0 in an order by time, for which none is made), same_text (messages that have this very text and fit the filter) and tier ("exact", "expanded", "fuzzy":
   how the text was found). Hits of a better tier come first. Within one, order: CMEM_ORDER_RELEVANCE (ties
   by newest), CMEM_ORDER_NEWEST, CMEM_ORDER_OLDEST; without a page, relevance. cmem_cursor_total counts messages (all_matches) or
   texts; exact. Since 0.1. */
CMEM_API cmem_status cmem_search(cmem_cursor** out, cmem_store* store, const char* query, size_t query_len, const cmem_filter* filter,
                                 const cmem_page* page, cmem_error* err);

/* What a search has found. */
typedef struct cmem_search_summary {
  uint32_t struct_size;
  uint32_t tier;           /* the worst that has hits: 0 exact, 1 expanded, 2 fuzzy */
  uint64_t messages;       /* that match; exact */
  uint64_t texts;          /* distinct ones; exact */
  const char* suggestion;  /* what may have been meant, if nothing was found; NULL: nothing is near. Lives as long as the cursor */
} cmem_search_summary;
#define CMEM_SEARCH_SUMMARY_INIT {sizeof(cmem_search_summary), 0, 0, 0, NULL}

/* `search` is a cursor from cmem_search. CMEM_E_INVALID: another cursor. Since 0.1. */
CMEM_API cmem_status cmem_search_get_summary(cmem_search_summary* out, const cmem_cursor* search, cmem_error* err);

/* How a search was understood, as rows: part, text, texts, from, until.
   part "query": the words as a tree, or why there is nothing to search; "term": one of its words or phrases, folded, with the number
   of distinct texts that have it; "field": a field of the query, with the range of times that it means (an open end is NULL);
   "note": what looks like a field and was searched as text, and why; Other parts may be added.
   `search` is a cursor from cmem_search and stays as it is. CMEM_E_INVALID: another cursor. CMEM_E_CORRUPT, CMEM_E_IO. Since 0.1. */
CMEM_API cmem_status cmem_search_explanation(cmem_cursor** out, cmem_cursor* search, cmem_error* err);

enum { CMEM_HISTOGRAM_NONE = 0, CMEM_HISTOGRAM_HOUR = 1, CMEM_HISTOGRAM_DAY = 2, CMEM_HISTOGRAM_WEEK = 3, CMEM_HISTOGRAM_MONTH = 4 };

typedef struct cmem_facet_options {
  uint32_t struct_size;
  uint32_t histogram;                     /* CMEM_HISTOGRAM_…; a week begins on Monday */
  const char* fields; size_t fields_len;  /* facets, separated by commas: project, session, component, level, role, source, phase, day */
  uint64_t limit;                         /* values of each facet; 0 = all. The histogram is always whole */
} cmem_facet_options;
#define CMEM_FACET_OPTIONS_INIT {sizeof(cmem_facet_options), 0, NULL, 0, 0}

/* How the messages of a search are divided, as rows: facet (its name, or "histogram"), value (NULL: those that have none), messages
   (how many; exact, over all matches), selected (1: the filter or the query chooses among the facet's values, and this is one of
   them), values (how many the facet has in all), from, until (of a day or a bar, else NULL).
   A facet leaves out what is asked of its own field (of "day": of the time) and keeps all else, so that it shows what might be
   chosen besides; the others and the histogram count what is found. Where nothing is asked of its field, a facet adds up to the
   messages of cmem_search_get_summary. Messages that came after the search are not counted. A value without a message has no row.
   Order: the facets as in `fields`, then the histogram; in a facet most messages first, then by value, none last; days newest
   first; bars oldest first, those without a message between the first and the last too, messages without a time at the end.
   Days and bars are those of cmem_page.utc; `value` is what on: understands: 2025-11-15T10 (an hour), 2025-11-15, 2025-W46, 2025-11.
   `search` is a cursor from cmem_search and stays as it is; its thread. CMEM_E_INVALID: another cursor, a facet that is none (the
   text lists them), nothing asked for. CMEM_E_LIMIT: more than 100,000 bars. CMEM_E_CORRUPT, CMEM_E_IO. Since 0.1. */
CMEM_API cmem_status cmem_search_facets(cmem_cursor** out, cmem_cursor* search, const cmem_facet_options* options, cmem_error* err);

/* Projects, busiest first: project (name), path, messages, sessions, first, last. Since 0.1. */
CMEM_API cmem_status cmem_projects(cmem_cursor** out, cmem_store* store, cmem_error* err);

/* Sessions, newest first: session, project, messages, errors, first, last, title. filter (may be NULL): project and time range;
   a session is in range when any of its messages may be. `title` is one line of at most 120 characters: the one that somebody gave,
   else one that the agent or a summary gave, else the first prompt; NULL if there is none of these. Since 0.1. */
CMEM_API cmem_status cmem_sessions(cmem_cursor** out, cmem_store* store, const cmem_filter* filter, uint64_t limit, cmem_error* err);

/* Components, busiest first: component, messages, errors, sessions, first, last. Since 0.1. */
CMEM_API cmem_status cmem_components(cmem_cursor** out, cmem_store* store, cmem_error* err);

/* ------------------------------------------------------------------------------------------------------------- stats */

typedef struct cmem_stats {
  uint32_t struct_size;
  uint32_t schema_version;
  int64_t messages;
  int64_t distinct_texts;
  int64_t sessions;
  int64_t projects;
  int64_t components;
  int64_t sources;       /* distinct origins */
  int64_t runs;
  int64_t rejected;
  int64_t duplicates;
  int64_t without_time;  /* messages whose time is not known */
  int64_t first_ms;      /* time of the oldest and newest message; INT64_MIN when there is none */
  int64_t last_ms;
  int64_t csn;           /* commit sequence number */
  int64_t store_bytes;   /* the database file and its log */
  int64_t text_bytes;    /* distinct texts, uncompressed */
  char content_root[33]; /* 128 bits in hex, the same for the same set of messages in whatever order they came */
  char reserved[7];
} cmem_stats;
#define CMEM_STATS_INIT {sizeof(cmem_stats), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, {0}, {0}}

/* Totals of the store. out->struct_size must be set by CMEM_STATS_INIT. Milliseconds, whatever the size. Since 0.1. */
CMEM_API cmem_status cmem_stats_get(cmem_stats* out, cmem_store* store, cmem_error* err);

/* Where the bytes are: part, bytes, rows, derived (1 if `rebuild` can make it anew), note, kind ("truth", "derived" or "free").
   Reads the whole file. Since 0.1. */
CMEM_API cmem_status cmem_sizes(cmem_cursor** out, cmem_store* store, cmem_error* err);

/* ----------------------------------------------------------------------------------------------------- SQL and export */

/* Runs one read-only SQL statement on the store; the functions cmem_content(id), cmem_hash(id), cmem_metadata(id) and
   cmem_raw(id) are there, and the views session_messages, projects, sessions, extraction_runs with all columns. Anything that would
   write is CMEM_E_READ_ONLY; a statement with an error CMEM_E_INVALID. It is interrupted after `timeout_ms` (0 = 30,000) with
   CMEM_E_LIMIT. The cursor holds a read transaction until it is closed. Since 0.1. */
CMEM_API cmem_status cmem_sql(cmem_cursor** out, cmem_store* store, const char* sql, size_t sql_len, uint32_t timeout_ms, cmem_error* err);

/* Takes `len` bytes; returns 0, or non-zero to stop the export with CMEM_E_CANCELLED. */
typedef int (*cmem_write_fn)(const void* data, size_t len, void* payload);

enum { CMEM_EXPORT_JSONL = 0, CMEM_EXPORT_RAW = 1 };

/* Writes messages, in the order they were loaded. JSONL: one object a message with the columns of cmem_get. RAW: the stored
   source lines, byte for byte as they were loaded, each with its line end. *out is the number of messages written; may be NULL.
   CMEM_E_CORRUPT: a line cannot be restored (err->text names the message). Since 0.1. */
CMEM_API cmem_status cmem_export(uint64_t* out, cmem_store* store, const cmem_filter* filter, uint32_t format, cmem_write_fn write,
                                 void* payload, cmem_error* err);

#ifdef __cplusplus
}
#endif
#endif
