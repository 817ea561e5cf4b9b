#include "ingest/pipeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <new>
#include <thread>
#include <vector>

#include "base/fault.h"
#include "codec/byte_stream.h"
#include "ingest/bounded_queue.h"
#include "source/line_chunker.h"

namespace cmem {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{1} << 20;
constexpr std::size_t kQueuedChunks = 4;
constexpr auto kIdleInterval = std::chrono::milliseconds(100);

struct Delivery {
  std::future<PreparedChunk> prepared;
  ChunkProgress progress;
};

struct ParseJob {
  LineChunk chunk;
  std::promise<PreparedChunk> prepared;
};

class Pipeline {
 public:
  Pipeline(ByteStream& stream, const PipelineOptions& options) : stream_(stream), options_(options) {
    threads_.emplace_back([this] { read(); });
    for (unsigned i = 0; i < std::max(1U, options.parser_threads); ++i) threads_.emplace_back([this] { parse(); });
  }

  ~Pipeline() { stop(); }

  void stop() {
    jobs_.abort();
    deliveries_.abort();
    for (std::thread& thread : threads_)
      if (thread.joinable()) thread.join();
  }

  Status deliver(const ChunkConsumer& consumer) {
    while (true) {
      std::optional<Delivery> delivery;
      const QueueState state = deliveries_.pop_for(kIdleInterval, delivery);
      if (state == QueueState::kEnded) return {};
      if (state == QueueState::kEmpty) {
        if (consumer.idle) CMEM_TRY(consumer.idle());
        continue;
      }
      PreparedChunk chunk = delivery->prepared.get();
      CMEM_TRY(consumer.consume(chunk, delivery->progress));
    }
  }

  // After deliver(): how reading ended. The reader has closed the queue by then.
  std::optional<Error> take_read_error() { return std::move(read_error_); }

 private:
  void read() {
    try {
      read_chunks();
    } catch (const std::bad_alloc&) {
      read_error_.emplace(Code::kNoMemory, "read a source: out of memory");
    }
    jobs_.close();
    deliveries_.close();
  }

  void read_chunks() {
    LineChunker chunker(stream_, {kChunkBytes, options_.max_line_bytes});
    while (true) {
      auto next = chunker.next();
      if (!next) {
        read_error_.emplace(std::move(next).error());
        return;
      }
      if (!*next) return;
      ParseJob job{std::move(**next), {}};
      Delivery delivery{job.prepared.get_future(), {stream_.file_bytes_read()}};
      if (!jobs_.push(std::move(job)) || !deliveries_.push(std::move(delivery))) return;
    }
  }

  void parse() {
    RecordParser parser({options_.check_hashes});
    while (auto job = jobs_.pop()) {
      try {
        SourceRedactor redactor(options_.redactor);
        redactor.redact(job->chunk);
        PreparedChunk chunk{parser.parse(std::move(job->chunk)), {}, redactor.take_counts()};
        redactor.restore_offsets(chunk.parsed);
        chunk.groups = group_records(chunk.parsed.records);
        job->prepared.set_value(std::move(chunk));
        CMEM_CRASH_POINT("ingest.after-parse");
      } catch (...) {
        job->prepared.set_exception(std::current_exception());
      }
    }
  }

  ByteStream& stream_;
  const PipelineOptions& options_;
  BoundedQueue<ParseJob> jobs_{kQueuedChunks};
  BoundedQueue<Delivery> deliveries_{2 * kQueuedChunks};
  std::optional<Error> read_error_;  // written by the reader before it closes the queues
  std::vector<std::thread> threads_;
};

}  // namespace

unsigned default_parser_threads() { return std::clamp(std::thread::hardware_concurrency(), 3U, 6U) - 2; }

Result<SourceEnd> run_pipeline(const std::string& source, const PipelineOptions& options, const ChunkConsumer& consumer) {
  CMEM_ASSIGN_OR_RETURN(const auto stream, ByteStream::open(source));
  SourceEnd end;
  {
    Pipeline pipeline(*stream, options);
    CMEM_TRY(pipeline.deliver(consumer));
    pipeline.stop();
    end.damage = pipeline.take_read_error();
  }
  if (end.damage && end.damage->code != Code::kCorrupt) return Unexpected(std::move(*end.damage));
  end.sha256 = stream->sha256_hex();
  end.file_bytes = stream->file_bytes_read();
  return end;
}

}  // namespace cmem
