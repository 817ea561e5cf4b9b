#include "store/token_usage.h"

#include <array>

#include "base/bytes.h"
#include "base/hash.h"

namespace cmem {

void TokenUsages::reset() {
  models_.reset();
  last_reply_.reset();
}

Status TokenUsages::add(sqlite::Connection& db, std::int64_t message_id, const NewUsage& usage) {
  const Hash128 reply = xxh3_128(usage.reply);
  const std::array<std::int64_t, 4> numbers{usage.input, usage.output, usage.cache_creation, usage.cache_read};
  if (last_reply_ == reply && numbers == last_numbers_) return {};
  if (!add_) {
    CMEM_ASSIGN_OR_RETURN(
        add_, db.prepare("INSERT INTO main.token_usage VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT(reply) DO UPDATE SET "
                         "input = max(input, excluded.input), output = max(output, excluded.output), "
                         "cache_creation = max(cache_creation, excluded.cache_creation), "
                         "cache_read = max(cache_read, excluded.cache_read)"));
  }
  CMEM_ASSIGN_OR_RETURN(const std::int64_t model_id, models_.intern(db, usage.model));
  const std::array<std::uint64_t, 2> words{reply.low, reply.high};
  CMEM_TRY(add_->bind(1, message_id));
  CMEM_TRY(add_->bind_blob(2, as_bytes({reinterpret_cast<const char*>(words.data()), sizeof words})));
  CMEM_TRY(model_id == 0 ? add_->bind_null(3) : add_->bind(3, model_id));
  for (std::size_t i = 0; i < numbers.size(); ++i) CMEM_TRY(add_->bind(4 + static_cast<int>(i), numbers[i]));
  CMEM_TRY(add_->run());
  last_reply_ = reply;
  last_numbers_ = numbers;
  return {};
}

}  // namespace cmem
