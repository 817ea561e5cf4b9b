#include "search/page_cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace search_bench {
namespace {

class File {
 public:
  explicit File(const std::string& path) : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  [[nodiscard]] std::size_t size() const {
    struct stat facts {};
    return fstat(fd_, &facts) == 0 ? static_cast<std::size_t>(facts.st_size) : 0;
  }
  // Only clean pages can be dropped.
  [[nodiscard]] bool drop() const { return fsync(fd_) == 0 && posix_fadvise(fd_, 0, 0, POSIX_FADV_DONTNEED) == 0; }

  [[nodiscard]] std::int64_t resident_bytes() const {
    const std::size_t bytes = size();
    void* mapped = bytes == 0 ? MAP_FAILED : mmap(nullptr, bytes, PROT_READ, MAP_SHARED, fd_, 0);
    if (mapped == MAP_FAILED) return 0;
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    std::vector<unsigned char> pages((bytes + page - 1) / page);
    mincore(mapped, bytes, pages.data());
    munmap(mapped, bytes);
    return std::count_if(pages.begin(), pages.end(), [](unsigned char state) { return (state & 1) != 0; }) *
           static_cast<std::int64_t>(page);
  }

 private:
  int fd_;
};

}  // namespace

std::int64_t drop_from_page_cache(const std::string& store) {
  std::int64_t left = 0;
  for (const char* suffix : {"", "-wal"}) {
    const File file(store + suffix);
    if (!file.is_open()) continue;  // a store that is closed well has no log
    if (!file.drop()) throw std::runtime_error(fmt::format("{}{}: cannot be dropped from the page cache", store, suffix));
    left += file.resident_bytes();
  }
  return left;
}

}  // namespace search_bench
