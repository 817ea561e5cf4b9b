#include "export/home_sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "export/record_restorer.h"
#include "source/home_file.h"
#include "sqlite/transaction.h"
#include "store/file_store.h"
#include "store/occurrences.h"

namespace cmem {
namespace {

// ?1: an origin, or NULL for all.
constexpr const char* kSources =
    "SELECT h.agent, h.path, f.origin, f.path, f.size, f.mtime_ns, f.read_bytes, f.next_line, f.first_hash, f.last_hash, "
    "f.gone_ms, "
    "(SELECT sum(c.messages) FROM main.context c JOIN main.origin o ON o.id = c.origin_id WHERE o.path = f.origin) "
    "FROM main.home_file f JOIN main.home h ON h.id = f.home_id WHERE ?1 IS NULL OR f.origin = ?1 "
    "ORDER BY f.origin, f.gone_ms IS NOT NULL, f.mtime_ns DESC";

HomeSource source_of(const sqlite::Statement& row) {
  HomeSource source;
  source.agent = row.column_text(0);
  source.home = row.column_text(1);
  source.file.origin = row.column_text(2);
  source.file.path = row.column_text(3);
  source.file.size_bytes = row.column_int(4);
  source.file.mtime_ns = row.column_int(5);
  source.file.read_bytes = row.column_int(6);
  source.file.next_line = row.column_int(7);
  source.file.first_hash = static_cast<std::uint64_t>(row.column_int(8));
  source.file.last_hash = static_cast<std::uint64_t>(row.column_int(9));
  if (!row.column_is_null(10)) source.file.gone_ms = row.column_int(10);
  source.messages = row.column_int(11);
  return source;
}

// False: it is no file, or of an agent that we do not know.
bool classify(HomeSource& source) {
  const Agent* const agent = find_agent(source.agent);
  const auto file = agent ? classify_origin(*agent, source.file.origin) : std::nullopt;
  source.has_lines = file && file->grows;
  return file && file->kind != HomeFileKind::kSessionEnv;
}

Result<std::vector<HomeSource>> select_sources(sqlite::Connection& db, const std::string_view* origin) {
  CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare(kSources));
  CMEM_TRY(origin ? rows.bind_text(1, *origin) : rows.bind_null(1));
  std::vector<HomeSource> sources;
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) return sources;
    HomeSource source = source_of(rows);
    if (!sources.empty() && sources.back().file.origin == source.file.origin) continue;
    if (classify(source)) sources.push_back(std::move(source));
  }
}

// What was kept for a line: a message's row, or a row of record_copy.
struct Candidate {
  std::int64_t line = 0;
  std::int64_t id = 0;
  std::int64_t message_id = 0;  // 0: the line gives none
  std::int64_t shape_id = 0;    // 0: that of the message
};

// The bytes that leave, and whether they are those that were read.
class CheckedSink {
 public:
  explicit CheckedSink(const ExportSink& sink) : sink_(sink) {}

  Status write(std::string_view bytes) {
    edges_.add(bytes);
    bytes_ += std::ssize(bytes);
    if (sink_(bytes)) return {};
    return Unexpected(Code::kCancelled, fmt::format("the export was stopped after {} bytes", bytes_));
  }
  [[nodiscard]] bool is_exact(const HomeFileState& file) const {
    return bytes_ == file.read_bytes && edges_.first() == file.first_hash && edges_.last() == file.last_hash;
  }

 private:
  const ExportSink& sink_;
  EdgeHashes edges_;
  std::int64_t bytes_ = 0;
};

// The lines of one origin in their order. Of several that were kept for one place the last one counts: the file was written anew.
class LineExport {
 public:
  LineExport(sqlite::Connection& db, MessageReader& reader) : db_(db), reader_(reader), restorer_(reader) {}

  Status write(std::int64_t origin_id, std::int64_t end_line, CheckedSink& out) {
    CMEM_TRY(find_candidates(origin_id, end_line));
    auto next = candidates_.begin();
    for (std::int64_t line = 1; line < end_line;) {
      next = std::find_if(next, candidates_.end(), [&](const Candidate& candidate) { return candidate.line >= line; });
      std::string bytes;
      for (; next != candidates_.end() && next->line == line && bytes.empty(); ++next) {
        CMEM_ASSIGN_OR_RETURN(bytes, restore(*next));
      }
      if (bytes.empty()) bytes = "\n";  // a blank line
      CMEM_TRY(out.write(bytes));
      line += std::max<std::ptrdiff_t>(std::ranges::count(bytes, '\n'), 1);  // an event may have several
    }
    return {};
  }

