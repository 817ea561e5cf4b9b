// Doc values: a derived copy of the message rows' integers as columns, in segments of kSegmentMessages ids, each with its time
// span. They let filters, counts, orders and searches run at memory speed without an index on the rows. A segment is written once,
// when its ids are all used; the messages behind the last segment are read from the rows.
//
// Row of doc_values: first_id, min_ms, max_ms (of the known times; NULL: none), texts, raw_bytes, data.
//
// `texts` says which texts the messages have, and how often, so that a search need not look into segments without its texts: for
// each text, rising, varint ((text - text before - 1) * 2 + (count > 1)), and for a count over 1 varint (count - 2); the text
// before the first is -1.
//
// `data` is a zstd frame. First the contexts of the messages, rising: varint their number, varint differences. Then columns, each
// cut into planes: the lowest bytes of all values, then the next ones, so that zstd finds what is alike. The index in those
// contexts of each message (one plane up to 256 contexts, else two). The messages by text and id, as the difference to the message
// before of the same text, or, for the first of a text, to the first of the text before (two planes, modulo 2^16). Zigzag varint,
// the earliest known time; one byte, the planes of the times, and so many planes: 0 not known, else 1 + zigzag of the difference to
// the last known time (the first: to the earliest). A message that was forgotten has context 0 and text 0.
#pragma once
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/lru_cache.h"
#include "base/result.h"
#include "base/shared_values.h"
#include "base/terms.h"
#include "base/varint.h"
#include "codec/compression_queue.h"
#include "codec/zstd_frame.h"
#include "sqlite/connection.h"
#include "sqlite/statement.h"

namespace cmem {

inline constexpr std::int64_t kSegmentMessages = 16384;

// Messages first_id, first_id + 1, … as they come in.
struct SegmentRows {
  std::int64_t first_id = 0;
  std::vector<std::int64_t> time_ms;  // kNoTime: not known
  std::vector<std::uint32_t> context_id;
  std::vector<std::uint32_t> text_id;

  [[nodiscard]] std::size_t size() const { return time_ms.size(); }
  [[nodiscard]] std::int64_t end_id() const { return first_id + static_cast<std::int64_t>(size()); }
  void append(std::int64_t time, std::int64_t context, std::int64_t text) {
    time_ms.push_back(time);
    context_id.push_back(static_cast<std::uint32_t>(context));
    text_id.push_back(static_cast<std::uint32_t>(text));
  }
};

// What is known of a segment without a look at its messages.
struct SegmentHead {
  std::int64_t first_id = 0;
  std::int64_t messages = 0;
  std::int64_t base_ms = 0;          // the earliest known time
  std::int64_t latest_ms = kNoTime;  // kNoTime: none is known
  bool all_have_times = true;
  std::vector<std::uint32_t> contexts;       // the different ones, rising
  std::vector<std::uint32_t> context_sizes;  // of each: its messages
};

// The same, arranged for scans. A message is named by its index from first_id.
struct Segment : SegmentHead {
  std::vector<std::uint32_t> time_offset;    // by message: ms from base_ms; kNoOffset: not known
  std::vector<std::int64_t> wide_time_ms;    // by message, instead of time_offset where 49 days are not enough
  std::vector<std::uint16_t> context_index;  // by message: its place in `contexts`
  std::vector<std::uint32_t> texts;          // the different ones, rising
  std::vector<std::uint32_t> text_ends;      // by text: where its messages end in by_text
  std::vector<std::uint16_t> by_text;        // messages, by text, then by id

  static constexpr std::uint32_t kNoOffset = 0xFFFFFFFF;

