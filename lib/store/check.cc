#include "store/check.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <functional>

#include "base/bytes.h"
#include "base/file.h"
#include "sqlite/transaction.h"
#include "sqlite/version.h"
#include "store/activity.h"
#include "store/error_log.h"
#include "store/occurrences.h"
#include "store/recount.h"
#include "store/runs.h"
#include "store/schema.h"
#include "store/text_indexing.h"
#include "store/text_segments.h"

namespace cmem {
namespace {

constexpr std::int64_t kLargeLogBytes = std::int64_t{256} << 20;
constexpr std::uint64_t kLowSpaceBytes = std::uint64_t{512} << 20;
constexpr const char* kRestoreHint = "the stored rows are damaged: keep the file, and restore a backup";
constexpr const char* kRebuildHint = "run `memory rebuild`";

class Checker {
 public:
  Checker(Store& store, bool deep) : store_(store), db_(store.reader()), deep_(deep) {}

  std::vector<Finding> run() {
    check_file();
    check_log();
    check_versions();
    check_pages();
    check_text_index();
    check_counts();
    check_runs();
    if (deep_) check_deep();
    return std::move(findings_);
  }

 private:
  void add(std::string check, bool ok, Severity severity, std::string detail, std::string hint) {
    findings_.push_back({std::move(check), ok, severity, std::move(detail), ok ? std::string() : std::move(hint)});
  }
  void fail(std::string check, const Error& error) { add(std::move(check), false, Severity::kError, error.text, kRestoreHint); }

  void check_file() {
    struct ::stat info {};
    if (::stat(store_.path().c_str(), &info) != 0)
      return add("file", false, Severity::kError, store_.path() + " cannot be examined", "check the path");
    const bool is_private = (info.st_mode & 077) == 0;
    add("file", is_private && info.st_nlink == 1, Severity::kWarning,
        fmt::format("{}, {} bytes, mode {:o}, {} link(s)", store_.path(), info.st_size, info.st_mode & 07777, info.st_nlink),
        is_private ? "a second hard link would get a log of its own: keep one name"
                   : "others can read your memory: chmod 600 the file");
    const auto free = free_bytes(store_.path());
    if (free)
      add("disk space", *free >= kLowSpaceBytes, Severity::kWarning, fmt::format("{} bytes free", *free),
          "free some space before the next load");
  }

  void check_log() {
    const std::int64_t bytes = db_.wal_bytes();
    add("write-ahead log", bytes < kLargeLogBytes, Severity::kWarning, fmt::format("{} bytes", bytes),
        "a reader that stays open keeps the log from being emptied: close it, then run `memory checkpoint`");
  }

  void check_versions() {
    const auto schema = db_.query_int("PRAGMA user_version");
    add("format", schema && *schema == kSchemaVersion, Severity::kWarning,
        fmt::format("format {}, this is version {}", schema ? *schema : 0, CMEM_WRITER_VERSION),
        "open the store once for writing to bring it up to date");
    const bool fixed = sqlite::has_wal_reset_fix();
    add("SQLite", true, Severity::kInfo,
        fmt::format("{}{}", sqlite::library_version(),
                    fixed ? "" : ", whose WAL-reset race our checkpoint guard closes; other tools must only read this file"),
        "");
  }

  void check_pages() {
    const auto answer = db_.query_text("PRAGMA quick_check(1)");
    if (!answer) return fail("pages", answer.error());
    add("pages", *answer == "ok", Severity::kError, *answer, kRestoreHint);
  }

  void check_text_index() {
    const auto segments = store_.text_index().segments(db_);
    if (!segments) return add("text index", false, Severity::kError, segments.error().text, kRebuildHint);
    expect_none("text index",
                "SELECT (SELECT count(*) FROM main.text_segment s WHERE s.bytes IS NOT (SELECT sum(length(p.data)) FROM "
                "main.text_segment_part p WHERE p.id >= s.id << 32 AND p.id < (s.id + 1) << 32)) + (SELECT count(*) FROM "
                "main.text_segment_part p WHERE p.id >> 32 NOT IN (SELECT id FROM main.text_segment))",
                "segments without all their parts", kRebuildHint);
  }

