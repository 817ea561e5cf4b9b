#include "sqlite/vfs_guard.h"

#include <cerrno>
#include <mutex>

#include "base/fault.h"
#include "sqlite/api.h"
#include "sqlite/vfs_fault.h"

namespace cmem::sqlite {
namespace {

// Slots of the shared-memory lock region, as SQLite's file format fixes them.
constexpr int kWriteSlot = 0;
constexpr int kCheckpointSlot = 1;
constexpr int kLockExclusive = SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE;
constexpr int kUnlockExclusive = SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE;

// What SQLite holds as its file. The real file follows it in the same allocation: its methods differ from file to file
// (lock style, no locks, temporary), so they are always called through the real file itself.
struct GuardFile {
  sqlite3_file base;
  bool is_guarded;
  bool owns_write_lock;
};
// SQLite gives its files memory aligned to 8 bytes and no more.
static_assert(sizeof(GuardFile) % 8 == 0 && alignof(GuardFile) <= 8);

GuardFile* guard_of(sqlite3_file* file) { return reinterpret_cast<GuardFile*>(file); }
sqlite3_file* real(sqlite3_file* file) { return reinterpret_cast<sqlite3_file*>(guard_of(file) + 1); }
const sqlite3_io_methods* methods(sqlite3_file* file) { return real(file)->pMethods; }
sqlite3_vfs* real(sqlite3_vfs* vfs) { return static_cast<sqlite3_vfs*>(vfs->pAppData); }

int file_close(sqlite3_file* f) { return methods(f)->xClose(real(f)); }
int file_read(sqlite3_file* f, void* data, int size, sqlite3_int64 offset) {
  if (const int code = injected_fault(IoOperation::read)) return code;
  return methods(f)->xRead(real(f), data, size, offset);
}
// SQLite calls the disk full for ENOSPC alone. A quota or a limit on the size of files is the same to the user.
int full_or(int code, sqlite3_file* f) {
  int reason = 0;
  if (code != SQLITE_IOERR_WRITE || methods(f)->xFileControl(real(f), SQLITE_FCNTL_LAST_ERRNO, &reason) != SQLITE_OK) return code;
  return reason == EDQUOT || reason == EFBIG ? SQLITE_FULL : code;
}
int file_write(sqlite3_file* f, const void* data, int size, sqlite3_int64 offset) {
  if (guard_of(f)->owns_write_lock) CMEM_CRASH_POINT("checkpoint.page");
  if (const int code = injected_fault(IoOperation::write)) return code;
  return full_or(methods(f)->xWrite(real(f), data, size, offset), f);
}
int file_truncate(sqlite3_file* f, sqlite3_int64 size) {
  if (const int code = injected_fault(IoOperation::truncate)) return code;
  return methods(f)->xTruncate(real(f), size);
}
int file_sync(sqlite3_file* f, int flags) {
  if (guard_of(f)->owns_write_lock) CMEM_CRASH_POINT("checkpoint.sync");
  if (const int code = injected_fault(IoOperation::sync)) return code;
  return methods(f)->xSync(real(f), flags);
}
int file_size(sqlite3_file* f, sqlite3_int64* size) { return methods(f)->xFileSize(real(f), size); }
int file_lock(sqlite3_file* f, int level) { return methods(f)->xLock(real(f), level); }
int file_unlock(sqlite3_file* f, int level) { return methods(f)->xUnlock(real(f), level); }
int file_check_reserved(sqlite3_file* f, int* out) { return methods(f)->xCheckReservedLock(real(f), out); }
int file_control(sqlite3_file* f, int operation, void* argument) { return methods(f)->xFileControl(real(f), operation, argument); }
int file_sector_size(sqlite3_file* f) { return methods(f)->xSectorSize(real(f)); }
int file_characteristics(sqlite3_file* f) { return methods(f)->xDeviceCharacteristics(real(f)); }
int shm_map(sqlite3_file* f, int region, int size, int extend, void volatile** out) {
  if (const int code = injected_fault(IoOperation::shm)) return code;
  return methods(f)->xShmMap(real(f), region, size, extend, out);
}
void shm_barrier(sqlite3_file* f) { methods(f)->xShmBarrier(real(f)); }
int shm_unmap(sqlite3_file* f, int remove) { return methods(f)->xShmUnmap(real(f), remove); }
int file_fetch(sqlite3_file* f, sqlite3_int64 offset, int size, void** out) {
  return methods(f)->xFetch(real(f), offset, size, out);
}
int file_unfetch(sqlite3_file* f, sqlite3_int64 offset, void* page) { return methods(f)->xUnfetch(real(f), offset, page); }

int real_shm_lock(sqlite3_file* f, int slot, int count, int flags) { return methods(f)->xShmLock(real(f), slot, count, flags); }

// Checkpoint lock first, then the write lock: the order in which SQLite itself takes them in the FULL modes.
int lock_checkpoint(sqlite3_file* f) {
  if (const int code = real_shm_lock(f, kCheckpointSlot, 1, kLockExclusive)) return code;
  if (const int code = real_shm_lock(f, kWriteSlot, 1, kLockExclusive)) {
    real_shm_lock(f, kCheckpointSlot, 1, kUnlockExclusive);
    return code;
  }
  guard_of(f)->owns_write_lock = true;
  return SQLITE_OK;
}

int unlock_checkpoint(sqlite3_file* f) {
  if (guard_of(f)->owns_write_lock) {
    guard_of(f)->owns_write_lock = false;
    real_shm_lock(f, kWriteSlot, 1, kUnlockExclusive);
  }
  return real_shm_lock(f, kCheckpointSlot, 1, kUnlockExclusive);
}

int shm_lock(sqlite3_file* f, int slot, int count, int flags) {
  // Recovery locks several slots at once, readers lock later ones: neither is a checkpoint.
  const bool is_single = count == 1 && (flags & SQLITE_SHM_EXCLUSIVE) != 0 && guard_of(f)->is_guarded;
  if (is_single && slot == kCheckpointSlot) return (flags & SQLITE_SHM_LOCK) != 0 ? lock_checkpoint(f) : unlock_checkpoint(f);
  // Within a guarded checkpoint SQLite asks for the write lock, and gives it back, in the FULL modes: we hold it already.
  if (is_single && slot == kWriteSlot && guard_of(f)->owns_write_lock) return SQLITE_OK;
  return real_shm_lock(f, slot, count, flags);
}

// SQLite looks at the version, and for shared memory at the pointer, to learn what a file can do, so ours must claim no
// more than the real file's: the methods for files without locks, for one, are of version 3 but have no shared memory.
constexpr sqlite3_io_methods methods_of_version(int version, bool has_shm) {
  sqlite3_io_methods table{};
  table.iVersion = version;
  table.xClose = file_close;
  table.xRead = file_read;
  table.xWrite = file_write;
  table.xTruncate = file_truncate;
  table.xSync = file_sync;
  table.xFileSize = file_size;
  table.xLock = file_lock;
  table.xUnlock = file_unlock;
  table.xCheckReservedLock = file_check_reserved;
  table.xFileControl = file_control;
  table.xSectorSize = file_sector_size;
  table.xDeviceCharacteristics = file_characteristics;
  if (version >= 2 && has_shm) {
    table.xShmMap = shm_map;
    table.xShmLock = shm_lock;
    table.xShmBarrier = shm_barrier;
    table.xShmUnmap = shm_unmap;
  }
  if (version >= 3) {
    table.xFetch = file_fetch;
    table.xUnfetch = file_unfetch;
  }
  return table;
}

constexpr sqlite3_io_methods kMethods1 = methods_of_version(1, false);
constexpr sqlite3_io_methods kMethods2 = methods_of_version(2, true);
constexpr sqlite3_io_methods kMethods2WithoutShm = methods_of_version(2, false);
constexpr sqlite3_io_methods kMethods3 = methods_of_version(3, true);
constexpr sqlite3_io_methods kMethods3WithoutShm = methods_of_version(3, false);

const sqlite3_io_methods* wrapper_of(const sqlite3_io_methods* real_methods) {
  if (real_methods == nullptr) return nullptr;
  if (real_methods->iVersion == 1) return &kMethods1;
  const bool has_shm = real_methods->xShmMap != nullptr;
  if (real_methods->iVersion == 2) return has_shm ? &kMethods2 : &kMethods2WithoutShm;
  return has_shm ? &kMethods3 : &kMethods3WithoutShm;
}

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags, bool is_guarded) {
  GuardFile* guard = guard_of(file);
  guard->is_guarded = is_guarded;
  guard->owns_write_lock = false;
  real(file)->pMethods = nullptr;
  const int code = real(vfs)->xOpen(real(vfs), name, real(file), flags, out_flags);
  // Even after a failure SQLite closes the file if, and only if, it has methods.
  guard->base.pMethods = wrapper_of(real(file)->pMethods);
  return code;
}

int open_guarded(sqlite3_vfs* v, const char* name, sqlite3_file* f, int flags, int* out) {
  return open_file(v, name, f, flags, out, true);
}
int open_unguarded(sqlite3_vfs* v, const char* name, sqlite3_file* f, int flags, int* out) {
  return open_file(v, name, f, flags, out, false);
}
int vfs_delete(sqlite3_vfs* v, const char* name, int sync) { return real(v)->xDelete(real(v), name, sync); }
int vfs_access(sqlite3_vfs* v, const char* name, int flags, int* out) { return real(v)->xAccess(real(v), name, flags, out); }
int vfs_full_path(sqlite3_vfs* v, const char* name, int size, char* out) {
  return real(v)->xFullPathname(real(v), name, size, out);
}
void* vfs_dl_open(sqlite3_vfs* v, const char* name) { return real(v)->xDlOpen(real(v), name); }
void vfs_dl_error(sqlite3_vfs* v, int size, char* out) { real(v)->xDlError(real(v), size, out); }
void (*vfs_dl_symbol(sqlite3_vfs* v, void* library, const char* name))(void) { return real(v)->xDlSym(real(v), library, name); }
void vfs_dl_close(sqlite3_vfs* v, void* library) { real(v)->xDlClose(real(v), library); }
int vfs_randomness(sqlite3_vfs* v, int size, char* out) { return real(v)->xRandomness(real(v), size, out); }
int vfs_sleep(sqlite3_vfs* v, int microseconds) { return real(v)->xSleep(real(v), microseconds); }
int vfs_time(sqlite3_vfs* v, double* out) { return real(v)->xCurrentTime(real(v), out); }
int vfs_last_error(sqlite3_vfs* v, int size, char* out) { return real(v)->xGetLastError(real(v), size, out); }
int vfs_time_int64(sqlite3_vfs* v, sqlite3_int64* out) { return real(v)->xCurrentTimeInt64(real(v), out); }

using OpenFunction = int (*)(sqlite3_vfs*, const char*, sqlite3_file*, int, int*);

sqlite3_vfs wrap(sqlite3_vfs* inner, const char* name, OpenFunction open) {
  sqlite3_vfs vfs{};
  // Version 3 adds the replacing of system calls, which stays with the real VFS.
  vfs.iVersion = inner->iVersion < 2 ? inner->iVersion : 2;
  vfs.szOsFile = static_cast<int>(sizeof(GuardFile)) + inner->szOsFile;
  vfs.mxPathname = inner->mxPathname;
  vfs.zName = name;
  vfs.pAppData = inner;
  vfs.xOpen = open;
  vfs.xDelete = vfs_delete;
  vfs.xAccess = vfs_access;
  vfs.xFullPathname = vfs_full_path;
  vfs.xDlOpen = vfs_dl_open;
  vfs.xDlError = vfs_dl_error;
  vfs.xDlSym = vfs_dl_symbol;
  vfs.xDlClose = vfs_dl_close;
  vfs.xRandomness = vfs_randomness;
  vfs.xSleep = vfs_sleep;
  vfs.xCurrentTime = vfs_time;
  vfs.xGetLastError = vfs_last_error;
  if (vfs.iVersion >= 2) vfs.xCurrentTimeInt64 = vfs_time_int64;
  return vfs;
}

// SQLite keeps a pointer to a registered VFS for the life of the process, hence the statics of the two callers.
const char* register_once(std::once_flag& once, sqlite3_vfs& vfs, const char* name, OpenFunction open) {
  std::call_once(once, [&] {
    sqlite3_vfs* inner = sqlite3_vfs_find("unix");
    if (inner == nullptr) inner = sqlite3_vfs_find(nullptr);
    if (inner == nullptr) return;
    vfs = wrap(inner, name, open);
    if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK) vfs.zName = nullptr;
  });
  return vfs.zName;
}

}  // namespace

const char* guard_vfs_name() {
  static std::once_flag once;
  static sqlite3_vfs vfs;
  return register_once(once, vfs, "cmem-guard", open_guarded);
}

const char* internal::unguarded_vfs_name() {
  static std::once_flag once;
  static sqlite3_vfs vfs;
  return register_once(once, vfs, "cmem-unguarded", open_unguarded);
}

}  // namespace cmem::sqlite
