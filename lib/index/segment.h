// A segment of the text index: an inverted index over texts with successive ids, complete in itself and never changed. It is made
// from texts (SegmentBuilder) or from the segments before and after each other (merge_segments).
//
// Its parts: the dictionary in pages (term_page.h) with an index of their first words; two streams of bytes, postings and positions
// (postings.h), in the order of the words; and two bytes a text (little-endian): its length in words, lengths over 32,767 counting
// as that, and 0x8000 if it is prose, which a search may weigh apart from logs.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/terms.h"
#include "index/postings.h"
#include "index/term_page.h"
#include "index/tokenizer.h"

namespace cmem {

inline constexpr std::size_t kLengthBytes = 2;
inline constexpr std::uint16_t kMaxLength = 0x7FFF;
inline constexpr std::uint16_t kProseBit = 0x8000;
// Of a longer text only so much is indexed.
inline constexpr std::size_t kMaxIndexedBytes = std::size_t{64} << 20;

enum class SegmentStream : std::uint8_t { kPageIndex, kTermPages, kPostings, kPositions, kLengths };
inline constexpr std::size_t kSegmentStreams = 5;

struct SegmentSummary {
  std::int64_t first_text_id = 0;
  std::int64_t texts = 0;
  std::int64_t words = 0;  // the sum of all lengths
  std::int64_t terms = 0;  // distinct words
  std::int64_t bytes = 0;  // of all parts
  friend bool operator==(const SegmentSummary&, const SegmentSummary&) = default;
};

// Takes what a segment is made of: the page index in one piece, a page of the dictionary at a time, and pieces of any size of the
// other streams, each stream in order.
class SegmentOutput {
 public:
  virtual ~SegmentOutput() = default;
  virtual Status put(SegmentStream stream, std::string_view bytes) = 0;
};

// Gives a segment back, each stream from its begin to its end.
class SegmentInput {
 public:
  virtual ~SegmentInput() = default;
  [[nodiscard]] virtual const SegmentSummary& summary() const = 0;
  // The next page of the dictionary, nothing behind the last.
  virtual Result<std::optional<std::string>> next_page() = 0;
  // The next `bytes` of a stream, valid until the next call for it. kCorrupt: there are not so many.
  virtual Result<std::string_view> take(SegmentStream stream, std::size_t bytes) = 0;
};

// A segment in memory.
struct EncodedSegment final : SegmentOutput {
  SegmentSummary summary;
  std::vector<std::string> term_pages;
  std::array<std::string, kSegmentStreams> streams;  // kTermPages is empty

  Status put(SegmentStream stream, std::string_view bytes) override;
  // The whole to another place.
  Status copy_to(SegmentOutput& output) const;
  [[nodiscard]] const std::string& stream(SegmentStream which) const { return streams[static_cast<std::size_t>(which)]; }
  friend bool operator==(const EncodedSegment& a, const EncodedSegment& b) {
    return a.summary == b.summary && a.term_pages == b.term_pages && a.streams == b.streams;
  }
};

// Reads one of those, which it borrows.
class EncodedSegmentInput final : public SegmentInput {
 public:
  explicit EncodedSegmentInput(const EncodedSegment& segment) : segment_(&segment) {}
  [[nodiscard]] const SegmentSummary& summary() const override { return segment_->summary; }
  Result<std::optional<std::string>> next_page() override;
  Result<std::string_view> take(SegmentStream stream, std::size_t bytes) override;

 private:
  const EncodedSegment* segment_;
  std::size_t next_page_ = 0;
  std::array<std::size_t, kSegmentStreams> at_{};
};

// Reads a page index: the first words of the pages.
Result<std::vector<std::string>> decode_page_index(std::string_view page_index);

// Puts a segment together, word after word in byte order, and for each its postings.
class SegmentEncoder {
 public:
  // `output` outlives the encoder.
  SegmentEncoder(std::int64_t first_text_id, SegmentOutput& output) : output_(&output) { summary_.first_text_id = first_text_id; }

  // `words` is its length in words.
  void add_text(std::uint32_t words, bool is_prose);
  // Those of a segment that is merged into this one.
  Status add_lengths(std::string_view lengths);
  // The list of the word that end_term() will name.
  PostingsEncoder& list() { return list_; }
  Status end_term(std::string_view term);
  Result<SegmentSummary> finish();

 private:
  Status end_page();
  Status put(SegmentStream stream, std::string& pending, std::size_t at_least);

  SegmentOutput* output_;
  SegmentSummary summary_;
  PostingsEncoder list_;
  TermPageBuilder page_;
  std::string page_index_;
  std::string postings_;  // not put yet; likewise the next two
  std::string positions_;
  std::string lengths_;
  std::uint64_t postings_put_ = 0;  // before postings_
  std::uint64_t positions_put_ = 0;
};

// Inverts texts in memory.
class SegmentBuilder {
 public:
  explicit SegmentBuilder(std::int64_t first_text_id);

  // The text with the next id.
  void add(std::string_view text, Indexing indexing = Indexing::kWhole);
  [[nodiscard]] std::int64_t next_text_id() const { return first_text_id_ + static_cast<std::int64_t>(lengths_.size()); }
  [[nodiscard]] bool empty() const { return lengths_.empty(); }
  // What it holds, roughly.
  [[nodiscard]] std::size_t memory_bytes() const {
    return arena_bytes_ + terms_.size() * sizeof(Term) + slots_.size() * sizeof(Slot);
  }
  // The segment; the builder goes on with the next text, empty.
  EncodedSegment finish();

 private:
  // Bytes that grow by moving to twice the space; what they leave is not used again.
  struct Buffer {
    char* data = nullptr;
    std::uint32_t size = 0;
    std::uint32_t capacity = 0;
  };
  struct Term {
    const char* bytes = nullptr;
    std::uint32_t size = 0;
    std::uint32_t texts = 0;
    std::uint32_t last_text = 0;
    std::uint32_t frequency = 0;      // in last_text, so far
    std::uint32_t last_position = 0;  // in last_text
    Buffer postings;                  // varint gap, varint frequency for each text but the frequency of the last
    Buffer positions;
    [[nodiscard]] std::string_view text() const { return {bytes, size}; }
  };
  // The first eight bytes stand here too, so that most words are compared without a look at the term.
  struct Slot {
    std::uint64_t head = 0;
    std::uint32_t hash = 0;
    std::uint32_t term = 0;  // 1 + index, 0: free
  };

  void reset(std::int64_t first_text_id);
  Term& term_of(std::string_view word);
  void grow_slots();
  char* allocate(std::size_t size);
  void put(Buffer& buffer, std::uint32_t value);
  static void encode(const Term& term, PostingsEncoder& list);

  std::int64_t first_text_id_ = 0;
  Tokenizer tokenizer_;
  struct Length {
    std::uint32_t words;
    bool is_prose;
  };
  std::vector<Length> lengths_;
  std::vector<Term> terms_;
  std::vector<Slot> slots_;
  std::vector<std::unique_ptr<char[]>> chunks_;
  char* free_ = nullptr;
  std::size_t free_bytes_ = 0;
  std::size_t arena_bytes_ = 0;
};

// One segment of all texts of `parts`, which follow each other. Memory: some pages of each. kCorrupt: a part is damaged.
Result<SegmentSummary> merge_segments(const std::vector<std::unique_ptr<SegmentInput>>& parts, SegmentOutput& output);

}  // namespace cmem
