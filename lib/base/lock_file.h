// A fair, bounded lock between processes and between handles of one process. A holder that dies frees it at once.
//
// Two open-file-description locks on one file make a turnstile: who wants the lock first takes the queue, waits there for
// the lock itself, and only then leaves the queue. So a holder that lets go and at once wants the lock again stands behind
// whoever already waits. A LockFile is used by one thread at a time; a Guard may outlive its LockFile.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace cmem {

namespace detail {
// Owns the descriptor. Closing the last one of an open file description drops its locks.
struct LockDescriptor {
  int fd = -1;
  // Who opened it. A forked child shares the open file description, and with it the locks.
  int pid = 0;
  LockDescriptor(int descriptor, int opener_pid) noexcept : fd(descriptor), pid(opener_pid) {}
  LockDescriptor(const LockDescriptor&) = delete;
  LockDescriptor& operator=(const LockDescriptor&) = delete;
  ~LockDescriptor();
};
}  // namespace detail

class LockFile {
 public:
  // Holds the lock until it dies. In a child after fork() it lets go of nothing: the lock is the parent's.
  class Guard {
   public:
    Guard(Guard&&) noexcept = default;
    Guard& operator=(Guard&& other) noexcept;
    ~Guard() { release(); }
    void release() noexcept;
    // True if somebody else waits in the queue for this lock.
    [[nodiscard]] bool is_awaited() const noexcept;

   private:
    friend class LockFile;
    explicit Guard(std::shared_ptr<detail::LockDescriptor> descriptor) noexcept : descriptor_(std::move(descriptor)) {}

    std::shared_ptr<detail::LockDescriptor> descriptor_;
  };

  // Makes the file (0600) if there is none. It is never deleted: that would split the waiters.
  static Result<LockFile> open(const std::string& path);

  // kBusy, naming the holder, if the lock is not free within `timeout_ms` (0: do not wait) or this LockFile holds it
  // already. `purpose` is a few words for that message: "memory ingest".
  Result<Guard> acquire(int timeout_ms, std::string_view purpose);

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  LockFile(std::string path, std::shared_ptr<detail::LockDescriptor> descriptor) noexcept
      : path_(std::move(path)), descriptor_(std::move(descriptor)) {}
  [[nodiscard]] Unexpected busy_error() const;

  std::string path_;
  std::shared_ptr<detail::LockDescriptor> descriptor_;
};

}  // namespace cmem
