// Records that carry an identity of their own (the uuid of a transcript's record). Agents copy them from file to file when a
// session is resumed or forked; such a record is one message, and each further place where it stands is a copy.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/result.h"
#include "sqlite/connection.h"
#include "sqlite/statement.h"

namespace cmem {

// A uuid as 16 bytes. What is no uuid gets those of its XXH3-128.
Hash128 identity_of(std::string_view uuid);

// A further line that gives a message, or one that gives none (blank, or rejected) and is kept for its file's sake.
struct RecordCopy {
  std::int64_t id = 0;          // from the messages' ids: its residue is in record_block as theirs are
  std::int64_t message_id = 0;  // 0: none
  std::int64_t origin_id = 0;
  std::int64_t line = 0;
  std::int64_t session_id = 0;  // 0: the place is known, and this is only another form of its line
  std::int64_t shape_id = 0;
};

// For a writer, in its transaction.
class RecordIdentities {
 public:
  // The message that has it; 0: none.
  Result<std::int64_t> find(sqlite::Connection& db, const Hash128& identity);
  // The message that has it; 0: none had, and now the given one does.
  Result<std::int64_t> find_or_add(sqlite::Connection& db, const Hash128& identity, std::int64_t message_id,
                                   const std::optional<Hash128>& parent);
  Result<bool> is_copied_to(sqlite::Connection& db, std::int64_t message_id, std::int64_t origin_id, std::int64_t line);
  // The last row that was added for this place: id, message and shape. Its id is 0 if there is none.
  Result<RecordCopy> newest_at(sqlite::Connection& db, std::int64_t origin_id, std::int64_t line);
  Status add_copy(sqlite::Connection& db, const RecordCopy& copy);

 private:
  std::optional<sqlite::Statement> find_, add_, find_copy_, newest_, add_copy_;
};

}  // namespace cmem
