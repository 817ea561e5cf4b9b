#include "search/list_reader.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>
#include <numeric>
#include <utility>

#include "base/bits.h"

namespace cmem {
namespace {

// Where fewer texts than that are wanted of a block, each is looked for.
constexpr std::size_t kFew = 12;

Unexpected corrupt() { return Unexpected(Code::kCorrupt, "the text index has damaged positions; run `memory rebuild`"); }

}  // namespace

void move_back(Postings& found, std::uint32_t offset) {
  if (offset == 0) return;
  std::size_t begin = 0;
  std::size_t positions = 0;
  std::size_t texts = 0;
  for (std::size_t i = 0; i < found.texts.size(); ++i) {
    const std::size_t end = found.ends[i];
    const std::size_t first = positions;
    for (; begin < end; ++begin)
      if (found.positions[begin] >= offset) found.positions[positions++] = found.positions[begin] - offset;
    if (positions == first) continue;
    found.texts[texts] = found.texts[i];
    found.frequencies[texts] = static_cast<std::uint32_t>(positions - first);
    found.ends[texts++] = positions;
  }
  found.positions.resize(positions);
  found.texts.resize(texts);
  found.frequencies.resize(texts);
  found.ends.resize(texts);
}

Postings meet_positions(const Postings& a, const Postings& b) {
  Postings both;
  for (std::size_t i = 0, k = 0; i < a.texts.size() && k < b.texts.size();) {
    if (a.texts[i] != b.texts[k]) {
      ++(a.texts[i] < b.texts[k] ? i : k);
      continue;
    }
    const auto begin_of = [](const Postings& of, std::size_t at) {
      return of.positions.begin() + static_cast<std::ptrdiff_t>(at == 0 ? 0 : of.ends[at - 1]);
    };
    const auto end_of = [](const Postings& of, std::size_t at) {
      return of.positions.begin() + static_cast<std::ptrdiff_t>(of.ends[at]);
    };
    const std::size_t before = both.positions.size();
    std::set_intersection(begin_of(a, i), end_of(a, i), begin_of(b, k), end_of(b, k), std::back_inserter(both.positions));
    if (both.positions.size() > before) {
      both.texts.push_back(a.texts[i]);
      both.frequencies.push_back(static_cast<std::uint32_t>(both.positions.size() - before));
      both.ends.push_back(both.positions.size());
    }
    ++i;
    ++k;
  }
  return both;
}

Result<Postings> ListReader::read(const SegmentInfo& segment, const std::vector<TermEntry>& entries, const Texts* among,
                                  Detail detail) {
  if (entries.size() > 1 && detail != Detail::kPlaces) return read_union(segment, entries, among, detail);
  Postings all;
  for (const TermEntry& entry : entries) {
    IndexBytes positions;
    if (detail == Detail::kPlaces) {
      CMEM_ASSIGN_OR_RETURN(positions, index_->positions(*db_, segment, entry));
    }
    CMEM_ASSIGN_OR_RETURN(const List list, list_of(segment, entry));
    CMEM_TRY(read_list(segment, list, positions.view, among, detail, all));
  }
  if (entries.size() < 2) return all;
  std::vector<std::size_t> order(all.texts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return all.texts[a] < all.texts[b]; });
  Postings united;
  for (std::size_t i = 0; i < order.size();) {
    const std::uint32_t text = all.texts[order[i]];
    const auto positions_begin = static_cast<std::ptrdiff_t>(united.positions.size());
    std::uint32_t frequency = 0;
    for (; i < order.size() && all.texts[order[i]] == text; ++i) {
      frequency += all.frequencies[order[i]];
      const std::size_t begin = order[i] == 0 ? 0 : all.ends[order[i] - 1];
      united.positions.insert(united.positions.end(), all.positions.begin() + static_cast<std::ptrdiff_t>(begin),
                              all.positions.begin() + static_cast<std::ptrdiff_t>(all.ends[order[i]]));
    }
    united.texts.push_back(text);
    united.frequencies.push_back(frequency);
    std::sort(united.positions.begin() + positions_begin, united.positions.end());
    united.positions.erase(std::unique(united.positions.begin() + positions_begin, united.positions.end()), united.positions.end());
    united.ends.push_back(united.positions.size());
  }
  return united;
}

Result<Postings> ListReader::read(const SegmentInfo& segment, const PrefixList& list, const Texts* among, Detail detail) {
  Postings found;
  CMEM_TRY(read_list(segment, {list.texts, list.postings}, {}, among, detail, found));
  return found;
}

Result<PrefixList> ListReader::add_up(const SegmentInfo& segment, const std::vector<TermEntry>& entries) {
  PrefixList list;
  for (const TermEntry& entry : entries) list.word_texts += entry.texts;
  CMEM_ASSIGN_OR_RETURN(const Postings united, read(segment, entries, nullptr, Detail::kFrequencies));
  PostingsEncoder encoder;
  for (std::size_t i = 0; i < united.texts.size(); ++i) encoder.add(united.texts[i], united.frequencies[i], {});
  list.texts = encoder.size();
  std::string no_positions;
  encoder.finish(list.postings, no_positions);
  list.postings.shrink_to_fit();
  return list;
}