  [[nodiscard]] std::size_t size() const { return context_index.size(); }
  [[nodiscard]] std::int64_t time_ms(std::size_t message) const {
    if (!wide_time_ms.empty()) return wide_time_ms[message];
    const std::uint32_t offset = time_offset[message];
    return offset == kNoOffset ? kNoTime : base_ms + offset;
  }
  [[nodiscard]] std::uint32_t context_id(std::size_t message) const { return contexts[context_index[message]]; }
  // The messages of the text at this place in `texts`.
  [[nodiscard]] std::span<const std::uint16_t> messages_of(std::size_t text) const {
    const std::uint32_t begin = text == 0 ? 0 : text_ends[text - 1];
    return {by_text.data() + begin, text_ends[text] - begin};
  }
  [[nodiscard]] std::size_t memory_bytes() const;
  void set_times(const std::vector<std::int64_t>& times);
  // From context_index; `messages` too.
  void set_context_sizes();
};

struct SegmentSpan {
  std::int64_t first_id = 0;
  std::int64_t min_ms = 0;  // of the known times; min > max: none is known
  std::int64_t max_ms = 0;
  bool is_tail = false;  // not in doc_values; comes from the rows
};

Segment arrange_segment(const SegmentRows& rows);

struct EncodedDocValues {
  std::string texts;
  std::string data;  // before compression
};
EncodedDocValues encode_segment(const Segment& segment);
// From `data` before compression, some times faster than the segment. kCorrupt: what no writer makes.
Result<SegmentHead> decode_head(const SegmentSpan& span, std::string_view data);
// kCorrupt: what no writer makes. `scratch` is for the caller to keep from one call to the next.
Result<Segment> decode_segment(std::int64_t first_id, std::string_view texts, std::string_view data,
                               std::vector<std::int64_t>& scratch);

// Builds segments as messages are added. Like the other writer parts: resume() when another process has written, flush() before the
// commit, reset() after a rollback.
class DocValueWriter {
 public:
  // `queue` compresses full segments; it outlives the writer.
  explicit DocValueWriter(CompressionQueue& queue) : queue_(&queue) {}
  Status resume(sqlite::Connection& db, std::int64_t next_message_id);
  void add(std::int64_t time_ms, std::int64_t context_id, std::int64_t text_id);
  Status flush(sqlite::Connection& db);
  // A message whose row was deleted is none any more.
  Status take_out(sqlite::Connection& db, std::int64_t message_id);
  void reset();

 private:
  struct Sealed {
    SegmentSpan span;
    std::string texts;
    CompressionQueue::Pending data;
  };
  void seal(const SegmentRows& rows);

  CompressionQueue* queue_;
  SegmentRows open_;
  std::vector<Sealed> sealed_;  // full and not flushed yet
};

// Reads segments through a cache bounded in bytes. One thread at a time.
class DocValueReader {
 public:
  explicit DocValueReader(std::size_t cache_bytes) : segments_(cache_bytes) {}
  // From now on takes segments that other readers of the file have, and gives them its own. Borrows.
  void share(SharedValues<Segment>& shared) { shared_ = &shared; }

