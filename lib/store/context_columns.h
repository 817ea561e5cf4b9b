// What messages share, as columns by context id, in memory: filters are resolved on them without SQL. 28 bytes for each context.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sqlite/connection.h"

namespace cmem {

// What a filter can name of a message; all of it stands in its context.
enum class FilterField : std::uint8_t { kProject, kSession, kComponent, kLevel, kRole, kSource, kPhase };
// Indexed by FilterField: as the query language writes them.
inline constexpr std::array<std::string_view, 7> kFilterFieldNames{"project", "session", "component", "level",
                                                                   "role",    "source",  "phase"};
constexpr std::string_view to_string(FilterField field) noexcept { return kFilterFieldNames[static_cast<std::size_t>(field)]; }

class ContextColumns {
 public:
  // Brings the columns up to the caller's read transaction: contexts are only added, but a session may get a project.
  Status refresh(sqlite::Connection& db);
  void clear() { *this = {}; }

  // Ids are below this; 0 is none, and so may others be.
  [[nodiscard]] std::size_t end_id() const { return source_.size(); }
  // The id of the context's project, session and so on, 0 for none; a source type is its number.
  [[nodiscard]] std::int64_t value(FilterField field, std::size_t context) const;

 private:
  std::int64_t csn_ = -1;
  std::vector<std::uint8_t> source_;
  std::vector<std::uint8_t> level_;
  std::vector<std::uint32_t> stated_project_;
  std::vector<std::uint32_t> session_;
  std::vector<std::uint32_t> component_;
  std::vector<std::uint32_t> role_;
  std::vector<std::uint32_t> session_project_;  // by session id
};

}  // namespace cmem
