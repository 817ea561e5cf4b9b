// The parts of a store, each against something simple: a map, a vector, a sum.
#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

#include "base/bytes.h"
#include "codec/compression_queue.h"
#include "store/block_log.h"
#include "store/content_root.h"
#include "store/doc_values.h"
#include "store/message_filter.h"
#include "store/occurrences.h"
#include "store/schema.h"
#include "store/text_table.h"
#include "store/writer.h"
#include "unit/store/store_fixture.h"
#include "unit/support/random.h"

namespace cmem::test {
namespace {

// The empty tables of a store, on one connection.
struct Tables {
  TempFolder folder;
  sqlite::Connection db = make_database(folder.file("memory.db"));
  CompressionQueue queue{3, std::size_t{1} << 20};

  Tables() { must(create_schema(db, 1)); }
};

std::string history(int line, const std::string& session, const std::string& project, std::int64_t time_ms, const std::string& content = "x") {
  std::string record = R"({"content": ")" + content + R"(", "source": "h.jsonl:line-)" + std::to_string(line) + "\"";
  if (time_ms != INT64_MIN) record += ", \"timestamp\": " + std::to_string(time_ms);
  if (!session.empty()) record += R"(, "session_id": ")" + session + "\"";
  if (!project.empty()) record += R"(, "project": ")" + project + "\"";
  return record + R"(, "source_type": "history"})" + "\n";
}

}  // namespace

// -------------------------------------------------------------------------------------------------------- occurrences

TEST_CASE("occurrences agree with a multimap, across flushes and restarts", "[store][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  Tables tables;
  must(tables.db.exec("INSERT INTO origin(id, path) VALUES(1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')"));
  std::map<std::int64_t, std::multimap<std::int64_t, std::int64_t>> expected;
  Occurrences occurrences;
  std::int64_t next_id = 1;
  for (int step = 0; step < 4'000; ++step) {
    const auto origin = static_cast<std::int64_t>(1 + pick(rng, 4));
    auto& known = expected[origin];
    auto position = static_cast<std::int64_t>(1 + pick(rng, 50));
    if (pick(rng, 4) == 0) position = -position;
    if (pick(rng, 40) == 0) position = std::numeric_limits<std::int64_t>::max() - std::abs(position);
    if (pick(rng, 40) == 0) position = std::numeric_limits<std::int64_t>::min() + 1 + std::abs(position);
    switch (pick(rng, 12)) {
      case 0: must(occurrences.flush(tables.db)); break;
      case 1:
        must(occurrences.flush(tables.db));
        occurrences.reset();
        break;
      case 2: {
        std::int64_t last = 0;
        if (!known.empty()) last = std::max<std::int64_t>(0, known.rbegin()->first);
        CHECK(must(occurrences.last_line(tables.db, origin)) == last);
        break;
      }
      case 3:
      case 4:
      case 5: {
        std::vector<std::int64_t> ids;
        const auto [begin, end] = known.equal_range(position);
        for (auto entry = begin; entry != end; ++entry) ids.push_back(entry->second);
        CHECK(*must(occurrences.find(tables.db, origin, position)) == ids);
        break;
      }
      default:
        must(occurrences.add(tables.db, origin, position, next_id));
        known.emplace(position, next_id++);
    }
  }
  must(occurrences.flush(tables.db));
  for (const auto& [origin, known] : expected) CHECK(must(read_occurrences(tables.db, origin)).size() == known.size());
}

