#include "store/message_filter.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <limits>

namespace cmem {
namespace {

constexpr std::size_t kMinSessionPrefix = 4;
constexpr std::size_t kMaxCandidates = 8;
constexpr int kPhases = 7;
constexpr std::int64_t kMostContextsOfSpan = 1024;

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

Result<std::int64_t> resolve_level(const std::string& name) {
  const auto level = level_from(name);
  if (!level) return Unexpected(Code::kInvalid, fmt::format("level \"{}\" is none of DEBUG, INFO, WARN, ERROR", name));
  return static_cast<std::int64_t>(*level);
}

Result<std::int64_t> resolve_source_type(const std::string& name) {
  const auto type = source_type_from(name);
  if (type) return static_cast<std::int64_t>(*type);
  std::vector<std::string_view> names;
  for (const auto& info : kSourceTypes) names.push_back(info.name);
  return Unexpected(Code::kInvalid, fmt::format("there is no source type \"{}\"; there are {}", name, fmt::join(names, ", ")));
}

Result<std::int64_t> resolve_phase(const std::string& name) {
  if (const auto phase = phase_from(name)) return std::int64_t{*phase};
  return Unexpected(Code::kInvalid, fmt::format("phase \"{}\" is none of 1 to {}", name, kPhases));
}

// The number by which a context names a value of the field; 0: nothing has it.
Result<std::int64_t> resolve_name(sqlite::Connection& db, FilterField field, const std::string& name) {
  switch (field) {
    case FilterField::kProject:
      return resolve_project(db, name);
    case FilterField::kSession:
      return resolve_session(db, name);
    case FilterField::kComponent:
      return id_of(db, "component", "name", name);
    case FilterField::kLevel:
      return resolve_level(name);
    case FilterField::kRole:
      return id_of(db, "role", "name", name);
    case FilterField::kSource:
      return resolve_source_type(name);
    case FilterField::kPhase:
      return resolve_phase(name);
  }
  return Unexpected(Code::kInternal, "a filter on a field of unknown kind");
}

struct ResolvedName {
  FilterField field;
  std::vector<std::int64_t> values;
  bool negated;

  [[nodiscard]] bool holds_for(std::int64_t value) const {
    return (std::find(values.begin(), values.end(), value) != values.end()) != negated;
  }
};

Result<ResolvedName> resolve_constraint(sqlite::Connection& db, const NameConstraint& constraint) {
  ResolvedName resolved{constraint.field, {}, constraint.negated};
  for (const std::string& name : constraint.values) {
    CMEM_ASSIGN_OR_RETURN(const auto id, resolve_name(db, constraint.field, name));
    if (id != 0 || constraint.field == FilterField::kSource) resolved.values.push_back(id);
  }
  return resolved;
}

Result<Intervals> ids_of_run(sqlite::Connection& db, std::int64_t run_id) {
  CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare("SELECT first_message_id, last_message_id FROM main.run_messages WHERE run_id = ?1"));
  CMEM_TRY(rows.bind(1, run_id));
  std::vector<Interval> ids;
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) break;
    ids.push_back({rows.column_int(0), rows.column_int(1) + 1});
  }
  return Intervals(std::move(ids));
}

void apply(const NumberConstraint& constraint, Intervals& to) {
  const Intervals given(constraint.intervals);
  to.intersect(constraint.negated ? given.complement() : given);
}

template <typename T>
void append(std::vector<T>& to, const std::vector<T>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

}  // namespace

void MessageFilter::add(const MessageFilter& other) {
  append(names, other.names);
  append(times, other.times);
  append(ids, other.ids);
  if (run_id == 0) run_id = other.run_id;
}

std::optional<int> phase_from(std::string_view text) {
  if (text.size() != 1 || text[0] < '1' || text[0] > '0' + kPhases) return std::nullopt;
  return text[0] - '0';
}

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
    // A session's subagents, "<session>/agent-<id>", stand behind it.
    if (!candidates.empty() && rows.column_text(1).starts_with(candidates.front() + '/')) continue;
    if (candidates.empty()) id = rows.column_int(0);
    candidates.emplace_back(rows.column_text(1));
  }
  if (candidates.size() > 1) return ambiguous("session", name, std::move(candidates));
  return id;
}

Result<ResolvedFilter> ResolvedFilter::resolve(sqlite::Connection& db, ContextColumns& contexts, const MessageFilter& filter) {
  ResolvedFilter resolved;
  resolved.resolve_times(filter);
  CMEM_TRY(resolved.resolve_ids(db, filter));
  CMEM_TRY(resolved.resolve_contexts(db, contexts, filter));
  return resolved;
}

