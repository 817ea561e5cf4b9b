// Loading files: what is a source, what a bad source leaves behind, and what the run says about it.
#include <coditect/memory.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/hash.h"
#include "ingest/known_hashes.h"
#include "ingest/source_list.h"
#include "store/runs.h"
#include "unit/ingest/load_support.h"

namespace cmem::test {
namespace {

namespace fs = std::filesystem;

std::string zstd(const std::string& bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3));
  return out;
}

void write_gzip(const std::string& path, const std::string& bytes) {
  const gzFile file = ::gzopen(path.c_str(), "wb");
  REQUIRE(file != nullptr);
  REQUIRE(::gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())) == static_cast<int>(bytes.size()));
  REQUIRE(::gzclose(file) == Z_OK);
}

}  // namespace

// ------------------------------------------------------------------------------------------------------------ sources

TEST_CASE("a folder gives its extraction files in order, without hidden ones", "[ingest]") {
  const TempFolder folder;
  fs::create_directories(folder.file("b/.hidden"));
  fs::create_directories(folder.file("b/deep"));
  for (const char* name : {"z.jsonl", "a.jsonl.gz", "b/x.jsonl.zst", "b/deep/y.jsonl", "b/.hidden/no.jsonl", ".no.jsonl", "no.json", "no.txt"})
    write_file(folder.file(name), "");
  CHECK(must(expand_sources({folder.path()})) ==
        std::vector<std::string>{folder.file("a.jsonl.gz"), folder.file("b/deep/y.jsonl"), folder.file("b/x.jsonl.zst"), folder.file("z.jsonl")});
  CHECK(must(expand_sources({folder.file("*.jsonl"), folder.file("z.jsonl"), "-"})) == std::vector<std::string>{folder.file("z.jsonl"), "-"});
  CHECK(must(expand_sources({folder.file("b*")})).size() == 2);
  CHECK(must(expand_sources({folder.file(".no.jsonl"), folder.file("no.txt")})).size() == 2);
  CHECK(expand_sources({folder.file("b/.hidden/*.zst")}).error().code == Code::kNotFound);
  CHECK(expand_sources({folder.file("missing.jsonl")}).error().code == Code::kNotFound);
  CHECK(expand_sources({""}).error().code == Code::kNotFound);
  fs::create_directories(folder.file("empty"));
  CHECK(expand_sources({folder.file("empty")}).error().code == Code::kNotFound);
}

TEST_CASE("a file whose name looks like a pattern is that file", "[ingest]") {
  const TempFolder folder;
  write_file(folder.file("a[1]*.jsonl"), "");
  CHECK(must(expand_sources({folder.file("a[1]*.jsonl")})) == std::vector<std::string>{folder.file("a[1]*.jsonl")});
}

TEST_CASE("a link that leads nowhere is no source", "[ingest]") {
  const TempFolder folder;
  fs::create_symlink(folder.file("gone.jsonl"), folder.file("link.jsonl"));
  CHECK(expand_sources({folder.file("link.jsonl")}).error().code == Code::kNotFound);
  CHECK(expand_sources({folder.file("*.jsonl")}).error().code == Code::kNotFound);
  CHECK(expand_sources({folder.path()}).error().code == Code::kNotFound);
}

TEST_CASE("known hashes are a JSON array or an object with one", "[ingest]") {
  const TempFolder folder;
  const std::string hash = to_hex(sha256("known"));
  const auto read = [&](const std::string& text) {
    write_file(folder.file("known.json"), text);
    return KnownHashes::read(folder.file("known.json"));
  };
  CHECK(must(read("[]")).size() == 0);
  CHECK(must(read("[\"" + hash + "\", \"" + hash + "\"]")).size() == 1);
  CHECK(must(read("{\"count\": 1, \"hashes\": [\"" + hash + "\"]}")).contains(sha256("known")));
  CHECK_FALSE(must(read("[\"" + hash + "\"]")).contains(sha256("new")));
  for (const std::string bad : {"", "{", "7", "{\"hash\": []}", "{\"hashes\": 1}", "[1]", "[\"abc\"]", "[null]"})
    CHECK(read(bad).error().code == Code::kInvalid);
  CHECK(KnownHashes::read(folder.file("none.json")).error().code == Code::kNotFound);
}