TEST_CASE("occurrences let loaded origins go when they are too many, and read them again", "[store]") {
  Tables tables;
  must(tables.db.exec("INSERT INTO origin(id, path) VALUES(1, 'a'), (2, 'b')"));
  constexpr std::int64_t kEntries = (std::int64_t{1} << 20) + 10;
  Occurrences occurrences;
  std::int64_t id = 1;
  for (std::int64_t line = 1; line <= kEntries; ++line) must(occurrences.add(tables.db, 1, line, id++));
  for (std::int64_t line = 1; line <= 3; ++line) must(occurrences.add(tables.db, 2, line, id++));
  CHECK(must(occurrences.find(tables.db, 1, 5))->front() == 5);
  CHECK(must(occurrences.find(tables.db, 2, 2))->front() == kEntries + 2);
  CHECK(must(occurrences.find(tables.db, 1, kEntries))->front() == kEntries);
  must(occurrences.add(tables.db, 1, 5, id));
  CHECK(*must(occurrences.find(tables.db, 1, 5)) == std::vector<std::int64_t>{5, id});
  must(occurrences.flush(tables.db));
  CHECK(*must(occurrences.find(tables.db, 1, 5)) == std::vector<std::int64_t>{5, id});
}

// -------------------------------------------------------------------------------------------------------------- blocks

