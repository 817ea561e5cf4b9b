#include "store/vocabulary.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "base/bits.h"

namespace cmem {
namespace {

// Beyond that, memory is worth more than the time of a walk.
constexpr std::uint64_t kMaxEntries = 8'000'000;
// To make it costs as much as to walk over so many times its entries.
constexpr std::uint64_t kCostOfEntry = 4;
// The newer words join the older ones when they are so many times fewer at most.
constexpr std::size_t kMaxFewer = 4;

constexpr unsigned kDigitBit = 26;
constexpr unsigned kNotAsciiBit = 27;
constexpr unsigned kOtherBit = 28;

constexpr std::uint32_t letter_bit(unsigned byte) {
  const unsigned bit = byte >= 'a' && byte <= 'z'   ? byte - unsigned{'a'}
                       : byte >= '0' && byte <= '9' ? kDigitBit
                       : byte >= 0x80               ? kNotAsciiBit
                                                    : kOtherBit;
  return std::uint32_t{1} << bit;
}

constexpr auto kLetterBits = [] {
  std::array<std::uint32_t, 256> bits{};
  for (unsigned byte = 0; byte < bits.size(); ++byte) bits[byte] = letter_bit(byte);
  return bits;
}();

}  // namespace

std::uint32_t letters_of(std::string_view word) noexcept {
  std::uint32_t letters = 0;
  for (const char c : word) letters |= kLetterBits[static_cast<unsigned char>(c)];
  return letters;
}

void Vocabulary::Words::add(std::string_view word, std::uint32_t count) {
  bytes.append(word);
  ends.push_back(static_cast<std::uint32_t>(bytes.size()));
  texts.push_back(count);
  letters.push_back(letters_of(word));
}

std::size_t Vocabulary::Words::lower_bound(std::string_view wanted) const {
  std::size_t first = 0;
  for (std::size_t left = size(); left > 0;) {
    const std::size_t half = left / 2;
    if (word(first + half) < wanted) {
      first += half + 1;
      left -= half + 1;
    } else {
      left = half;
    }
  }
  return first;
}

std::pair<std::size_t, std::size_t> Vocabulary::Words::range(std::string_view begin) const {
  std::string behind(begin);
  while (!behind.empty() && static_cast<unsigned char>(behind.back()) == 0xFF) behind.pop_back();
  if (behind.empty()) return {lower_bound(begin), size()};
  behind.back() = static_cast<char>(static_cast<unsigned char>(behind.back()) + 1);
  return {lower_bound(begin), lower_bound(behind)};
}

std::uint64_t Vocabulary::Words::texts_with(std::string_view wanted) const {
  const std::size_t at = lower_bound(wanted);
  return at < size() && word(at) == wanted ? texts[at] : 0;
}

// Loops of a fixed length without branches, of which the compiler makes vector instructions.
template <unsigned edits>
std::uint64_t Vocabulary::Words::find_alike(std::size_t at, std::size_t end, std::uint32_t wanted, std::uint32_t without) const {
  const std::size_t size = std::min(kAtOnce, end - at);
  std::array<std::uint32_t, kAtOnce> these;
  std::copy_n(letters.begin() + static_cast<std::ptrdiff_t>(at), size, these.begin());
  std::fill(these.begin() + static_cast<std::ptrdiff_t>(size), these.end(), ~wanted);
  std::array<std::uint8_t, kAtOnce> alike;
  for (std::size_t i = 0; i < kAtOnce; ++i) {
    std::uint32_t differ = these[i] ^ wanted;
#pragma GCC unroll 6
    for (unsigned bit = 0; bit < 2 * edits; ++bit) differ &= differ - 1;  // without the lowest
    alike[i] = (differ | (these[i] & without)) == 0 ? 1 : 0;
  }
  return bits_of(alike.data());
}

std::uint64_t Vocabulary::Words::find_alike(std::size_t at, std::size_t end, const Alike& alike) const {
  if (alike.edits == 1) return find_alike<1>(at, end, alike.letters, alike.without);
  if (alike.edits == 2) return find_alike<2>(at, end, alike.letters, alike.without);
  return find_alike<3>(at, end, alike.letters, alike.without);
}

Result<Vocabulary::Words> Vocabulary::read(sqlite::Connection& db, TextIndexReader& index, const SegmentInfo& segment) {
  Words words;
  CMEM_TRY(index.for_each_term(db, segment, "", [&](const std::string& word, const TermEntry& entry) {
    words.add(word, entry.texts);
    return true;
  }));
  return words;
}

// Of two halves each, so that a word is copied as often as the number of segments can be halved.
Result<Vocabulary::Words> Vocabulary::read(sqlite::Connection& db, TextIndexReader& index, const std::vector<SegmentInfo>& segments,
                                           std::size_t begin, std::size_t end) {
  if (begin == end) return Words();
  if (end - begin == 1) return read(db, index, segments[begin]);
  const std::size_t middle = begin + (end - begin) / 2;
  CMEM_ASSIGN_OR_RETURN(const Words first, read(db, index, segments, begin, middle));
  CMEM_ASSIGN_OR_RETURN(const Words second, read(db, index, segments, middle, end));
  return merge(first, second);
}

Vocabulary::Words Vocabulary::merge(const Words& a, const Words& b) {
  Words merged;
  merged.bytes.reserve(a.bytes.size() + b.bytes.size());
  for (auto* column : {&merged.ends, &merged.texts, &merged.letters}) column->reserve(a.size() + b.size());
  for (std::size_t i = 0, k = 0; i < a.size() || k < b.size();) {
    const int order = k == b.size() ? -1 : i == a.size() ? 1 : a.word(i).compare(b.word(k));
    merged.bytes.append(order <= 0 ? a.word(i) : b.word(k));
    merged.ends.push_back(static_cast<std::uint32_t>(merged.bytes.size()));
    merged.texts.push_back((order <= 0 ? a.texts[i] : 0) + (order >= 0 ? b.texts[k] : 0));
    merged.letters.push_back(order <= 0 ? a.letters[i] : b.letters[k]);
    i += order <= 0 ? 1 : 0;
    k += order >= 0 ? 1 : 0;
  }
  return merged;
}

Vocabulary::Vocabulary() : Vocabulary(std::make_shared<Shared>()) {}

void Vocabulary::add_cost(std::uint64_t entries) {
  const std::lock_guard lock(shared_->mutex_);
  shared_->cost_entries_ += entries;
}

void Vocabulary::clear() {
  const std::lock_guard lock(shared_->mutex_);
  shared_->known_ = known_ = std::make_shared<const Known>();
  shared_->cost_entries_ = 0;
}

bool Vocabulary::is_of(const Known& known, const std::vector<SegmentInfo>& segments) {
  return known.old_segments > 0 && std::equal(segments.begin(), segments.end(), known.segment_ids.begin(), known.segment_ids.end(),
                                              [](const SegmentInfo& segment, std::int64_t id) { return segment.id == id; });
}

// The first segment that is not in `known.old`, if all that has are still there.
std::size_t Vocabulary::first_to_read(const Known& known, const std::vector<SegmentInfo>& segments) {
  const auto has = [&](std::size_t at) { return at < segments.size() && segments[at].id == known.segment_ids[at]; };
  for (std::size_t at = 0; at < known.old_segments; ++at)
    if (!has(at)) return 0;
  return known.old_segments;
}

bool Vocabulary::is_worth_while(const std::vector<SegmentInfo>& segments) const {
  const std::size_t first = first_to_read(*known_, segments);
  const auto entries = std::accumulate(
      segments.begin() + static_cast<std::ptrdiff_t>(first), segments.end(), std::uint64_t{0},
      [](std::uint64_t sum, const SegmentInfo& segment) { return sum + static_cast<std::uint64_t>(segment.terms); });
  const std::lock_guard lock(shared_->mutex_);
  return entries <= kMaxEntries && (first > 0 || shared_->cost_entries_ >= kCostOfEntry * entries);
}

Result<std::shared_ptr<const Vocabulary::Known>> Vocabulary::extend(sqlite::Connection& db, TextIndexReader& index,
                                                                    const Known& known, const std::vector<SegmentInfo>& segments) {
  const std::size_t first = first_to_read(known, segments);
  CMEM_ASSIGN_OR_RETURN(Words words, read(db, index, segments, first, segments.size()));
  Known next;
  for (const SegmentInfo& segment : segments) next.segment_ids.push_back(segment.id);
  if (first > 0 && words.size() * kMaxFewer < known.old->size()) {
    next.old_segments = known.old_segments;
    next.old = known.old;
    next.added = std::make_shared<const Words>(std::move(words));
  } else {
    next.old_segments = segments.size();
    next.old = std::make_shared<const Words>(first > 0 ? merge(*known.old, words) : std::move(words));
  }
  return std::make_shared<const Known>(std::move(next));
}

Result<bool> Vocabulary::prepare(sqlite::Connection& db, TextIndexReader& index, const std::vector<SegmentInfo>& segments) {
  const auto take_shared = [&] {
    const std::lock_guard lock(shared_->mutex_);
    known_ = shared_->known_;
    return is_of(*known_, segments);
  };
  if (take_shared()) return true;
  if (!is_worth_while(segments)) return false;
  const std::lock_guard turn(shared_->turn_);
  if (take_shared()) return true;
  CMEM_ASSIGN_OR_RETURN(known_, extend(db, index, *known_, segments));
  const std::lock_guard lock(shared_->mutex_);
  if (known_->old_segments == segments.size()) shared_->cost_entries_ = 0;
  shared_->known_ = known_;
  return true;
}

}  // namespace cmem
