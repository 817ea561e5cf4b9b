#include "codec/compression_queue.h"

#include <new>

#include "codec/zstd_frame.h"

namespace cmem {
namespace {

Result<std::string> compress(FrameCompressor& compressor, const std::string& raw) {
  try {
    std::string frame;
    CMEM_TRY(compressor.compress(raw, frame));
    frame.shrink_to_fit();
    return frame;
  } catch (const std::bad_alloc&) {
    return Unexpected(Code::kNoMemory, "compress a block: out of memory");
  }
}

}  // namespace

CompressionQueue::CompressionQueue(int level, std::size_t waiting_bytes) : level_(level), waiting_bytes_limit_(waiting_bytes) {}

CompressionQueue::~CompressionQueue() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    jobs_.clear();
  }
  changed_.notify_all();
  if (worker_.joinable()) worker_.join();
}

std::future<Result<std::string>> CompressionQueue::submit(std::string raw) {
  Job job{std::move(raw), {}};
  auto frame = job.frame.get_future();
  std::unique_lock lock(mutex_);
  if (!worker_.joinable()) worker_ = std::thread([this] { work(); });
  changed_.wait(lock, [&] { return waiting_bytes_ < waiting_bytes_limit_; });
  waiting_bytes_ += job.raw.size();
  jobs_.push_back(std::move(job));
  changed_.notify_all();
  return frame;
}

void CompressionQueue::work() {
  FrameCompressor compressor(level_);
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopping_ || !jobs_.empty(); });
    if (stopping_) return;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job.frame.set_value(compress(compressor, job.raw));
    lock.lock();
    waiting_bytes_ -= job.raw.size();
    changed_.notify_all();
  }
}

}  // namespace cmem
