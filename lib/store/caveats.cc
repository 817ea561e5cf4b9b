#include "store/caveats.h"

#include "base/terms.h"
#include "store/block_log.h"
#include "store/schema.h"
#include "store/text_indexing.h"

namespace cmem {

Result<std::int64_t> count_approximate_times(sqlite::Connection& db, std::int64_t session_id) {
  CMEM_ASSIGN_OR_RETURN(const bool has_homes, knows_homes(db));
  if (!has_homes) return 0;
  CMEM_ASSIGN_OR_RETURN(
      auto sum,
      db.prepare("WITH RECURSIVE part(id) AS (SELECT ?1 UNION SELECT s.id FROM main.session s JOIN part p ON s.parent_id = p.id) "
                 "SELECT coalesce(sum(messages), 0) FROM main.context WHERE time_precision > 0 AND (?1 = 0 OR session_id IN "
                 "(SELECT id FROM part))"));
  CMEM_TRY(sum.bind(1, session_id));
  CMEM_ASSIGN_OR_RETURN(const bool row, sum.step());
  return row ? sum.column_int(0) : 0;
}

Result<IndexedTexts> count_indexed_texts(sqlite::Connection& db) {
  IndexedTexts counted;
  CMEM_ASSIGN_OR_RETURN(const auto indexing, find_indexing(db));
  CMEM_TRY(for_each_entry(db, "text_block", [&](std::int64_t id, std::string_view text) -> Status {
    const auto at = static_cast<std::size_t>(id);
    if (at >= indexing.size()) return {};
    counted.in_part += indexing[at] == Indexing::kBegin && text.size() > kIndexedBegin ? 1 : 0;
    counted.not_at_all += indexing[at] == Indexing::kNone && !text.empty() ? 1 : 0;
    return {};
  }));
  return counted;
}

}  // namespace cmem
