// A segment of the text index: an inverted index over texts with successive ids, complete in itself and never changed. It is made
// from texts (SegmentBuilder) or from the segments before and after each other (merge_segments).
//
// Its parts: the dictionary in pages (term_page.h) with an index of their first words; two streams of bytes, postings and positions
// (postings.h), in the order of the words; and two bytes a text, its length in words (little-endian; lengths over 65,535 count as
// that).
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "index/postings.h"
#include "index/term_page.h"
#include "index/tokenizer.h"

namespace cmem {

inline constexpr std::size_t kLengthBytes = 2;

struct EncodedSegment {
  std::int64_t first_text_id = 0;
  std::uint32_t texts = 0;
  std::uint64_t words = 0;  // the sum of all lengths
  std::uint32_t terms = 0;  // distinct words
  std::vector<std::string> term_pages;
  std::string page_index;  // for each page: varint length of its first word, the word
  std::string postings;
  std::string positions;
  std::string lengths;

  [[nodiscard]] std::size_t bytes() const;
  friend bool operator==(const EncodedSegment&, const EncodedSegment&) = default;
};

// Reads a page_index.
Result<std::vector<std::string>> decode_page_index(std::string_view page_index);

// Puts a segment together, word after word in byte order, and for each its postings.
class SegmentEncoder {
 public:
  explicit SegmentEncoder(std::int64_t first_text_id) { segment_.first_text_id = first_text_id; }

  void add_text(std::uint32_t words);
  void add_lengths(std::string_view lengths, std::uint64_t words);
  // The list of the word that end_term() will name.
  PostingsEncoder& list() { return list_; }
  void end_term(std::string_view term);
  EncodedSegment finish();

 private:
  void end_page();

  EncodedSegment segment_;
  PostingsEncoder list_;
  TermPageBuilder page_;
};

// Inverts texts in memory.
class SegmentBuilder {
 public:
  explicit SegmentBuilder(std::int64_t first_text_id);

  // The text with the next id.
  void add(std::string_view text);
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
  std::vector<std::uint32_t> lengths_;
  std::vector<Term> terms_;
  std::vector<Slot> slots_;
  std::vector<std::unique_ptr<char[]>> chunks_;
  char* free_ = nullptr;
  std::size_t free_bytes_ = 0;
  std::size_t arena_bytes_ = 0;
};

// One segment of all texts of `parts`, which follow each other. kCorrupt: a part is damaged.
Result<EncodedSegment> merge_segments(const std::vector<EncodedSegment>& parts);

}  // namespace cmem
