// The SQLite library that is linked.
#pragma once

namespace cmem::sqlite {

// "3.40.1". Static storage.
const char* library_version() noexcept;

// False for versions whose WAL-reset race can damage a file (fixed in 3.51.3, and in 3.50.7 and 3.44.6); there the guard VFS is
// what keeps it safe.
bool has_wal_reset_fix() noexcept;

}  // namespace cmem::sqlite
