/* Reports: tables that answer questions about times of work. Part of the C API of CODITECT memory (memory.h), under its rules for
   errors, ownership and threads. */
#ifndef CODITECT_MEMORY_REPORT_H
#define CODITECT_MEMORY_REPORT_H

#include <coditect/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Which reports there are, and what their columns are, as rows: report, title, question (that it answers), column, type (INT, REAL,
   TEXT, TIME), unit ("messages", "ms", "%" …; NULL: none), meaning, chart (what the column is in the report's chart: "label",
   "series" or "value"; NULL: nothing). Needs no store. Owner: *out is yours. Any thread. Since 0.1. */
CMEM_API cmem_status cmem_report_columns(cmem_cursor** out, cmem_error* err);

typedef struct cmem_report_options {
  uint32_t struct_size;
  uint32_t utc;                                  /* days and hours are 0: of the system's local zone; 1: of UTC */
  const char* project;   size_t project_len;     /* a full path or its last component; NULL: all */
  const char* component; size_t component_len;   /* NULL: all */
  const char* session;   size_t session_len;     /* id, or the first characters of it; NULL: all, but the report "session" needs it */
  int64_t from_ms;                               /* half-open [from_ms, until_ms), at whole quarters of an hour, such as a day's begin; */
  int64_t until_ms;                              /* both 0: all times. INT64_MIN and INT64_MAX: open, as of cmem_time_range */
  uint32_t by;                                   /* CMEM_HISTOGRAM_… for the rows of a report by time; 0: the report's own */
  uint32_t reserved;
  int64_t pause_ms;                              /* a longer gap between messages counts as so much activity; 0: 900,000; less is slower */
  uint64_t limit;                                /* rows of a report that ranks; 0: all */
} cmem_report_options;
#define CMEM_REPORT_OPTIONS_INIT {sizeof(cmem_report_options), 0, NULL, 0, NULL, 0, NULL, 0, 0, 0, 0, 0, 0, 0}

/* Makes the report `name` ("project-activity", …): typed rows, all at one commit. Their columns and units are those that
   cmem_report_columns lists. options may be NULL.
   CMEM_E_NOT_FOUND: no such report, project, component or session (the text lists the reports). CMEM_E_AMBIGUOUS. CMEM_E_INVALID:
   times that are no whole quarters of an hour, a pause below a second. CMEM_E_CORRUPT, CMEM_E_IO. Since 0.1. */
CMEM_API cmem_status cmem_report(cmem_cursor** out, cmem_store* store, const char* name, size_t name_len,
                                 const cmem_report_options* options, cmem_error* err);

/* What a reader of the report must know, as rows of one column, note: what was capped or left out, one sentence each. `report` is a
   cursor from cmem_report and stays as it is. CMEM_E_INVALID: another cursor. Since 0.1. */
CMEM_API cmem_status cmem_report_notes(cmem_cursor** out, const cmem_cursor* report, cmem_error* err);

/* Writes the report as one page of HTML that loads nothing else: its range and zone, charts, table and notes. The name "index" is of a
   page that leads to those of all reports, called project-activity.html and so on beside it; to that of a session if `options` name
   one. `write` gets the page in one or more pieces after the store was read, so it may use the store.
   As cmem_report, and CMEM_E_CANCELLED: `write` said stop. Since 0.1. */
CMEM_API cmem_status cmem_report_html(cmem_store* store, const char* name, size_t name_len, const cmem_report_options* options,
                                      cmem_write_fn write, void* payload, cmem_error* err);

#ifdef __cplusplus
}
#endif
#endif
