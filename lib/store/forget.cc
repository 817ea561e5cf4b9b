#include "store/forget.h"

#include <fmt/format.h>

#include <vector>

#include "base/bytes.h"
#include "base/varint.h"
#include "store/block_log.h"
#include "store/delete_messages.h"
#include "store/message_filter.h"
#include "store/rewrite.h"

namespace cmem {
namespace {

// Lines without a message, of files of which no message is left.
constexpr const char* kFindKeptLines = R"sql(
INSERT OR IGNORE INTO temp.gone_copy SELECT r.id FROM main.record_copy r WHERE r.message_id IS NULL AND r.origin_id IN
  (SELECT c.origin_id FROM temp.gone g JOIN main.message m ON m.id = g.id JOIN main.context c ON c.id = m.context_id)
  AND r.origin_id NOT IN (SELECT c.origin_id FROM main.message m JOIN main.context c ON c.id = m.context_id WHERE m.id NOT IN
  (SELECT id FROM temp.gone));
)sql";

// Of the messages that go. The file-history version N of origin O is kept as the file "O@vN".
constexpr const char* kFindFiles = R"sql(
INSERT OR IGNORE INTO temp.gone_file SELECT f.id FROM temp.gone g JOIN main.message m ON m.id = g.id
  JOIN main.context c ON c.id = m.context_id JOIN main.origin o ON o.id = c.origin_id
  JOIN main.origin v ON v.path = o.path || '@v' || m.line JOIN main.stored_file f ON f.origin_id = v.id WHERE c.source_type = 3;
CREATE TEMP TABLE left_origin AS SELECT DISTINCT c.origin_id AS id FROM main.message m JOIN main.context c ON c.id = m.context_id
  WHERE m.id NOT IN (SELECT id FROM temp.gone)
  UNION SELECT origin_id FROM main.record_copy WHERE id NOT IN (SELECT id FROM temp.gone_copy);
INSERT OR IGNORE INTO temp.gone_file SELECT f.id FROM main.stored_file f WHERE f.origin_id NOT IN (SELECT id FROM temp.left_origin)
  AND f.origin_id IN (SELECT c.origin_id FROM temp.gone g JOIN main.message m ON m.id = g.id JOIN main.context c ON c.id = m.context_id);
)sql";

// A rejected line of a run may be of the same session: nothing says of which it is.
constexpr const char* kClearExcerpts = R"sql(
UPDATE main.rejected_record SET excerpt = x'' WHERE run_id IN (SELECT r.run_id FROM main.run_messages r
  WHERE EXISTS (SELECT 1 FROM temp.gone g WHERE g.id BETWEEN r.first_message_id AND r.last_message_id));
)sql";

class Forgetting {
 public:
  Forgetting(sqlite::Connection& db, const ForgetRequest& request, ForgetResult& result)
      : db_(db), request_(request), result_(result) {}

  Status run() {
    CMEM_TRY(find_messages());
    CMEM_TRY(find_copies_and_files());
    CMEM_TRY(leave_tombstones());
    CMEM_TRY(db_.exec(kClearExcerpts));
    return delete_gone(db_, result_.texts);
  }

 private:
  Status find_messages() {
    CMEM_TRY(begin_deleting(db_));
    CMEM_TRY(
        db_.exec("DROP TABLE IF EXISTS temp.left_origin; DROP TABLE IF EXISTS temp.gone_session; "
                 "CREATE TEMP TABLE gone_session(id INTEGER PRIMARY KEY);"));
    std::int64_t project_id = 0;
    if (!request_.session.empty()) CMEM_TRY(find_sessions());
    if (!request_.project.empty()) {
      CMEM_ASSIGN_OR_RETURN(project_id, resolve_project(db_, request_.project));
      if (project_id == 0) return Unexpected(Code::kNotFound, fmt::format("there is no project \"{}\"", request_.project));
      CMEM_TRY(
          db_.exec(fmt::format("DELETE FROM main.tracked_path WHERE EXISTS (SELECT 1 FROM main.project p WHERE p.id = {} AND "
                               "substr(tracked_path.path, 1, length(p.path) + 1) = p.path || '/')",
                               project_id)));
    }
    CMEM_ASSIGN_OR_RETURN(
        auto insert,
        db_.prepare(
            "INSERT INTO temp.gone SELECT m.id FROM main.message m JOIN main.context c ON c.id = m.context_id "
            "LEFT JOIN main.session s ON s.id = c.session_id WHERE (?1 = 0 OR c.session_id IN (SELECT id FROM temp.gone_session)) "
            "AND (?2 = 0 OR coalesce(c.project_id, s.project_id) = ?2) AND (?3 IS NULL OR m.time_ms < ?3) AND (?4 = 0 OR m.id = "
            "?4)"));
    CMEM_TRY(insert.bind(1, request_.session.empty() ? 0 : 1));
    CMEM_TRY(insert.bind(2, project_id));
    CMEM_TRY(request_.before_ms ? insert.bind(3, *request_.before_ms) : insert.bind_null(3));
    CMEM_TRY(insert.bind(4, request_.message_id));
    CMEM_TRY(insert.run());
    CMEM_ASSIGN_OR_RETURN(result_.messages, db_.query_int("SELECT count(*) FROM temp.gone"));
    return {};
  }

