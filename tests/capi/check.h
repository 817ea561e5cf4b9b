/* A test harness in plain C: cases are functions in a table, a failed CHECK is printed and counted, a failed REQUIRE also ends
   the case. Every case gets an empty folder of its own, which is removed after it. */
#ifndef CMEM_TEST_CHECK_H
#define CMEM_TEST_CHECK_H

#include <coditect/memory.h>
#include <coditect/memory_admin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct test_case {
  const char* name; /* a sentence */
  void (*run)(void);
};

/* One table per file, ended by {NULL, NULL}; main.c runs them in this order. */
extern const struct test_case basic_cases[];
extern const struct test_case null_cases[];
extern const struct test_case struct_cases[];
extern const struct test_case row_cases[];
extern const struct test_case query_cases[];
extern const struct test_case load_cases[];
extern const struct test_case close_cases[];
extern const struct test_case arrow_cases[];
extern const struct test_case admin_cases[];
extern const struct test_case watch_cases[];

void check_failed(const char* file, int line, const char* expression);

#define CHECK(expression)                                                  \
  do {                                                                     \
    if (!(expression)) check_failed(__FILE__, __LINE__, #expression);      \
  } while (0)
#define REQUIRE(expression)                                                \
  do {                                                                     \
    if (!(expression)) {                                                   \
      check_failed(__FILE__, __LINE__, #expression);                       \
      return;                                                              \
    }                                                                      \
  } while (0)
/* A call that must succeed: prints err.text if not. The call must be given `&err`. */
#define OK(call)                                                           \
  do {                                                                     \
    const cmem_status ok_status_ = (call);                                 \
    if (ok_status_ != CMEM_OK) {                                           \
      check_failed(__FILE__, __LINE__, #call);                             \
      check_note(&err);                                                    \
      return;                                                              \
    }                                                                      \
    CHECK(err.code == CMEM_OK && err.text[0] == '\0');                     \
  } while (0)
/* A call that must fail with a status, and say so in `err`, in one line. */
#define FAILS(status, call)                                                \
  do {                                                                     \
    memset(&err, 0x5a, sizeof err);                                        \
    const cmem_status fails_status_ = (call);                              \
    if (fails_status_ != (status)) {                                       \
      check_failed(__FILE__, __LINE__, #call " must be " #status);         \
      check_note(&err);                                                    \
    } else {                                                               \
      CHECK(err.code == (status));                                         \
      CHECK(memchr(err.text, '\0', sizeof err.text) != NULL && err.text[0] != '\0' && strchr(err.text, '\n') == NULL); \
    }                                                                      \
  } while (0)

void check_note(const cmem_error* err);

/* The folder of the running case, and a path in it. The returned text lives as long as the case; at most 16 of them. */
const char* test_path(const char* name);
/* Writes a file into the folder; returns its path. */
const char* write_file(const char* name, const char* text);

/* A new empty store, or NULL (then the case has failed). */
cmem_store* new_store(void);
/* A new store with the messages of fixture.h. */
cmem_store* fixture_store(void);

cmem_status load_one(cmem_load_result* out, cmem_store* store, const char* path, const cmem_load_options* options, cmem_error* err);

/* Steps to the end and closes the cursor; the number of rows, or -1 after an error. */
int64_t count_rows(cmem_cursor* cursor);
/* The index of a column, or -1. */
int column(const cmem_cursor* cursor, const char* name);
int text_is(const cmem_value* value, const char* text);

#endif