void ResolvedFilter::resolve_times(const MessageFilter& filter) {
  for (const NumberConstraint& constraint : filter.times) {
    if (!constraint.negated && Intervals(constraint.intervals).is_everything()) continue;
    by_time_ = true;
    without_time_ = without_time_ && constraint.negated;
    apply(constraint, times_);
  }
  if (times_.is_empty() && !without_time_) nothing_ = true;
}

Status ResolvedFilter::resolve_ids(sqlite::Connection& db, const MessageFilter& filter) {
  for (const NumberConstraint& constraint : filter.ids) apply(constraint, ids_);
  if (filter.run_id != 0) {
    CMEM_ASSIGN_OR_RETURN(const Intervals of_run, ids_of_run(db, filter.run_id));
    ids_.intersect(of_run);
  }
  by_id_ = !ids_.is_everything();
  if (ids_.is_empty()) nothing_ = true;
  return {};
}

Status ResolvedFilter::resolve_contexts(sqlite::Connection& db, ContextColumns& contexts, const MessageFilter& filter) {
  if (filter.names.empty()) return {};
  by_context_ = true;
  CMEM_TRY(contexts.refresh(db));
  failed_.assign(contexts.end_id(), 0);
  for (const NameConstraint& constraint : filter.names) {
    CMEM_ASSIGN_OR_RETURN(const ResolvedName name, resolve_constraint(db, constraint));
    restricted_ |= bit_of(constraint.field);
    for (std::size_t id = 1; id < failed_.size(); ++id)
      if (!name.holds_for(contexts.value(name.field, id))) failed_[id] |= static_cast<std::uint8_t>(bit_of(name.field));
  }
  passing_.resize(failed_.size() / 64 + 1);
  for (std::size_t id = 1; id < failed_.size(); ++id) passing_[id / 64] |= std::uint64_t{failed_[id] == 0} << id % 64;
  nothing_ = nothing_ || std::all_of(passing_.begin(), passing_.end(), [](std::uint64_t word) { return word == 0; });
  // Sessions are short; what else is asked for mostly lies all over the time.
  return restricts(FilterField::kSession) && !nothing_ ? find_span(db) : Status{};
}

Status ResolvedFilter::find_span(sqlite::Connection& db) {
  std::int64_t count = 0;
  for (const std::uint64_t word : passing_) count += std::popcount(word);
  if (count > kMostContextsOfSpan) return {};
  CMEM_ASSIGN_OR_RETURN(auto select,
                        db.prepare("SELECT first_ms, last_ms, without_time, messages FROM main.context WHERE id = ?1"));
  std::int64_t first_ms = std::numeric_limits<std::int64_t>::max();
  std::int64_t last_ms = std::numeric_limits<std::int64_t>::min();
  for (std::size_t id = 1; id < failed_.size(); ++id) {
    if (failed_[id] != 0) continue;
    CMEM_TRY(select.bind(1, static_cast<std::int64_t>(id)));
    CMEM_ASSIGN_OR_RETURN(const bool found, select.step());
    const bool has_messages = found && select.column_int(3) > 0;
    if (has_messages && (select.column_is_null(0) || select.column_int(2) > 0)) return {};
    if (has_messages) {
      first_ms = std::min(first_ms, select.column_int(0));
      last_ms = std::max(last_ms, select.column_int(1));
    }
    select.reset();
  }
  has_span_ = true;
  first_ms_ = first_ms;
  last_ms_ = last_ms;
  return {};
}

std::vector<std::uint64_t> ResolvedFilter::passing_contexts(std::size_t end_context) const {
  const auto words = static_cast<std::ptrdiff_t>(std::min(end_context / 64 + 1, passing_.size()));
  std::vector<std::uint64_t> passing(passing_.begin(), passing_.begin() + words);
  // The last word may have later contexts.
  if (passing.size() > end_context / 64) passing.back() &= (std::uint64_t{1} << end_context % 64) - 1;
  return passing;
}

bool ResolvedFilter::passes_messages(const SegmentHead& segment) const {
  if (by_id_ && !ids_.covers(segment.first_id, segment.first_id + segment.messages - 1)) return false;
  if (!by_time_) return true;
  if (!segment.all_have_times && !without_time_) return false;
  return segment.latest_ms == kNoTime || times_.covers(segment.base_ms, segment.latest_ms);
}

bool ResolvedFilter::may_match(const SegmentSpan& span) const {
  if (nothing_) return false;
  if (by_time_ && !without_time_ && !times_.meets(span.min_ms, span.max_ms)) return false;
  if (has_span_ && !span.is_tail && (first_ms_ > span.max_ms || last_ms_ < span.min_ms)) return false;
  return !by_id_ || ids_.meets(span.first_id, span.first_id + kSegmentMessages - 1);
}

}  // namespace cmem