  Status find_sessions() {
    CMEM_ASSIGN_OR_RETURN(const std::int64_t id, resolve_session(db_, request_.session));
    if (id == 0) return Unexpected(Code::kNotFound, fmt::format("there is no session \"{}\"", request_.session));
    return db_.exec(
        fmt::format("INSERT INTO temp.gone_session WITH RECURSIVE part(id) AS (SELECT {} UNION SELECT s.id FROM "
                    "main.session s JOIN part p ON s.parent_id = p.id) SELECT id FROM part",
                    id));
  }

  // Only a session as a whole takes along what else is of it: its copies of others' records, and its files without messages.
  Status find_copies_and_files() {
    const bool whole_session =
        !request_.session.empty() && request_.project.empty() && !request_.before_ms && request_.message_id == 0;
    CMEM_TRY(db_.exec("INSERT INTO temp.gone_copy SELECT id FROM main.record_copy WHERE message_id IN (SELECT id FROM temp.gone)"));
    if (whole_session)
      CMEM_TRY(
          db_.exec("INSERT OR IGNORE INTO temp.gone_copy SELECT id FROM main.record_copy WHERE session_id IN (SELECT id FROM "
                   "temp.gone_session)"));
    CMEM_TRY(db_.exec(kFindKeptLines));
    CMEM_TRY(db_.exec(kFindFiles));
    if (whole_session)
      CMEM_TRY(
          db_.exec("INSERT OR IGNORE INTO temp.gone_file SELECT f.id FROM main.stored_file f JOIN main.origin o ON o.id = "
                   "f.origin_id JOIN main.session s ON instr(o.path, s.external_id) > 0 WHERE s.id IN (SELECT id FROM "
                   "temp.gone_session) AND f.origin_id NOT IN (SELECT id FROM temp.left_origin)"));
    CMEM_ASSIGN_OR_RETURN(result_.copies, db_.query_int("SELECT count(*) FROM temp.gone_copy"));
    CMEM_ASSIGN_OR_RETURN(result_.files, db_.query_int("SELECT count(*) FROM temp.gone_file"));
    return {};
  }

  Status leave_tombstones() {
    CMEM_ASSIGN_OR_RETURN(auto bury, db_.prepare("INSERT INTO main.tombstone SELECT g.id, (SELECT csn + 1 FROM main.commit_clock), "
                                                 "?1, ?2 FROM temp.gone g"));
    CMEM_TRY(bury.bind(1, system_clock().now_ms()));
    CMEM_TRY(bury.bind_text(2, request_.reason));
    CMEM_TRY(bury.run());
    CMEM_ASSIGN_OR_RETURN(auto forgotten, ForgottenWriter::create(db_));
    CMEM_TRY(
        forget_places(forgotten,
                      "SELECT o.path, m.line, m.text_id FROM temp.gone g JOIN main.message m ON m.id = g.id JOIN main.context c "
                      "ON c.id = m.context_id JOIN main.origin o ON o.id = c.origin_id ORDER BY m.text_id"));
    CMEM_TRY(forget_places(forgotten,
                           "SELECT o.path, r.line, m.text_id FROM temp.gone_copy g JOIN main.record_copy r ON r.id = g.id JOIN "
                           "main.message m ON m.id = r.message_id JOIN main.origin o ON o.id = r.origin_id ORDER BY m.text_id"));
    CMEM_TRY(forget_lines(forgotten));
    CMEM_ASSIGN_OR_RETURN(auto uuids,
                          db_.prepare("SELECT uuid FROM main.record_identity WHERE message_id IN (SELECT id FROM temp.gone)"));
    while (true) {
      CMEM_ASSIGN_OR_RETURN(const bool row, uuids.step());
      if (!row) break;
      CMEM_TRY(forgotten.add(forgotten.keys().identity(hash128_from(as_text(uuids.column_blob(0))))));
    }
    return forget_files(forgotten);
  }

