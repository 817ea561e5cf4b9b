#include "base/fault.h"

#ifdef CMEM_TEST_HOOKS
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace cmem::fault {
namespace {

// One append per name, so that processes sharing the list do not mix their lines.
void list_name(const char* name) {
  const char* file = std::getenv("CMEM_CRASH_LIST");
  if (file == nullptr) return;
  const int fd = ::open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return;
  const std::string line = std::string(name) + "\n";
  if (::write(fd, line.data(), line.size()) < 0) ::_exit(99);
  ::close(fd);
}

bool is_fatal_hit(std::string_view name, int hit) {
  const char* wanted = std::getenv("CMEM_CRASH");
  if (wanted == nullptr) return false;
  const std::string_view spec(wanted);
  const std::size_t colon = spec.rfind(':');
  if (colon == std::string_view::npos || spec.substr(0, colon) != name) return false;
  return std::atoi(spec.substr(colon + 1).data()) == hit;
}

}  // namespace

void hit_crash_point(const char* name) noexcept {
  static std::mutex mutex;
  static std::map<std::string, int> hits;
  const std::lock_guard lock(mutex);
  const int hit = ++hits[name];
  if (hit == 1) list_name(name);
  if (is_fatal_hit(name, hit)) ::kill(::getpid(), SIGKILL);
}

}  // namespace cmem::fault
#endif
