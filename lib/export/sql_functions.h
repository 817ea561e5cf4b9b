// The store's contents for SQL: cmem_content(id), cmem_hash(id), cmem_metadata(id), cmem_raw(id), and the view session_messages
// with all columns.
#pragma once
#include "base/result.h"
#include "sqlite/connection.h"

namespace cmem {

// Defines the functions on a connection whose main database is a store. They keep caches of their own.
Status define_sql_functions(sqlite::Connection& db);

// Makes the TEMP view session_messages, which hides the stored one and adds hash, content and metadata. Needs the functions.
Status create_full_view(sqlite::Connection& db);

}  // namespace cmem
