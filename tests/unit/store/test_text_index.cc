// The text index in its tables: which segments are merged, what readers see while others write, and what damage is found.
#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "base/varint.h"
#include "index/postings.h"
#include "sqlite/transaction.h"
#include "store/schema.h"
#include "store/text_index_reader.h"
#include "store/text_index_writer.h"
#include "unit/store/store_fixture.h"
#include "unit/support/random.h"

namespace cmem::test {
namespace {

// ------------------------------------------------------------------------------------------------------------- merging

struct Growth {
  std::vector<std::int64_t> segments;
  std::int64_t added = 0;
  std::int64_t written = 0;

  void append(std::int64_t bytes) {
    segments.push_back(bytes);
    added += bytes;
    written += bytes;
    const std::size_t first = first_to_merge(segments);
    REQUIRE(first <= segments.size());
    if (first == segments.size()) return;
    REQUIRE(segments.size() - first >= 2);
    const std::int64_t merged = std::accumulate(segments.begin() + static_cast<std::ptrdiff_t>(first), segments.end(), std::int64_t{0});
    written += merged;
    segments.resize(first);
    segments.push_back(merged);
  }
  // More than this many bytes a segment is not merged again.
  static constexpr std::int64_t kFinalBytes = std::int64_t{4} << 20;
  static constexpr std::int64_t kLargestBytes = std::int64_t{8} << 20;
  // Seven of each of four sizes: with an eighth they would have become one.
  static constexpr std::ptrdiff_t kMostSmall = 4 * 7;

