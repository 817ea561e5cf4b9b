#include <algorithm>
#include <cstring>

#include "base/hash.h"
#include "base/utf8.h"
#include "base/varint.h"
#include "index/segment.h"

namespace cmem {
namespace {

constexpr std::size_t kFirstSlots = 1024;
constexpr std::size_t kChunkBytes = 256 * 1024;
constexpr std::uint32_t kFirstBufferBytes = 8;

constexpr std::size_t kHeadBytes = 8;

// The first eight bytes. No word has a NUL, so that words of less than eight bytes are equal if their heads are.
std::uint64_t head_of(std::string_view word) {
  std::uint64_t head = 0;
  if (word.size() >= kHeadBytes) {
    std::memcpy(&head, word.data(), kHeadBytes);
    return head;
  }
  for (std::size_t i = 0; i < word.size(); ++i) head |= std::uint64_t{static_cast<unsigned char>(word[i])} << (8 * i);
  return head;
}

std::uint32_t hash_of(std::string_view word, std::uint64_t head) {
  if (word.size() >= kHeadBytes) return static_cast<std::uint32_t>(xxh3_64(word));
  const std::uint64_t mixed = head * 0x9E3779B97F4A7C15ULL;
  return static_cast<std::uint32_t>(mixed >> 32 ^ mixed);
}

std::string_view indexed_part(std::string_view text, Indexing indexing) {
  if (indexing == Indexing::kNone) return {};
  return utf8_truncate(text, indexing == Indexing::kBegin ? kIndexedBegin : kMaxIndexedBytes);
}

}  // namespace

SegmentBuilder::SegmentBuilder(std::int64_t first_text_id) { reset(first_text_id); }

void SegmentBuilder::reset(std::int64_t first_text_id) {
  first_text_id_ = first_text_id;
  lengths_.clear();
  terms_.clear();
  slots_.assign(kFirstSlots, Slot());
  chunks_.clear();
  free_ = nullptr;
  free_bytes_ = arena_bytes_ = 0;
}

char* SegmentBuilder::allocate(std::size_t size) {
  if (size > free_bytes_) {
    const std::size_t chunk = std::max(size, kChunkBytes);
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(chunk));
    arena_bytes_ += chunk;
    free_ = chunks_.back().get();
    free_bytes_ = chunk;
  }
  char* const taken = free_;
  free_ += size;
  free_bytes_ -= size;
  return taken;
}

void SegmentBuilder::put(Buffer& buffer, std::uint32_t value) {
  constexpr std::uint32_t kMaxVarintBytes = 5;
  if (buffer.size + kMaxVarintBytes > buffer.capacity) {
    const std::uint32_t capacity = std::max(kFirstBufferBytes, buffer.capacity * 2);
    char* const moved = allocate(capacity);
    if (buffer.size > 0) std::memcpy(moved, buffer.data, buffer.size);
    buffer.data = moved;
    buffer.capacity = capacity;
  }
  for (; value >= 0x80; value >>= 7) buffer.data[buffer.size++] = static_cast<char>(value | 0x80);
  buffer.data[buffer.size++] = static_cast<char>(value);
}

void SegmentBuilder::grow_slots() {
  std::vector<Slot> old = std::move(slots_);
  slots_.assign(old.size() * 2, Slot());
  const std::size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.term == 0) continue;
    std::size_t at = slot.hash & mask;
    while (slots_[at].term != 0) at = (at + 1) & mask;
    slots_[at] = slot;
  }
}

SegmentBuilder::Term& SegmentBuilder::term_of(std::string_view word) {
  const std::uint64_t head = head_of(word);
  const std::uint32_t hash = hash_of(word, head);
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  for (; slots_[at].term != 0; at = (at + 1) & mask) {
    if (slots_[at].hash != hash || slots_[at].head != head) continue;
    Term& known = terms_[slots_[at].term - 1];
    if (word.size() < kHeadBytes || known.text() == word) return known;
  }
  Term& added = terms_.emplace_back();
  char* const bytes = allocate(word.size());
  std::memcpy(bytes, word.data(), word.size());
  added.bytes = bytes;
  added.size = static_cast<std::uint32_t>(word.size());
  slots_[at] = {head, hash, static_cast<std::uint32_t>(terms_.size())};
  if (terms_.size() * 2 > slots_.size()) grow_slots();
  return added;
}

void SegmentBuilder::add(std::string_view text, Indexing indexing) {
  text = indexed_part(text, indexing);
  const auto number = static_cast<std::uint32_t>(lengths_.size());
  const std::uint32_t words = tokenizer_.for_each_word(text, [&](const Word& word) {
    Term& term = term_of(word.folded);
    if (term.texts == 0 || term.last_text != number) {
      if (term.texts > 0) put(term.postings, term.frequency);
      put(term.postings, term.texts == 0 ? number : number - term.last_text - 1);
      ++term.texts;
      term.last_text = number;
      term.frequency = term.last_position = 0;
    }
    put(term.positions, word.position - term.last_position);
    term.last_position = word.position;
    ++term.frequency;
    return true;
  });
  lengths_.push_back({words, indexing == Indexing::kProse});
}

void SegmentBuilder::encode(const Term& term, PostingsEncoder& list) {
  VarintReader postings({term.postings.data, term.postings.size});
  const char* positions = term.positions.data;
  const char* const end = positions + term.positions.size;
  std::uint32_t number = 0;
  for (std::uint32_t i = 0; i < term.texts; ++i) {
    number += static_cast<std::uint32_t>(postings.next()) + (i > 0 ? 1 : 0);
    const auto frequency = i + 1 < term.texts ? static_cast<std::uint32_t>(postings.next()) : term.frequency;
    const char* const next = skip_varints(positions, end, frequency);
    list.add(number, frequency, {positions, static_cast<std::size_t>(next - positions)});
    positions = next;
  }
}

EncodedSegment SegmentBuilder::finish() {
  EncodedSegment segment;
  SegmentEncoder encoder(first_text_id_, segment);
  for (const Length& length : lengths_) encoder.add_text(length.words, length.is_prose);
  std::vector<std::pair<std::uint64_t, const Term*>> sorted;  // heads as numbers that sort like their bytes
  sorted.reserve(terms_.size());
  for (const Term& term : terms_) sorted.emplace_back(__builtin_bswap64(head_of(term.text())), &term);
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : a.second->text() < b.second->text();
  });
  for (const auto& [head, term] : sorted) {
    encode(*term, encoder.list());
    static_cast<void>(encoder.end_term(term->text()));  // memory takes everything
  }
  segment.summary = encoder.finish().value();
  reset(next_text_id());
  return segment;
}

}  // namespace cmem
