// Takes rows out of the tables, with all that is theirs alone. In a transaction that makes the derived data anew.
#pragma once
#include <cstdint>

#include "base/result.h"
#include "sqlite/connection.h"

namespace cmem {

// Makes the empty tables temp.gone (messages), temp.gone_copy (rows of record_copy) and temp.gone_file (of stored_file), of one id
// each.
Status begin_deleting(sqlite::Connection& db);
// Deletes what stands in them, and names that nothing else uses. Entries of text_block that no message has any more and residues of
// what goes become empty. `texts`: how many texts did.
Status delete_gone(sqlite::Connection& db, std::int64_t& texts);

}  // namespace cmem
