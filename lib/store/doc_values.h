// Doc values: a derived copy of the message rows' integers as columns, in segments of kSegmentMessages ids, each with its time
// span. They let filters, counts and orders run at memory speed without an index on the rows. A segment is written once, when its
// ids are all used; the messages behind the last segment are read from the rows.
//
// Row of doc_values: first_id, min_ms, max_ms (of the known times; NULL: none), raw_bytes, data. `data` is a zstd frame of three
// columns, each delta-coded from one message to the next: time (varint: 0 none, else 1 + zigzag(delta)), context id, text id
// (zigzag varints). A message that was forgotten has context id 0.
#pragma once
#include <cstdint>
#include <functional>
#include <future>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/terms.h"
#include "codec/compression_queue.h"
#include "codec/zstd_frame.h"
#include "sqlite/connection.h"

namespace cmem {

inline constexpr std::int64_t kSegmentMessages = 16384;

// Columns of messages first_id, first_id + 1, …
struct Segment {
  std::int64_t first_id = 0;
  std::vector<std::int64_t> time_ms;  // kNoTime: not known
  std::vector<std::uint32_t> context_id;
  std::vector<std::uint32_t> text_id;

  [[nodiscard]] std::size_t size() const { return time_ms.size(); }
  void append(std::int64_t time, std::int64_t context, std::int64_t text) {
    time_ms.push_back(time);
    context_id.push_back(static_cast<std::uint32_t>(context));
    text_id.push_back(static_cast<std::uint32_t>(text));
  }
};

struct SegmentSpan {
  std::int64_t first_id = 0;
  std::int64_t min_ms = 0;  // of the known times; min > max: none is known
  std::int64_t max_ms = 0;
  bool is_tail = false;  // not in doc_values; comes from the rows
};

std::string encode_segment(const Segment& segment);
Result<Segment> decode_segment(std::int64_t first_id, std::string_view raw);

// Builds segments as messages are added. Like the other writer parts: resume() when another process has written, flush() before the
// commit, reset() after a rollback.
class DocValueWriter {
 public:
  // `queue` compresses full segments; it outlives the writer.
  explicit DocValueWriter(CompressionQueue& queue) : queue_(&queue) {}
  Status resume(sqlite::Connection& db, std::int64_t next_message_id);
  void add(std::int64_t time_ms, std::int64_t context_id, std::int64_t text_id);
  Status flush(sqlite::Connection& db);
  void reset();

 private:
  struct Sealed {
    SegmentSpan span;
    std::size_t raw_bytes;
    std::future<Result<std::string>> frame;
  };
  void seal();

  CompressionQueue* queue_;
  Segment open_;
  std::vector<Sealed> sealed_;  // full and not flushed yet
};

// Reads segments through a cache bounded in bytes. One thread at a time.
class DocValueReader {
 public:
  explicit DocValueReader(std::size_t cache_bytes) : cache_bytes_(cache_bytes) {}

  // The spans of all segments in id order, the tail last. Call it inside the read transaction in which the segments are read.
  Result<std::vector<SegmentSpan>> spans(sqlite::Connection& db);
  // The columns; shared so that a caller may hold them while the cache moves on.
  Result<std::shared_ptr<const Segment>> read(sqlite::Connection& db, const SegmentSpan& span);
  void clear();

 private:
  Status extend_tail(sqlite::Connection& db, std::int64_t first_id);
  void remember(std::shared_ptr<const Segment> segment);

  std::size_t cache_bytes_;
  std::size_t used_bytes_ = 0;
  std::unordered_map<std::int64_t, std::shared_ptr<const Segment>> segments_;
  std::list<std::int64_t> ages_;
  Segment tail_;
  FrameDecompressor decompressor_;
};

}  // namespace cmem
