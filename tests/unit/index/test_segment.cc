// The text index without its storage: posting lists, dictionary pages and segments, each against something simple, and damaged.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/varint.h"
#include "index/segment.h"
#include "unit/sqlite/temp_store.h"
#include "unit/support/random.h"

namespace cmem::test {
namespace {

// Small numbers mostly, large ones up to `most` sometimes.
std::uint32_t skewed(Rng& rng, std::uint32_t most) {
  const std::uint64_t mask = (std::uint64_t{1} << (1 + pick(rng, 31))) - 1;
  return static_cast<std::uint32_t>((rng() & mask) % (std::uint64_t{most} + 1));
}

struct Posting {
  std::uint32_t text = 0;
  std::vector<std::uint32_t> positions;
  friend bool operator==(const Posting&, const Posting&) = default;
};
using Postings = std::vector<Posting>;

std::string encode_positions(const std::vector<std::uint32_t>& positions) {
  std::string bytes;
  std::uint32_t last = 0;
  for (const std::uint32_t position : positions) {
    put_varint(bytes, position - last);
    last = position;
  }
  return bytes;
}

// What a list says, block after block; nothing if it is damaged. Fails the test if a text does not come behind the one before.
std::optional<Postings> read_list(std::uint32_t size, std::string_view bytes, std::string_view positions) {
  const auto list = PostingsReader::open(size, bytes);
  if (!list) return {};
  Postings found;
  PostingsBlock block;
  std::int64_t last_text = -1;
  for (std::size_t i = 0; i < list->blocks(); ++i) {
    if (!list->read(i, block)) return {};
    if (block.count > kPostingsPerBlock || list->positions_begin(i) > positions.size()) return {};
    const char* at = positions.data() + list->positions_begin(i);
    for (std::uint32_t k = 0; k < block.count; ++k) {
      if (block.texts[k] <= last_text || block.texts[k] > list->last_text(i)) FAIL("the texts do not rise");
      last_text = block.texts[k];
      const char* const end = skip_varints(at, positions.data() + positions.size(), block.frequencies[k]);
      if (end == nullptr) return {};
      Posting& posting = found.emplace_back();
      posting.text = block.texts[k];
      VarintReader reader({at, static_cast<std::size_t>(end - at)});
      std::uint64_t position = 0;
      while (!reader.at_end()) posting.positions.push_back(static_cast<std::uint32_t>(position += reader.next()));
      at = end;
    }
  }
  return found;
}

Postings random_postings(Rng& rng, std::size_t count, std::uint32_t most_gap) {
  Postings list;
  std::uint64_t text = 0;
  for (std::size_t i = 0; i < count; ++i) {
    text += skewed(rng, most_gap) + (i > 0 ? 1U : 0U);
    if (text >= UINT32_MAX) break;
    Posting& posting = list.emplace_back();
    posting.text = static_cast<std::uint32_t>(text);
    std::uint32_t position = 0;
    for (std::size_t n = pick(rng, 20) == 0 ? 1 + pick(rng, 300) : 1 + pick(rng, 2); n > 0; --n)
      posting.positions.push_back(position += skewed(rng, 1'000) + 1);
  }
  return list;
}

void encode(PostingsEncoder& encoder, const Postings& list, std::string& bytes, std::string& positions) {
  for (const Posting& posting : list)
    encoder.add(posting.text, static_cast<std::uint32_t>(posting.positions.size()), encode_positions(posting.positions));
  REQUIRE(encoder.size() == list.size());
  encoder.finish(bytes, positions);
}

// ---------------------------------------------------------------------------------------------------------- postings

TEST_CASE("a posting list comes back as it was, whatever its length and gaps", "[index][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  PostingsEncoder encoder;
  for (int round = 0; round < 20; ++round) {
    for (const std::size_t count : {0U, 1U, 2U, 127U, 128U, 129U, 255U, 256U, 257U, 1'000U}) {
      for (const std::uint32_t most_gap : {0U, 5U, 100'000U, 1U << 31}) {
        const Postings list = random_postings(rng, count, most_gap);
        std::string bytes;
        std::string positions;
        encode(encoder, list, bytes, positions);
        if (read_list(static_cast<std::uint32_t>(list.size()), bytes, positions) != list)
          FAIL("seed " << seed << ": " << count << " texts, gaps up to " << most_gap);
      }
    }
  }
}

TEST_CASE("a frequency of 2^32 - 1 and the last possible text come back", "[index]") {
  for (const std::uint32_t before : {0U, 127U}) {
    PostingsEncoder encoder;
    for (std::uint32_t text = 0; text < before; ++text) encoder.add(text, 1, "");
    encoder.add(UINT32_MAX - 1, UINT32_MAX, "");
    std::string bytes;
    std::string positions;
    encoder.finish(bytes, positions);
    const auto list = must(PostingsReader::open(before + 1, bytes));
    PostingsBlock block;
    must(list.read(0, block));
    CHECK(block.texts[before] == UINT32_MAX - 1);
    CHECK(block.frequencies[before] == UINT32_MAX);
  }
}

// ------------------------------------------------------------------------------------------------------------- pages

bool same_entry(const TermEntry& a, const TermEntry& b) {
  return a.texts == b.texts && a.postings_offset == b.postings_offset && a.postings_bytes == b.postings_bytes &&
         a.positions_offset == b.positions_offset && a.positions_bytes == b.positions_bytes;
}

std::string random_word(Rng& rng) {
  std::string word;
  for (std::size_t n = 1 + pick(rng, pick(rng, 10) == 0 ? kMaxWordBytes : 6); n > 0; --n)
    word += static_cast<char>(pick(rng, 20) == 0 ? 0x80 + pick(rng, 128) : 'a' + pick(rng, 3));
  return word;
}

TEST_CASE("a page of the dictionary finds every word, and the next one for every other", "[index][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  TermPageBuilder builder;
  for (int round = 0; round < 100; ++round) {
    std::map<std::string, TermEntry> expected;
    for (std::size_t n = 1 + pick(rng, round % 2 == 0 ? 600 : 40); n > 0; --n) expected[random_word(rng)] = {};
    TermEntry next;
    next.postings_offset = rng() >> pick(rng, 60);
    next.positions_offset = rng() >> pick(rng, 60);
    for (auto& [word, entry] : expected) {
      next.texts = skewed(rng, UINT32_MAX);
      next.postings_bytes = skewed(rng, 1 << 20);
      next.positions_bytes = skewed(rng, 1 << 20);
      entry = next;
      next.postings_offset += next.postings_bytes;
      next.positions_offset += next.positions_bytes;
    }
    for (const auto& [word, entry] : expected) builder.add(word, entry);
    const std::string page = builder.finish();
    REQUIRE(builder.empty());
    auto walk = must(TermPageCursor::open(page));
    for (const auto& [word, entry] : expected)
      if (!must(walk.next()) || walk.term() != word || !same_entry(walk.entry(), entry)) FAIL("at " << word);
    REQUIRE_FALSE(must(walk.next()));
    std::vector<std::string> wanted{"", "\xff\xff", "a", "c"};
    for (const auto& [word, entry] : expected) {
      wanted.push_back(word);
      wanted.push_back(word + "a");
      wanted.push_back(word.substr(0, word.size() - 1));
      wanted.push_back(random_word(rng));
    }
    for (const std::string& word : wanted) {
      auto found = expected.lower_bound(word);
      if (must(walk.seek(word)) != (found != expected.end())) FAIL("seek " << word);
      for (int steps = 0; steps < 20 && found != expected.end(); ++steps, ++found) {
        if (walk.term() != found->first || !same_entry(walk.entry(), found->second)) FAIL("seek " << word << " gives " << walk.term());
        if (must(walk.next()) != (std::next(found) != expected.end())) FAIL("behind " << found->first);
      }
    }
  }
}

// ---------------------------------------------------------------------------------------------------------- segments

using Index = std::map<std::string, Postings>;

Index index_of(const std::vector<std::string>& texts) {
  Index index;
  Tokenizer tokenizer;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    tokenizer.for_each_word(texts[i], [&](const Word& word) {
      Postings& list = index[std::string(word.folded)];
      if (list.empty() || list.back().text != i) list.push_back({static_cast<std::uint32_t>(i), {}});
      list.back().positions.push_back(word.position);
      return true;
    });
  }
  return index;
}

// Everything that a segment says; nothing if it is damaged.
std::optional<Index> read_segment(const EncodedSegment& segment) {
  const auto first_terms = decode_page_index(segment.stream(SegmentStream::kPageIndex));
  if (!first_terms || first_terms->size() != segment.term_pages.size()) return {};
  const auto part = [&](SegmentStream stream, std::uint64_t offset, std::uint64_t bytes) {
    const std::string_view all = segment.stream(stream);
    return offset > all.size() || bytes > all.size() - offset ? std::string_view() : all.substr(offset, bytes);
  };
  Index index;
  for (std::size_t i = 0; i < segment.term_pages.size(); ++i) {
    auto walk = TermPageCursor::open(segment.term_pages[i]);
    if (!walk) return {};
    bool first = true;
    for (auto found = walk->next();; found = walk->next(), first = false) {
      if (!found) return {};
      if (!*found) break;
      if (first && walk->term() != (*first_terms)[i]) return {};
      const TermEntry& entry = walk->entry();
      auto list = read_list(entry.texts, part(SegmentStream::kPostings, entry.postings_offset, entry.postings_bytes),
                            part(SegmentStream::kPositions, entry.positions_offset, entry.positions_bytes));
      if (!list) return {};
      index[walk->term()] = std::move(*list);
    }
  }
  return index;
}

std::string random_text(Rng& rng, std::size_t most_words) {
  static const std::vector<std::string> kMore{"fooBar", "日本語", "HTTPServer", "crème", "a/b.c", "\xff", "…", "toolu_01A7bCdEfGh2JkLmN"};
  std::string text;
  for (std::size_t n = pick(rng, most_words + 1); n > 0; --n)
    text += (pick(rng, 8) == 0 ? kMore[pick(rng, kMore.size())] : random_word(rng)) + " ";
  return text;
}

std::vector<std::string> random_texts(Rng& rng, std::size_t count, std::size_t most_words) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) texts.push_back(pick(rng, 10) == 0 ? "" : random_text(rng, most_words));
  return texts;
}

EncodedSegment build(const std::vector<std::string>& texts, std::size_t begin, std::size_t end) {
  SegmentBuilder builder(static_cast<std::int64_t>(begin) + 1);
  for (std::size_t i = begin; i < end; ++i) builder.add(texts[i]);
  return builder.finish();
}

Result<EncodedSegment> merge(const std::vector<EncodedSegment>& parts) {
  std::vector<std::unique_ptr<SegmentInput>> inputs;
  for (const EncodedSegment& part : parts) inputs.push_back(std::make_unique<EncodedSegmentInput>(part));
  EncodedSegment merged;
  CMEM_ASSIGN_OR_RETURN(merged.summary, merge_segments(inputs, merged));
  return merged;
}

TEST_CASE("a segment says in which texts and where its words stand", "[index][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  for (const std::size_t count : {1U, 2U, 100U, 500U, 3'000U}) {
    const auto texts = random_texts(rng, count, 30);
    const EncodedSegment segment = build(texts, 0, texts.size());
    const Index expected = index_of(texts);
    REQUIRE(read_segment(segment) == expected);
    CHECK(segment.summary.first_text_id == 1);
    CHECK(segment.summary.texts == static_cast<std::int64_t>(count));
    CHECK(segment.summary.terms == static_cast<std::int64_t>(expected.size()));
    std::size_t bytes = 0;
    for (const std::string& stream : segment.streams) bytes += stream.size();
    for (const std::string& page : segment.term_pages) bytes += page.size();
    CHECK(segment.summary.bytes == static_cast<std::int64_t>(bytes));
    Tokenizer tokenizer;
    std::int64_t words = 0;
    const std::string& lengths = segment.stream(SegmentStream::kLengths);
    REQUIRE(lengths.size() == count * kLengthBytes);
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t length = tokenizer.for_each_word(texts[i], [](const Word&) { return true; });
      words += length;
      REQUIRE((static_cast<unsigned char>(lengths[2 * i]) | static_cast<unsigned char>(lengths[2 * i + 1]) << 8) == static_cast<int>(length));
    }
    CHECK(segment.summary.words == words);
  }
}

TEST_CASE("a length says whether a text is prose, also after a merge", "[index]") {
  const auto one = [](std::int64_t id, std::string_view text, Indexing indexing) {
    SegmentBuilder builder(id);
    builder.add(text, indexing);
    return builder.finish();
  };
  const EncodedSegment merged = must(merge({one(1, "a b c", Indexing::kProse), one(2, "a b c", Indexing::kWhole)}));
  CHECK(merged.stream(SegmentStream::kLengths) == std::string("\x03\x80\x03\x00", 4));
  CHECK(merged.summary.words == 6);
}

TEST_CASE("of what tools say the begin is indexed, of thoughts nothing", "[index]") {
  SegmentBuilder builder(1);
  const std::string output = "begin " + std::string(kIndexedBegin, ' ') + "end";
  builder.add(output, Indexing::kBegin);
  builder.add("begin end", Indexing::kNone);
  builder.add(output, Indexing::kWhole);
  const EncodedSegment segment = builder.finish();
  CHECK(segment.stream(SegmentStream::kLengths) == std::string("\x01\x00\x00\x00\x02\x00", 6));
}

TEST_CASE("a text of more words than a length can say counts as the most it can say", "[index]") {
  std::string text;
  for (int i = 0; i < 70'000; ++i) text += "a ";
  const EncodedSegment segment = build({text, "a"}, 0, 2);
  CHECK(segment.stream(SegmentStream::kLengths) == std::string("\xff\x7f\x01\x00", 4));
  CHECK(segment.summary.words == 32'768);
  CHECK(read_segment(segment)->at("a").front().positions.size() == 70'000);
  CHECK(must(merge({build({text, "a"}, 0, 1), build({text, "a"}, 1, 2)})) == segment);
}

TEST_CASE("a builder goes on with the next text after each segment", "[index]") {
  SegmentBuilder builder(7);
  CHECK(builder.empty());
  builder.add("one two");
  builder.add("");
  CHECK(builder.next_text_id() == 9);
  CHECK(builder.finish() == [] {
    SegmentBuilder same(7);
    same.add("one two");
    same.add("");
    return same.finish();
  }());
  CHECK(builder.empty());
  builder.add("three");
  const EncodedSegment second = builder.finish();
  CHECK(second.summary.first_text_id == 9);
  CHECK(read_segment(second) == Index{{"three", {{0, {0}}}}});
}

TEST_CASE("merged segments are, byte for byte, the segment of all their texts", "[index][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  for (int round = 0; round < 60; ++round) {
    const std::size_t count = round == 0 ? 6'000 : 1 + pick(rng, 400);
    const auto texts = random_texts(rng, count, 1 + pick(rng, 60));
    std::vector<EncodedSegment> parts;
    for (std::size_t begin = 0; begin < count;) {
      const std::size_t end = std::min(count, begin + 1 + pick(rng, pick(rng, 3) == 0 ? 3 : count / 3 + 1));
      parts.push_back(build(texts, begin, end));
      begin = end;
    }
    const EncodedSegment whole = build(texts, 0, count);
    if (must(merge(parts)) != whole) FAIL("seed " << seed << ": " << parts.size() << " parts of " << count << " texts");
    // Also when it is done step by step.
    while (parts.size() > 1) {
      const auto at = parts.begin() + static_cast<std::ptrdiff_t>(pick(rng, parts.size() - 1));
      EncodedSegment both = must(merge({at[0], at[1]}));
      parts.erase(at);
      at[0] = std::move(both);
    }
    if (parts[0] != whole) FAIL("seed " << seed << ": two by two");
  }
}

// ------------------------------------------------------------------------------------------------------------ damage

void damage(Rng& rng, std::string& bytes) {
  if (bytes.empty()) return;
  switch (pick(rng, 4)) {
    case 0:
      bytes.resize(pick(rng, bytes.size()));
      break;
    case 1:
      bytes[pick(rng, bytes.size())] = static_cast<char>(rng());
      break;
    case 2:
      bytes.insert(pick(rng, bytes.size()), 1 + pick(rng, 9), static_cast<char>(pick(rng, 2) * 0xff));
      break;
    default:
      bytes[pick(rng, bytes.size())] ^= static_cast<char>(1U << pick(rng, 8));
  }
}

TEST_CASE("a damaged posting list is an error or another list, never a crash", "[index][damage][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  PostingsEncoder encoder;
  for (int round = 0; round < 20'000; ++round) {
    const Postings list = random_postings(rng, pick(rng, 3) == 0 ? pick(rng, 10) : 120 + pick(rng, 300), skewed(rng, 1'000));
    std::string bytes;
    std::string positions;
    encode(encoder, list, bytes, positions);
    damage(rng, pick(rng, 4) == 0 ? positions : bytes);
    const auto size = static_cast<std::uint32_t>(list.size());
    // Copies of just their size, so that a sanitizer sees a look behind their ends.
    const std::vector<char> exact(bytes.begin(), bytes.end());
    const std::vector<char> exact_positions(positions.begin(), positions.end());
    static_cast<void>(read_list(pick(rng, 5) == 0 ? skewed(rng, UINT32_MAX) : size, {exact.data(), exact.size()},
                                {exact_positions.data(), exact_positions.size()}));
  }
}

TEST_CASE("a damaged page is an error or other words, never a crash", "[index][damage][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  const auto texts = random_texts(rng, 300, 30);
  const EncodedSegment segment = build(texts, 0, texts.size());
  for (int round = 0; round < 20'000; ++round) {
    std::string page = segment.term_pages[pick(rng, segment.term_pages.size())];
    damage(rng, page);
    auto walk = TermPageCursor::open(page);
    if (!walk) continue;
    for (int i = 0; i < 5; ++i) static_cast<void>(walk->seek(random_word(rng)));
    std::size_t words = 0;
    for (auto found = walk->next(); found && *found; found = walk->next()) ++words;
    if (words > page.size()) FAIL("seed " << seed << ": more words than bytes");
    std::string page_index = segment.stream(SegmentStream::kPageIndex);
    damage(rng, page_index);
    static_cast<void>(decode_page_index(page_index));
  }
}

TEST_CASE("a damaged segment is merged into another one or refused, never a crash", "[index][damage][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  const auto texts = random_texts(rng, 60, 10);
  const EncodedSegment first = build(texts, 0, 30);
  const EncodedSegment second = build(texts, 30, 60);
  int refused = 0;
  for (int round = 0; round < 5'000; ++round) {
    EncodedSegment bad = first;
    const std::size_t what = pick(rng, kSegmentStreams + 2);
    if (what < kSegmentStreams && what != static_cast<std::size_t>(SegmentStream::kTermPages)) {
      damage(rng, bad.streams[what]);
    } else if (what == kSegmentStreams) {
      bad.summary.texts = static_cast<std::int64_t>(pick(rng, 100));
    } else {
      damage(rng, bad.term_pages[pick(rng, bad.term_pages.size())]);
    }
    const auto merged = pick(rng, 2) == 0 ? merge({bad, second}) : merge({second, bad});
    if (merged) {
      static_cast<void>(read_segment(*merged));
    } else {
      ++refused;
      if (merged.error().code != Code::kCorrupt) FAIL("seed " << seed << ": " << merged.error().text);
    }
    static_cast<void>(read_segment(bad));
  }
  CHECK(refused > 300);
}

}  // namespace
}  // namespace cmem::test
