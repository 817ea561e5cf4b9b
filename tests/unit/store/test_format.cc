// What is opened, what is refused, and what a refusal leaves behind. And damaged stores: a finding or an error, never a wrong answer.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <string>

#include "base/bytes.h"
#include "base/varint.h"
#include "codec/zstd_frame.h"
#include "store/doc_values.h"
#include "unit/store/store_fixture.h"
#include "unit/support/random.h"

namespace cmem::test {
namespace {

namespace fs = std::filesystem;

struct Opened {
  cmem_status status;
  std::string error;
};

Opened try_open(const std::string& path, bool read_only = false, bool create = false) {
  cmem_open_options options CMEM_OPEN_OPTIONS_INIT;
  options.read_only = read_only ? 1 : 0;
  options.create = create ? 1 : 0;
  cmem_store* store = nullptr;
  cmem_error error;
  const cmem_status status = cmem_store_open(&store, path.c_str(), &options, &error);
  CHECK((store == nullptr) == (status != CMEM_OK));
  cmem_store_close(store);
  return {status, error.text};
}

std::string line(int number, const std::string& content, const std::string& session = "0a11ce00") {
  return "{\"content\": \"" + content + "\", \"source\": \"history.jsonl:line-" + std::to_string(number) + "\", \"timestamp\": " +
         std::to_string(1'763'200'800'000 + number * 1000) + ", \"session_id\": \"" + session +
         "\", \"project\": \"/work/atlas\", \"source_type\": \"history\"}\n";
}

std::string lines(int count) {
  std::string bytes;
  for (int i = 1; i <= count; ++i) bytes += line(i, "tide number " + std::to_string(i % 40));
  return bytes;
}

// Full segments of doc values, and the beginning of a next one.
constexpr int kSomeSegments = 40'000;

// A store of `count` messages in a folder of its own, closed.
class Closed {
 public:
  explicit Closed(int count = 3) {
    write_file(folder_.file("source.jsonl"), lines(count));
    Memory memory(path());
    memory.load({folder_.file("source.jsonl")});
    memory.done(cmem_checkpoint(memory.handle(), nullptr));
  }
  [[nodiscard]] std::string path() const { return folder_.file("memory.db"); }
  [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }
  [[nodiscard]] const std::string& folder() const { return folder_.path(); }
  // Changes the tables as no writer of ours would.
  void change(const std::string& sql) const {
    sqlite::OpenOptions options;
    options.defensive = false;
    auto db = must(sqlite::Connection::open(path(), options));
    must(db.exec("PRAGMA foreign_keys=OFF"));
    must(db.exec(sql));
    must(db.checkpoint(sqlite::CheckpointMode::truncate, nullptr, nullptr));
  }

