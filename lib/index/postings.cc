#include "index/postings.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/varint.h"

namespace cmem {
namespace {

using Values = std::array<std::uint32_t, kPostingsPerBlock>;
constexpr std::size_t kBytesPerBit = kPostingsPerBlock / 8;
constexpr std::size_t kWidthBytes = 2;
constexpr std::size_t kReadBehind = 7;

unsigned width_of(const Values& values) {
  std::uint32_t all = 0;
  for (const std::uint32_t value : values) all |= value;
  return static_cast<unsigned>(std::bit_width(all));
}

// Value i lies at bit i * width, lowest bit first (little-endian machines only, as everywhere in the file).
void pack(const Values& values, unsigned width, std::string& out) {
  std::uint64_t pending = 0;
  unsigned bits = 0;
  for (const std::uint32_t value : values) {
    pending |= std::uint64_t{value} << bits;
    bits += width;
    while (bits >= 8) {
      out.push_back(static_cast<char>(pending));
      pending >>= 8;
      bits -= 8;
    }
  }
}

// Eight values take just `width` bytes. A width that is known to the compiler makes places and shifts constants.
// Reads up to kReadBehind bytes behind the packed values.
template <unsigned width>
void unpack(const char* packed, Values& values) {
  constexpr std::uint64_t kMask = (std::uint64_t{1} << width) - 1;
  for (std::size_t i = 0; i < values.size(); i += 8, packed += width) {
#pragma GCC unroll 8
    for (std::size_t k = 0; k < 8; ++k) {
      std::uint64_t word;
      std::memcpy(&word, packed + k * width / 8, sizeof word);
      values[i + k] = static_cast<std::uint32_t>(word >> (k * width % 8) & kMask);
    }
  }
}

using Unpack = void (*)(const char*, Values&);

template <std::size_t... widths>
constexpr std::array<Unpack, sizeof...(widths)> unpack_functions(std::index_sequence<widths...>) {
  return {unpack<widths>...};
}
constexpr auto kUnpack = unpack_functions(std::make_index_sequence<33>());

Unexpected corrupt() { return Unexpected(Code::kCorrupt, "the text index has a damaged posting list; run `memory rebuild`"); }

}  // namespace

const char* skip_varints(const char* at, const char* end, std::uint64_t count) noexcept {
  for (; count > 0; ++at) {
    if (at == end) return nullptr;
    count -= static_cast<unsigned char>(*at) < 0x80 ? 1 : 0;
  }
  return at;
}

void PostingsEncoder::add(std::uint32_t text, std::uint32_t frequency, std::string_view positions) {
  const std::uint32_t slot = count_++ % kPostingsPerBlock;
  gaps_[slot] = text - next_text_;
  frequencies_[slot] = frequency - 1;
  next_text_ = text + 1;
  positions_.append(positions);
  if (slot + 1 == kPostingsPerBlock) close_block();
}

void PostingsEncoder::close_block() {
  const unsigned gap_width = width_of(gaps_);
  const unsigned frequency_width = width_of(frequencies_);
  put_varint(directory_, next_text_ - block_next_text_);
  put_varint(directory_, kWidthBytes + kBytesPerBit * (gap_width + frequency_width));
  put_varint(directory_, positions_.size() - block_positions_begin_);
  blocks_.push_back(static_cast<char>(gap_width));
  blocks_.push_back(static_cast<char>(frequency_width));
  pack(gaps_, gap_width, blocks_);
  pack(frequencies_, frequency_width, blocks_);
  block_next_text_ = next_text_;
  block_positions_begin_ = positions_.size();
}

void PostingsEncoder::finish(std::string& postings, std::string& positions) {
  postings.append(directory_);
  postings.append(blocks_);
  for (std::uint32_t i = 0; i < count_ % kPostingsPerBlock; ++i) {
    const bool repeated = frequencies_[i] > 0;
    put_varint(postings, std::uint64_t{gaps_[i]} << 1 | (repeated ? 1 : 0));
    if (repeated) put_varint(postings, frequencies_[i] - 1);
  }
  positions.append(positions_);
  directory_.clear();
  blocks_.clear();
  positions_.clear();
  count_ = next_text_ = block_next_text_ = 0;
  block_positions_begin_ = 0;
}

Result<PostingsReader> PostingsReader::open(std::uint32_t size, std::string_view postings) {
  PostingsReader reader;
  reader.size_ = size;
  reader.postings_ = postings;
  const std::uint32_t full = size / kPostingsPerBlock;
  if (full > postings.size()) return corrupt();
  reader.blocks_.reserve(full);
  VarintReader directory(postings);
  std::uint64_t next_text = 0;
  std::uint64_t at = 0;
  std::uint64_t positions_at = 0;
  for (std::uint32_t i = 0; i < full; ++i) {
    const auto from = static_cast<std::uint32_t>(next_text);
    const std::uint64_t texts = directory.next();
    const std::uint64_t bytes = directory.next();
    const std::uint64_t position_bytes = directory.next();
    if (texts < kPostingsPerBlock || texts > UINT32_MAX - from || bytes < kWidthBytes || bytes > postings.size()) return corrupt();
    next_text += texts;
    reader.blocks_.push_back({static_cast<std::uint32_t>(next_text - 1), from, at, bytes, positions_at});
    at += bytes;
    positions_at += position_bytes;
  }
  const std::size_t begin = postings.size() - directory.rest().size();
  if (!directory.ok() || at > directory.rest().size()) return corrupt();
  for (Block& block : reader.blocks_) block.begin += begin;
  reader.tail_ = {UINT32_MAX, static_cast<std::uint32_t>(next_text), begin + at, postings.size() - begin - at, positions_at};
  return reader;
}

Status PostingsReader::read(std::size_t index, PostingsBlock& block, bool with_frequencies) const {
  if (index == blocks_.size())
    return read_tail(size_ % kPostingsPerBlock, tail_.first_gap_from, postings_.substr(tail_.begin, tail_.bytes), block);
  const Block& place = blocks_[index];
  const char* bytes = postings_.data() + place.begin;
  const unsigned gap_width = static_cast<unsigned char>(bytes[0]);
  const unsigned frequency_width = static_cast<unsigned char>(bytes[1]);
  if (gap_width > 32 || frequency_width > 32 || place.bytes != kWidthBytes + kBytesPerBit * (gap_width + frequency_width))
    return corrupt();
  const char* packed = bytes + kWidthBytes;
  std::array<char, 2 * kBytesPerBit * 32 + kReadBehind> padded;
  if (postings_.size() - place.begin < place.bytes + kReadBehind) {
    std::memcpy(padded.data(), packed, place.bytes - kWidthBytes);
    packed = padded.data();
  }
  kUnpack[gap_width](packed, block.texts);
  std::uint64_t gaps = place.first_gap_from;  // too wide to wrap around: what ends at the right text has risen up to it
  for (std::uint32_t i = 0; i < kPostingsPerBlock; ++i) {
    gaps += block.texts[i];
    block.texts[i] = static_cast<std::uint32_t>(gaps + i);
  }
  if (with_frequencies) {
    kUnpack[frequency_width](packed + kBytesPerBit * gap_width, block.frequencies);
    for (std::uint32_t& frequency : block.frequencies) ++frequency;
  }
  block.count = kPostingsPerBlock;
  return gaps + kPostingsPerBlock - 1 == place.last_text ? Status{} : corrupt();
}

Status PostingsReader::read_tail(std::uint32_t size, std::uint32_t first_gap_from, std::string_view tail, PostingsBlock& block) {
  const char* at = tail.data();
  const char* const end = at + tail.size();
  std::uint64_t next_text = first_gap_from;
  block.count = size;
  for (std::uint32_t i = 0; i < size; ++i) {
    // Nearly all have two bytes of gap and one of frequency at most. Then where the next one begins follows from a few bits,
    // without branches, which nothing could foretell.
    if (end - at >= 4) {
      std::uint32_t word;
      std::memcpy(&word, at, sizeof word);
      const std::uint32_t is_long = word >> 7 & 1;
      const std::uint32_t repeated = word & 1;
      const std::uint32_t frequency = word >> (8 + 8 * is_long) & 0xFF;
      if (((is_long << 15 & word) | (repeated << 7 & frequency)) == 0) {
        at += 1 + is_long + repeated;
        next_text += (word >> 1 & 0x3F) + (word >> 2 & 0x1FC0 & (0 - is_long));
        block.texts[i] = static_cast<std::uint32_t>(next_text++);
        block.frequencies[i] = 1 + ((frequency + 1) & (0 - repeated));
        continue;
      }
    }
    VarintReader reader(std::string_view(at, static_cast<std::size_t>(end - at)));
    const std::uint64_t gap = reader.next();
    const std::uint64_t text = next_text + (gap >> 1);
    const std::uint64_t frequency = (gap & 1) != 0 ? reader.next() + 2 : 1;
    if (!reader.ok() || text >= UINT32_MAX || frequency > UINT32_MAX) return corrupt();
    at = reader.rest().data();
    block.texts[i] = static_cast<std::uint32_t>(text);
    block.frequencies[i] = static_cast<std::uint32_t>(frequency);
    next_text = text + 1;
  }
  return next_text <= UINT32_MAX ? Status{} : corrupt();
}

}  // namespace cmem
