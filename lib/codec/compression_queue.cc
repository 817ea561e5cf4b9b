#include "codec/compression_queue.h"

#include <memory>
#include <new>
#include <utility>

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

std::future<Result<std::string>> CompressionQueue::submit(std::string raw) {
  struct Job {
    std::string raw;
    std::promise<Result<std::string>> frame;
  };
  const std::size_t bytes = raw.size();
  auto job = std::make_shared<Job>(Job{std::move(raw), {}});
  auto frame = job->frame.get_future();
  worker_.submit(bytes, [this, job] { job->frame.set_value(compress(compressor_, job->raw)); });
  return frame;
}

}  // namespace cmem