  // An index of some texts has one form only, however it came about.
  void check_text_index_words() {
    const auto segments = store_.text_index().segments(db_);
    if (!segments) return;  // check_text_index() has said so
    const auto indexing = find_indexing(db_);
    if (!indexing) return fail("indexed words", indexing.error());
    std::int64_t wrong = 0;
    for (const SegmentInfo& info : *segments) {
      const auto stored = read_segment(db_, info);
      SegmentBuilder builder(info.first_text_id);
      for (std::int64_t id = info.first_text_id; id < info.first_text_id + info.texts; ++id) {
        const auto text = store_.texts().read(db_, id);
        if (!text) return;  // check_deep() has said so
        builder.add(*text, (*indexing)[static_cast<std::size_t>(id)]);
      }
      wrong += stored && *stored == builder.finish() ? 0 : 1;
    }
    add("indexed words", wrong == 0, Severity::kError,
        wrong == 0 ? "agree with the texts" : fmt::format("{} of {} segments differ from the texts", wrong, segments->size()),
        kRebuildHint);
  }

  // One statement whose value must be 0.
  void expect_none(const char* check, const char* sql, const char* detail, const char* hint) {
    const auto count = db_.query_int(sql);
    if (!count) return fail(check, count.error());
    add(check, *count == 0, Severity::kError, *count == 0 ? "agree" : fmt::format("{}: {}", detail, *count), hint);
  }

  void check_counts() {
    expect_none("message count", "SELECT abs((SELECT count(*) FROM main.message) - (SELECT messages FROM main.commit_clock))",
                "rows more or less than the count", kRebuildHint);
    expect_none("context counts",
                "SELECT abs((SELECT coalesce(sum(messages), 0) FROM main.context) - (SELECT messages FROM main.commit_clock))",
                "messages more or less in the contexts", kRebuildHint);
    expect_none("texts",
                "SELECT abs((SELECT coalesce(sum(entry_count), 0) FROM main.text_block) - (SELECT next_text_id - 1 FROM "
                "main.commit_clock))",
                "texts more or less than counted", kRestoreHint);
    expect_none("records",
                "SELECT abs((SELECT coalesce(sum(entry_count), 0) FROM main.record_block) - (SELECT next_message_id - 1 FROM "
                "main.commit_clock))",
                "records more or less than messages", kRestoreHint);
    expect_none("references", "SELECT count(*) FROM pragma_foreign_key_check", "rows that point to nothing", kRestoreHint);
  }

  void check_runs() {
    std::int64_t interrupted = 0;
    auto rows = db_.prepare("SELECT status, process FROM main.run WHERE status IN ('running', 'interrupted')");
    if (!rows) return fail("runs", rows.error());
    for (auto row = rows->step(); row && *row; row = rows->step())
      if (rows->column_text(0) == kRunInterrupted || !is_alive(rows->column_text(1))) ++interrupted;
    add("runs", interrupted == 0, Severity::kInfo, fmt::format("{} interrupted", interrupted),
        "load the same sources again: what is missing is added");
  }

  void check_deep() {
    ContentRoot lines;
    const auto counted = recount(db_, [&lines](const RowFacts& row) -> Status {
      lines.add(line_digest(row.origin_id, row.position, row.id));
      return {};
    });
    if (!counted) return fail("contents", counted.error());
    const auto stored = db_.query_text("SELECT lower(hex(content_root)) FROM main.commit_clock");
    std::string computed;
    for (const char byte : to_bytes(counted->root)) computed += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    add("contents", stored && *stored == computed, Severity::kError,
        fmt::format("{} messages and {} texts read; content root {}", counted->messages, counted->texts, to_hex(counted->root)),
        kRestoreHint);
    check_sums(*counted);
    check_lookup(*counted);
    check_origin_lines(lines);
    check_doc_values();
    check_activity();
    check_error_log();
    check_text_index_words();
  }

  void check_sums(const Recount& counted) {
    const auto text_bytes = db_.query_int("SELECT text_bytes FROM main.commit_clock");
    std::int64_t wrong = text_bytes && *text_bytes == counted.text_bytes ? 0 : 1;
    auto row = db_.prepare("SELECT id, messages, without_time, first_ms, last_ms FROM main.context");
    if (!row) return fail("sums", row.error());
    for (auto found = row->step(); found && *found; found = row->step()) {
      const auto context = counted.contexts.find(row->column_int(0));
      const ContextCount expected = context == counted.contexts.end() ? ContextCount() : context->second;
      const auto time = [&row](int column) { return row->column_is_null(column) ? kNoTime : row->column_int(column); };
      const bool same = row->column_int(1) == expected.messages && row->column_int(2) == expected.without_time &&
                        time(3) == expected.first_ms && time(4) == expected.last_ms;
      if (!same) ++wrong;
    }
    add("sums", wrong == 0, Severity::kError, fmt::format("{} counts and time spans differ from the rows", wrong), kRebuildHint);
  }

