// A session as it went: the records of its transcripts in file order, those of its subagents at the calls that started them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/message_reader.h"
#include "store/store.h"

namespace cmem {

// A place in a transcript. A record that was copied from another session's has its message there.
struct ConversationEntry {
  std::int64_t place_id = 0;  // the message's id, or the copy's: both are from the messages' ids
  std::int64_t message_id = 0;
  std::int64_t session_id = 0;  // in whose transcript it stands
  std::int64_t origin_id = 0;
  std::int64_t line = 0;
  std::int64_t time_ms = 0;
  int depth = 0;  // 0: of the session itself; 1: of a subagent of it, and so on
  [[nodiscard]] bool is_copy() const { return place_id != message_id; }
};

// Every message of the transcripts of the session and its subagents, once. The order is that of the files, whatever the records say
// of their parents: those may be missing, have several children, or go in circles. None: the session has no transcript.
// In the caller's read transaction, with the store's read mutex held.
Result<std::vector<ConversationEntry>> read_conversation(Store& store, MessageReader& reader, std::int64_t session_id);

// What a record says of its identity.
struct RecordThread {
  std::optional<std::string> uuid;  // of one that is no uuid the hash, written as one
  std::int64_t parent_id = 0;       // the message that it follows; 0: none, or it is not here
};
Result<RecordThread> read_thread(sqlite::Connection& db, std::int64_t message_id);

}  // namespace cmem
