// Named places where a test build can kill the process. In a release they are nothing.
//
// With CMEM_TEST_HOOKS the environment decides: CMEM_CRASH=name:n kills the process with SIGKILL at the n-th hit of
// `name`; CMEM_CRASH_LIST=file appends each name at its first hit, so that a driver can demand that all are reached.
#pragma once

#ifdef CMEM_TEST_HOOKS
namespace cmem::fault {
void hit_crash_point(const char* name) noexcept;
}
#define CMEM_CRASH_POINT(name) ::cmem::fault::hit_crash_point(name)
#else
#define CMEM_CRASH_POINT(name) static_cast<void>(0)
#endif