// ------------------------------------------------------------------------------------------------------------ loading

TEST_CASE("records whose hash is known are skipped and counted", "[ingest]") {
  Desk desk;
  const std::string known = desk.source("[\"" + to_hex(sha256("message 2")) + "\"]", "known.json");
  cmem_load_options options CMEM_LOAD_OPTIONS_INIT;
  options.known_hashes_path = known.c_str();
  cmem_load_result result;
  REQUIRE(desk.memory.try_load({desk.source(lines(1, 3))}, result, &options) == CMEM_OK);
  CHECK(result.known_skipped == 1);
  CHECK(result.messages_new == 2);
  CHECK(result.records_read == 3);
  options.known_hashes_path = "/no/such/file";
  CHECK(desk.memory.try_load({desk.folder.file("source.jsonl")}, result, &options) == CMEM_E_NOT_FOUND);
  CHECK(desk.memory.stats().runs == 1);
}

TEST_CASE("the form of a file does not matter to its messages", "[ingest][threads]") {
  Desk desk;
  const std::string bytes = lines(1, 50);
  SECTION("as it is") { desk.memory.load({desk.source(bytes)}); }
  SECTION("zstd") { desk.memory.load({desk.source(zstd(bytes), "s.jsonl.zst")}); }
  SECTION("zstd in two frames under a plain name") { desk.memory.load({desk.source(zstd(lines(1, 20)) + zstd(lines(21, 50)))}); }
  SECTION("gzip") {
    write_gzip(desk.folder.file("s.jsonl.gz"), bytes);
    desk.memory.load({desk.folder.file("s.jsonl.gz")});
  }
  SECTION("with a byte order mark") {
    desk.memory.load({desk.source("\xEF\xBB\xBF" + bytes)});
    CHECK(desk.memory.export_raw() == "\xEF\xBB\xBF" + bytes);
  }
  SECTION("with carriage returns") {
    std::string crlf;
    for (const char c : bytes) crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
    desk.memory.load({desk.source(crlf)});
    CHECK(desk.memory.export_raw() == crlf);
  }
  SECTION("without the last newline") {
    desk.memory.load({desk.source(bytes.substr(0, bytes.size() - 1))});
    CHECK(desk.memory.export_raw() == bytes.substr(0, bytes.size() - 1));
  }
  SECTION("with blank lines") {
    desk.memory.load({desk.source("\n\n" + bytes + "\n  \n")});
    CHECK(desk.memory.export_raw() == bytes);
  }
  CHECK(desk.memory.count() == 50);
  CHECK(desk.run_status() == "complete");
  CHECK(desk.memory.load({desk.source(bytes, "again.jsonl")}).messages_new == 0);
  CHECK(desk.memory.faults().empty());
}

TEST_CASE("raw lines of several sources stay lines when one has no last newline", "[ingest][export]") {
  Desk desk;
  const std::string first = lines(1, 2);
  desk.memory.load({desk.source(first.substr(0, first.size() - 1), "a.jsonl"), desk.source(lines(3, 4), "b.jsonl")});
  CHECK(desk.memory.export_raw() == lines(1, 4));
  Memory again(desk.folder.file("again.db"));
  again.load({desk.source(desk.memory.export_raw(), "exported.jsonl")});
  CHECK(std::string(again.stats().content_root) == std::string(desk.memory.stats().content_root));
}

TEST_CASE("an empty file is a run without records", "[ingest]") {
  Desk desk;
  const auto result = desk.memory.load({desk.source("")});
  CHECK(result.files == 1);
  CHECK(result.records_read == 0);
  CHECK(result.first_run_id == 1);
  CHECK(result.last_run_id == 1);
  CHECK(desk.run_status() == "complete");
}