 private:
  Status find_candidates(std::int64_t origin_id, std::int64_t end_line) {
    CMEM_ASSIGN_OR_RETURN(const auto messages, read_occurrences(db_, origin_id));
    for (const Occurrence& message : messages)
      if (message.position > 0 && message.position < end_line)
        candidates_.push_back({message.position, message.message_id, message.message_id, 0});
    CMEM_TRY(find_copies(origin_id, end_line));
    std::ranges::sort(candidates_,
                      [](const Candidate& a, const Candidate& b) { return a.line != b.line ? a.line < b.line : a.id > b.id; });
    return {};
  }

  Status find_copies(std::int64_t origin_id, std::int64_t end_line) {
    CMEM_ASSIGN_OR_RETURN(auto rows, db_.prepare("SELECT c.line, c.id, c.message_id, c.shape_id, s.text FROM main.record_copy c "
                                                 "JOIN main.shape s ON s.id = c.shape_id WHERE c.origin_id = ?1 AND c.line < ?2"));
    CMEM_TRY(rows.bind(1, origin_id));
    CMEM_TRY(rows.bind(2, end_line));
    while (true) {
      CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
      if (!row) return {};
      candidates_.push_back({rows.column_int(0), rows.column_int(1), rows.column_int(2), rows.column_int(3)});
      shapes_.try_emplace(rows.column_int(3), rows.column_text(4));
    }
  }

  // Empty: the message is one of an extraction file.
  Result<std::string> restore(const Candidate& candidate) {
    if (candidate.message_id == 0) return restorer_.kept_line(shapes_.at(candidate.shape_id), candidate.id);
    CMEM_ASSIGN_OR_RETURN(const auto message, reader_.read_listed(candidate.message_id));
    if (candidate.shape_id != 0) return restorer_.line_of_copy(message, shapes_.at(candidate.shape_id), candidate.id);
    CMEM_ASSIGN_OR_RETURN(const bool is_home_line, restorer_.is_home_line(message));
    return is_home_line ? restorer_.line(message) : Result<std::string>(std::string());
  }

  sqlite::Connection& db_;
  MessageReader& reader_;
  RecordRestorer restorer_;
  std::vector<Candidate> candidates_;
  std::unordered_map<std::int64_t, std::string> shapes_;
};

// 0: nothing of it was ever kept.
Result<std::int64_t> find_origin(sqlite::Connection& db, std::string_view origin) {
  CMEM_ASSIGN_OR_RETURN(auto find, db.prepare("SELECT id FROM main.origin WHERE path = ?1"));
  CMEM_TRY(find.bind_text(1, origin));
  CMEM_ASSIGN_OR_RETURN(const bool row, find.step());
  return row ? find.column_int(0) : std::int64_t{0};
}

Status write_whole(sqlite::Connection& db, std::int64_t origin_id, CheckedSink& out) {
  CMEM_ASSIGN_OR_RETURN(auto find,
                        db.prepare("SELECT blob_id FROM main.stored_file WHERE origin_id = ?1 ORDER BY id DESC LIMIT 1"));
  CMEM_TRY(find.bind(1, origin_id));
  CMEM_ASSIGN_OR_RETURN(const bool row, find.step());
  if (!row) return {};
  CMEM_ASSIGN_OR_RETURN(const std::string bytes, read_blob(db, find.column_int(0)));
  return out.write(bytes);
}

}  // namespace

Result<std::vector<HomeSource>> list_home_sources(sqlite::Connection& db) { return select_sources(db, nullptr); }

Result<bool> export_home_source(Store& store, std::string_view origin, const ExportSink& sink) {
  const std::lock_guard lock(store.read_mutex());
  sqlite::Connection& db = store.reader();
  CMEM_ASSIGN_OR_RETURN(auto transaction, store.begin_read());
  CMEM_ASSIGN_OR_RETURN(const auto sources, select_sources(db, &origin));
  if (sources.empty()) return Unexpected(Code::kNotFound, fmt::format("no file of a home was loaded as {}", origin));
  CMEM_ASSIGN_OR_RETURN(const std::int64_t origin_id, find_origin(db, origin));
  CheckedSink out(sink);
  if (sources[0].has_lines) {
    CMEM_ASSIGN_OR_RETURN(auto reader, store.message_reader());
    CMEM_TRY(LineExport(db, reader).write(origin_id, sources[0].file.next_line, out));
  } else {
    CMEM_TRY(write_whole(db, origin_id, out));
  }
  return out.is_exact(sources[0].file);
}

}  // namespace cmem
