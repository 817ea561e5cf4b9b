#include "store/prose_texts.h"

#include "base/terms.h"

namespace cmem {
namespace {

Result<std::vector<bool>> find_prose_contexts(sqlite::Connection& db) {
  CMEM_ASSIGN_OR_RETURN(auto rows,
                        db.prepare("SELECT c.id, r.name FROM main.context c JOIN main.role r ON r.id = c.role_id ORDER BY c.id"));
  std::vector<bool> prose;
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) return prose;
    if (!is_prose(rows.column_text(1))) continue;
    prose.resize(static_cast<std::size_t>(rows.column_int(0)) + 1);
    prose.back() = true;
  }
}

}  // namespace

Result<std::vector<bool>> find_prose_texts(sqlite::Connection& db) {
  CMEM_ASSIGN_OR_RETURN(const auto contexts, find_prose_contexts(db));
  CMEM_ASSIGN_OR_RETURN(const std::int64_t next_text_id, db.query_int("SELECT next_text_id FROM main.commit_clock"));
  std::vector<bool> is_known(static_cast<std::size_t>(next_text_id));
  std::vector<bool> prose(static_cast<std::size_t>(next_text_id));
  CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare("SELECT text_id, context_id FROM main.message ORDER BY id"));
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) return prose;
    const auto text = static_cast<std::size_t>(rows.column_int(0));
    const auto context = static_cast<std::size_t>(rows.column_int(1));
    if (text >= prose.size() || is_known[text]) continue;
    is_known[text] = true;
    prose[text] = context < contexts.size() && contexts[context];
  }
}

}  // namespace cmem
