// Keeps up the text index: new texts become a segment at each commit, and segments of like size are merged into one, so that a
// search has few to look at and each byte is written a few times in its life, not with every commit.
//
// Texts are inverted on a thread of its own while the caller goes on.
#pragma once
#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/terms.h"
#include "base/worker_thread.h"
#include "index/segment.h"
#include "sqlite/connection.h"
#include "store/text_segments.h"

namespace cmem {

// Like the other parts of the writer: resume() when another process has written, flush() before the commit, reset() after a
// rollback. One thread at a time.
class TextIndexWriter {
 public:
  TextIndexWriter();
  ~TextIndexWriter();
  TextIndexWriter(const TextIndexWriter&) = delete;
  TextIndexWriter& operator=(const TextIndexWriter&) = delete;

  Status resume(sqlite::Connection& db, std::int64_t next_text_id, std::int64_t next_segment_id);
  // The text with the next id; copied.
  void add(std::string_view text, Indexing indexing);
  // No more texts in this batch: the last segment is put together while the caller goes on, up to flush().
  void seal();
  // Writes the new segments, and merges. kNoMemory.
  Status flush(sqlite::Connection& db);
  void reset();
  // Ids are never used again, not even by a rebuild: readers keep what they know of a segment by its id.
  [[nodiscard]] std::int64_t next_segment_id() const { return next_segment_id_; }

 private:
  struct Chunk {
    struct Text {
      std::size_t end;  // in `bytes`
      Indexing indexing;
    };
    std::string bytes;
    std::vector<Text> texts;
  };
  // What the worker has made; only the worker touches it until its future is ready.
  struct Inversion;

  void submit_chunk();
  Status merge(sqlite::Connection& db);

  std::vector<SegmentInfo> segments_;  // in the store, in order
  std::int64_t next_segment_id_ = 1;
  std::int64_t next_text_id_ = 1;
  std::shared_ptr<Inversion> inversion_;  // of this batch, once it has a text
  std::future<Status> inverted_;          // valid after seal()
  Chunk chunk_;
  WorkerThread worker_;  // last, so that it stops first
};

// Which of the segments, from the first one that is named up to the last of all, are to be merged now; their number if none.
// `bytes` are the sizes in order. See text_index_writer.cc.
std::size_t first_to_merge(const std::vector<std::int64_t>& bytes);

}  // namespace cmem
