#include "store/token_usage.h"

#include <array>

#include "base/bytes.h"
#include "base/hash.h"

namespace cmem {

Status TokenUsages::add(sqlite::Connection& db, std::int64_t message_id, const NewUsage& usage) {
  if (!add_) {
    CMEM_ASSIGN_OR_RETURN(
        add_, db.prepare("INSERT INTO main.token_usage VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT(reply) DO UPDATE SET "
                         "input = max(input, excluded.input), output = max(output, excluded.output), "
                         "cache_creation = max(cache_creation, excluded.cache_creation), "
                         "cache_read = max(cache_read, excluded.cache_read)"));
  }
  CMEM_ASSIGN_OR_RETURN(const std::int64_t model_id, models_.intern(db, usage.model));
  const Hash128 reply = xxh3_128(usage.reply);
  const std::array<std::uint64_t, 2> words{reply.low, reply.high};
  CMEM_TRY(add_->bind(1, message_id));
  CMEM_TRY(add_->bind_blob(2, as_bytes({reinterpret_cast<const char*>(words.data()), sizeof words})));
  CMEM_TRY(model_id == 0 ? add_->bind_null(3) : add_->bind(3, model_id));
  CMEM_TRY(add_->bind(4, usage.input));
  CMEM_TRY(add_->bind(5, usage.output));
  CMEM_TRY(add_->bind(6, usage.cache_creation));
  CMEM_TRY(add_->bind(7, usage.cache_read));
  return add_->run();
}

}  // namespace cmem