  // The spans of all segments in id order, the tail last. Call it inside the read transaction in which the segments are read.
  Result<std::vector<SegmentSpan>> spans(sqlite::Connection& db);
  // The id behind the last message that spans() has seen.
  [[nodiscard]] std::int64_t end_id() const { return tail_rows_.end_id(); }
  // Of a segment that was looked at at any time, or nullptr. Valid until the next call of another function.
  [[nodiscard]] const SegmentHead* known_head(const SegmentSpan& span) const {
    const auto known = span.is_tail ? heads_.end() : heads_.find(span.first_id);
    return known == heads_.end() ? nullptr : &known->second;
  }
  // The columns; shared so that a caller may hold them while the cache moves on.
  Result<std::shared_ptr<const Segment>> read(sqlite::Connection& db, const SegmentSpan& span);
  // The same, but nothing if it is quicker to see that no text of the segment is wanted: wanted(text_id) -> bool.
  template <typename Wanted>
  Result<std::shared_ptr<const Segment>> read_if(sqlite::Connection& db, const SegmentSpan& span, Wanted&& wanted) {
    if (span.is_tail) return read(db, span);
    if (const auto cached = find(span)) return cached;
    CMEM_ASSIGN_OR_RETURN(auto row, prepare_select(db));
    CMEM_TRY(select(row, span));
    TextCounts texts(as_text(row.column_blob(0)));
    while (texts.next())
      if (wanted(texts.text_id())) return decode(row, span);
    if (!texts.ok()) return decode(row, span);  // which says what is wrong
    return std::shared_ptr<const Segment>();
  }
  // The same, but nothing if it is quicker to see that no context of the segment is wanted: wanted(head) -> bool.
  template <typename Wanted>
  Result<std::shared_ptr<const Segment>> read_if_head(sqlite::Connection& db, const SegmentSpan& span, Wanted&& wanted) {
    if (span.is_tail) return read(db, span);
    const SegmentHead* const known = known_head(span);
    if (known != nullptr && !wanted(*known)) return std::shared_ptr<const Segment>();
    if (const auto cached = find(span)) return cached;
    CMEM_ASSIGN_OR_RETURN(auto row, prepare_select(db));
    CMEM_TRY(select(row, span));
    CMEM_TRY(decompress(row));
    if (known == nullptr) {
      CMEM_ASSIGN_OR_RETURN(auto head, decode_head(span, data_));
      if (!wanted(heads_.emplace(span.first_id, std::move(head)).first->second)) return std::shared_ptr<const Segment>();
    }
    return decode_data(row, span);
  }
  // Calls visit(span, text_id, messages) for each text of each segment of `spans`, the tail included.
  template <typename Visit>
  Status for_each_text(sqlite::Connection& db, const std::vector<SegmentSpan>& spans, Visit&& visit) {
    CMEM_ASSIGN_OR_RETURN(auto row, prepare_select(db));
    for (const SegmentSpan& span : spans) {
      const auto cached = span.is_tail ? nullptr : find(span);
      if (span.is_tail || cached) {
        CMEM_ASSIGN_OR_RETURN(const auto segment, span.is_tail ? read(db, span) : cached);
        for (std::size_t text = 0; text < segment->texts.size(); ++text)
          visit(span, segment->texts[text], segment->messages_of(text).size());
        continue;
      }
      CMEM_TRY(select(row, span));
      TextCounts texts(as_text(row.column_blob(0)));
      while (texts.next()) visit(span, texts.text_id(), texts.count());
      row.reset();
      if (!texts.ok()) CMEM_TRY(read(db, span));  // which says what is wrong
    }
    return {};
  }
  // How many segments were decoded so far.
  [[nodiscard]] std::size_t decoded() const { return decoded_; }
  void clear();

 private:
  // Walks over a `texts` column.
  class TextCounts {
   public:
    explicit TextCounts(std::string_view bytes) : reader_(bytes) {}
    bool next() {
      if (reader_.at_end()) return false;
      const std::uint64_t gap = reader_.next();
      next_text_ += (gap >> 1) + 1;
      count_ = (gap & 1) != 0 ? reader_.next() + 2 : 1;
      return ok();
    }
    [[nodiscard]] std::uint32_t text_id() const { return static_cast<std::uint32_t>(next_text_ - 1); }
    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] bool ok() const { return reader_.ok() && next_text_ <= std::uint64_t{UINT32_MAX} + 1; }

   private:
    VarintReader reader_;
    std::uint64_t next_text_ = 0;
    std::uint64_t count_ = 0;
  };
  friend Result<Segment> decode_segment(std::int64_t first_id, std::string_view texts, std::string_view data,
                                        std::vector<std::int64_t>& scratch);

  static Result<sqlite::Statement> prepare_select(sqlite::Connection& db);
  static Status select(sqlite::Statement& row, const SegmentSpan& span);
  // nullptr: neither this nor another reader has it.
  std::shared_ptr<const Segment> find(const SegmentSpan& span);
  std::shared_ptr<const Segment> keep(std::shared_ptr<const Segment> segment);
  Result<std::shared_ptr<const Segment>> decode(sqlite::Statement& row, const SegmentSpan& span) {
    CMEM_TRY(decompress(row));
    return decode_data(row, span);
  }
  // To data_.
  Status decompress(const sqlite::Statement& row);
  Result<std::shared_ptr<const Segment>> decode_data(sqlite::Statement& row, const SegmentSpan& span);
  Status extend_tail(sqlite::Connection& db, std::int64_t first_id);

  std::vector<SegmentSpan> spans_;  // of the segments seen so far
  SharedValues<Segment>* shared_ = nullptr;
  LruCache<std::int64_t, std::shared_ptr<const Segment>> segments_;
  std::unordered_map<std::int64_t, SegmentHead> heads_;
  SegmentRows tail_rows_;
  std::shared_ptr<const Segment> tail_;  // tail_rows_ arranged
  std::size_t decoded_ = 0;
  FrameDecompressor decompressor_;
  std::string data_;                 // reused
  std::vector<std::int64_t> times_;  // reused
};

}  // namespace cmem
