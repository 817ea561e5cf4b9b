#include "store/text_indexing.h"

namespace cmem {
namespace {

// By context id.
Result<std::vector<Indexing>> find_indexing_of_contexts(sqlite::Connection& db) {
  CMEM_ASSIGN_OR_RETURN(auto rows,
                        db.prepare("SELECT c.id, r.name FROM main.context c JOIN main.role r ON r.id = c.role_id ORDER BY c.id"));
  std::vector<Indexing> indexing;
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) return indexing;
    indexing.resize(static_cast<std::size_t>(rows.column_int(0)) + 1, Indexing::kWhole);
    indexing.back() = indexing_of(rows.column_text(1));
  }
}

}  // namespace

Result<std::vector<Indexing>> find_indexing(sqlite::Connection& db) {
  CMEM_ASSIGN_OR_RETURN(const auto contexts, find_indexing_of_contexts(db));
  CMEM_ASSIGN_OR_RETURN(const std::int64_t next_text_id, db.query_int("SELECT next_text_id FROM main.commit_clock"));
  std::vector<bool> is_known(static_cast<std::size_t>(next_text_id));
  std::vector<Indexing> indexing(static_cast<std::size_t>(next_text_id), Indexing::kWhole);
  CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare("SELECT text_id, context_id FROM main.message ORDER BY id"));
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) return indexing;
    const auto text = static_cast<std::size_t>(rows.column_int(0));
    const auto context = static_cast<std::size_t>(rows.column_int(1));
    if (text >= indexing.size() || is_known[text]) continue;
    is_known[text] = true;
    if (context < contexts.size()) indexing[text] = contexts[context];
  }
}

}  // namespace cmem
