/*
 * CODITECT memory: the C API for keeping a store healthy. The rules are those of memory.h.
 */
#ifndef CODITECT_MEMORY_ADMIN_H
#define CODITECT_MEMORY_ADMIN_H

#include <coditect/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Examines the store without changing it: check, ok (1 or 0), severity (info | warning | error), detail, hint. Looks at file
   type and permissions, locks, write-ahead log, versions, SQLite's quick_check, the text index, derived data against
   the rows, counts, free space. `deep` 1 also decodes every text and recomputes content_root. A failed check is a row, not an error status.
   Since 0.1. */
CMEM_API cmem_status cmem_check(cmem_cursor** out, cmem_store* store, uint32_t deep, cmem_error* err);

/* Makes all derived data (text index, doc values, counts, lookup tables) anew from the rows. One transaction: on failure
   the store is unchanged. Unit of progress: "messages". CMEM_E_CORRUPT: the rows themselves are damaged. Since 0.1. */
CMEM_API cmem_status cmem_rebuild(cmem_store* store, cmem_progress_fn progress, void* payload, cmem_error* err);

/* Moves the write-ahead log into the database file. Done from time to time by every writer; call it before copying the file by
   hand. CMEM_E_BUSY: a reader or writer kept it from finishing; nothing is lost. Since 0.1. */
CMEM_API cmem_status cmem_checkpoint(cmem_store* store, cmem_error* err);

/* Makes two words or phrases synonyms for the searches of this store: a text with one is found by the other, in the tier "expanded". Each
   joins the synonyms that the other has, those that are built in too. Case and accents do not matter; gitHub is the phrase
   "git hub". `added`: 1, or 0 if the pair was there; may be NULL. Durable when it returns. CMEM_E_INVALID: a side has no letter or
   digit, or more than 8 words, or both are the same word. CMEM_E_LIMIT: there are 10,000 pairs. CMEM_E_BUSY, CMEM_E_READ_ONLY. Since 0.1. */
CMEM_API cmem_status cmem_synonym_add(uint32_t* added, cmem_store* store, const char* word, size_t word_len, const char* other,
                                      size_t other_len, cmem_error* err);

/* Takes back what cmem_synonym_add did with this pair, in either order. Built-in synonyms stay. `removed`: 1, or 0 if there was
   no such pair; may be NULL. Errors as above, without CMEM_E_LIMIT. Since 0.1. */
CMEM_API cmem_status cmem_synonym_remove(uint32_t* removed, cmem_store* store, const char* word, size_t word_len, const char* other,
                                         size_t other_len, cmem_error* err);

/* The pairs that were added, as the text index writes them and each once, in order: word, other. Since 0.1. */
CMEM_API cmem_status cmem_synonyms(cmem_cursor** out, cmem_store* store, cmem_error* err);

/* Keeps a query of cmem_search under a name. It is kept as typed: "yesterday" in it is that of the day on which it is run. A name has
   1 to 64 bytes of UTF-8, no spaces or control characters, and does not begin with "-"; case matters. If there is one of this name,
   `replace` 1 gives it the new query, 0 is CMEM_E_INVALID. `replaced`: 1 if there was one, else 0; may be NULL. Durable when it
   returns. CMEM_E_INVALID: such a name cannot be, or the query has nothing to search. CMEM_E_LIMIT: the query is over a limit of
   cmem_search, or there are 1,000 saved searches. CMEM_E_BUSY, CMEM_E_READ_ONLY. Since 0.1. */
CMEM_API cmem_status cmem_saved_search_add(uint32_t* replaced, cmem_store* store, const char* name, size_t name_len,
                                           const char* query, size_t query_len, uint32_t replace, cmem_error* err);

/* `removed`: 1, or 0 if there was no saved search of this name; may be NULL. CMEM_E_BUSY, CMEM_E_READ_ONLY. Since 0.1. */
CMEM_API cmem_status cmem_saved_search_remove(uint32_t* removed, cmem_store* store, const char* name, size_t name_len, cmem_error* err);

/* The saved searches by name: name, query, created, changed. With a name the one that is called so, or no row; (NULL, 0): all.
   Since 0.1. */
CMEM_API cmem_status cmem_saved_searches(cmem_cursor** out, cmem_store* store, const char* name, size_t name_len, cmem_error* err);

#ifdef __cplusplus
}
#endif
#endif
