// Compresses blocks on a thread of its own, beside the caller's work.
#pragma once
#include <cstddef>
#include <future>
#include <string>

#include "base/result.h"
#include "base/worker_thread.h"
#include "codec/zstd_frame.h"

namespace cmem {

// submit() from one thread. What is not compressed when the queue goes is dropped.
class CompressionQueue {
 public:
  // `waiting_bytes` bounds what waits to be compressed: submit() waits when there is more.
  CompressionQueue(int level, std::size_t waiting_bytes) : compressor_(level), worker_(waiting_bytes) {}

  // The zstd frame of `raw` (FrameCompressor). kNoMemory.
  std::future<Result<std::string>> submit(std::string raw);

 private:
  FrameCompressor compressor_;  // used by the worker alone
  WorkerThread worker_;
};

}  // namespace cmem
