// The layout of a store file and its versions: the only place that creates or changes tables. lib/store/FORMAT.md is its document.
#pragma once
#include <cstdint>
#include <string>

#include "base/result.h"
#include "sqlite/connection.h"

namespace cmem {

inline constexpr std::int64_t kApplicationId = 0x434D454D;  // "CMEM"
inline constexpr std::int64_t kSchemaVersion = 5;

enum class Access { kRead, kWrite };

// Creates the tables of the current version in an empty database. Call inside a write transaction.
Status create_schema(sqlite::Connection& db, std::int64_t now_ms);

// True when the file has no tables yet, nor the mark of another program.
Result<bool> is_empty_database(sqlite::Connection& db);

// Refuses what this version must not touch: another application's file (kNotAStore), a newer schema, an unknown feature that is
// needed to read ("rw"), or, for writing, an unknown feature that writers must keep up ("w") (all kNewerFormat).
Status check_schema(sqlite::Connection& db, Access access);

// Runs the migrations from the file's version to the current one, each in its own transaction. Call with the writer lock held.
Status migrate_schema(sqlite::Connection& db, std::int64_t now_ms);

// Drops and creates the derived tables (they can be made anew from message, context, text_block and record_block).
Status recreate_derived_tables(sqlite::Connection& db);

// The SELECT of the view session_messages; `extra_columns` is put before FROM (": content by SQL function").
std::string session_messages_select(const std::string& extra_columns);

// Whether the store has what format 3 added. An older one that is open for reading only has not: nothing migrates it.
Result<bool> knows_homes(sqlite::Connection& db);

// The same of what format 4 added: the derived tables of reports.
Result<bool> has_report_tables(sqlite::Connection& db);

}  // namespace cmem
