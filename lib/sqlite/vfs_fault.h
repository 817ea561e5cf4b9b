// I/O faults on demand, for test builds. In a release injected_fault() is a constant and vanishes.
//
// With CMEM_TEST_HOOKS, CMEM_IO_FAULT=op:n[:forever]:kind makes the n-th such operation of the process fail; with
// `forever` all later ones too. op: write, sync, truncate, shm, read. kind: eio, enospc, or kill: SIGKILL in its place.
#pragma once
#ifdef CMEM_TEST_HOOKS
#include <string>
#endif

namespace cmem::sqlite {

enum class IoOperation { write, sync, truncate, shm, read };

#ifdef CMEM_TEST_HOOKS
// The SQLite result code to fail with, 0 for none. Any thread.
[[nodiscard]] int injected_fault(IoOperation operation) noexcept;
// Replaces what the environment asked for and starts counting anew; "" turns faults off. False: not understood.
bool set_io_fault(const std::string& spec);
#else
[[nodiscard]] constexpr int injected_fault(IoOperation /*operation*/) noexcept { return 0; }
#endif

}  // namespace cmem::sqlite
