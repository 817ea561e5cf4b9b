#include "base/file.h"

#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace cmem {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
// Not in linux/magic.h of every system.
constexpr std::uint32_t kSmb2Magic = 0xFE534D42;
constexpr std::uint32_t kCifsMagic = 0xFF534D42;
constexpr std::uint32_t kNinePMagic = 0x01021997;
constexpr std::uint32_t kFuseMagic = 0x65735546;
constexpr std::uint32_t kCephMagic = 0x00C36400;
constexpr std::array kNetworkMagics = {std::uint32_t{NFS_SUPER_MAGIC},
                                       std::uint32_t{SMB_SUPER_MAGIC},
                                       kSmb2Magic,
                                       kCifsMagic,
                                       kNinePMagic,
                                       kFuseMagic,
                                       std::uint32_t{AFS_SUPER_MAGIC},
                                       kCephMagic};

Unexpected system_error(const std::string& path, std::string_view action, int error_number) {
  Code code = Code::kIo;
  if (error_number == ENOENT || error_number == ENOTDIR) code = Code::kNotFound;
  if (error_number == ENOSPC || error_number == EDQUOT) code = Code::kFull;
  if (error_number == EROFS) code = Code::kReadOnly;
  return Unexpected(code,
                    fmt::format("cannot {} {}: {}; check the path and its permissions", action, path, std::strerror(error_number)),
                    error_number);
}

Status make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return system_error(path, "make the folder", errno);
}

}  // namespace

Result<FileStat> stat_file(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return system_error(path, "look at", errno);
  FileStat result;
  result.size_bytes = info.st_size;
  result.mtime_ns = info.st_mtim.tv_sec * kNanosecondsPerSecond + info.st_mtim.tv_nsec;
  result.inode = info.st_ino;
  result.device = info.st_dev;
  result.is_regular = S_ISREG(info.st_mode);
  result.is_directory = S_ISDIR(info.st_mode);
  return result;
}

Result<bool> is_network_filesystem(const std::string& path) {
  struct statfs info {};
  if (::statfs(path.c_str(), &info) != 0) return system_error(path, "look at the file system of", errno);
  const auto magic = static_cast<std::uint32_t>(info.f_type);
  return std::find(kNetworkMagics.begin(), kNetworkMagics.end(), magic) != kNetworkMagics.end();
}

Status ensure_private_directory(const std::string& path) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    CMEM_TRY(make_directory(path.substr(0, slash)));
  }
  CMEM_TRY(make_directory(path));
  CMEM_ASSIGN_OR_RETURN(const FileStat info, stat_file(path));
  if (info.is_directory) return {};
  return Unexpected(Code::kInvalid, fmt::format("{} is not a folder; give another path", path));
}

Result<std::uint64_t> free_bytes(const std::string& path) {
  struct statvfs info {};
  if (::statvfs(path.c_str(), &info) != 0) return system_error(path, "ask for the free space of", errno);
  return std::uint64_t{info.f_bavail} * info.f_frsize;
}

}  // namespace cmem
