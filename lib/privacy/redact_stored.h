// Redacts what is stored already: values in texts, lines, files and the quarantine become placeholders, and their messages stay.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "secrets/redactor.h"
#include "store/store.h"

namespace cmem {

struct RedactStoredResult {
  SecretCounts secrets;       // places, by kind
  std::int64_t messages = 0;  // whose text changed
  std::int64_t texts = 0;
  std::int64_t lines = 0;  // of which something else changed
  std::int64_t files = 0;
  bool compacted = true;  // see rewrite_store()
};

// `kinds`: names of secret_kinds(); empty: all. kInvalid: there is no such kind. `dry_run` counts only.
Result<RedactStoredResult> redact_stored(Store& store, const std::vector<std::string>& kinds, bool dry_run);

}  // namespace cmem
