#include "store/context_columns.h"

#include "base/terms.h"

namespace cmem {
namespace {

// 0 for a source type of a newer version too.
std::int64_t phase_of_type(std::int64_t type) {
  return type >= 0 && type < static_cast<std::int64_t>(kSourceTypes.size()) ? kSourceTypes[static_cast<std::size_t>(type)].phase
                                                                            : 0;
}

}  // namespace

Status ContextColumns::refresh(sqlite::Connection& db) {
  CMEM_ASSIGN_OR_RETURN(const std::int64_t csn, db.query_int("SELECT csn FROM main.commit_clock"));
  if (csn == csn_) return {};
  CMEM_ASSIGN_OR_RETURN(auto sessions, db.prepare("SELECT id, project_id FROM main.session"));
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, sessions.step());
    if (!row) break;
    const auto id = static_cast<std::size_t>(sessions.column_int(0));
    if (id >= session_project_.size()) session_project_.resize(id + 1);
    session_project_[id] = static_cast<std::uint32_t>(sessions.column_int(1));
  }
  CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare("SELECT id, source_type, level, project_id, session_id, component_id, role_id "
                                              "FROM main.context WHERE id >= ?1 ORDER BY id"));
  CMEM_TRY(rows.bind(1, static_cast<std::int64_t>(end_id())));
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) break;
    const auto end = static_cast<std::size_t>(rows.column_int(0)) + 1;
    for (auto* column : {&source_, &level_}) column->resize(end);
    for (auto* column : {&stated_project_, &session_, &component_, &role_}) column->resize(end);
    source_.back() = static_cast<std::uint8_t>(rows.column_int(1));
    level_.back() = static_cast<std::uint8_t>(rows.column_int(2));
    stated_project_.back() = static_cast<std::uint32_t>(rows.column_int(3));
    session_.back() = static_cast<std::uint32_t>(rows.column_int(4));
    component_.back() = static_cast<std::uint32_t>(rows.column_int(5));
    role_.back() = static_cast<std::uint32_t>(rows.column_int(6));
  }
  csn_ = csn;
  return {};
}

std::int64_t ContextColumns::value(FilterField field, std::size_t context) const {
  switch (field) {
    case FilterField::kProject: {
      const std::uint32_t stated = stated_project_[context];
      const std::uint32_t session = session_[context];
      return stated != 0 || session >= session_project_.size() ? stated : session_project_[session];
    }
    case FilterField::kSession:
      return session_[context];
    case FilterField::kComponent:
      return component_[context];
    case FilterField::kLevel:
      return level_[context];
    case FilterField::kRole:
      return role_[context];
    case FilterField::kSource:
      return source_[context];
    case FilterField::kPhase:
      return phase_of_type(source_[context]);
  }
  return 0;
}

}  // namespace cmem
