#include "sqlite/vfs_fault.h"

#ifdef CMEM_TEST_HOOKS
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <mutex>
#include <string_view>
#include <vector>

#include "sqlite/api.h"

namespace cmem::sqlite {
namespace {

struct Plan {
  bool is_armed = false;
  IoOperation operation = IoOperation::write;
  long nth = 0;
  bool is_forever = false;
  bool is_full = false;
  bool is_kill = false;
  long seen = 0;
};

struct Faults {
  std::mutex mutex;
  Plan plan;
};

constexpr std::array<std::string_view, 5> kOperationNames = {"write", "sync", "truncate", "shm", "read"};

std::vector<std::string> split(const std::string& spec) {
  std::vector<std::string> parts(1);
  for (const char c : spec) {
    if (c == ':')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

bool parse(const std::string& spec, Plan& plan) {
  const std::vector<std::string> parts = split(spec);
  if (parts.size() < 3 || parts.size() > 4 || (parts.size() == 4 && parts[2] != "forever")) return false;
  for (std::size_t i = 0; i < kOperationNames.size(); ++i) {
    if (kOperationNames[i] == parts[0]) {
      plan.operation = static_cast<IoOperation>(i);
      plan.is_armed = true;
    }
  }
  plan.nth = std::atol(parts[1].c_str());
  plan.is_forever = parts.size() == 4;
  plan.is_full = parts.back() == "enospc";
  plan.is_kill = parts.back() == "kill";
  return plan.is_armed && plan.nth > 0 && (plan.is_full || plan.is_kill || parts.back() == "eio");
}

Faults& faults() {
  static Faults state;
  static const bool from_environment = [] {
    const char* spec = std::getenv("CMEM_IO_FAULT");
    Plan plan;
    if (spec == nullptr || !parse(spec, plan)) return false;
    state.plan = plan;
    return true;
  }();
  static_cast<void>(from_environment);
  return state;
}

int code_of(const Plan& plan) {
  switch (plan.operation) {
    case IoOperation::write:
      return plan.is_full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    case IoOperation::sync:
      return plan.is_full ? SQLITE_FULL : SQLITE_IOERR_FSYNC;
    case IoOperation::truncate:
      return plan.is_full ? SQLITE_FULL : SQLITE_IOERR_TRUNCATE;
    case IoOperation::shm:
      return plan.is_full ? SQLITE_IOERR_SHMSIZE : SQLITE_IOERR_SHMMAP;
    case IoOperation::read:
      return SQLITE_IOERR_READ;
  }
  return SQLITE_IOERR;
}

}  // namespace

int injected_fault(IoOperation operation) noexcept {
  Faults& state = faults();
  const std::lock_guard lock(state.mutex);
  Plan& plan = state.plan;
  if (!plan.is_armed || plan.operation != operation) return 0;
  ++plan.seen;
  const bool is_due = plan.is_forever ? plan.seen >= plan.nth : plan.seen == plan.nth;
  if (is_due && plan.is_kill) ::kill(::getpid(), SIGKILL);
  return is_due ? code_of(plan) : 0;
}

bool set_io_fault(const std::string& spec) {
  Plan plan;
  const bool is_valid = spec.empty() || parse(spec, plan);
  Faults& state = faults();
  const std::lock_guard lock(state.mutex);
  state.plan = is_valid ? plan : Plan{};
  return is_valid;
}

}  // namespace cmem::sqlite
#endif
