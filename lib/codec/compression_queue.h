// Compresses blocks on a thread of its own, beside the caller's work, and on the caller's thread where that has nothing better to
// do.
#pragma once
#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/worker_thread.h"
#include "codec/zstd_frame.h"

namespace cmem {

struct CompressedBlock {
  std::size_t raw_bytes = 0;
  std::string frame;  // FrameCompressor
};

// submit() and take() from one thread. What is not compressed when the queue goes is dropped.
class CompressionQueue {
 public:
  // Of a block that was submitted. kNoMemory.
  using Pending = std::future<Result<CompressedBlock>>;

  // `waiting_bytes` bounds what waits to be compressed: submit() compresses what is more.
  CompressionQueue(int level, std::size_t waiting_bytes)
      : waiting_bytes_limit_(waiting_bytes), compressor_(level), workers_compressor_(level), worker_(1) {}

  // make_raw() gives the bytes of a block, about `bytes` of them. It is called once, on either thread.
  Pending submit(std::size_t bytes, std::function<std::string()> make_raw);
  // The block, as soon as it is compressed; until then compresses others that wait.
  Result<CompressedBlock> take(Pending& pending);
  // On the caller's thread, for a block that is needed now.
  Result<CompressedBlock> compress(std::string_view raw) { return compress(compressor_, raw); }

 private:
  struct Job {
    std::size_t bytes;
    std::function<std::string()> make_raw;
    std::promise<Result<CompressedBlock>> block;
  };
  static Result<CompressedBlock> compress(FrameCompressor& compressor, std::string_view raw);
  std::optional<Job> pop(bool newest);
  void compress_oldest();  // on the worker
  bool compress_newest();  // on the caller's thread; false: none waits
  static void run(Job job, FrameCompressor& compressor);
  [[nodiscard]] bool is_full();

  const std::size_t waiting_bytes_limit_;
  FrameCompressor compressor_;  // of the caller's thread
  FrameCompressor workers_compressor_;
  std::mutex mutex_;
  std::deque<Job> waiting_;
  std::size_t waiting_bytes_ = 0;
  WorkerThread worker_;  // last, so that it stops first
};

}  // namespace cmem
