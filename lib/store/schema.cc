#include "store/schema.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "base/terms.h"
#include "sqlite/transaction.h"
#include "store/activity.h"
#include "store/error_log.h"

namespace cmem {
namespace {

// Rows: the truth. Singular names are tables of small integers, plural names are views for people.
constexpr const char* kRowTables = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE feature(name TEXT PRIMARY KEY, mode TEXT NOT NULL CHECK(mode IN ('rw', 'w'))) WITHOUT ROWID;
CREATE TABLE schema_migration(version INTEGER PRIMARY KEY, applied_ms INTEGER NOT NULL, writer_version TEXT NOT NULL);
CREATE TABLE commit_clock(id INTEGER PRIMARY KEY CHECK(id = 1), csn INTEGER NOT NULL, time_ms INTEGER NOT NULL,
  next_message_id INTEGER NOT NULL, next_text_id INTEGER NOT NULL, next_segment_id INTEGER NOT NULL, messages INTEGER NOT NULL, text_bytes INTEGER NOT NULL,
  content_root BLOB NOT NULL);
CREATE TABLE commit_log(csn INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, first_message_id INTEGER NOT NULL,
  last_message_id INTEGER NOT NULL);
CREATE TABLE synonym(word TEXT NOT NULL, other TEXT NOT NULL, PRIMARY KEY(word, other)) WITHOUT ROWID;
CREATE TABLE run_messages(first_message_id INTEGER PRIMARY KEY, last_message_id INTEGER NOT NULL, run_id INTEGER NOT NULL REFERENCES run);
CREATE TABLE project(id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);
CREATE TABLE session(id INTEGER PRIMARY KEY, external_id TEXT NOT NULL UNIQUE, project_id INTEGER REFERENCES project, project_time_ms INTEGER);
CREATE TABLE origin(id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);
CREATE TABLE component(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE role(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE shape(id INTEGER PRIMARY KEY, text BLOB NOT NULL UNIQUE);
CREATE TABLE source_type(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, phase INTEGER NOT NULL);
CREATE TABLE level(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE context(id INTEGER PRIMARY KEY, origin_id INTEGER NOT NULL REFERENCES origin, session_id INTEGER REFERENCES session,
  project_id INTEGER REFERENCES project, component_id INTEGER REFERENCES component, role_id INTEGER REFERENCES role,
  shape_id INTEGER REFERENCES shape, source_type INTEGER NOT NULL, level INTEGER, prefix INTEGER NOT NULL,
  messages INTEGER NOT NULL DEFAULT 0, without_time INTEGER NOT NULL DEFAULT 0, first_ms INTEGER, last_ms INTEGER);
CREATE INDEX context_by_origin ON context(origin_id);
CREATE TABLE message(id INTEGER PRIMARY KEY, text_id INTEGER NOT NULL, time_ms INTEGER, context_id INTEGER NOT NULL, line INTEGER NOT NULL);
CREATE TABLE text_block(first_id INTEGER PRIMARY KEY, entry_count INTEGER NOT NULL, raw_bytes INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE record_block(first_id INTEGER PRIMARY KEY, entry_count INTEGER NOT NULL, raw_bytes INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE run(id INTEGER PRIMARY KEY, source TEXT NOT NULL, source_bytes INTEGER, sha256_before TEXT, sha256_after TEXT,
  started_ms INTEGER NOT NULL, finished_ms INTEGER, status TEXT NOT NULL, process TEXT NOT NULL, records_read INTEGER NOT NULL DEFAULT 0,
  messages_new INTEGER NOT NULL DEFAULT 0, duplicates INTEGER NOT NULL DEFAULT 0, known_skipped INTEGER NOT NULL DEFAULT 0,
  rejected INTEGER NOT NULL DEFAULT 0, hash_mismatches INTEGER NOT NULL DEFAULT 0, classifier_version INTEGER NOT NULL, writer_version TEXT NOT NULL);
CREATE TABLE rejected_record(run_id INTEGER NOT NULL REFERENCES run, seq INTEGER NOT NULL, line INTEGER NOT NULL,
  byte_offset INTEGER NOT NULL, byte_length INTEGER NOT NULL, reason TEXT NOT NULL, excerpt BLOB NOT NULL, PRIMARY KEY(run_id, seq)) WITHOUT ROWID;
)sql";

// Since format 2.
constexpr const char* kSavedSearchTable =
    "CREATE TABLE saved_search(name TEXT PRIMARY KEY, query TEXT NOT NULL, created_ms INTEGER NOT NULL, "
    "changed_ms INTEGER NOT NULL) WITHOUT ROWID;";

// Since format 3: what homes of coding agents say beyond messages.
constexpr const char* kHomeTables = R"sql(
ALTER TABLE session ADD COLUMN parent_id INTEGER REFERENCES session;
ALTER TABLE context ADD COLUMN time_precision INTEGER NOT NULL DEFAULT 0;
CREATE TABLE home(id INTEGER PRIMARY KEY, agent TEXT NOT NULL, path TEXT NOT NULL, UNIQUE(agent, path));
CREATE TABLE home_file(home_id INTEGER NOT NULL REFERENCES home, path TEXT NOT NULL, origin TEXT NOT NULL, size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL, inode INTEGER NOT NULL, read_bytes INTEGER NOT NULL, next_line INTEGER NOT NULL, first_hash INTEGER NOT NULL,
  last_hash INTEGER NOT NULL, state BLOB NOT NULL, settled INTEGER NOT NULL, gone_ms INTEGER, PRIMARY KEY(home_id, path)) WITHOUT ROWID;
CREATE TABLE record_identity(message_id INTEGER PRIMARY KEY, uuid BLOB NOT NULL UNIQUE, parent BLOB);
CREATE TABLE record_copy(id INTEGER PRIMARY KEY, message_id INTEGER, origin_id INTEGER NOT NULL REFERENCES origin,
  line INTEGER NOT NULL, session_id INTEGER REFERENCES session, shape_id INTEGER REFERENCES shape);
CREATE INDEX record_copy_by_place ON record_copy(origin_id, line);
CREATE INDEX record_copy_by_session ON record_copy(session_id);
CREATE TABLE model(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE token_usage(message_id INTEGER PRIMARY KEY, reply BLOB NOT NULL UNIQUE, model_id INTEGER REFERENCES model, input INTEGER NOT NULL,
  output INTEGER NOT NULL, cache_creation INTEGER NOT NULL, cache_read INTEGER NOT NULL);
CREATE TABLE blob(id INTEGER PRIMARY KEY, sha256 BLOB NOT NULL UNIQUE, raw_bytes INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE stored_file(id INTEGER PRIMARY KEY, origin_id INTEGER NOT NULL REFERENCES origin, blob_id INTEGER NOT NULL REFERENCES blob,
  mtime_ms INTEGER, UNIQUE(origin_id, blob_id));
CREATE TABLE tracked_path(name TEXT PRIMARY KEY, path TEXT NOT NULL) WITHOUT ROWID;
ALTER TABLE commit_clock ADD COLUMN rewrites INTEGER NOT NULL DEFAULT 0;
CREATE TABLE redaction(run_id INTEGER NOT NULL, kind TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY(run_id, kind)) WITHOUT ROWID;
CREATE TABLE tombstone(id INTEGER PRIMARY KEY, csn INTEGER NOT NULL, time_ms INTEGER NOT NULL, reason TEXT NOT NULL);
CREATE TABLE forgotten(key BLOB PRIMARY KEY) WITHOUT ROWID;
INSERT OR IGNORE INTO meta VALUES('salt', lower(hex(randomblob(16))));
)sql";

constexpr const char* kViews = R"sql(
CREATE VIEW projects AS
  SELECT p.id AS project_id, p.path, coalesce(sum(c.messages), 0) AS messages, count(DISTINCT c.session_id) AS sessions,
    strftime('%Y-%m-%dT%H:%M:%fZ', min(c.first_ms) / 1000.0, 'unixepoch') AS first_message,
    strftime('%Y-%m-%dT%H:%M:%fZ', max(c.last_ms) / 1000.0, 'unixepoch') AS last_message
  FROM project p LEFT JOIN (SELECT c.*, coalesce(c.project_id, s.project_id) AS effective_project_id
    FROM context c LEFT JOIN session s ON s.id = c.session_id) c ON c.effective_project_id = p.id GROUP BY p.id;
CREATE VIEW sessions AS
  SELECT s.external_id AS session_id, p.path AS project, coalesce(sum(c.messages), 0) AS messages,
    strftime('%Y-%m-%dT%H:%M:%fZ', min(c.first_ms) / 1000.0, 'unixepoch') AS first_message,
    strftime('%Y-%m-%dT%H:%M:%fZ', max(c.last_ms) / 1000.0, 'unixepoch') AS last_message
  FROM session s LEFT JOIN project p ON p.id = s.project_id LEFT JOIN context c ON c.session_id = s.id GROUP BY s.id;
CREATE VIEW extraction_runs AS
  SELECT id AS run_id, source AS source_file, source_bytes, sha256_before AS checksum_before, sha256_after AS checksum_after,
    strftime('%Y-%m-%dT%H:%M:%fZ', started_ms / 1000.0, 'unixepoch') AS started,
    strftime('%Y-%m-%dT%H:%M:%fZ', finished_ms / 1000.0, 'unixepoch') AS finished, status, records_read, messages_new, duplicates,
    known_skipped, rejected, hash_mismatches, writer_version FROM run;
)sql";

// Derived: each can be dropped and made anew from the rows.
constexpr const char* kDerivedTables = R"sql(
CREATE TABLE text_segment(id INTEGER PRIMARY KEY, first_text_id INTEGER NOT NULL, texts INTEGER NOT NULL, words INTEGER NOT NULL,
  terms INTEGER NOT NULL, bytes INTEGER NOT NULL);
CREATE TABLE text_segment_part(id INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE text_lookup(first_id INTEGER PRIMARY KEY, hashes BLOB NOT NULL);
CREATE TABLE origin_lines(origin_id INTEGER NOT NULL, first_message_id INTEGER NOT NULL, max_line INTEGER NOT NULL, entries BLOB NOT NULL,
  PRIMARY KEY(origin_id, first_message_id)) WITHOUT ROWID;
CREATE TABLE doc_values(first_id INTEGER PRIMARY KEY, min_ms INTEGER, max_ms INTEGER, texts BLOB NOT NULL, raw_bytes INTEGER NOT NULL,
  data BLOB NOT NULL);
)sql";

// Since format 4: what reports count, derived too.
constexpr const char* kReportTables = R"sql(
CREATE TABLE activity(context_id INTEGER NOT NULL, quarter INTEGER NOT NULL, messages INTEGER NOT NULL, first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL, PRIMARY KEY(context_id, quarter)) WITHOUT ROWID;
CREATE TABLE error_template(id INTEGER PRIMARY KEY, level INTEGER NOT NULL, text TEXT NOT NULL, UNIQUE(text, level));
CREATE TABLE error_log(first_id INTEGER PRIMARY KEY, entries BLOB NOT NULL);
)sql";

constexpr const char* kDropDerivedTables = R"sql(
DROP TABLE IF EXISTS text_segment;
DROP TABLE IF EXISTS text_segment_part;
DROP TABLE IF EXISTS text_lookup;
DROP TABLE IF EXISTS origin_lines;
DROP TABLE IF EXISTS doc_values;
DROP TABLE IF EXISTS activity;
DROP TABLE IF EXISTS error_template;
DROP TABLE IF EXISTS error_log;
)sql";

struct Feature {
  std::string_view name;
  std::string_view mode;  // "rw": needed to read; "w": must be kept up by every writer
};

constexpr std::array<Feature, 4> kFeatures{{
    {"zstd-blocks", "rw"},
    {"contexts", "rw"},
    {"words-1", "rw"},
    {"derived-1", "w"},
}};

bool is_known_feature(std::string_view name) {
  for (const auto& feature : kFeatures)
    if (feature.name == name) return true;
  return false;
}

Status add_source_types(sqlite::Connection& db) {
  CMEM_ASSIGN_OR_RETURN(auto insert_type, db.prepare("INSERT OR IGNORE INTO source_type VALUES(?1, ?2, ?3)"));
  for (std::size_t type = 0; type < kSourceTypes.size(); ++type) {
    CMEM_TRY(insert_type.bind(1, static_cast<std::int64_t>(type)));
    CMEM_TRY(insert_type.bind_text(2, kSourceTypes[type].name));
    CMEM_TRY(insert_type.bind(3, kSourceTypes[type].phase));
    CMEM_TRY(insert_type.run());
  }
  return {};
}

Status add_saved_searches(sqlite::Connection& db) { return db.exec(kSavedSearchTable); }

Status add_homes(sqlite::Connection& db) {
  CMEM_TRY(db.exec(kHomeTables));
  return add_source_types(db);
}

Status add_report_tables(sqlite::Connection& db) {
  CMEM_TRY(db.exec(kReportTables));
  CMEM_TRY(fill_activity(db));
  return fill_error_log(db);
}

// Since format 5 the level inside an error is that of all lines of a server's output, no longer that of the first.
Status remake_error_log(sqlite::Connection& db) {
  CMEM_TRY(db.exec("DELETE FROM main.error_log; DELETE FROM main.error_template;"));
  return fill_error_log(db);
}

// The step from version i + 1 to i + 2. Forward only.
using Migration = Status (*)(sqlite::Connection&);
constexpr std::array<Migration, 4> kMigrations{add_saved_searches, add_homes, add_report_tables, remake_error_log};
static_assert(kMigrations.size() + 1 == kSchemaVersion);

Status fill_vocabularies(sqlite::Connection& db) {
  CMEM_TRY(add_source_types(db));
  CMEM_ASSIGN_OR_RETURN(auto insert_level, db.prepare("INSERT INTO level VALUES(?1, ?2)"));
  for (std::size_t level = 1; level < kLevelNames.size(); ++level) {
    CMEM_TRY(insert_level.bind(1, static_cast<std::int64_t>(level)));
    CMEM_TRY(insert_level.bind_text(2, kLevelNames[level]));
    CMEM_TRY(insert_level.run());
  }
  CMEM_ASSIGN_OR_RETURN(auto insert_feature, db.prepare("INSERT INTO feature VALUES(?1, ?2)"));
  for (const auto& feature : kFeatures) {
    CMEM_TRY(insert_feature.bind_text(1, feature.name));
    CMEM_TRY(insert_feature.bind_text(2, feature.mode));
    CMEM_TRY(insert_feature.run());
  }
  return {};
}

Status check_features(sqlite::Connection& db, Access access) {
  CMEM_ASSIGN_OR_RETURN(auto features, db.prepare("SELECT name, mode FROM feature"));
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, features.step());
    if (!row) return {};
    const std::string name(features.column_text(0));
    if (is_known_feature(name)) continue;
    if (features.column_text(1) == "rw")
      return Unexpected(
          Code::kNewerFormat,
          fmt::format("open {}: it uses the feature \"{}\", which this version does not know; install a newer version", db.path(),
                      name));
    if (access == Access::kWrite)
      return Unexpected(
          Code::kNewerFormat,
          fmt::format("open {} for writing: writers must keep up the feature \"{}\", which this version does not know; "
                      "open it read-only or install a newer version",
                      db.path(), name));
  }
}

}  // namespace

std::string session_messages_select(const std::string& extra_columns) {
  return "SELECT m.id AS message_id, p.path AS project, s.external_id AS session_id, t.name AS source_type, t.phase AS phase, "
         "o.path AS source_file, CASE WHEN m.line > 0 THEN m.line END AS source_line, r.name AS role, k.name AS component, "
         "l.name AS log_level, strftime('%Y-%m-%dT%H:%M:%fZ', m.time_ms / 1000.0, 'unixepoch') AS timestamp, m.time_ms AS time_ms" +
         extra_columns +
         " FROM main.message m JOIN main.context c ON c.id = m.context_id JOIN main.origin o ON o.id = c.origin_id "
         "JOIN main.source_type t ON t.id = c.source_type LEFT JOIN main.session s ON s.id = c.session_id "
         "LEFT JOIN main.project p ON p.id = coalesce(c.project_id, s.project_id) LEFT JOIN main.component k ON k.id = "
         "c.component_id "
         "LEFT JOIN main.role r ON r.id = c.role_id LEFT JOIN main.level l ON l.id = c.level";
}

Status create_schema(sqlite::Connection& db, std::int64_t now_ms) {
  CMEM_TRY(db.exec(kRowTables));
  CMEM_TRY(db.exec(kSavedSearchTable));
  CMEM_TRY(db.exec(kHomeTables));
  CMEM_TRY(db.exec(kDerivedTables));
  CMEM_TRY(db.exec(kReportTables));
  CMEM_TRY(db.exec("CREATE VIEW session_messages AS " + session_messages_select("")));
  CMEM_TRY(db.exec(kViews));
  CMEM_TRY(fill_vocabularies(db));
  CMEM_TRY(
      db.exec(fmt::format("INSERT INTO meta VALUES('created_ms', {0}), ('store_id', lower(hex(randomblob(16))));"
                          "INSERT INTO schema_migration VALUES({1}, {0}, '{2}');"
                          "INSERT INTO commit_clock VALUES(1, 0, {0}, 1, 1, 1, 0, 0, zeroblob(16), 0);"
                          "PRAGMA application_id = {3}; PRAGMA user_version = {1};",
                          now_ms, kSchemaVersion, CMEM_WRITER_VERSION, kApplicationId)));
  return {};
}

Result<bool> is_empty_database(sqlite::Connection& db) {
  CMEM_ASSIGN_OR_RETURN(
      const auto marks,
      db.query_int("SELECT (SELECT count(*) FROM sqlite_schema) + abs(application_id) FROM pragma_application_id"));
  return marks == 0;
}

Status check_schema(sqlite::Connection& db, Access access) {
  CMEM_ASSIGN_OR_RETURN(const auto application_id, db.query_int("PRAGMA application_id"));
  if (application_id != kApplicationId)
    return Unexpected(Code::kNotAStore,
                      fmt::format("open {}: it is a SQLite database, but not a CODITECT memory store", db.path()));
  CMEM_ASSIGN_OR_RETURN(const auto version, db.query_int("PRAGMA user_version"));
  if (version > kSchemaVersion)
    return Unexpected(Code::kNewerFormat,
                      fmt::format("open {}: it has format {}, this version knows formats up to {}; install a newer version",
                                  db.path(), version, kSchemaVersion));
  if (version < 1)
    return Unexpected(Code::kCorrupt, fmt::format("open {}: format {} never existed; restore a backup", db.path(), version));
  return check_features(db, access);
}

Status migrate_schema(sqlite::Connection& db, std::int64_t now_ms) {
  CMEM_ASSIGN_OR_RETURN(auto version, db.query_int("PRAGMA user_version"));
  for (; version < kSchemaVersion; ++version) {
    CMEM_ASSIGN_OR_RETURN(auto transaction, sqlite::Transaction::begin_immediate(db));
    if (static_cast<std::size_t>(version) > kMigrations.size() || version < 1)
      return Unexpected(Code::kCorrupt, fmt::format("open {}: format {} never existed", db.path(), version));
    CMEM_TRY(kMigrations.begin()[version - 1](db));
    CMEM_TRY(db.exec(fmt::format("INSERT INTO schema_migration VALUES({0}, {1}, '{2}'); PRAGMA user_version = {0};", version + 1,
                                 now_ms, CMEM_WRITER_VERSION)));
    CMEM_TRY(transaction.commit());
  }
  return {};
}

Status recreate_derived_tables(sqlite::Connection& db) {
  CMEM_TRY(db.exec(kDropDerivedTables));
  CMEM_TRY(db.exec(kDerivedTables));
  return db.exec(kReportTables);
}

namespace {
Result<bool> has_format(sqlite::Connection& db, std::int64_t version) {
  CMEM_ASSIGN_OR_RETURN(const auto found, db.query_int("PRAGMA user_version"));
  return found >= version;
}
}  // namespace

Result<bool> knows_homes(sqlite::Connection& db) { return has_format(db, 3); }
Result<bool> has_report_tables(sqlite::Connection& db) { return has_format(db, 4); }

}  // namespace cmem
