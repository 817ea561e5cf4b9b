// Messages from a program, in one transaction.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace cmem {

// Views belong to the caller.
struct AppendMessage {
  std::int64_t time_ms = kNoTime;
  std::int64_t line = 0;  // 0: the next free line of the source
  std::string_view content, source, source_type, session, project, component, level, role;
};

struct AppendResult {
  std::int64_t messages_new = 0;
  std::int64_t duplicates = 0;
  std::int64_t first_id = 0;
};

// See cmem_append for the contract.
Result<AppendResult> append_messages(Store& store, const std::vector<AppendMessage>& messages);

}  // namespace cmem
