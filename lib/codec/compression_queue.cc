#include "codec/compression_queue.h"

#include <chrono>
#include <new>
#include <utility>

namespace cmem {

CompressionQueue::Pending CompressionQueue::submit(std::size_t bytes, std::function<std::string()> make_raw) {
  Pending pending;
  {
    const std::lock_guard lock(mutex_);
    Job& job = waiting_.emplace_back(Job{bytes, std::move(make_raw), {}});
    pending = job.block.get_future();
    waiting_bytes_ += bytes;
  }
  worker_.submit(0, [this] { compress_oldest(); });
  while (is_full() && compress_newest()) {
  }
  return pending;
}

Result<CompressedBlock> CompressionQueue::take(Pending& pending) {
  while (pending.wait_for(std::chrono::seconds(0)) != std::future_status::ready && compress_newest()) {
  }
  return pending.get();
}

Result<CompressedBlock> CompressionQueue::compress(FrameCompressor& compressor, std::string_view raw) {
  CompressedBlock block;
  block.raw_bytes = raw.size();
  CMEM_TRY(compressor.compress(raw, block.frame));
  block.frame.shrink_to_fit();
  return block;
}

bool CompressionQueue::is_full() {
  const std::lock_guard lock(mutex_);
  return waiting_bytes_ > waiting_bytes_limit_;
}

std::optional<CompressionQueue::Job> CompressionQueue::pop(bool newest) {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return std::nullopt;
  std::optional<Job> job(std::move(newest ? waiting_.back() : waiting_.front()));
  newest ? waiting_.pop_back() : waiting_.pop_front();
  waiting_bytes_ -= job->bytes;
  return job;
}

void CompressionQueue::compress_oldest() {
  if (auto job = pop(false)) run(std::move(*job), workers_compressor_);
}

bool CompressionQueue::compress_newest() {
  auto job = pop(true);
  if (!job) return false;
  run(std::move(*job), compressor_);
  return true;
}

void CompressionQueue::run(Job job, FrameCompressor& compressor) {
  try {
    job.block.set_value(compress(compressor, job.make_raw()));
  } catch (const std::bad_alloc&) {
    job.block.set_value(Unexpected(Code::kNoMemory, "compress a block: out of memory"));
  }
}

}  // namespace cmem
