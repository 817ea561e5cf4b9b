// A VFS around SQLite's own that closes the WAL-reset race: every SQLite before 3.51.3 can damage the file if a commit of
// one connection resets the log while another connection checkpoints. Under the guard a checkpoint also holds the log's
// write lock, so no commit can come between. All else passes through.
//
// A checkpoint while another connection writes therefore fails with SQLITE_BUSY, in every mode; copy the log later.
#pragma once

namespace cmem::sqlite {

// Registers the VFS once per process. Its name for sqlite3_open_v2, or null if SQLite has no VFS at all.
[[nodiscard]] const char* guard_vfs_name();

namespace internal {
// For the test that shows the race without the guard: the same wrapper, passing everything through.
[[nodiscard]] const char* unguarded_vfs_name();
}  // namespace internal

}  // namespace cmem::sqlite