// Without positions: a number for each text of the segment. Where few texts are expected, those that have one are noted.
Result<Postings> ListReader::read_union(const SegmentInfo& segment, const std::vector<TermEntry>& entries, const Texts* among,
                                        Detail detail) {
  TextCounters& counters = index_->counters(segment);
  const auto texts = static_cast<std::size_t>(segment.texts);
  std::uint64_t most = 0;
  for (const TermEntry& entry : entries) most += entry.texts;
  const bool noted = detail == Detail::kTexts || most < texts;
  const Status added = add_up(segment, entries, among, detail, noted, counters);
  Postings united;
  if (added && among == nullptr) {
    united.texts.resize(std::min<std::uint64_t>(texts, most) + 1);
    if (detail != Detail::kTexts) united.frequencies.resize(united.texts.size());
    const std::size_t count = noted ? take_noted(counters, texts, united) : take_all(counters, texts, united);
    united.texts.resize(count);
    if (detail != Detail::kTexts) united.frequencies.resize(count);
    return united;
  }
  for (std::size_t i = 0; added && i < among->size(); ++i) {
    const std::uint32_t text = (*among)[i];
    if (counters.seen[text] == 0 && counters.counts[text] == 0) continue;
    united.texts.push_back(text);
    if (detail != Detail::kTexts) united.frequencies.push_back(counters.counts[text]);
  }
  std::fill_n(counters.counts.begin(), texts, 0U);
  std::fill_n(counters.seen.begin(), texts, std::uint8_t{0});
  CMEM_TRY(added);
  return united;
}

Status ListReader::add_up(const SegmentInfo& segment, const std::vector<TermEntry>& entries, const Texts* among, Detail detail,
                          bool noted, TextCounters& counters) {
  std::uint32_t* const counts = counters.counts.data();
  std::uint8_t* const seen = counters.seen.data();
  for (const TermEntry& entry : entries) {
    CMEM_ASSIGN_OR_RETURN(const List list, list_of(segment, entry));
    CMEM_TRY(for_each_block(segment, list, among, detail, [&](const PostingsBlock& block, std::size_t) -> Status {
      for (std::uint32_t i = 0; noted && i < block.count; ++i) seen[block.texts[i]] = 1;
      if (detail == Detail::kTexts) return {};
      for (std::uint32_t i = 0; i < block.count; ++i) counts[block.texts[i]] += block.frequencies[i];
      return {};
    }));
  }
  return {};
}

// Moves what is counted to `out`, which has room for it and one more; returns how many texts that is. Without a branch, because
// which text has a word cannot be foretold.
std::size_t ListReader::take_all(TextCounters& counters, std::size_t texts, Postings& out) {
  std::size_t count = 0;
  for (std::size_t text = 0; text < texts; ++text) {
    const std::uint32_t frequency = std::exchange(counters.counts[text], 0);
    out.texts[count] = static_cast<std::uint32_t>(text);
    out.frequencies[count] = frequency;
    count += frequency != 0 ? 1 : 0;
  }
  return count;
}

// The same of texts that are noted.
std::size_t ListReader::take_noted(TextCounters& counters, std::size_t texts, Postings& out) {
  std::size_t count = 0;
  for (std::size_t begin = 0; begin < texts; begin += 64) {
    std::uint64_t bits = bits_of(&counters.seen[begin]);
    if (bits == 0) continue;
    std::memset(&counters.seen[begin], 0, 64);
    for (; bits != 0; bits &= bits - 1, ++count) {
      const std::size_t text = begin + static_cast<std::size_t>(std::countr_zero(bits));
      out.texts[count] = static_cast<std::uint32_t>(text);
      if (!out.frequencies.empty()) out.frequencies[count] = std::exchange(counters.counts[text], 0);
    }
  }
  return count;
}

// Calls visit(block, positions_begin) for the blocks that may have some of the texts.
template <typename Visit>
Status ListReader::for_each_block(const SegmentInfo& segment, const List& list, const Texts* among, Detail detail, Visit&& visit) {
  const auto texts = static_cast<std::uint64_t>(segment.texts);
  PostingsBlock block;
  if (list.texts < kPostingsPerBlock) {
    CMEM_TRY(PostingsReader::read_short(list.texts, list.postings, block));
    if (block.count == 0) return {};
    if (block.texts[block.count - 1] >= texts) return corrupt();
    return visit(block, 0);
  }
  CMEM_ASSIGN_OR_RETURN(const PostingsReader reader, PostingsReader::open(list.texts, list.postings));
  std::size_t wanted = 0;  // the first of `among` that may come
  for (std::size_t i = 0; i < reader.blocks(); ++i) {
    if (among != nullptr) {
      while (wanted < among->size() && i > 0 && (*among)[wanted] <= reader.last_text(i - 1)) ++wanted;
      if (wanted == among->size()) break;
      if ((*among)[wanted] > reader.last_text(i)) continue;
    }
    CMEM_TRY(reader.read(i, block, detail != Detail::kTexts));
    if (block.texts[block.count - 1] >= texts) return corrupt();
    CMEM_TRY(visit(block, reader.positions_begin(i)));
  }
  return {};
}