TEST_CASE("blocks give back every entry, however often the writer is taken up again", "[store][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  Tables tables;
  std::vector<std::string> expected;
  const auto closed = GENERATE(BlockWriter::Closed::kKept, BlockWriter::Closed::kCompressed);
  BlockWriter writer("text_block", 2'000, closed, tables.queue);
  BlockReader reader("text_block", 8'000);
  BlockReader cache("text_block", 8'000);
  must(writer.resume(tables.db, 1));
  std::size_t flushed = 0;
  for (int step = 0; step < 600; ++step) {
    // Now and then so many that blocks are closed before the flush.
    for (std::size_t i = pick(rng, 20) == 0 ? 60 : pick(rng, 8); i > 0; --i) {
      expected.emplace_back(pick(rng, 50) == 0 ? 5'000 : pick(rng, 300), static_cast<char>('a' + pick(rng, 26)));
      writer.append(expected.back());
      CHECK(must(writer.pending(static_cast<std::int64_t>(expected.size()))) == std::string_view(expected.back()));
      const std::size_t at = pick(rng, expected.size());
      if (at >= flushed) CHECK(must(writer.pending(static_cast<std::int64_t>(at) + 1)) == std::string_view(expected[at]));
    }
    must(writer.flush(tables.db, pick(rng, 2) == 0 ? &cache : nullptr));
    flushed = expected.size();
    if (pick(rng, 5) == 0) must(writer.resume(tables.db, static_cast<std::int64_t>(expected.size()) + 1));
    for (int i = 0; i < 5 && !expected.empty(); ++i) {
      const std::size_t at = pick(rng, expected.size());
      const auto id = static_cast<std::int64_t>(at) + 1;
      CHECK(must(reader.read(tables.db, id)) == expected[at]);
      CHECK(must(cache.read(tables.db, id)) == expected[at]);
      if (const auto pending = must(writer.pending(id))) CHECK(*pending == expected[at]);
    }
  }
  CHECK(reader.read(tables.db, 0).error().code == Code::kNotFound);
  CHECK(reader.read(tables.db, static_cast<std::int64_t>(expected.size()) + 1).error().code == Code::kNotFound);
  std::size_t seen = 0;
  must(for_each_entry(tables.db, "text_block", [&](std::int64_t id, std::string_view entry) -> Status {
    if (static_cast<std::size_t>(id) != ++seen || entry != expected[seen - 1]) return Unexpected(Code::kInternal, "differs");
    return {};
  }));
  CHECK(seen == expected.size());
  CHECK(must(tables.db.query_int("SELECT count(*) FROM text_block")) < static_cast<std::int64_t>(expected.size()));
}

TEST_CASE("texts with one hash stay different texts", "[store]") {
  Tables tables;
  TextTable texts(1 << 16, tables.queue);
  TextTable other(1 << 16, tables.queue);
  must(texts.refresh(tables.db, 1, 1));
  constexpr int kTexts = 9'000;
  const auto text = [](int i) { return "text number " + std::to_string(i); };
  const auto hash = [](int i) { return static_cast<std::uint64_t>(i % 700); };
  for (int i = 1; i <= kTexts; ++i) {
    REQUIRE_FALSE(must(texts.find(tables.db, text(i), hash(i))));
    REQUIRE(must(texts.add(text(i), hash(i), Indexing::kWhole)) == i);
    if (i % 1'000 == 0) must(texts.flush(tables.db));
    if (i == 4'000) must(other.refresh(tables.db, i + 1, texts.next_segment_id()));
  }
  const auto compare = [&](TextTable& table) {
    for (int i = 1; i <= kTexts; i += 7) REQUIRE(must(table.find(tables.db, text(i), hash(i))) == i);
    CHECK_FALSE(must(table.find(tables.db, "no such text", 5)));
    CHECK_FALSE(must(table.find(tables.db, text(5), 6)));
  };
  compare(texts);
  TextTable again(1 << 16, tables.queue);
  must(again.refresh(tables.db, kTexts + 1, texts.next_segment_id()));
  compare(again);
  CHECK(again.next_id() == kTexts + 1);
  // A rebuild makes one row of many, and the other writer has to find its place in it.
  must(tables.db.exec("CREATE TABLE whole AS SELECT 1, CAST(group_concat(hashes, '') AS BLOB) FROM (SELECT * FROM text_lookup ORDER BY first_id);"
                      "DELETE FROM text_lookup; INSERT INTO text_lookup SELECT * FROM whole"));
  must(other.refresh(tables.db, kTexts + 1, texts.next_segment_id()));
  compare(other);
  TextTable behind(1 << 16, tables.queue);
  CHECK(behind.refresh(tables.db, kTexts + 2, texts.next_segment_id()).error().code == Code::kCorrupt);
}

// ---------------------------------------------------------------------------------------------------------- doc values

// What a segment says of a message, by its index.
struct Facts {
  std::int64_t time_ms;
  std::uint32_t context_id, text_id;
  friend bool operator==(const Facts&, const Facts&) = default;
};

std::vector<Facts> facts_of(const Segment& segment) {
  std::vector<Facts> facts(segment.size());
  for (std::size_t text = 0; text < segment.texts.size(); ++text)
    for (const std::uint16_t message : segment.messages_of(text))
      facts[message] = {segment.time_ms(message), segment.context_id(message), segment.texts[text]};
  return facts;
}

TEST_CASE("a segment comes back as it was, whatever its values", "[store][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  const std::vector<std::int64_t> extremes{kNoTime, 0, -1, 253'402'300'799'999, -62'135'596'800'000};
  std::vector<std::int64_t> scratch;
  for (int round = 0; round < 8; ++round) {
    // Round 0 has no times, 1 to 3 those of a month, the others all there may be; texts and contexts are few or many.
    const std::uint64_t texts = round % 2 == 0 ? 300 : UINT64_MAX;
    const std::uint64_t contexts = round % 3 == 0 ? 200 : UINT64_MAX;
    SegmentRows rows;
    rows.first_id = 16'385;
    for (std::int64_t i = 0; i < kSegmentMessages; ++i) {
      std::int64_t time = 1'763'000'000'000 + static_cast<std::int64_t>(rng() % 2'592'000'000ULL);
      if (round > 3) time = pick(rng, 3) == 0 ? extremes[pick(rng, extremes.size())] : static_cast<std::int64_t>(rng() % 4'000'000'000'000ULL);
      // Round 1 has all times.
      if (round == 0 || (round != 1 && pick(rng, 50) == 0)) time = kNoTime;
      rows.append(time, static_cast<std::uint32_t>(rng() % contexts), static_cast<std::uint32_t>(rng() % texts));
    }
    const Segment segment = arrange_segment(rows);
    const std::vector<Facts> facts = facts_of(segment);
    for (std::size_t i = 0; i < rows.size(); ++i) REQUIRE(facts[i] == Facts{rows.time_ms[i], rows.context_id[i], rows.text_id[i]});
    const auto [coded_texts, data] = encode_segment(segment);
    const Segment decoded = must(decode_segment(16'385, coded_texts, data, scratch));
    CHECK(facts_of(decoded) == facts);
    CHECK(decoded.context_sizes == segment.context_sizes);
    const bool has_time = segment.latest_ms != kNoTime;
    const SegmentSpan span{16'385, has_time ? segment.base_ms : 1, has_time ? segment.latest_ms : 0, false};
    const SegmentHead head = must(decode_head(span, data));
    CHECK(head.first_id == decoded.first_id);
    CHECK(head.messages == decoded.messages);
    CHECK(head.contexts == decoded.contexts);
    CHECK(head.context_sizes == decoded.context_sizes);
    CHECK(std::tuple(head.base_ms, head.latest_ms) == std::tuple(decoded.base_ms, decoded.latest_ms));
    CHECK(head.all_have_times == decoded.all_have_times);
    CHECK(decode_head(span, data.substr(0, data.size() - 1)).error().code == Code::kCorrupt);
    CHECK(decode_head(span, data + '\0').error().code == Code::kCorrupt);
    CHECK(std::accumulate(decoded.context_sizes.begin(), decoded.context_sizes.end(), std::size_t{0}) == decoded.size());
    CHECK(decode_segment(1, coded_texts, data.substr(0, data.size() - 1), scratch).error().code == Code::kCorrupt);
    CHECK(decode_segment(1, coded_texts, data + '\0', scratch).error().code == Code::kCorrupt);
    CHECK(decode_segment(1, coded_texts.substr(0, coded_texts.size() - 1), data, scratch).error().code == Code::kCorrupt);
    CHECK(decode_segment(1, coded_texts + '\1', data, scratch).error().code == Code::kCorrupt);
  }
}

TEST_CASE("a damaged segment is an error or another segment, never a crash", "[store][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  SegmentRows rows;
  rows.first_id = 1;
  for (std::int64_t i = 0; i < kSegmentMessages; ++i) rows.append(1'763'000'000'000 + i * 7, 1 + i / 4000, static_cast<std::int64_t>(pick(rng, 2'000)));
  const auto encoded = encode_segment(arrange_segment(rows));
  std::vector<std::int64_t> scratch;
  for (int round = 0; round < 400; ++round) {
    auto damaged = encoded;
    std::string& part = pick(rng, 2) == 0 ? damaged.texts : damaged.data;
    for (std::size_t flips = 1 + pick(rng, 3); flips > 0; --flips) part[pick(rng, part.size())] = static_cast<char>(rng());
    if (pick(rng, 4) == 0) part.resize(pick(rng, part.size()));
    const auto decoded = decode_segment(1, damaged.texts, damaged.data, scratch);
    if (decoded) CHECK(facts_of(*decoded).size() == static_cast<std::size_t>(kSegmentMessages));
    if (!decoded) CHECK(decoded.error().code == Code::kCorrupt);
    const auto head = decode_head({1, 1, 2, false}, damaged.data);
    if (!head) CHECK(head.error().code == Code::kCorrupt);
  }
}

TEST_CASE("filters, orders and pages are exact over many segments", "[store][random]") {
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  const TempFolder folder;
  Memory memory(folder.file("memory.db"));
  constexpr std::int64_t kMessages = 3 * kSegmentMessages + 500;
  std::vector<Appended> batch;
  for (std::int64_t i = 0; i < kMessages; ++i) {
    // The second segment knows no time at all; the others hold times near each other, as files do.
    Appended message{.content = "m" + std::to_string(i % 50), .session = "session-" + std::to_string(pick(rng, 3))};
    const bool known = i / kSegmentMessages != 1 && pick(rng, 10) != 0;
    if (known) message.time_ms = 1'000'000 + (i / kSegmentMessages % 2 == 0 ? -1 : 1) * static_cast<std::int64_t>(pick(rng, 700'000));
    batch.push_back(message);
  }
  memory.append(batch);
  const auto expected = [&](const Where& where, bool newest) {
    std::vector<std::pair<std::int64_t, std::int64_t>> keys;  // rank, id
    for (std::int64_t i = 0; i < kMessages; ++i) {
      const Appended& message = batch[static_cast<std::size_t>(i)];
      const bool in_time = where.until_ms == 0 || (message.time_ms != INT64_MIN && message.time_ms >= where.from_ms && message.time_ms < where.until_ms);
      if (!in_time || (!where.session.empty() && where.session != message.session)) continue;
      const std::int64_t id = i + 1;
      if (newest)
        keys.emplace_back(message.time_ms == INT64_MIN ? INT64_MAX : -message.time_ms, -id);
      else
        keys.emplace_back(message.time_ms == INT64_MIN ? INT64_MAX : message.time_ms, id);
    }
    std::sort(keys.begin(), keys.end());
    std::vector<std::int64_t> ids;
    for (const auto& key : keys) ids.push_back(std::abs(key.second));
    return ids;
  };
  for (int round = 0; round < 10; ++round) {
    Where where;
    if (round % 2 == 1) where.session = "session-" + std::to_string(pick(rng, 3));
    if (round % 3 == 2) where.from_ms = 1 + static_cast<std::int64_t>(pick(rng, 2'000'000));
    if (round % 3 == 2) where.until_ms = where.from_ms + static_cast<std::int64_t>(pick(rng, 500'000));
    const bool newest = pick(rng, 2) == 0;
    const auto ids = expected(where, newest);
    INFO("round " << round);
    CHECK(memory.count(where) == ids.size());
    std::vector<std::int64_t> found;
    Paging paging{.order = newest ? CMEM_ORDER_NEWEST : CMEM_ORDER_OLDEST, .limit = 9'000, .without_content = true};
    while (true) {
      const Answer page = memory.query(where, paging);
      const auto more = page.numbers("id");
      found.insert(found.end(), more.begin(), more.end());
      if (more.size() < paging.limit) break;
      paging.after = page.position;
    }
    CHECK((found == ids));
  }
  CHECK(memory.faults().empty());
}

// -------------------------------------------------------------------------------------------------------- content root

TEST_CASE("a content root is a sum that carries and does not know the order", "[store]") {
  const Hash128 a{~std::uint64_t{0}, 1};
  const Hash128 b{2, 3};
  ContentRoot one;
  one.add(a);
  one.add(b);
  ContentRoot other;
  other.add(b);
  other.add(a);
  CHECK(one == other);
  CHECK(one.low == 1);
  CHECK(one.high == 5);
  CHECK(content_root_from_bytes(to_bytes(one)) == one);
  CHECK(to_hex(one) == "00000000000000050000000000000001");
  CHECK(content_root_from_bytes("short") == ContentRoot{});
  // Fields do not run into each other.
  CHECK(identity_hash({"ab", "c", "", "", "", "", 0}) != identity_hash({"a", "bc", "", "", "", "", 0}));
  CHECK(identity_hash({"a", "", "", "", "", "", 1}) != identity_hash({"a", "", "", "", "", "", 2}));
}

TEST_CASE("equal records of a source are counted for each origin", "[store]") {
  SeenRecords seen;
  CHECK(seen.count(1, -5) == 1);
  CHECK(seen.count(1, -5) == 2);
  CHECK(seen.count(2, -5) == 1);
  CHECK(seen.count(1, -6) == 1);
}

// ------------------------------------------------------------------------------------------------------ names and projects

TEST_CASE("a name that fits several is refused with the candidates", "[store]") {
  const TempFolder folder;
  Memory memory(folder.file("memory.db"));
  std::vector<Appended> messages;
  for (const char* session : {"abcd-1", "abcd-2", "ABCD-9", "a%cd-1", "a_cd-1", "abcd", "日本語の一", "日本語の二"})
    messages.push_back({.content = "x", .session = session, .project = std::string("/work/") + session + "/atlas"});
  messages.push_back({.content = "x", .session = "other", .project = "C:\\work\\tide\\"});
  messages.push_back({.content = "x", .session = "other", .project = "/"});
  memory.append(messages);
  const auto sessions = [&](const std::string& name) { return memory.try_query({.session = name}); };
  CHECK(sessions("abcd").rows.size() == 1);  // in full
  CHECK(sessions("abcd-").status == CMEM_E_AMBIGUOUS);
  CHECK_THAT(sessions("abcd-").error, Catch::Contains("abcd-1") && Catch::Contains("abcd-2") && !Catch::Contains("ABCD"));
  CHECK(memory.error().detail == 2);
  CHECK(sessions("ABCD").rows.size() == 1);
  CHECK(sessions("a%cd").rows.size() == 1);
  CHECK(sessions("a_cd").rows.size() == 1);
  CHECK(sessions("a%c").rows.empty());
  CHECK(sessions("abc").rows.empty());  // too short
  CHECK(sessions("日本語の").status == CMEM_E_AMBIGUOUS);
  CHECK(sessions("日本語の二").rows.size() == 1);
  CHECK(sessions(std::string(100'000, 'x')).rows.empty());
  CHECK(memory.try_query({.project = "atlas"}).status == CMEM_E_AMBIGUOUS);
  CHECK(memory.query({.project = "/work/abcd-1/atlas"}).rows.size() == 1);
  CHECK(memory.query({.project = "tide"}).rows.size() == 1);
  CHECK(memory.query({.project = "/"}).rows.size() == 1);
  CHECK(memory.query({.project = "work"}).rows.empty());
  CHECK(memory.try_query({.level = "LOUD"}).status == CMEM_E_INVALID);
  CHECK(memory.try_query({.source_type = "mail"}).status == CMEM_E_INVALID);
  CHECK_THAT(std::string(memory.error().text), Catch::Contains("history"));
  for (const Where& nothing : {Where{.component = "none"}, Where{.role = "none"}, Where{.run_id = 99}}) CHECK(memory.query(nothing).rows.empty());
}

TEST_CASE("many candidates are listed in part", "[store]") {
  const TempFolder folder;
  Memory memory(folder.file("memory.db"));
  std::vector<Appended> messages;
  for (int i = 0; i < 20; ++i) messages.push_back({.content = "x", .session = "abcd-" + std::to_string(i)});
  memory.append(messages);
  CHECK_THAT(memory.try_query({.session = "abcd"}).error, Catch::Contains("fits 20 sessions") && Catch::Contains("…"));
}

TEST_CASE("a session's project does not depend on the order of loading", "[store]") {
  std::vector<std::string> files;
  files.push_back(history(1, "s1", "", 50) + history(2, "s1", "/b", 100));
  files.push_back(history(3, "s1", "/a", 100) + history(4, "s1", "/late", 200));
  files.push_back(history(5, "s2", "/z", INT64_MIN) + history(6, "s2", "", 5));
  files.push_back(history(7, "s2", "/y", INT64_MIN) + history(8, "s1", "", INT64_MIN));
  files.push_back(history(9, "s3", "/timeless", INT64_MIN) + history(10, "s3", "/timed", 999'999));
  std::sort(files.begin(), files.end());
  std::string root;
  do {
    const TempFolder folder;
    Memory memory(folder.file("memory.db"));
    Memory other(folder.file("memory.db"));
    for (std::size_t i = 0; i < files.size(); ++i) {
      write_file(folder.file("s.jsonl"), files[i]);
      (i % 2 == 0 ? memory : other).load({folder.file("s.jsonl")});
    }
    const Answer sessions = memory.table(cmem_sessions, static_cast<const cmem_filter*>(nullptr), std::uint64_t{0});
    std::map<std::string, std::string> projects;
    for (std::size_t i = 0; i < sessions.rows.size(); ++i) projects[sessions.at(i, "session").text] = sessions.at(i, "project").text;
    CHECK(projects == std::map<std::string, std::string>{{"s1", "/a"}, {"s2", "/y"}, {"s3", "/timed"}});
    CHECK(memory.count({.project = "/a"}) == 3);
    CHECK(memory.count({.project = "/y"}) == 2);
    if (root.empty()) root = memory.stats().content_root;
    CHECK(root == memory.stats().content_root);
  } while (std::next_permutation(files.begin(), files.end()));
}

}  // namespace cmem::test
