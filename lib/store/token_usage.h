// Tokens that replies of a model took. Several records repeat the usage of one reply, some while it is still being written: a reply
// counts once, with the greatest numbers that were said of it.
#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "base/hash.h"
#include "base/result.h"
#include "sqlite/connection.h"
#include "sqlite/statement.h"
#include "store/dimensions.h"
#include "store/new_message.h"

namespace cmem {

// For a writer, in its transaction.
class TokenUsages {
 public:
  // `message_id`: a record of the reply; the first one stands for its time, session and project.
  Status add(sqlite::Connection& db, std::int64_t message_id, const NewUsage& usage);
  // After a rollback, or when another process has written.
  void reset();

 private:
  NameTable models_{"model", "name"};
  // What was added last: the next records mostly repeat it.
  std::optional<Hash128> last_reply_;
  std::array<std::int64_t, 4> last_numbers_{};
  std::optional<sqlite::Statement> add_;
};

}  // namespace cmem
