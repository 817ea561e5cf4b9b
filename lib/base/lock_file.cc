#include "base/lock_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

namespace cmem {
namespace {

using Clock = std::chrono::steady_clock;

// The two locked bytes lie far behind the owner's name, which the file itself holds.
constexpr off_t kQueueByte = 1 << 20;
constexpr off_t kLockByte = kQueueByte + 1;
constexpr std::size_t kOwnerBytes = 128;
constexpr auto kShortestSleep = std::chrono::microseconds(200);
constexpr auto kLongestSleep = std::chrono::microseconds(1000);
// A waiter looks the more often the longer it has waited, so that the queue, which is a lottery, favours the oldest.
constexpr int kWaitPerSleepCut = 20;

enum class Try { taken, busy, failed };

int set_lock(int fd, short type, off_t byte) {
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_start = byte;
  range.l_len = 1;
  return ::fcntl(fd, F_OFD_SETLK, &range);
}

void unlock(int fd, off_t byte) { set_lock(fd, F_UNLCK, byte); }

Try try_lock(int fd, off_t byte) {
  if (set_lock(fd, F_WRLCK, byte) == 0) return Try::taken;
  return errno == EAGAIN || errno == EACCES || errno == EINTR ? Try::busy : Try::failed;
}

std::chrono::microseconds sleep_after(Clock::duration waited) {
  const auto cut = std::chrono::duration_cast<std::chrono::microseconds>(waited / kWaitPerSleepCut);
  return std::max(kShortestSleep, kLongestSleep - cut);
}

Try wait_for_lock(int fd, off_t byte, Clock::time_point start, Clock::time_point deadline) {
  while (true) {
    const Try outcome = try_lock(fd, byte);
    const auto now = Clock::now();
    if (outcome != Try::busy || now >= deadline) return outcome;
    std::this_thread::sleep_for(sleep_after(now - start));
  }
}

// Both locks, by way of the queue. errno tells why it failed.
Try pass_turnstile(int fd, std::chrono::milliseconds timeout) {
  const auto start = Clock::now();
  const Try queued = wait_for_lock(fd, kQueueByte, start, start + timeout);
  if (queued != Try::taken) return queued;
  const Try locked = wait_for_lock(fd, kLockByte, start, start + timeout);
  const int saved_errno = errno;
  unlock(fd, kQueueByte);
  errno = saved_errno;
  return locked;
}

// A record of fixed size in one write, so that a reader sees an old owner or the new one. Only messages depend on it.
void write_owner(int fd, std::string_view purpose) {
  std::string record = fmt::format("pid {} ({})", ::getpid(), purpose);
  record.resize(kOwnerBytes - 1, ' ');
  record += '\n';
  if (::pwrite(fd, record.data(), record.size(), 0) < 0) errno = 0;
}

std::string read_owner(int fd) {
  std::array<char, kOwnerBytes> record{};
  const ssize_t size = ::pread(fd, record.data(), record.size(), 0);
  const std::string_view text(record.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  const std::size_t last = text.find_last_not_of(" \n");
  return last == std::string_view::npos ? "another process" : std::string(text.substr(0, last + 1));
}

Unexpected system_error(const std::string& path, std::string_view action, int error_number) {
  const Code code = error_number == ENOSPC                            ? Code::kFull
                    : error_number == EACCES || error_number == EROFS ? Code::kReadOnly
                                                                      : Code::kIo;
  return Unexpected(code,
                    fmt::format("cannot {} the lock file {}: {}; check its folder's permissions and file system", action, path,
                                std::strerror(error_number)),
                    error_number);
}

}  // namespace

detail::LockDescriptor::~LockDescriptor() {
  if (fd >= 0) ::close(fd);
}

LockFile::Guard& LockFile::Guard::operator=(Guard&& other) noexcept {
  release();
  descriptor_ = std::move(other.descriptor_);
  return *this;
}

void LockFile::Guard::release() noexcept {
  // A forked child shares the open file description: unlocking there would take the lock from its parent.
  if (descriptor_ && descriptor_->pid == ::getpid()) unlock(descriptor_->fd, kLockByte);
  descriptor_.reset();
}

bool LockFile::Guard::is_awaited() const noexcept {
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_start = kQueueByte;
  range.l_len = 1;
  return descriptor_ && ::fcntl(descriptor_->fd, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
}

Result<LockFile> LockFile::open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return system_error(path, "open", errno);
  return LockFile(path, std::make_shared<detail::LockDescriptor>(fd, ::getpid()));
}

Result<LockFile::Guard> LockFile::acquire(int timeout_ms, std::string_view purpose) {
  if (descriptor_->pid != ::getpid()) {
    return Unexpected(Code::kInvalid, fmt::format("the lock file {} was opened before fork(); open it again in the child", path_));
  }
  // Locks of one open file description do not exclude each other, so a second guard would seem to hold the lock.
  if (descriptor_.use_count() > 1) return busy_error();
  const Try outcome = pass_turnstile(descriptor_->fd, std::chrono::milliseconds(timeout_ms));
  if (outcome == Try::busy) return busy_error();
  if (outcome == Try::failed) return system_error(path_, "lock", errno);
  write_owner(descriptor_->fd, purpose);
  return Guard(descriptor_);
}

Unexpected LockFile::busy_error() const {
  return Unexpected(Code::kBusy,
                    fmt::format("{} holds the lock {}; try again when it is done", read_owner(descriptor_->fd), path_));
}

}  // namespace cmem