  Status forget_places(ForgottenWriter& forgotten, const char* sql) {
    BlockReader texts("text_block", std::size_t{4} << 20);
    CMEM_ASSIGN_OR_RETURN(auto rows, db_.prepare(sql));
    while (true) {
      CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
      if (!row) return {};
      CMEM_ASSIGN_OR_RETURN(const auto text, texts.read(db_, rows.column_int(2)));
      CMEM_TRY(forgotten.add(forgotten.keys().place(rows.column_text(0), rows.column_int(1), sha256(text))));
    }
  }

  // Lines without a message; the residue is 1, the length and the line.
  Status forget_lines(ForgottenWriter& forgotten) {
    BlockReader residues("record_block", std::size_t{4} << 20);
    CMEM_ASSIGN_OR_RETURN(auto rows,
                          db_.prepare("SELECT o.path, r.line, r.id FROM temp.gone_copy g JOIN main.record_copy r ON r.id = "
                                      "g.id JOIN main.origin o ON o.id = r.origin_id WHERE r.message_id IS NULL ORDER BY r.id"));
    while (true) {
      CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
      if (!row) return {};
      CMEM_ASSIGN_OR_RETURN(const auto residue, residues.read(db_, rows.column_int(2)));
      VarintReader reader(residue);
      reader.next();
      const std::string_view line = reader.take(reader.next());
      CMEM_TRY(forgotten.add(forgotten.keys().place(rows.column_text(0), rows.column_int(1), sha256(line))));
    }
  }

  Status forget_files(ForgottenWriter& forgotten) {
    CMEM_ASSIGN_OR_RETURN(auto rows,
                          db_.prepare("SELECT o.path, b.sha256 FROM temp.gone_file g JOIN main.stored_file f ON f.id = g.id "
                                      "JOIN main.origin o ON o.id = f.origin_id JOIN main.blob b ON b.id = f.blob_id"));
    while (true) {
      CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
      if (!row) return {};
      Sha256Digest digest{};
      const std::string_view bytes = as_text(rows.column_blob(1));
      if (bytes.size() == digest.size()) std::copy(bytes.begin(), bytes.end(), digest.begin());
      CMEM_TRY(forgotten.add(forgotten.keys().file(rows.column_text(0), digest)));
    }
  }

  sqlite::Connection& db_;
  const ForgetRequest& request_;
  ForgetResult& result_;
};

}  // namespace

Result<ForgottenWriter> ForgottenWriter::create(sqlite::Connection& db) {
  CMEM_ASSIGN_OR_RETURN(auto salt, read_salt(db));
  CMEM_ASSIGN_OR_RETURN(auto insert, db.prepare("INSERT OR IGNORE INTO main.forgotten VALUES(?1)"));
  return ForgottenWriter(std::move(insert), ForgottenKeys(std::move(salt)));
}

Status ForgottenWriter::add(const Hash128& key) {
  CMEM_TRY(insert_.bind_blob(1, as_bytes(to_bytes(key))));
  return insert_.run();
}

Result<ForgetResult> forget_messages(Store& store, const ForgetRequest& request) {
  if (request.session.empty() && request.project.empty() && !request.before_ms && request.message_id == 0)
    return Unexpected(Code::kInvalid, "forget: say what: a session, a project, a time or a message");
  ForgetResult result;
  CMEM_ASSIGN_OR_RETURN(result.compacted, rewrite_store(store, {"memory forget", request.dry_run}, [&](sqlite::Connection& db) {
                          return Forgetting(db, request, result).run();
                        }));
  return result;
}

}  // namespace cmem
