#include "store/message_filter.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace cmem {
namespace {

constexpr std::size_t kMinSessionPrefix = 4;
constexpr std::size_t kMaxCandidates = 8;

Unexpected ambiguous(std::string_view what, const std::string& name, std::vector<std::string> candidates) {
  const std::size_t count = candidates.size();
  std::sort(candidates.begin(), candidates.end());
  if (count > kMaxCandidates) candidates.resize(kMaxCandidates);
  return Unexpected(Code::kAmbiguous,
                    fmt::format("{} \"{}\" fits {} {}s: {}{}; name one in full", what, name, count, what,
                                fmt::join(candidates, ", "), count > kMaxCandidates ? ", …" : ""),
                    static_cast<std::int64_t>(count));
}

Result<std::int64_t> id_of(sqlite::Connection& db, const std::string& table, const std::string& column, const std::string& name) {
  CMEM_ASSIGN_OR_RETURN(auto select, db.prepare("SELECT id FROM main." + table + " WHERE " + column + " = ?1"));
  CMEM_TRY(select.bind_text(1, name));
  CMEM_ASSIGN_OR_RETURN(const bool row, select.step());
  return row ? select.column_int(0) : std::int64_t{0};
}

}  // namespace

std::string_view last_path_component(std::string_view path) {
  while (path.size() > 1 && (path.back() == '/' || path.back() == '\\')) path.remove_suffix(1);
  const std::size_t slash = path.find_last_of("/\\");
  return slash == std::string_view::npos || path.size() == 1 ? path : path.substr(slash + 1);
}

Result<std::int64_t> resolve_project(sqlite::Connection& db, const std::string& name) {
  CMEM_ASSIGN_OR_RETURN(const auto exact, id_of(db, "project", "path", name));
  if (exact != 0) return exact;
  CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare("SELECT id, path FROM main.project"));
  std::int64_t id = 0;
  std::vector<std::string> candidates;
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) break;
    if (last_path_component(rows.column_text(1)) != name) continue;
    id = rows.column_int(0);
    candidates.emplace_back(rows.column_text(1));
  }
  if (candidates.size() > 1) return ambiguous("project", name, std::move(candidates));
  return id;
}

Result<std::int64_t> resolve_session(sqlite::Connection& db, const std::string& name) {
  CMEM_ASSIGN_OR_RETURN(const auto exact, id_of(db, "session", "external_id", name));
  if (exact != 0 || name.size() < kMinSessionPrefix) return exact;
  CMEM_ASSIGN_OR_RETURN(auto rows,
                        db.prepare("SELECT id, external_id FROM main.session WHERE external_id >= ?1 ORDER BY external_id"));
  CMEM_TRY(rows.bind_text(1, name));
  std::int64_t id = 0;
  std::vector<std::string> candidates;
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row || !rows.column_text(1).starts_with(name)) break;
    id = rows.column_int(0);
    candidates.emplace_back(rows.column_text(1));
  }
  if (candidates.size() > 1) return ambiguous("session", name, std::move(candidates));
  return id;
}

Result<ResolvedFilter> ResolvedFilter::resolve(sqlite::Connection& db, const MessageFilter& filter) {
  ResolvedFilter resolved;
  resolved.from_ms_ = filter.from_ms;
  resolved.until_ms_ = filter.until_ms;
  resolved.by_time_ =
      filter.from_ms != std::numeric_limits<std::int64_t>::min() || filter.until_ms != std::numeric_limits<std::int64_t>::max();
  if (resolved.by_time_ && filter.from_ms >= filter.until_ms) resolved.nothing_ = true;
  CMEM_TRY(resolved.resolve_contexts(db, filter));
  if (filter.run_id != 0) CMEM_TRY(resolved.resolve_run(db, filter.run_id));
  return resolved;
}

