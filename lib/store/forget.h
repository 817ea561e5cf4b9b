// Deletes messages for good, with all that is theirs alone: texts, residues, copies, identities, token usage, files, names. Leaves
// tombstones, and hashes by which the same records are known when their source is loaded again.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "store/store.h"

namespace cmem {

// What is given must all hold; at least one is.
struct ForgetRequest {
  std::string session;  // with the sessions that are part of it
  std::string project;
  std::optional<std::int64_t> before_ms;  // messages without a time are not before anything
  std::int64_t message_id = 0;
  std::string reason;  // for the tombstones
  bool dry_run = false;
};

struct ForgetResult {
  std::int64_t messages = 0;
  std::int64_t copies = 0;
  std::int64_t texts = 0;  // that no other message has
  std::int64_t files = 0;
  bool compacted = true;  // see rewrite_store()
};

// kAmbiguous, kNotFound: the session or project; kInvalid: nothing is asked for.
Result<ForgetResult> forget_messages(Store& store, const ForgetRequest& request);

// Keys of `forgotten`, collected and written together.
class ForgottenWriter {
 public:
  static Result<ForgottenWriter> create(sqlite::Connection& db);
  Status add(const Hash128& key);
  [[nodiscard]] const ForgottenKeys& keys() const { return keys_; }

 private:
  ForgottenWriter(sqlite::Statement insert, ForgottenKeys keys) : insert_(std::move(insert)), keys_(std::move(keys)) {}
  sqlite::Statement insert_;
  ForgottenKeys keys_;
};

}  // namespace cmem
