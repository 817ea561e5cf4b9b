#include "store/context_columns.h"

#include <string>

#include "store/message_filter.h"

namespace cmem {
namespace {

// Indexed by FilterField.
constexpr std::array<const char*, kFilterFields> kColumns{
    "coalesce(c.project_id, s.project_id) FROM main.context c LEFT JOIN main.session s ON s.id = c.session_id",
    "c.session_id FROM main.context c",
    "c.component_id FROM main.context c",
    "c.level FROM main.context c",
    "c.role_id FROM main.context c",
    "c.source_type FROM main.context c",
    "t.phase FROM main.context c JOIN main.source_type t ON t.id = c.source_type",
};

}  // namespace

Result<const std::vector<std::uint32_t>*> ContextColumns::column(sqlite::Connection& db, FilterField field) {
  CMEM_ASSIGN_OR_RETURN(const auto csn, db.query_int("SELECT csn FROM main.commit_clock"));
  if (csn != csn_) {
    for (auto& known : columns_) known.clear();
    csn_ = csn;
  }
  auto& column = columns_[static_cast<std::size_t>(field)];
  if (!column.empty()) return &column;
  CMEM_ASSIGN_OR_RETURN(const auto last_id, db.query_int("SELECT coalesce(max(id), 0) FROM main.context"));
  CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare(std::string("SELECT c.id, ") + kColumns[static_cast<std::size_t>(field)]));
  std::vector<std::uint32_t> read(static_cast<std::size_t>(last_id) + 1);
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) break;
    if (const auto id = static_cast<std::size_t>(rows.column_int(0)); id < read.size())
      read[id] = static_cast<std::uint32_t>(rows.column_int(1));
  }
  column = std::move(read);
  return &column;
}

}  // namespace cmem