// All name filters become one set of context ids, found by one statement.
Status ResolvedFilter::resolve_contexts(sqlite::Connection& db, const MessageFilter& filter) {
  std::string sql = "SELECT c.id FROM main.context c LEFT JOIN main.session s ON s.id = c.session_id WHERE 1";
  std::vector<std::int64_t> ids;
  const auto restrict_to = [&](const char* column, std::int64_t id) {
    if (id == 0) nothing_ = true;
    ids.push_back(id);
    sql += fmt::format(" AND {} = ?{}", column, ids.size());
  };
  if (!filter.project.empty()) {
    CMEM_ASSIGN_OR_RETURN(const auto id, resolve_project(db, filter.project));
    restrict_to("coalesce(c.project_id, s.project_id)", id);
  }
  if (!filter.session.empty()) {
    CMEM_ASSIGN_OR_RETURN(const auto id, resolve_session(db, filter.session));
    restrict_to("c.session_id", id);
  }
  if (!filter.component.empty()) {
    CMEM_ASSIGN_OR_RETURN(const auto id, id_of(db, "component", "name", filter.component));
    restrict_to("c.component_id", id);
  }
  if (!filter.role.empty()) {
    CMEM_ASSIGN_OR_RETURN(const auto id, id_of(db, "role", "name", filter.role));
    restrict_to("c.role_id", id);
  }
  if (!filter.level.empty()) {
    const auto level = level_from(filter.level);
    if (!level) return Unexpected(Code::kInvalid, fmt::format("level \"{}\" is none of DEBUG, INFO, WARN, ERROR", filter.level));
    restrict_to("c.level", static_cast<std::int64_t>(*level));
  }
  if (!filter.source_type.empty()) {
    const auto type = source_type_from(filter.source_type);
    if (!type) {
      std::vector<std::string_view> names;
      for (const auto& info : kSourceTypes) names.push_back(info.name);
      return Unexpected(Code::kInvalid,
                        fmt::format("there is no source type \"{}\"; there are {}", filter.source_type, fmt::join(names, ", ")));
    }
    ids.push_back(static_cast<std::int64_t>(*type));
    sql += fmt::format(" AND c.source_type = ?{}", ids.size());
  }
  if (ids.empty() || nothing_) return {};
  by_context_ = true;
  CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare(sql));
  for (std::size_t i = 0; i < ids.size(); ++i) CMEM_TRY(rows.bind(static_cast<int>(i) + 1, ids[i]));
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) break;
    const auto id = static_cast<std::size_t>(rows.column_int(0));
    if (id >= contexts_.size()) contexts_.resize(id + 1);
    contexts_[id] = true;
  }
  if (contexts_.empty()) nothing_ = true;
  return {};
}

Status ResolvedFilter::resolve_run(sqlite::Connection& db, std::int64_t run_id) {
  by_id_ = true;
  CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare("SELECT first_message_id, last_message_id FROM main.run_messages WHERE run_id = ?1 "
                                              "ORDER BY first_message_id"));
  CMEM_TRY(rows.bind(1, run_id));
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) break;
    id_ranges_.push_back({rows.column_int(0), rows.column_int(1)});
  }
  if (id_ranges_.empty()) nothing_ = true;
  return {};
}

bool ResolvedFilter::in_id_ranges(std::int64_t id) const {
  const auto after = std::upper_bound(id_ranges_.begin(), id_ranges_.end(), id,
                                      [](std::int64_t value, const IdRange& range) { return value < range.first; });
  return after != id_ranges_.begin() && id <= std::prev(after)->last;
}

bool ResolvedFilter::may_match(const SegmentSpan& span) const {
  if (nothing_) return false;
  if (by_time_ && (span.max_ms < from_ms_ || span.min_ms >= until_ms_)) return false;
  if (!by_id_) return true;
  const std::int64_t end_id = span.first_id + kSegmentMessages;
  return std::any_of(id_ranges_.begin(), id_ranges_.end(),
                     [&](const IdRange& range) { return range.first < end_id && range.last >= span.first_id; });
}

}  // namespace cmem
