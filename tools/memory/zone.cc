#include "zone.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdlib>
#include <ctime>

#include "failure.h"

namespace cli {
namespace {

std::string zone_folder() {
  const char* folder = std::getenv("TZDIR");
  return folder == nullptr || *folder == '\0' ? "/usr/share/zoneinfo" : folder;
}

bool is_known(const std::string& name) {
  if (name == "UTC") return true;
  if (name.starts_with('/') || name.starts_with('.') || name.find("..") != std::string::npos) return false;
  struct stat info {};
  return ::stat((zone_folder() + "/" + name).c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

}  // namespace

void use_zone(const Options& options) {
  if (options.tz.empty()) return;
  if (options.utc) throw Failure(CMEM_E_INVALID, "--tz and --utc are given together", "--utc is the same as --tz UTC");
  if (!is_known(options.tz))
    throw Failure(CMEM_E_INVALID, fmt::format("there is no time zone '{}'", options.tz),
                  fmt::format("names are those of the files in {}, such as Europe/Berlin", zone_folder()));
  ::setenv("TZ", options.tz.c_str(), 1);
  ::tzset();
}

std::string zone_name(const Options& options) {
  if (options.utc) return "UTC";
  const char* variable = std::getenv("TZ");
  const std::string name = variable == nullptr ? "" : variable;
  return is_known(name) && !name.empty() ? name : "local time";
}

}  // namespace cli