TEST_CASE("a damaged compressed source keeps the lines before the damage", "[ingest]") {
  Desk desk;
  std::string bytes;
  SECTION("zstd cut off") {
    bytes = zstd(lines(1, 100)) + zstd(lines(101, 9'000));
    bytes.resize(bytes.size() - 100);
  }
  SECTION("gzip cut off") {
    write_gzip(desk.folder.file("x.gz"), lines(1, 9'000));
    bytes = read_file(desk.folder.file("x.gz"));
    bytes.resize(bytes.size() / 2);
  }
  const auto result = desk.memory.load({desk.source(bytes, "source.jsonl.zst")});
  CHECK(result.rejected >= 1);
  CHECK(result.records_read == result.messages_new + result.rejected);
  CHECK(result.messages_new >= 100);
  CHECK(result.messages_new < 9'000);
  const Answer rejected = desk.rejected();
  CHECK_THAT(rejected.at(rejected.rows.size() - 1, "reason").text, Catch::StartsWith("damaged-source: "));
  cmem_load_options strict CMEM_LOAD_OPTIONS_INIT;
  strict.strict = 1;
  cmem_load_result refused;
  CHECK(desk.memory.try_load({desk.folder.file("source.jsonl.zst")}, refused, &strict) == CMEM_E_REJECTED);
  CHECK(desk.memory.load({desk.source(lines(1, 9'000), "good.jsonl")}).duplicates == result.messages_new);
  CHECK(desk.memory.count() == 9'000);
  CHECK(desk.memory.faults().empty());
}

TEST_CASE("bad lines go to the quarantine with their place", "[ingest][threads]") {
  Desk desk;
  const std::string bad = "{\"content\": \"cut off\n";
  const auto result = desk.memory.load({desk.source(line(1) + bad + line(2) + "7\n" + line(3))});
  CHECK(result.messages_new == 3);
  CHECK(result.rejected == 2);
  const Answer rejected = desk.rejected();
  CHECK(rejected.numbers("line") == std::vector<std::int64_t>{2, 4});
  CHECK(rejected.at(0, "offset").number == static_cast<std::int64_t>(line(1).size()));
  CHECK(rejected.at(0, "length").number == static_cast<std::int64_t>(bad.size()) - 1);
  CHECK(rejected.at(0, "excerpt").text == bad.substr(0, bad.size() - 1));
  CHECK(desk.memory.stats().rejected == 2);
}

TEST_CASE("a line longer than allowed is rejected and the rest is loaded", "[ingest]") {
  Desk desk;
  cmem_load_options options CMEM_LOAD_OPTIONS_INIT;
  options.max_line_bytes = 200;
  cmem_load_result result;
  REQUIRE(desk.memory.try_load({desk.source(line(1) + line(2, std::string(5'000, 'x')) + line(3))}, result, &options) == CMEM_OK);
  CHECK(result.messages_new == 2);
  CHECK(result.rejected == 1);
  CHECK_THAT(desk.rejected().at(0, "reason").text, Catch::StartsWith("too-long: "));
  CHECK_THAT(desk.rejected().at(0, "excerpt").text, Catch::StartsWith(line(2, "xxx").substr(0, 15)));
  CHECK(desk.rejected().at(0, "length").number == static_cast<std::int64_t>(line(2, std::string(5'000, 'x')).size()) - 1);
}

TEST_CASE("a strict load writes all or nothing", "[ingest]") {
  Desk desk;
  cmem_load_options strict CMEM_LOAD_OPTIONS_INIT;
  strict.strict = 1;
  cmem_load_result result;
  const auto good = desk.source(lines(1, 3), "good.jsonl");
  const auto bad = desk.source(line(4) + "oops\n", "bad.jsonl");
  CHECK(desk.memory.try_load({good, bad}, result, &strict) == CMEM_E_REJECTED);
  CHECK_THAT(std::string(desk.memory.error().text), Catch::Contains("bad.jsonl, line 2, byte " + std::to_string(line(4).size())));
  CHECK(desk.memory.error().detail == 2);
  CHECK(desk.memory.count() == 0);
  CHECK(desk.memory.stats().runs == 0);
  CHECK(desk.memory.try_load({good}, result, &strict) == CMEM_OK);
  CHECK(result.messages_new == 3);
  CHECK(desk.memory.try_load({"-"}, result, &strict) == CMEM_E_INVALID);
}

TEST_CASE("a cancelled load keeps what was committed and says so", "[ingest][threads]") {
  Desk desk;
  std::function<int(std::int64_t, std::int64_t, std::int64_t)> stop = [](std::int64_t done, std::int64_t total, std::int64_t rows) {
    CHECK(done <= total);
    CHECK(rows >= 0);
    return 1;
  };
  const cmem_load_options options = with_progress(stop);
  cmem_load_result result;
  SECTION("after the first of two sources") {
    const auto a = desk.source(lines(1, 3), "a.jsonl");
    const auto b = desk.source(lines(4, 6), "b.jsonl");
    CHECK(desk.memory.try_load({a, b}, result, &options) == CMEM_E_CANCELLED);
    CHECK(result.messages_new == 3);
    CHECK(desk.memory.count() == 3);
    CHECK(desk.run_status() == "complete");
  }
  SECTION("in the middle of a source") {
    const auto path = desk.source(lines(1, 150'000));
    CHECK(desk.memory.try_load({path}, result, &options) == CMEM_E_CANCELLED);
    CHECK(result.messages_new == static_cast<std::int64_t>(desk.memory.count()));
    CHECK(result.records_read == result.messages_new);
    const Answer run = desk.memory.table(cmem_runs, std::uint64_t{0});
    CHECK(run.at(0, "new").number == result.messages_new);
    CHECK(run.at(0, "read").number == result.messages_new);
    CHECK(desk.memory.load({path}).messages_new == 150'000 - result.messages_new);
  }
  CHECK(desk.memory.faults().empty());
}

TEST_CASE("a cancelled load counts the bad lines that it kept", "[ingest]") {
  Desk desk;
  std::string bytes;
  for (int i = 0; i < 400'000; ++i) bytes += "not json at all\n";
  std::function<int(std::int64_t, std::int64_t, std::int64_t)> stop = [](std::int64_t, std::int64_t, std::int64_t) { return 1; };
  const cmem_load_options options = with_progress(stop);
  cmem_load_result result;
  CHECK(desk.memory.try_load({desk.source(bytes)}, result, &options) == CMEM_E_CANCELLED);
  CHECK(result.rejected == static_cast<std::int64_t>(desk.rejected().rows.size()));
  CHECK(desk.memory.stats().rejected == result.rejected);
}

TEST_CASE("a source that grows while it is read is marked as changed", "[ingest][threads]") {
  Desk desk;
  const auto a = desk.source(lines(1, 10), "a.jsonl");
  const auto b = desk.source(lines(11, 150'000), "b.jsonl");
  // Grows after its end was read, while the next one is loaded or before it is hashed again: both show.
  std::function<int(std::int64_t, std::int64_t, std::int64_t)> grow = [&](std::int64_t, std::int64_t, std::int64_t) {
    std::ofstream(b, std::ios::app) << line(200'000) << std::flush;
    return 0;
  };
  const cmem_load_options options = with_progress(grow);
  cmem_load_result result;
  REQUIRE(desk.memory.try_load({a, b}, result, &options) == CMEM_OK);
  const Answer runs = desk.memory.table(cmem_runs, std::uint64_t{0});
  for (std::size_t i = 0; i < runs.rows.size(); ++i) {
    const bool same = runs.at(i, "sha256_before").text == runs.at(i, "sha256_after").text;
    CHECK(runs.at(i, "status").text == (same ? "complete" : "source-changed"));
  }
  CHECK(runs.at(1, "status").text == "complete");
  CHECK(result.messages_new >= 150'000);
  desk.memory.load({b});
  CHECK(desk.memory.count() == 150'001);
}

TEST_CASE("standard input is a source", "[ingest]") {
  Desk desk;
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const std::string bytes = lines(1, 2'000);
  const int saved = ::dup(0);
  REQUIRE(::dup2(ends[0], 0) == 0);
  ::close(ends[0]);
  std::thread writer([&] {
    for (std::size_t at = 0; at < bytes.size();) {
      const ssize_t written = ::write(ends[1], bytes.data() + at, std::min<std::size_t>(bytes.size() - at, 777));
      if (written <= 0) break;
      at += static_cast<std::size_t>(written);
    }
    ::close(ends[1]);
  });
  cmem_load_result result;
  const cmem_status status = desk.memory.try_load({"-"}, result);
  writer.join();
  ::dup2(saved, 0);
  ::close(saved);
  CHECK(status == CMEM_OK);
  CHECK(result.messages_new == 2'000);
  CHECK(desk.run_status() == "complete");
}

TEST_CASE("a named pipe is read once", "[ingest]") {
  Desk desk;
  const std::string path = desk.folder.file("pipe");
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  std::thread writer([&] { std::ofstream(path) << lines(1, 5); });
  cmem_load_result result;
  const cmem_status status = desk.memory.try_load({path}, result);
  writer.join();
  CHECK(status == CMEM_OK);
  CHECK(result.messages_new == 5);
  CHECK(result.sources_changed == 0);
  CHECK(desk.run_status() == "complete");
  cmem_load_options strict CMEM_LOAD_OPTIONS_INIT;
  strict.strict = 1;
  CHECK(desk.memory.try_load({path}, result, &strict) == CMEM_E_INVALID);
}

TEST_CASE("a run whose process is gone is interrupted", "[ingest]") {
  Desk desk;
  desk.memory.load({desk.source(lines(1, 2))});
  {
    auto db = must(sqlite::Connection::open(desk.folder.file("memory.db"), {}));
    must(db.exec("UPDATE run SET status = 'running', process = '1 2 no-such-boot'"));
  }
  CHECK(desk.run_status() == "interrupted");
  desk.memory.load({desk.source(lines(1, 2))});
  CHECK(desk.memory.try_sql("SELECT status FROM extraction_runs WHERE run_id = 1").rows[0][0].text == "interrupted");
  CHECK(is_alive(this_process()));
  for (const char* dead : {"", "1", "999999999 1 x", "abc 1 2"}) CHECK_FALSE(is_alive(dead));
}

TEST_CASE("a path that fits nothing stops the load before anything is read", "[ingest]") {
  Desk desk;
  cmem_load_result result;
  CHECK(desk.memory.try_load({desk.source(lines(1, 2)), desk.folder.file("missing.jsonl")}, result) == CMEM_E_NOT_FOUND);
  CHECK_THAT(std::string(desk.memory.error().text), Catch::Contains("missing.jsonl"));
  CHECK(result.files == 0);
  CHECK(desk.memory.count() == 0);
}

TEST_CASE("a source that cannot be read stops the load at that source", "[ingest]") {
  Desk desk;
  if (::geteuid() == 0) {
    WARN("skipped: the superuser may read everything");
    return;
  }
  const auto a = desk.source(lines(1, 2), "a.jsonl");
  const auto b = desk.source(lines(3, 4), "b.jsonl");
  REQUIRE(::chmod(b.c_str(), 0) == 0);
  cmem_load_result result;
  CHECK(desk.memory.try_load({a, b}, result) == CMEM_E_IO);
  CHECK(result.files == 1);
  CHECK(result.last_run_id == 1);
  CHECK(desk.memory.count() == 2);
  CHECK(desk.run_status() == "complete");
}

TEST_CASE("a load that fails in the middle of a batch keeps nothing of it", "[ingest]") {
  Desk desk;
  desk.memory.load({desk.source(lines(1, 10))});
  {
    sqlite::OpenOptions options;
    options.defensive = false;
    auto db = must(sqlite::Connection::open(desk.folder.file("memory.db"), options));
    must(db.exec("UPDATE origin_lines SET entries = substr(entries, 1, length(entries) - 1)"));
  }
  std::string fresh = lines(1, 5);
  for (std::size_t at = 0; (at = fresh.find("history.jsonl", at)) != std::string::npos;) fresh.replace(at, 13, "others_.jsonl");
  const auto path = desk.source(fresh + lines(1, 10), "b.jsonl");
  desk.memory.close();
  Memory memory(desk.folder.file("memory.db"));
  cmem_load_result result;
  CHECK(memory.try_load({path}, result) == CMEM_E_CORRUPT);
  CHECK(result.messages_new == 0);
  CHECK(result.records_read == 0);
  CHECK(memory.count() == 10);
  memory.rebuild();
  CHECK(memory.faults().empty());
  CHECK(memory.load({path}).messages_new == 5);
}

TEST_CASE("lines at the end of what numbers can hold are kept apart", "[ingest]") {
  Desk desk;
  const auto record = [](const std::string& source, const std::string& content) {
    return R"({"content": ")" + content + R"(", "source": ")" + source + R"(", "source_type": "history"})" + "\n";
  };
  const std::string bytes = record("x", "a") + record("x:line-9223372036854775807", "b") + record("x", "c") + record("x:line-1", "d") +
                            record("x:line-9223372036854775808", "e") + record("x:line-0", "f");
  CHECK(desk.memory.load({desk.source(bytes)}).messages_new == 6);
  CHECK(desk.memory.load({desk.source(bytes)}).messages_new == 0);
  CHECK(desk.memory.export_raw() == bytes);
  CHECK(desk.memory.faults().empty());
  cmem_append_result result;
  CHECK(desk.memory.try_append({{.content = "no room", .source = "x"}}, result) == CMEM_E_LIMIT);
  CHECK(desk.memory.append({{.content = "room", .source = "y"}}).messages_new == 1);
}

// ------------------------------------------------------------------------------------------------------------- append

TEST_CASE("one bad message keeps all from being appended", "[ingest]") {
  Desk desk;
  const Appended good{.content = "good"};
  Appended bad{.content = "bad"};
  SECTION("text") { bad.content = "\xff"; }
  SECTION("a name") { bad.session = "\xc3"; }
  SECTION("line") { bad.line = -1; }
  SECTION("time") { bad.time_ms = INT64_MAX; }
  SECTION("level") { bad.level = "LOUD"; }
  cmem_append_result result;
  CHECK(desk.memory.try_append({good, bad, good}, result) == CMEM_E_INVALID);
  CHECK(desk.memory.error().detail == 1);
  CHECK_THAT(std::string(desk.memory.error().text), Catch::Contains("message 1") && Catch::Contains("nothing was written"));
  CHECK(desk.memory.count() == 0);
  CHECK(desk.memory.append({good, good}).messages_new == 2);
}

TEST_CASE("the same place, time and content is the same message", "[ingest]") {
  Desk desk;
  const Appended first{.content = "hello", .time_ms = 5, .line = 3};
  CHECK(desk.memory.append({first, first}).duplicates == 1);
  CHECK(desk.memory.append({first}).duplicates == 1);
  Appended leveled = first;
  leveled.level = "INFO";
  CHECK(desk.memory.append({leveled}).duplicates == 1);
  Appended later = first;
  later.time_ms = 6;
  CHECK(desk.memory.append({later}).messages_new == 1);
  Appended next{.content = "hello"};
  CHECK(desk.memory.append({next, next}).messages_new == 2);
  CHECK(desk.memory.query({}, {.order = CMEM_ORDER_OLDEST}).numbers("line") == std::vector<std::int64_t>{3, 3, 4, 5});
}

}  // namespace cmem::test
