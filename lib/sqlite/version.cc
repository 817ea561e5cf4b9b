#include "sqlite/version.h"

#include "sqlite/api.h"

namespace cmem::sqlite {

const char* library_version() noexcept { return sqlite3_libversion(); }

bool has_wal_reset_fix() noexcept {
  const int number = sqlite3_libversion_number();
  return number >= 3'051'003 || (number >= 3'050'007 && number < 3'051'000) || (number >= 3'044'006 && number < 3'045'000);
}

}  // namespace cmem::sqlite
