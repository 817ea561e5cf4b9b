// One word's posting list in one segment: in which texts it stands, how often, and at which positions.
//
// Postings: texts are numbered from 0 in the segment. A list of n texts has n / 128 full blocks and a tail. First a directory, for
// each full block: varint (last text - last text of the block before; of the first block + 1), varint bytes of the block, varint
// bytes of its positions. Then the blocks: two bytes with the widths in bits, 128 packed (text - text before - 1), 128 packed
// (frequency - 1). Then the tail, for each text: varint ((text - text before - 1) * 2 + (frequency > 1)), and for a frequency
// over 1 varint (frequency - 2). "Text before" the first is -1.
//
// Positions: for each text in order its positions, rising, as varints of the differences (the first from 0).
//
// Blocks of 128 with packed differences and a directory to skip by are what Lucene's formats have
// (https://lucene.apache.org/core/9_0_0/core/org/apache/lucene/codecs/lucene90/Lucene90PostingsFormat.html).
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cmem {

inline constexpr std::uint32_t kPostingsPerBlock = 128;

// Builds one list; used again for the next.
class PostingsEncoder {
 public:
  // Texts rise. `positions` are the encoded positions of this text.
  void add(std::uint32_t text, std::uint32_t frequency, std::string_view positions);
  [[nodiscard]] std::uint32_t size() const { return count_; }
  // Appends the list to the streams, and starts the next list.
  void finish(std::string& postings, std::string& positions);

 private:
  void close_block();

  std::array<std::uint32_t, kPostingsPerBlock> gaps_{};
  std::array<std::uint32_t, kPostingsPerBlock> frequencies_{};
  std::uint32_t count_ = 0;
  std::uint32_t next_text_ = 0;        // one behind the last
  std::uint32_t block_next_text_ = 0;  // the same at the end of the last full block
  std::size_t block_positions_begin_ = 0;
  std::string directory_;
  std::string blocks_;
  std::string positions_;
};

struct PostingsBlock {
  std::uint32_t count = 0;
  std::array<std::uint32_t, kPostingsPerBlock> texts;
  std::array<std::uint32_t, kPostingsPerBlock> frequencies;
};

// Reads a list; borrows its bytes. Bytes that cannot be right are kCorrupt.
class PostingsReader {
 public:
  static Result<PostingsReader> open(std::uint32_t size, std::string_view postings);
  // A list of fewer than kPostingsPerBlock texts at once.
  static Status read_short(std::uint32_t size, std::string_view postings, PostingsBlock& block) {
    return read_tail(size, 0, postings, block);
  }

  [[nodiscard]] std::uint32_t size() const { return size_; }
  // Blocks in all, the tail included.
  [[nodiscard]] std::size_t blocks() const { return blocks_.size() + (size_ % kPostingsPerBlock != 0 ? 1 : 0); }
  // No text of block `index` is behind this one.
  [[nodiscard]] std::uint32_t last_text(std::size_t index) const { return block(index).last_text; }
  // Without `with_frequencies` those in `block` mean nothing.
  Status read(std::size_t index, PostingsBlock& block, bool with_frequencies = true) const;
  // Where the positions of a block begin in the list's positions.
  [[nodiscard]] std::size_t positions_begin(std::size_t index) const { return block(index).positions_begin; }

 private:
  struct Block {
    std::uint32_t last_text;
    std::uint32_t first_gap_from;  // one behind the last text of the block before
    std::size_t begin;
    std::size_t bytes;
    std::size_t positions_begin;
  };
  [[nodiscard]] const Block& block(std::size_t index) const { return index < blocks_.size() ? blocks_[index] : tail_; }
  static Status read_tail(std::uint32_t size, std::uint32_t first_gap_from, std::string_view tail, PostingsBlock& block);

  std::uint32_t size_ = 0;
  std::string_view postings_;
  std::vector<Block> blocks_;  // the full ones
  Block tail_{};
};

// Passes over `count` varints; nullptr if the bytes end before.
const char* skip_varints(const char* at, const char* end, std::uint64_t count) noexcept;

}  // namespace cmem
