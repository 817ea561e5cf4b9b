#include "ingest/source_hash.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "base/hash.h"

namespace cmem {
namespace {

constexpr std::size_t kReadBytes = std::size_t{1} << 20;

Unexpected read_failure(const std::string& path) {
  const int error_number = errno;
  return Unexpected(error_number == ENOENT ? Code::kNotFound : Code::kIo,
                    fmt::format("read {}: {}", path, std::strerror(error_number)), error_number);
}

}  // namespace

Result<std::string> hash_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return read_failure(path);
  Sha256 hash;
  std::vector<char> buffer(kReadBytes);
  while (true) {
    const ssize_t size = ::read(file, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) {
      const auto failure = read_failure(path);
      ::close(file);
      return failure;
    }
    if (size == 0) break;
    hash.update({buffer.data(), static_cast<std::size_t>(size)});
  }
  ::close(file);
  return to_hex(hash.finish());
}

}  // namespace cmem
