// Where the secrets of a store are: its texts, what else the lines hold, files, the quarantine, names.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/message_filter.h"
#include "store/store.h"

namespace cmem {

struct SecretHit {
  std::uint8_t kind = 0;        // index of secret_kinds()
  std::string_view place;       // "text", "line", "file", "rejected", "name"
  std::string masked;           // the first 4 characters, and how many there are
  std::string tag;              // of the secret: equal secrets have equal ones
  std::int64_t message_id = 0;  // the first one that has it; 0: none
  std::int64_t messages = 0;    // how many have this very text
  std::string source;
  std::int64_t line = 0;  // 0: none
};

// All of them; with a filter only those of messages that pass, and of files of their sources. Takes the store's read mutex. Memory:
// some 200 bytes for each hit.
Result<std::vector<SecretHit>> scan_secrets(Store& store, const MessageFilter& filter);

}  // namespace cmem
