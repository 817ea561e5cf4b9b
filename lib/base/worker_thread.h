// Runs jobs one after the other on a thread of its own, beside the caller's work.
#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace cmem {

// submit() from one thread. The thread is started by the first submit; the destructor drops what has not begun yet and joins it.
class WorkerThread {
 public:
  // `waiting_bytes` bounds what waits, in the sizes that submit() is given: it waits when there is more.
  explicit WorkerThread(std::size_t waiting_bytes) : waiting_bytes_limit_(waiting_bytes) {}
  ~WorkerThread();
  WorkerThread(const WorkerThread&) = delete;
  WorkerThread& operator=(const WorkerThread&) = delete;

  // `job` throws nothing.
  void submit(std::size_t bytes, std::function<void()> job);

 private:
  struct Job {
    std::size_t bytes;
    std::function<void()> run;
  };
  void work();

  const std::size_t waiting_bytes_limit_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  std::size_t waiting_bytes_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace cmem