 private:
  TempFolder folder_;
};

// A block row as text_block and record_block keep it, made from raw bytes that no writer would make.
void replace_block(const Closed& store, const std::string& table, std::int64_t entries, const std::string& raw) {
  sqlite::OpenOptions options;
  auto db = must(sqlite::Connection::open(store.path(), options));
  std::string frame;
  FrameCompressor compressor(3);
  must(compressor.compress(raw, frame));
  auto update = must(db.prepare("UPDATE " + table + " SET entry_count = ?1, raw_bytes = ?2, data = ?3 WHERE first_id = 1"));
  must(update.bind(1, entries));
  must(update.bind(2, static_cast<std::int64_t>(raw.size())));
  must(update.bind_blob(3, as_bytes(frame)));
  must(update.run());
}

bool mentions(const std::vector<std::string>& faults, const std::string& word) {
  return std::any_of(faults.begin(), faults.end(), [&](const std::string& fault) { return fault.find(word) != std::string::npos; });
}

}  // namespace

TEST_CASE("a file that is no store is refused and not changed", "[store][format]") {
  const TempFolder folder;
  SECTION("text") {
    write_file(folder.file("x.db"), "this is a diary, not a database; it is long enough to have a header of a hundred bytes and more, see? yes, it is.");
    for (const bool read_only : {true, false}) CHECK(try_open(folder.file("x.db"), read_only, true).status == CMEM_E_NOT_A_STORE);
  }
  SECTION("a database of somebody else") {
    {
      auto db = make_database(folder.file("x.db"));
      must(db.exec("PRAGMA journal_mode=DELETE; CREATE TABLE theirs(a); INSERT INTO theirs VALUES(1)"));
    }
    const std::string before = read_file(folder.file("x.db"));
    for (const bool read_only : {true, false}) {
      const Opened opened = try_open(folder.file("x.db"), read_only, true);
      CHECK(opened.status == CMEM_E_NOT_A_STORE);
      CHECK(read_file(folder.file("x.db")) == before);
    }
  }
  SECTION("a folder") { CHECK(try_open(folder.path(), false, true).status == CMEM_E_NOT_A_STORE); }
  SECTION("an empty file without create") {
    write_file(folder.file("x.db"), "");
    CHECK(try_open(folder.file("x.db"), true).status == CMEM_E_NOT_A_STORE);
    CHECK(try_open(folder.file("x.db"), false).status == CMEM_E_NOT_A_STORE);
    CHECK(read_file(folder.file("x.db")).empty());
  }
  SECTION("nothing") {
    CHECK(try_open(folder.file("x.db"), true, true).status == CMEM_E_NOT_FOUND);
    CHECK(try_open(folder.file("x.db")).status == CMEM_E_NOT_FOUND);
    CHECK(fs::is_empty(folder.path()));
  }
}

TEST_CASE("an empty file becomes a store with create", "[store][format]") {
  const TempFolder folder;
  write_file(folder.file("x.db"), "");
  CHECK(try_open(folder.file("x.db"), false, true).status == CMEM_OK);
  CHECK(try_open(folder.file("x.db"), true).status == CMEM_OK);
}

TEST_CASE("a new store and its new folder are private", "[store][format]") {
  const TempFolder folder;
  CHECK(try_open(folder.file("a/b/x.db"), false, true).status == CMEM_OK);
  struct ::stat info {};
  REQUIRE(::stat(folder.file("a/b/x.db").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  REQUIRE(::stat(folder.file("a/b").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0700);
}

TEST_CASE("a store of a newer format is refused", "[store][format]") {
  const Closed store;
  store.change("PRAGMA user_version = 99");
  for (const bool read_only : {true, false}) {
    const Opened opened = try_open(store.path(), read_only);
    CHECK(opened.status == CMEM_E_NEWER_FORMAT);
    CHECK_THAT(opened.error, Catch::Contains("install a newer version"));
  }
}

TEST_CASE("a store of a format that never was is damaged", "[store][format]") {
  const Closed store;
  store.change("PRAGMA user_version = 0");
  for (const bool read_only : {true, false}) CHECK(try_open(store.path(), read_only).status == CMEM_E_CORRUPT);
}

// The formats that a store has gone through.
std::vector<std::int64_t> versions(Memory& memory) {
  return memory.try_sql("SELECT version FROM schema_migration ORDER BY 1").numbers("version");
}

TEST_CASE("a store of format 1 is brought up to date when it is opened for writing", "[store][format]") {
  const Closed store;
  store.change("DROP TABLE saved_search; DELETE FROM schema_migration; INSERT INTO schema_migration VALUES(1, 5, 'old'); "
               "DELETE FROM source_type WHERE id > 9; ALTER TABLE session DROP COLUMN parent_id; ALTER TABLE context DROP COLUMN time_precision; "
               "DROP TABLE home_file; DROP TABLE home; DROP TABLE record_copy; DROP TABLE record_identity; DROP TABLE token_usage; "
               "DROP TABLE model; DROP TABLE stored_file; DROP TABLE blob; DROP TABLE tracked_path; "
               "DROP TABLE activity; DROP TABLE error_log; DROP TABLE error_template; DROP TABLE redaction; DROP TABLE tombstone; DROP TABLE forgotten; DELETE FROM meta WHERE key = 'salt'; "
               "ALTER TABLE commit_clock DROP COLUMN rewrites; PRAGMA user_version = 1");
  cmem_cursor* cursor = nullptr;
  {
    Memory memory(store.path(), true);  // to read it changes nothing
    CHECK(memory.search("tide").total == 3);
    memory.done(cmem_saved_searches(&cursor, memory.handle(), nullptr, 0, nullptr));
    CHECK(cmem_cursor_total(cursor) == 0);
    cmem_cursor_close(cursor);
    CHECK(versions(memory) == std::vector<std::int64_t>{1});
  }
  Memory memory(store.path());
  CHECK(versions(memory) == std::vector<std::int64_t>{1, 2, 3, 4, 5});
  CHECK(memory.count() == 3);
  memory.done(cmem_saved_search_add(nullptr, memory.handle(), "a", 1, "tide", 4, 0, nullptr));
  memory.done(cmem_saved_searches(&cursor, memory.handle(), "a", 1, nullptr));
  CHECK(cmem_cursor_total(cursor) == 1);
  cmem_cursor_close(cursor);
}

TEST_CASE("an unknown feature for writers still lets readers in", "[store][format]") {
  const Closed store;
  store.change("INSERT INTO feature VALUES('vectors', 'w')");
  const Opened writing = try_open(store.path());
  CHECK(writing.status == CMEM_E_NEWER_FORMAT);
  CHECK_THAT(writing.error, Catch::Contains("read-only") && Catch::Contains("vectors"));
  Memory memory(store.path(), true);
  CHECK(memory.count() == 3);
  CHECK(memory.search("tide").total == 3);
}

TEST_CASE("an unknown feature for readers keeps everybody out", "[store][format]") {
  const Closed store;
  store.change("INSERT INTO feature VALUES('sealed', 'rw')");
  for (const bool read_only : {true, false}) CHECK(try_open(store.path(), read_only).status == CMEM_E_NEWER_FORMAT);
}

TEST_CASE("a link to a store is the store itself", "[store][format]") {
  const Closed store;
  fs::create_symlink(store.path(), store.file("link.db"));
  Memory by_link(store.file("link.db"));
  by_link.append({{.content = "through the link"}});
  CHECK_FALSE(fs::exists(store.file("link.db-wal")));
  CHECK_FALSE(fs::exists(store.file("link.db-lock")));
  CHECK(Memory(store.path()).count() == 4);
}

TEST_CASE("a store is named from the folder where it was opened", "[store][format]") {
  const TempFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  Memory memory("x.db");
  fs::current_path(before);
  memory.append({{.content = "one"}});
  CHECK(memory.try_sql("SELECT count(*) FROM session_messages").rows.size() == 1);
  CHECK(fs::exists(folder.file("x.db")));
}

TEST_CASE("processes that create one store at once share it", "[store][format]") {
  const TempFolder folder;
  constexpr int kProcesses = 4;
  for (int i = 0; i < kProcesses; ++i) {
    if (::fork() != 0) continue;
    cmem_open_options options CMEM_OPEN_OPTIONS_INIT;
    options.create = 1;
    cmem_store* store = nullptr;
    cmem_message message CMEM_MESSAGE_INIT;
    message.content = "hello";
    message.content_len = 5;
    cmem_append_result result CMEM_APPEND_RESULT_INIT;
    const bool good = cmem_store_open(&store, folder.file("x.db").c_str(), &options, nullptr) == CMEM_OK &&
                      cmem_append(&result, store, &message, 1, nullptr) == CMEM_OK;
    ::_exit(good ? 0 : 1);
  }
  for (int i = 0; i < kProcesses; ++i) {
    int status = 0;
    REQUIRE(::wait(&status) > 0);
    CHECK(status == 0);
  }
  Memory memory(folder.file("x.db"));
  CHECK(memory.count() == kProcesses);
  CHECK(memory.faults().empty());
}

TEST_CASE("a store in a folder without write permission can be read", "[store][format]") {
  const Closed store;
  if (::geteuid() == 0) {
    WARN("skipped: the superuser may write everywhere");
    return;
  }
  REQUIRE(::chmod(store.folder().c_str(), 0500) == 0);
  {
    Memory memory(store.path(), true);
    CHECK(memory.count() == 3);
  }
  CHECK(::chmod(store.folder().c_str(), 0700) == 0);
}

TEST_CASE("writing to a read-only store is refused", "[store][format]") {
  const Closed store;
  Memory memory(store.path(), true);
  cmem_append_result appended;
  CHECK(memory.try_append({{.content = "x"}}, appended) == CMEM_E_READ_ONLY);
  cmem_load_result loaded;
  CHECK(memory.try_load({store.file("source.jsonl")}, loaded) == CMEM_E_READ_ONLY);
  CHECK(cmem_rebuild(memory.handle(), nullptr, nullptr, nullptr) == CMEM_E_READ_ONLY);
  CHECK(cmem_checkpoint(memory.handle(), nullptr) == CMEM_E_READ_ONLY);
  CHECK(memory.faults().empty());
}

// ------------------------------------------------------------------------------------------------------------- damage

TEST_CASE("a message whose text is lost is damage, not a message that never was", "[store][damage]") {
  const Closed store;
  store.change("DELETE FROM text_block");
  Memory memory(store.path(), true);
  CHECK(memory.try_get(1).status == CMEM_E_CORRUPT);
  CHECK(memory.try_query().status == CMEM_E_CORRUPT);
  std::string bytes;
  CHECK(memory.try_export(bytes, CMEM_EXPORT_RAW) == CMEM_E_CORRUPT);
  CHECK(mentions(memory.faults(), "text"));
}

TEST_CASE("a message whose record is lost is damage", "[store][damage]") {
  const Closed store;
  store.change("DELETE FROM record_block");
  Memory memory(store.path(), true);
  CHECK(memory.try_get(1).status == CMEM_E_CORRUPT);
  std::string bytes;
  CHECK(memory.try_export(bytes, CMEM_EXPORT_RAW) == CMEM_E_CORRUPT);
  CHECK(mentions(memory.faults(), "records"));
}

TEST_CASE("a message whose context is lost is damage", "[store][damage]") {
  const Closed store;
  store.change("DELETE FROM context");
  Memory memory(store.path(), true);
  CHECK(memory.try_get(1).status == CMEM_E_CORRUPT);
  CHECK(memory.try_query().status == CMEM_E_CORRUPT);
  CHECK_FALSE(memory.faults().empty());
}

TEST_CASE("a context that says what cannot be is damage", "[store][damage]") {
  const Closed store;
  SECTION("a source type") { store.change("UPDATE context SET source_type = 200"); }
  SECTION("a level") { store.change("UPDATE context SET level = 9"); }
  SECTION("a prefix") { store.change("UPDATE context SET prefix = 7"); }
  SECTION("a time in the prefix of a message without one") {
    store.change("UPDATE context SET prefix = 1, level = 1; UPDATE message SET time_ms = NULL");
  }
  Memory memory(store.path(), true);
  CHECK(memory.try_get(1).status == CMEM_E_CORRUPT);
}

TEST_CASE("a block whose entries do not fill it is damage", "[store][damage]") {
  const Closed store;
  std::string raw;
  SECTION("too short") { raw = std::string("\x05", 1) + "ab"; }
  SECTION("a length that wraps around") {
    put_varint(raw, 4);
    put_varint(raw, UINT64_MAX - 2);
    put_varint(raw, 3);
    raw += "abcd";
  }
  SECTION("more entries than bytes") { raw = "a"; }
  SECTION("bytes that no entry has") { raw = std::string("\0\0\0", 3) + "left over"; }
  replace_block(store, "text_block", 3, raw);
  Memory memory(store.path(), true);
  for (int id = 1; id <= 3; ++id) CHECK(memory.try_get(id).status == CMEM_E_CORRUPT);
  CHECK_FALSE(memory.faults().empty());
}

// For a store of so many messages with 40 texts.
void check_rebuild_mends(int count, const std::string& damage) {
  const Closed store(count);
  Memory intact(store.path());
  const auto before = intact.stats();
  const auto ids = intact.query({.session = "0a11ce00"}, {.without_content = true}).numbers("id");
  intact.close();
  store.change(damage);
  Memory memory(store.path());
  CHECK_FALSE(memory.faults().empty());
  memory.rebuild();
  CHECK(memory.faults() == std::vector<std::string>());
  CHECK(memory.stats().messages == before.messages);
  CHECK(memory.stats().text_bytes == before.text_bytes);
  CHECK(memory.stats().first_ms == before.first_ms);
  CHECK(std::string(memory.stats().content_root) == std::string(before.content_root));
  CHECK(memory.query({.session = "0a11ce00"}, {.without_content = true}).numbers("id") == ids);
  CHECK(memory.search("number").total == 40);
  CHECK(memory.load({store.file("source.jsonl")}).messages_new == 0);
}

TEST_CASE("damaged data that follows from texts is found, and rebuild makes it good again", "[store][damage]") {
  SECTION("text look-up: lost") { check_rebuild_mends(1'000, "DELETE FROM text_lookup"); }
  SECTION("text look-up: changed") { check_rebuild_mends(1'000, "UPDATE text_lookup SET hashes = zeroblob(length(hashes))"); }
  SECTION("text look-up: overlapping") { check_rebuild_mends(1'000, "INSERT INTO text_lookup SELECT first_id + 1, hashes FROM text_lookup"); }
  SECTION("text look-up: no table") { check_rebuild_mends(1'000, "DROP TABLE text_lookup"); }
  SECTION("text index: lost") { check_rebuild_mends(1'000, "DELETE FROM text_segment; DELETE FROM text_segment_part"); }
  SECTION("text index: a segment's row is lost") { check_rebuild_mends(1'000, "DELETE FROM text_segment"); }
  SECTION("text index: a part is lost") { check_rebuild_mends(1'000, "DELETE FROM text_segment_part WHERE id = (SELECT max(id) FROM text_segment_part)"); }
  SECTION("text index: a part of no segment") { check_rebuild_mends(1'000, "INSERT INTO text_segment_part SELECT id + (1 << 40), data FROM text_segment_part"); }
  SECTION("text index: damaged") { check_rebuild_mends(1'000, "UPDATE text_segment_part SET data = zeroblob(length(data))"); }
  SECTION("text index: no table") { check_rebuild_mends(1'000, "DROP TABLE text_segment"); }
}

TEST_CASE("damaged data that follows from messages is found, and rebuild makes it good again", "[store][damage]") {
  SECTION("doc values: the first segment") { check_rebuild_mends(kSomeSegments, "DELETE FROM doc_values WHERE first_id = 1"); }
  SECTION("doc values: damaged") { check_rebuild_mends(kSomeSegments, "UPDATE doc_values SET data = zeroblob(length(data))"); }
  SECTION("doc values: no table") { check_rebuild_mends(kSomeSegments, "DROP TABLE doc_values"); }
  SECTION("origin lines: lost") { check_rebuild_mends(kSomeSegments, "DELETE FROM origin_lines"); }
  SECTION("origin lines: some lost") { check_rebuild_mends(kSomeSegments, "DELETE FROM origin_lines; INSERT INTO origin_lines VALUES(1, 1, 1, x'0201')"); }
  SECTION("origin lines: cut short") { check_rebuild_mends(kSomeSegments, "UPDATE origin_lines SET entries = substr(entries, 1, length(entries) - 1)"); }
  SECTION("counts: messages") { check_rebuild_mends(kSomeSegments, "UPDATE commit_clock SET messages = messages + 1"); }
  SECTION("counts: text bytes") { check_rebuild_mends(kSomeSegments, "UPDATE commit_clock SET text_bytes = text_bytes + 1"); }
  SECTION("counts: of a context") { check_rebuild_mends(kSomeSegments, "UPDATE context SET messages = messages + 1"); }
  SECTION("counts: times of a context") { check_rebuild_mends(kSomeSegments, "UPDATE context SET first_ms = 0"); }
}

TEST_CASE("a lost segment of doc values is no smaller answer", "[store][damage]") {
  const Closed store(kSomeSegments);
  store.change("DELETE FROM doc_values WHERE first_id = 1");
  Memory memory(store.path(), true);
  CHECK(memory.try_query({.session = "0a11ce00"}).status == CMEM_E_CORRUPT);
  std::string bytes;
  CHECK(memory.try_export(bytes, CMEM_EXPORT_RAW) == CMEM_E_CORRUPT);
}

TEST_CASE("a lost row that others still name is damage, not a message that never was", "[store][damage]") {
  const Closed store(kSegmentMessages + 10);
  store.change("DELETE FROM message WHERE id = 2");
  Memory memory(store.path(), true);
  CHECK(memory.try_query({}, {.order = CMEM_ORDER_OLDEST, .limit = 3}).status == CMEM_E_CORRUPT);
  CHECK(memory.try_search("tide", {}, {.order = CMEM_ORDER_OLDEST, .limit = 3}).status == CMEM_E_CORRUPT);
  CHECK(memory.try_get(1, 0, 2).status == CMEM_E_CORRUPT);
  std::string bytes;
  CHECK(memory.try_export(bytes, CMEM_EXPORT_RAW) == CMEM_E_CORRUPT);
  CHECK(memory.try_get(2).status == CMEM_E_NOT_FOUND);
  CHECK(memory.query({}, {.limit = 3}).rows.size() == 3);
}

TEST_CASE("a changed or lost row is found by a deep check", "[store][damage]") {
  const Closed store;
  SECTION("a text") { store.change("UPDATE message SET text_id = 1 WHERE id = 2"); }
  SECTION("a time") { store.change("UPDATE message SET time_ms = time_ms + 1 WHERE id = 2"); }
  SECTION("a line") { store.change("UPDATE message SET line = 7 WHERE id = 2"); }
  SECTION("a row") { store.change("DELETE FROM message WHERE id = 2"); }
  SECTION("a name") { store.change("UPDATE session SET external_id = 'other'"); }
  Memory memory(store.path(), true);
  CHECK(mentions(memory.faults(), "content"));
}

TEST_CASE("flipped bytes in a store are an error, a finding or no change, never a crash", "[store][damage][random]") {
  const Closed store(2'000);
  const std::string good = read_file(store.path());
  const std::uint64_t seed = test_seed();
  INFO("CMEM_TEST_SEED=" << seed);
  Rng rng(seed);
  Memory intact(store.path(), true);
  const auto expected = intact.query({}, {.order = CMEM_ORDER_OLDEST}).texts("content");
  intact.close();
  for (int round = 0; round < 50; ++round) {
    std::string bad = good;
    const std::size_t flips = 1 + rng() % 3;
    for (std::size_t i = 0; i < flips; ++i) bad[rng() % bad.size()] ^= static_cast<char>(1U << (rng() % 8));
    write_file(store.path(), bad);
    fs::remove(store.path() + "-wal");
    fs::remove(store.path() + "-shm");
    cmem_open_options options CMEM_OPEN_OPTIONS_INIT;
    cmem_store* opened = nullptr;
    if (cmem_store_open(&opened, store.path().c_str(), &options, nullptr) != CMEM_OK) continue;
    cmem_store_close(opened);
    Memory memory(store.path());
    const Answer rows = memory.try_query({}, {.order = CMEM_ORDER_OLDEST});
    memory.try_search("tide number");
    memory.try_get(1 + static_cast<std::int64_t>(rng() % 2'000), 2, 2);
    memory.try_sql("SELECT count(*) FROM session_messages WHERE length(content) > 3");
    cmem_cursor* cursor = nullptr;
    const cmem_status checked = cmem_check(&cursor, memory.handle(), 1, nullptr);
    const Answer findings = checked == CMEM_OK ? read_cursor(cursor) : Answer();
    bool sound = checked == CMEM_OK;
    for (std::size_t i = 0; i < findings.rows.size(); ++i)
      sound = sound && (findings.at(i, "ok").number == 1 || findings.at(i, "severity").text != "error");
    // Where all checks pass, the messages are those that were stored.
    if (sound) CHECK((rows.status == CMEM_DONE && rows.texts("content") == expected));
  }
}

}  // namespace cmem::test
