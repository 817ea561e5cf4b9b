// Compresses blocks on a thread of its own, beside the caller's work.
#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <future>
#include <mutex>
#include <string>
#include <thread>

#include "base/result.h"

namespace cmem {

// submit() from one thread. The worker is started by the first submit; the destructor drops what is not compressed yet and joins
// it.
class CompressionQueue {
 public:
  // `waiting_bytes` bounds what waits to be compressed: submit() waits when there is more.
  CompressionQueue(int level, std::size_t waiting_bytes);
  ~CompressionQueue();
  CompressionQueue(const CompressionQueue&) = delete;
  CompressionQueue& operator=(const CompressionQueue&) = delete;

  // The zstd frame of `raw` (FrameCompressor). kNoMemory.
  std::future<Result<std::string>> submit(std::string raw);

 private:
  struct Job {
    std::string raw;
    std::promise<Result<std::string>> frame;
  };
  void work();

  const int level_;
  const std::size_t waiting_bytes_limit_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  std::size_t waiting_bytes_ = 0;
  bool stopping_ = false;
  std::thread worker_;
};

}  // namespace cmem