  // One place of a message, for a sum over all that does not depend on their order.
  static Hash128 line_digest(std::int64_t origin_id, std::int64_t position, std::int64_t message_id) {
    return message_digest(static_cast<std::uint64_t>(origin_id), position, message_id, 0, 0);
  }

  void check_origin_lines(const ContentRoot& expected) {
    ContentRoot stored;
    auto origin = db_.prepare("SELECT DISTINCT origin_id FROM main.origin_lines");
    if (!origin) return fail("origin lines", origin.error());
    for (auto found = origin->step(); found && *found; found = origin->step()) {
      const auto occurrences = read_occurrences(db_, origin->column_int(0));
      if (!occurrences) return add("origin lines", false, Severity::kError, occurrences.error().text, kRebuildHint);
      for (const Occurrence& entry : *occurrences) stored.add(line_digest(origin->column_int(0), entry.position, entry.message_id));
    }
    add("origin lines", stored == expected, Severity::kError, stored == expected ? "agree with the rows" : "differ from the rows",
        kRebuildHint);
  }

  void check_lookup(const Recount& counted) {
    std::string expected(reinterpret_cast<const char*>(counted.text_hashes.data()),
                         counted.text_hashes.size() * sizeof(std::uint64_t));
    std::string found;
    auto rows = db_.prepare("SELECT hashes FROM main.text_lookup ORDER BY first_id");
    if (!rows) return fail("text look-up", rows.error());
    for (auto row = rows->step(); row && *row; row = rows->step()) found += as_text(rows->column_blob(0));
    add("text look-up", found == expected, Severity::kError, found == expected ? "agrees with the texts" : "differs from the texts",
        kRebuildHint);
  }

  void check_doc_values() {
    std::int64_t wrong = 0;
    auto spans = store_.doc_values().spans(db_);
    if (!spans) return add("doc values", false, Severity::kError, spans.error().text, kRebuildHint);
    auto row = db_.prepare("SELECT time_ms, context_id, text_id FROM main.message WHERE id = ?1");
    if (!row) return fail("doc values", row.error());
    for (const SegmentSpan& span : *spans) {
      const auto segment = store_.doc_values().read(db_, span);
      if (!segment) return add("doc values", false, Severity::kError, segment.error().text, kRebuildHint);
      for (std::size_t text = 0; text < (*segment)->texts.size(); ++text)
        for (const std::uint16_t message : (*segment)->messages_of(text))
          wrong += differs(**segment, message, (*segment)->texts[text], *row) ? 1 : 0;
    }
    add("doc values", wrong == 0, Severity::kError, fmt::format("{} differ from their rows", wrong), kRebuildHint);
  }

  void check_activity() {
    const auto has_tables = has_report_tables(db_);
    if (!has_tables || !*has_tables) return;
    const auto wrong = count_wrong_activity(db_);
    if (!wrong) return fail("activity", wrong.error());
    add("activity", *wrong == 0, Severity::kError, fmt::format("{} of its cells differ from the rows", *wrong), kRebuildHint);
  }

  void check_error_log() {
    const auto has_tables = has_report_tables(db_);
    if (!has_tables || !*has_tables) return;
    const auto wrong = count_wrong_errors(db_);
    if (!wrong) return add("error log", false, Severity::kError, wrong.error().text, kRebuildHint);
    add("error log", *wrong == 0, Severity::kError, fmt::format("{} of its errors differ from the rows", *wrong), kRebuildHint);
  }

  static bool differs(const Segment& segment, std::size_t index, std::uint32_t text_id, sqlite::Statement& row) {
    row.reset();
    if (!row.bind(1, segment.first_id + static_cast<std::int64_t>(index))) return true;
    const auto found = row.step();
    if (!found) return true;
    if (!*found) return segment.context_id(index) != 0;
    const std::int64_t time_ms = row.column_is_null(0) ? kNoTime : row.column_int(0);
    return time_ms != segment.time_ms(index) || row.column_int(1) != segment.context_id(index) || row.column_int(2) != text_id;
  }

  Store& store_;
  sqlite::Connection& db_;
  bool deep_;
  std::vector<Finding> findings_;
};

}  // namespace

Result<std::vector<Finding>> check_store(Store& store, bool deep) {
  const std::scoped_lock lock(store.write_mutex(), store.read_mutex());
  CMEM_ASSIGN_OR_RETURN(auto transaction, store.begin_read());
  return Checker(store, deep).run();
}

}  // namespace cmem
