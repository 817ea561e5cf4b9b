#include "store/delete_messages.h"

#include <string>
#include <vector>

#include "store/block_log.h"

namespace cmem {
namespace {

constexpr const char* kDeleteRows = R"sql(
DELETE FROM main.token_usage WHERE message_id IN (SELECT id FROM temp.gone);
DELETE FROM main.record_identity WHERE message_id IN (SELECT id FROM temp.gone);
DELETE FROM main.record_copy WHERE id IN (SELECT id FROM temp.gone_copy);
DELETE FROM main.message WHERE id IN (SELECT id FROM temp.gone);
DELETE FROM main.stored_file WHERE id IN (SELECT id FROM temp.gone_file);
DELETE FROM main.blob WHERE id NOT IN (SELECT blob_id FROM main.stored_file);
DELETE FROM main.context WHERE id NOT IN (SELECT context_id FROM main.message);
DELETE FROM main.session WHERE id NOT IN (SELECT session_id FROM main.context WHERE session_id IS NOT NULL
  UNION SELECT session_id FROM main.record_copy WHERE session_id IS NOT NULL
  UNION SELECT parent_id FROM main.session WHERE parent_id IS NOT NULL);
DELETE FROM main.session WHERE id NOT IN (SELECT session_id FROM main.context WHERE session_id IS NOT NULL
  UNION SELECT session_id FROM main.record_copy WHERE session_id IS NOT NULL
  UNION SELECT parent_id FROM main.session WHERE parent_id IS NOT NULL);
DELETE FROM main.project WHERE id NOT IN (SELECT project_id FROM main.context WHERE project_id IS NOT NULL
  UNION SELECT project_id FROM main.session WHERE project_id IS NOT NULL);
DELETE FROM main.origin WHERE id NOT IN (SELECT origin_id FROM main.context UNION SELECT origin_id FROM main.record_copy
  UNION SELECT origin_id FROM main.stored_file);
DELETE FROM main.component WHERE id NOT IN (SELECT component_id FROM main.context WHERE component_id IS NOT NULL);
DELETE FROM main.role WHERE id NOT IN (SELECT role_id FROM main.context WHERE role_id IS NOT NULL);
DELETE FROM main.shape WHERE id NOT IN (SELECT shape_id FROM main.context WHERE shape_id IS NOT NULL
  UNION SELECT shape_id FROM main.record_copy WHERE shape_id IS NOT NULL);
DELETE FROM main.model WHERE id NOT IN (SELECT model_id FROM main.token_usage WHERE model_id IS NOT NULL);
)sql";

Status blank_texts(sqlite::Connection& db, std::int64_t& texts) {
  CMEM_ASSIGN_OR_RETURN(const std::int64_t next_text_id, db.query_int("SELECT next_text_id FROM main.commit_clock"));
  std::vector<bool> is_used(static_cast<std::size_t>(next_text_id));
  CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare("SELECT text_id FROM main.message"));
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) break;
    if (rows.column_int(0) < next_text_id) is_used[static_cast<std::size_t>(rows.column_int(0))] = true;
  }
  return rewrite_entries(db, "text_block", [&](std::int64_t id, std::string_view text) -> Result<std::optional<std::string>> {
    if (text.empty() || is_used[static_cast<std::size_t>(id)]) return std::optional<std::string>();
    ++texts;
    return std::optional(std::string());
  });
}

// Also those of events that went on: the whole event is another message.
Status blank_residues(sqlite::Connection& db) {
  CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare("SELECT id FROM main.message UNION ALL SELECT id FROM main.record_copy ORDER BY 1"));
  CMEM_ASSIGN_OR_RETURN(bool row, rows.step());
  return rewrite_entries(db, "record_block", [&](std::int64_t id, std::string_view residue) -> Result<std::optional<std::string>> {
    while (row && rows.column_int(0) < id) {
      CMEM_ASSIGN_OR_RETURN(row, rows.step());
    }
    const bool is_used = row && rows.column_int(0) == id;
    return is_used || residue.empty() ? std::nullopt : std::optional(std::string());
  });
}

}  // namespace

Status begin_deleting(sqlite::Connection& db) {
  return db.exec(
      "DROP TABLE IF EXISTS temp.gone; DROP TABLE IF EXISTS temp.gone_copy; DROP TABLE IF EXISTS temp.gone_file; "
      "CREATE TEMP TABLE gone(id INTEGER PRIMARY KEY); CREATE TEMP TABLE gone_copy(id INTEGER PRIMARY KEY); "
      "CREATE TEMP TABLE gone_file(id INTEGER PRIMARY KEY);");
}

Status delete_gone(sqlite::Connection& db, std::int64_t& texts) {
  CMEM_TRY(db.exec(kDeleteRows));
  CMEM_TRY(blank_texts(db, texts));
  return blank_residues(db);
}

}  // namespace cmem