  [[nodiscard]] std::ptrdiff_t small_ones(std::int64_t most = kFinalBytes) const {
    return std::count_if(segments.begin(), segments.end(), [&](std::int64_t bytes) { return bytes <= most; });
  }
  [[nodiscard]] std::ptrdiff_t behind_the_last_large_one() const {
    return std::find_if(segments.rbegin(), segments.rend(), [](std::int64_t bytes) { return bytes > kFinalBytes; }) - segments.rbegin();
  }
  [[nodiscard]] double times_written() const { return static_cast<double>(written) / static_cast<double>(added); }
};

TEST_CASE("a store of few texts keeps a few segments, and bytes are written a few times", "[store][text-index][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  const auto log_uniform = [&](std::int64_t most) {
    std::int64_t bytes = 1 + static_cast<std::int64_t>(pick(rng, static_cast<std::size_t>(most)));
    return std::max<std::int64_t>(1, bytes >> pick(rng, 14));
  };
  // What is smaller than the free part of a full segment leaves nothing small in front of a large one.
  const auto append_small = [&](Growth& growth, std::int64_t bytes) {
    growth.append(bytes);
    if (growth.small_ones() > Growth::kMostSmall) FAIL("seed " << seed << ": " << growth.small_ones() << " small segments");
  };
  SECTION("messages one by one") {
    Growth growth;
    for (int i = 0; i < 100'000; ++i) append_small(growth, 100 + static_cast<std::int64_t>(pick(rng, 3'000)));
    CHECK(growth.times_written() < 8);
  }
  SECTION("small loads") {
    Growth growth;
    for (int i = 0; i < 100'000; ++i) append_small(growth, 5'000 + static_cast<std::int64_t>(pick(rng, 10'000)));
    CHECK(growth.times_written() < 6);
  }
  SECTION("loads of up to a megabyte") {
    Growth growth;
    for (int i = 0; i < 20'000; ++i) append_small(growth, log_uniform(1 << 20));
    CHECK(growth.times_written() < 6);
  }
  SECTION("loads of all sizes") {
    Growth growth;
    for (int i = 0; i < 100'000; ++i) {
      growth.append(log_uniform(2 * Growth::kLargestBytes));
      if (growth.behind_the_last_large_one() > Growth::kMostSmall) FAIL("seed " << seed << ": too many small segments");
    }
    CHECK(growth.times_written() < 6);
    CHECK(static_cast<std::int64_t>(growth.segments.size()) < 40 + 3 * growth.added / Growth::kFinalBytes);
  }
  SECTION("a load of megabytes after each few messages") {
    for (const std::int64_t load : {std::int64_t{3} << 20, std::int64_t{5} << 20}) {
      Growth growth;
      for (int i = 0; i < 10'000; ++i) growth.append(i % 10 == 9 ? load : 1'000);
      CHECK(growth.times_written() < 6);
      CHECK(growth.small_ones(Growth::kFinalBytes / 4) <= Growth::kMostSmall);
    }
  }
}

TEST_CASE("what is as large as a segment may be is left alone, and no merge makes a larger one", "[store][text-index][random]") {
  CHECK(first_to_merge({}) == 0);
  CHECK(first_to_merge({1}) == 1);
  CHECK(first_to_merge({1, 1, 1, 1, 1, 1, 1}) == 7);
  CHECK(first_to_merge({1, 1, 1, 1, 1, 1, 1, 1}) == 0);
  CHECK(first_to_merge({Growth::kLargestBytes, 1, 1, 1, 1, 1, 1, 1, 1}) == 1);
  CHECK(first_to_merge(std::vector<std::int64_t>(100, Growth::kLargestBytes)) == 100);
  CHECK(first_to_merge({10, 100'000}) == 0);
  CHECK(first_to_merge({100'000, 10}) == 2);
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  for (int round = 0; round < 20'000; ++round) {
    std::vector<std::int64_t> segments;
    for (std::size_t n = pick(rng, 30); n > 0; --n) segments.push_back(1 + static_cast<std::int64_t>((rng() % (16 << 20)) >> pick(rng, 24)));
    const std::size_t first = first_to_merge(segments);
    if (first == segments.size()) continue;
    if (first > segments.size() || segments.size() - first < 2) FAIL("merges from " << first << " of " << segments.size());
    if (std::accumulate(segments.begin() + static_cast<std::ptrdiff_t>(first), segments.end(), std::int64_t{0}) > Growth::kLargestBytes)
      FAIL("seed " << seed << ": the merged segment would be too large");
  }
}

// ------------------------------------------------------------------------------------------------- writer and readers

// word -> text id -> positions
using Index = std::map<std::string, std::map<std::int64_t, std::vector<std::uint32_t>>>;

Index index_of(const std::vector<std::string>& texts) {
  Index index;
  Tokenizer tokenizer;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    tokenizer.for_each_word(texts[i], [&](const Word& word) {
      index[std::string(word.folded)][static_cast<std::int64_t>(i) + 1].push_back(word.position);
      return true;
    });
  }
  return index;
}

std::map<std::int64_t, std::vector<std::uint32_t>> read_word(TextIndexReader& reader, sqlite::Connection& db, const SegmentInfo& segment,
                                                             const TermEntry& entry) {
  std::map<std::int64_t, std::vector<std::uint32_t>> found;
  const IndexBytes postings = must(reader.postings(db, segment, entry));
  const IndexBytes positions = must(reader.positions(db, segment, entry));
  const auto list = must(PostingsReader::open(entry.texts, postings.view));
  VarintReader places(positions.view);
  PostingsBlock block;
  for (std::size_t i = 0; i < list.blocks(); ++i) {
    must(list.read(i, block));
    for (std::uint32_t k = 0; k < block.count; ++k) {
      auto& here = found[segment.first_text_id + block.texts[k]];
      std::uint32_t position = 0;
      for (std::uint32_t n = block.frequencies[k]; n > 0; --n) here.push_back(position += static_cast<std::uint32_t>(places.next()));
    }
  }
  REQUIRE((places.ok() && places.at_end()));
  return found;
}

// Everything in the index, by walking over all its words.
Index read_all(TextIndexReader& reader, sqlite::Connection& db) {
  Index index;
  for (const SegmentInfo& segment : must(reader.segments(db))) {
    std::vector<std::pair<std::string, TermEntry>> entries;
    must(reader.for_each_term(db, segment, "", [&](const std::string& term, const TermEntry& entry) {
      entries.emplace_back(term, entry);
      return true;
    }));
    REQUIRE(static_cast<std::int64_t>(entries.size()) == segment.terms);
    for (const auto& [term, entry] : entries) index[term].merge(read_word(reader, db, segment, entry));
    REQUIRE(must(reader.lengths(db, segment))->size() == static_cast<std::size_t>(segment.texts));
  }
  return index;
}

// A random word by look-up, and the words of a random prefix.
void compare_some(Rng& rng, TextIndexReader& reader, sqlite::Connection& db, const Index& expected) {
  if (expected.empty()) return;
  const auto chosen = std::next(expected.begin(), static_cast<std::ptrdiff_t>(pick(rng, expected.size())));
  const std::string prefix = chosen->first.substr(0, 1 + pick(rng, chosen->first.size()));
  std::map<std::int64_t, std::vector<std::uint32_t>> found;
  std::map<std::string, std::int64_t> begins;
  const auto segments = must(reader.segments(db));
  const auto everywhere = must(reader.find(db, segments, chosen->first));
  REQUIRE(everywhere->size() == segments.size());
  for (const TermEntry& absent : *must(reader.find(db, segments, chosen->first + "!"))) REQUIRE(absent.texts == 0);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const SegmentInfo& segment = segments[i];
    const auto entry = must(reader.find(db, segment, chosen->first));
    REQUIRE((*everywhere)[i].texts == (entry ? entry->texts : 0));
    REQUIRE((*everywhere)[i].postings_offset == (entry ? entry->postings_offset : 0));
    REQUIRE((*everywhere)[i].positions_bytes == (entry ? entry->positions_bytes : 0));
    if (entry) found.merge(read_word(reader, db, segment, *entry));
    REQUIRE_FALSE(must(reader.find(db, segment, chosen->first + "!")));
    std::vector<std::uint64_t> walked;
    must(reader.for_each_term(db, segment, prefix, [&](const std::string& term, const TermEntry& each) {
      begins[term] += each.texts;
      walked.push_back(each.positions_offset);
      return true;
    }));
    std::vector<std::uint64_t> without_words;
    must(reader.for_each_entry(db, segment, prefix, [&](const TermEntry& each) { without_words.push_back(each.positions_offset); }));
    REQUIRE(without_words == walked);
  }
  REQUIRE(found == chosen->second);
  std::map<std::string, std::int64_t> expected_begins;
  for (const auto& [word, texts] : expected)
    if (word.starts_with(prefix)) expected_begins[word] = static_cast<std::int64_t>(texts.size());
  REQUIRE(begins == expected_begins);
}

std::string random_text(Rng& rng) {
  static const std::vector<std::string> kWords{"fooBar", "HTTPServer", "日本語", "crème", "a_b", "lib/index"};
  std::string text;
  for (std::size_t n = pick(rng, pick(rng, 30) == 0 ? 3'000 : 30); n > 0; --n) {
    if (pick(rng, 5) == 0) {
      text += kWords[pick(rng, kWords.size())];
    } else {
      for (std::size_t letters = 1 + pick(rng, 4); letters > 0; --letters) text += static_cast<char>('a' + pick(rng, 5));
    }
    text += ' ';
  }
  return text;
}

// A store's tables and the state in it that writers and readers share.
class Shared {
 public:
  explicit Shared(Rng& rng) : rng_(&rng), setup_(make_database(folder_.file("index.db"))) {
    auto transaction = must(sqlite::Transaction::begin_immediate(setup_));
    must(create_schema(setup_, 0));
    must(transaction.commit());
  }
  [[nodiscard]] std::string path() const { return folder_.file("index.db"); }
  [[nodiscard]] const std::vector<std::string>& texts() const { return texts_; }

  // A batch of texts that is committed, or not.
  void write(sqlite::Connection& db, TextIndexWriter& writer, bool resume) {
    auto transaction = must(sqlite::Transaction::begin_immediate(db));
    if (resume) must(writer.resume(db, next_text_id(), must(db.query_int("SELECT next_segment_id FROM commit_clock"))));
    std::vector<std::string> added;
    for (std::size_t n = pick(*rng_, pick(*rng_, 10) == 0 ? 400 : 8); n > 0; --n) writer.add(added.emplace_back(pick(*rng_, 6) == 0 ? "" : random_text(*rng_)), Indexing::kWhole);
    if (pick(*rng_, 2) == 0) writer.seal();
    if (pick(*rng_, 5) == 0) {
      if (pick(*rng_, 2) == 0) must(writer.flush(db));
      transaction = must(rolled_back(db, std::move(transaction)));
      must(writer.resume(db, next_text_id(), must(db.query_int("SELECT next_segment_id FROM commit_clock"))));
      must(transaction.commit());
      return;
    }
    must(writer.flush(db));
    texts_.insert(texts_.end(), added.begin(), added.end());
    commit(db, transaction, writer);
  }
  // All segments anew, as `memory rebuild` makes them.
  void rebuild(sqlite::Connection& db, std::size_t texts_per_flush) {
    auto transaction = must(sqlite::Transaction::begin_immediate(db));
    const std::int64_t next_segment_id = must(db.query_int("SELECT next_segment_id FROM commit_clock"));
    must(recreate_derived_tables(db));
    TextIndexWriter writer;
    must(writer.resume(db, 1, next_segment_id));
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      writer.add(texts_[i], Indexing::kWhole);
      if (i % texts_per_flush == 0) must(writer.flush(db));
    }
    must(writer.flush(db));
    commit(db, transaction, writer);
  }

 private:
  [[nodiscard]] std::int64_t next_text_id() const { return static_cast<std::int64_t>(texts_.size()) + 1; }
  static Result<sqlite::Transaction> rolled_back(sqlite::Connection& db, sqlite::Transaction transaction) {
    { const sqlite::Transaction dropped = std::move(transaction); }
    return sqlite::Transaction::begin_immediate(db);
  }
  void commit(sqlite::Connection& db, sqlite::Transaction& transaction, const TextIndexWriter& writer) {
    must(db.exec("UPDATE commit_clock SET next_text_id = " + std::to_string(next_text_id()) +
                 ", next_segment_id = " + std::to_string(writer.next_segment_id())));
    must(transaction.commit());
  }

  TempFolder folder_;
  Rng* rng_;
  sqlite::Connection setup_;
  std::vector<std::string> texts_;
};

sqlite::Connection open_writer(const std::string& path) {
  sqlite::OpenOptions options;
  options.full_sync = false;
  return must(sqlite::Connection::open(path, options));
}

TEST_CASE("readers find each word exactly where it is, whoever wrote it and whatever was merged since", "[store][text-index][random][threads]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  for (int round = 0; round < 3; ++round) {
    Shared shared(rng);
    sqlite::Connection dbs[2] = {open_writer(shared.path()), open_writer(shared.path())};
    TextIndexWriter writers[2];
    std::size_t last_writer = 2;
    sqlite::Connection reader_db = open_reader(shared.path());
    sqlite::Connection old_db = open_reader(shared.path());
    // A small cache, so that parts are thrown out of it while they are in use.
    TextIndexReader reader(std::size_t{1} << (10 + 4 * static_cast<std::size_t>(round)));
    TextIndexReader old_reader(std::size_t{1} << 20);
    std::optional<sqlite::Transaction> old_view;
    Index old_index;
    for (int step = 0; step < 40; ++step) {
      const std::size_t who = pick(rng, 2);
      if (pick(rng, 20) == 0) {
        shared.rebuild(dbs[who], 1 + pick(rng, 300));
        last_writer = 2;
      } else {
        shared.write(dbs[who], writers[who], who != last_writer);
        last_writer = who;
      }
      const Index expected = index_of(shared.texts());
      {
        auto view = must(sqlite::Transaction::begin_read(reader_db));
        for (int i = 0; i < 5; ++i) compare_some(rng, reader, reader_db, expected);
        if (step % 10 == 9) REQUIRE(read_all(reader, reader_db) == expected);
      }
      reader.close_statements();
      if (!old_view) {
        old_view.emplace(must(sqlite::Transaction::begin_read(old_db)));
        old_index = expected;
      }
      compare_some(rng, old_reader, old_db, old_index);
      if (pick(rng, 8) != 0) continue;
      REQUIRE(read_all(old_reader, old_db) == old_index);
      old_reader.close_statements();
      old_view.reset();
    }
    old_reader.close_statements();
    old_view.reset();
    CHECK(must(reader_db.query_int("SELECT count(*) FROM text_segment")) <= 4 * 8);
    CHECK(must(reader_db.query_int("SELECT count(*) FROM text_segment_part WHERE id >> 32 NOT IN (SELECT id FROM text_segment)")) == 0);
  }
}

TEST_CASE("a batch with more text than is inverted at once becomes several segments", "[store][text-index][threads]") {
  const TempFolder folder;
  sqlite::Connection db = make_database(folder.file("index.db"));
  must(create_schema(db, 0));
  TextIndexWriter writer;
  must(writer.resume(db, 1, 1));
  constexpr int kTexts = 700;
  for (int i = 0; i < kTexts; ++i) {
    std::string text;
    for (int word = 0; word < 5'000; ++word) text += "w" + std::to_string(word * 7 + i % 3) + " ";
    writer.add(text + "only" + std::to_string(i), Indexing::kWhole);
  }
  must(writer.flush(db));
  must(db.exec("UPDATE commit_clock SET next_text_id = " + std::to_string(kTexts + 1)));
  CHECK(must(db.query_int("SELECT max(id) FROM text_segment")) > 1);
  TextIndexReader reader(1 << 20);
  const auto segments = must(reader.segments(db));
  for (int i = 0; i < kTexts; i += 13) {
    std::map<std::int64_t, std::vector<std::uint32_t>> found;
    for (const SegmentInfo& segment : segments) {
      const auto entry = must(reader.find(db, segment, "only" + std::to_string(i)));
      if (entry) found.merge(read_word(reader, db, segment, *entry));
    }
    REQUIRE(found == std::map<std::int64_t, std::vector<std::uint32_t>>{{i + 1, {5'000}}});
  }
}

TEST_CASE("texts without a word are a segment without words", "[store][text-index]") {
  const TempFolder folder;
  Memory memory(folder.file("memory.db"));
  memory.append({{.content = ""}, {.content = "…!"}});
  CHECK(memory.search("tide").total == 0);
  CHECK(memory.search("t*").total == 0);
  CHECK(memory.faults() == std::vector<std::string>());
  memory.append({{.content = "tide"}});
  CHECK(memory.search("tide").total == 1);
  memory.rebuild();
  CHECK(memory.search("tide").total == 1);
  CHECK(memory.faults() == std::vector<std::string>());
}

TEST_CASE("the sums of a prefix are kept for the segments that there are", "[store][text-index]") {
  const TempFolder folder;
  sqlite::Connection db = make_database(folder.file("texts.db"));
  must(create_schema(db, 0));
  TextIndexReader reader(1 << 20);
  const auto add_segment = [&](int number) {
    TextIndexWriter writer;
    must(writer.resume(db, number, number));
    writer.add("tide " + std::to_string(number), Indexing::kWhole);
    must(writer.flush(db));
    must(db.exec("UPDATE commit_clock SET next_text_id = " + std::to_string(number + 1)));
    return must(reader.segments(db));
  };
  const SegmentInfo first = add_segment(1).front();
  must(reader.find(db, first, "tide"));
  reader.keep_prefix(first, "t", std::make_shared<PrefixList>(PrefixList{1, "x", 2}));
  REQUIRE(reader.find_prefix(first, "t") != nullptr);
  CHECK(reader.find_prefix(first, "t")->word_texts == 2);
  CHECK(reader.find_prefix(first, "ti") == nullptr);
  std::vector<SegmentInfo> segments;
  for (int number = 2; segments.empty() || segments.front().id == first.id; ++number) segments = add_segment(number);
  CHECK(reader.find_prefix(first, "t") == nullptr);
  reader.keep_prefix(segments.front(), "t", std::make_shared<PrefixList>());
  reader.clear();
  CHECK(reader.find_prefix(segments.front(), "t") == nullptr);
}

TEST_CASE("where a word is is kept, and found anew when the segments change", "[store][text-index]") {
  const TempFolder folder;
  sqlite::Connection db = make_database(folder.file("texts.db"));
  must(create_schema(db, 0));
  TextIndexReader reader(1 << 20);
  std::int64_t next_segment_id = 1;
  for (int number = 1; number <= 20; ++number) {
    TextIndexWriter writer;
    must(writer.resume(db, number, next_segment_id));
    writer.add(number % 2 == 0 ? "tide" : "ebb", Indexing::kWhole);
    must(writer.flush(db));
    next_segment_id = writer.next_segment_id();
    must(db.exec("UPDATE commit_clock SET next_text_id = " + std::to_string(number + 1)));
    const auto segments = must(reader.segments(db));
    const auto entries = must(reader.find(db, segments, "tide"));
    CHECK(must(reader.find(db, segments, "tide")) == entries);
    REQUIRE(entries->size() == segments.size());
    std::uint32_t texts = 0;
    for (const TermEntry& entry : *entries) texts += entry.texts;
    CHECK(texts == static_cast<std::uint32_t>(number / 2));
  }
  const auto segments = must(reader.segments(db));
  const auto before = must(reader.find(db, segments, "tide"));
  reader.clear();
  CHECK(must(reader.find(db, segments, "tide")) != before);
}

// ------------------------------------------------------------------------------------------------------------- damage

void change(const std::string& path, const std::string& sql) {
  sqlite::OpenOptions options;
  options.defensive = false;
  sqlite::Connection db = must(sqlite::Connection::open(path, options));
  must(db.exec(sql));
}

TEST_CASE("each kind of damage to the text index is found by a check, and a rebuild mends it", "[store][text-index][damage]") {
  const TempFolder folder;
  const std::string path = folder.file("memory.db");
  {
    Memory memory(path);
    for (int batch = 0; batch < 11; ++batch) {
      std::vector<Appended> messages;
      for (int i = 0; i < 300; ++i) messages.push_back({.content = "tide number " + std::to_string(batch * 300 + i) + " of the coast"});
      memory.append(messages);
    }
    REQUIRE(memory.faults() == std::vector<std::string>());
    REQUIRE(memory.search("tide").total == 3'300);
  }
  // Counting finds some of it; the others are found by comparing with the texts.
  bool by_counting = true;
  const auto of_stream = [](int stream) { return "id >> 28 & 15 = " + std::to_string(stream); };
  const std::string part = "(SELECT min(id) FROM text_segment_part WHERE ";
  SECTION("the page index is missing") { change(path, "DELETE FROM text_segment_part WHERE id = " + part + of_stream(0) + ")"); }
  SECTION("a page is missing") { change(path, "DELETE FROM text_segment_part WHERE id = " + part + of_stream(1) + ")"); }
  SECTION("postings are missing") { change(path, "DELETE FROM text_segment_part WHERE id = " + part + of_stream(2) + ")"); }
  SECTION("positions are missing") { change(path, "DELETE FROM text_segment_part WHERE id = " + part + of_stream(3) + ")"); }
  SECTION("lengths are missing") { change(path, "DELETE FROM text_segment_part WHERE id = " + part + of_stream(4) + ")"); }
  SECTION("a part is cut short") { change(path, "UPDATE text_segment_part SET data = substr(data, 2) WHERE id = " + part + of_stream(2) + ")"); }
  SECTION("a part of an unknown kind") { change(path, "INSERT INTO text_segment_part SELECT id + (9 << 28), data FROM text_segment_part LIMIT 1"); }
  SECTION("a part of no segment") { change(path, "INSERT INTO text_segment_part VALUES(1 << 50, x'00')"); }
  SECTION("the first segment is missing") { change(path, "DELETE FROM text_segment WHERE first_text_id = 1"); }
  SECTION("the last segment is missing") { change(path, "DELETE FROM text_segment WHERE id = (SELECT max(id) FROM text_segment)"); }
  SECTION("a segment is there twice") { change(path, "INSERT INTO text_segment SELECT id + 1000, first_text_id, texts, words, terms, bytes FROM text_segment"); }
  SECTION("a segment begins elsewhere") { change(path, "UPDATE text_segment SET first_text_id = first_text_id + 1"); }
  SECTION("a segment says the wrong number of texts") { change(path, "UPDATE text_segment SET texts = texts + 1"); }
  SECTION("a segment says the wrong number of bytes") { change(path, "UPDATE text_segment SET bytes = bytes + 1"); }
  SECTION("changed parts") {
    by_counting = false;
    int stream = 0;
    SECTION("page index") { stream = 0; }
    SECTION("page") { stream = 1; }
    SECTION("postings") { stream = 2; }
    SECTION("positions") { stream = 3; }
    SECTION("lengths") { stream = 4; }
    change(path, "UPDATE text_segment_part SET data = CAST(substr(data, 1, length(data) - 1) || x'7e' AS BLOB) WHERE id = " + part + of_stream(stream) + ")");
  }
  SECTION("a segment says the wrong number of words") {
    by_counting = false;
    change(path, "UPDATE text_segment SET words = words + 1");
  }
  SECTION("a segment says the wrong number of distinct words") {
    by_counting = false;
    change(path, "UPDATE text_segment SET terms = terms + 1");
  }
  Memory memory(path);
  CHECK(memory.faults(false).empty() == !by_counting);
  CHECK_FALSE(memory.faults(true).empty());
  for (const char* query : {"tide", "number", "\"the coast\"", "t*", "1*", "3299"}) {
    const Answer hits = memory.try_search(query);
    CHECK((hits.status == CMEM_DONE || hits.status == CMEM_E_CORRUPT));
  }
  memory.rebuild();
  CHECK(memory.faults() == std::vector<std::string>());
  CHECK(memory.search("tide").total == 3'300);
  CHECK(memory.search("\"number 3299\"").total == 1);
}

}  // namespace
}  // namespace cmem::test