Result<ListReader::List> ListReader::list_of(const SegmentInfo& segment, const TermEntry& entry) {
  CMEM_ASSIGN_OR_RETURN(const std::string_view postings, index_->postings(*db_, segment, entry, window_));
  return List{entry.texts, postings};
}

Status ListReader::read_list(const SegmentInfo& segment, const List& list, std::string_view positions, const Texts* among,
                             Detail detail, Postings& out) {
  if (among == nullptr && out.texts.empty()) {
    out.texts.reserve(list.texts);
    if (detail != Detail::kTexts) out.frequencies.reserve(list.texts);
  }
  const bool marked = among != nullptr && among->size() / kFew > list.texts / kPostingsPerBlock;
  std::uint8_t* const marks = marked ? index_->counters(segment).seen.data() : nullptr;
  if (marked)
    for (const std::uint32_t text : *among) marks[text] = 1;
  std::size_t wanted = 0;  // the first of `among` that may come
  const auto visit = [&](const PostingsBlock& block, std::size_t positions_begin) -> Status {
    const std::uint32_t kept = among == nullptr ? block.count
                               : marked         ? keep_marked(marks, block)
                                                : keep_wanted(*among, wanted, block);
    const auto append = [&](const auto& values, std::vector<std::uint32_t>& to) {
      if (among == nullptr) {
        to.insert(to.end(), values.begin(), values.begin() + kept);
      } else {
        for (std::uint32_t k = 0; k < kept; ++k) to.push_back(values[kept_[k]]);
      }
    };
    append(block.texts, out.texts);
    if (detail != Detail::kTexts) append(block.frequencies, out.frequencies);
    if (detail != Detail::kPlaces || kept == 0) return {};
    if (positions_begin > positions.size()) return corrupt();
    return read_positions(positions.substr(positions_begin), block, kept, among == nullptr, out);
  };
  Status done = for_each_block(segment, list, among, detail, visit);
  if (marked)
    for (const std::uint32_t text : *among) marks[text] = 0;
  return done;
}

// Notes in kept_ which postings of the block have a mark; returns how many. Without a branch, because which list is behind cannot
// be foretold.
std::uint32_t ListReader::keep_marked(const std::uint8_t* marks, const PostingsBlock& block) {
  std::uint32_t kept = 0;
  for (std::uint32_t k = 0; k < block.count; ++k) {
    kept_[kept] = k;
    kept += marks[block.texts[k]];
  }
  return kept;
}

// Notes in kept_ which postings of the block are wanted, and moves `wanted` on; returns how many. Few are: each is looked for.
std::uint32_t ListReader::keep_wanted(const Texts& among, std::size_t& wanted, const PostingsBlock& block) {
  std::uint32_t kept = 0;
  const std::uint32_t* const texts = block.texts.data();
  const std::uint32_t last = texts[block.count - 1];
  for (std::uint32_t k = 0; wanted < among.size() && among[wanted] <= last; ++wanted) {
    k = static_cast<std::uint32_t>(std::lower_bound(texts + k, texts + block.count, among[wanted]) - texts);
    if (texts[k] == among[wanted]) kept_[kept++] = k;
  }
  return kept;
}

// The positions of the kept postings of a block, whose positions begin with `bytes`.
Status ListReader::read_positions(std::string_view bytes, const PostingsBlock& block, std::uint32_t kept, bool all, Postings& out) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  std::uint32_t next = 0;  // the posting whose positions begin at `at`
  for (std::uint32_t k = 0; k < kept; ++k) {
    const std::uint32_t posting = all ? k : kept_[k];
    std::uint64_t skipped = 0;
    for (; next < posting; ++next) skipped += block.frequencies[next];
    at = skip_varints(at, end, skipped);
    if (at == nullptr) return corrupt();
    std::uint32_t position = 0;
    for (std::uint32_t left = block.frequencies[next++]; left > 0; --left) {
      std::uint32_t gap = 0;
      for (unsigned shift = 0;; shift += 7) {
        if (at == end || shift > 28) return corrupt();
        const auto byte = static_cast<unsigned char>(*at++);
        gap |= static_cast<std::uint32_t>(byte & 0x7F) << shift;
        if (byte < 0x80) break;
      }
      position += gap;
      out.positions.push_back(position);
    }
    out.ends.push_back(out.positions.size());
  }
  return {};
}

}  // namespace cmem
