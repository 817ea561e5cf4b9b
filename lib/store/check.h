// Examines a store without changing it.
#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace cmem {

enum class Severity { kInfo, kWarning, kError };

struct Finding {
  std::string check;
  bool ok = true;
  Severity severity = Severity::kInfo;  // how bad it is if not ok
  std::string detail;
  std::string hint;  // empty if there is nothing to do
};

// `deep` decodes every text and compares all derived data with the rows. Takes the read mutex, and the write mutex for the text
// index, whose own check SQLite only runs inside a write transaction (rolled back). Fails only when the checks themselves cannot
// run.
Result<std::vector<Finding>> check_store(Store& store, bool deep);

}  // namespace cmem
