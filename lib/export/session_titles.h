// What a session is called.
#pragma once
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "store/message_reader.h"
#include "store/store.h"

namespace cmem {

// By session id, of those that have one: the title that somebody gave, else that which the agent gave, else a summary whose last
// message is the session's, of several the newest; else the first prompt in the order of loading. One line of at most 120
// characters, with "…" behind it if there was more. What a program wrote as if the user had is no prompt: texts that are blank, or
// begin with a tag of small letters such as "<command-name>", "[Request interrupted" or "Caveat: The messages below".
// In the caller's read transaction, with the store's read mutex held.
Result<std::unordered_map<std::int64_t, std::string>> find_session_titles(Store& store, MessageReader& reader,
                                                                          const std::vector<std::int64_t>& session_ids);

}  // namespace cmem
