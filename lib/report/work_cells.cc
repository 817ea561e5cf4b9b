#include "report/work_cells.h"

#include <fmt/format.h>

#include <tuple>
#include <unordered_set>

#include "store/schema.h"

namespace cmem {
namespace {

struct ContextFacts {
  WorkCell facts;
  bool is_user = false;
  bool is_history = false;
  bool passes = false;
};

Result<std::int64_t> id_of_role(sqlite::Connection& db, std::string_view name) {
  CMEM_ASSIGN_OR_RETURN(auto row, db.prepare("SELECT id FROM main.role WHERE name = ?1"));
  CMEM_TRY(row.bind_text(1, name));
  CMEM_ASSIGN_OR_RETURN(const bool found, row.step());
  return found ? row.column_int(0) : 0;
}

// By context id.
Result<std::vector<ContextFacts>> read_contexts(Store& store, const ResolvedFilter& filter) {
  CMEM_ASSIGN_OR_RETURN(const std::int64_t user, id_of_role(store.reader(), "user"));
  const ContextColumns& columns = store.contexts();
  std::vector<ContextFacts> contexts(columns.end_id());
  for (std::size_t id = 1; id < contexts.size(); ++id) {
    ContextFacts& context = contexts[id];
    const auto value = [&](FilterField field) { return static_cast<std::uint32_t>(columns.value(field, id)); };
    context.passes = filter.passes_context(static_cast<std::uint32_t>(id));
    context.facts.context = static_cast<std::uint32_t>(id);
    context.facts.project = value(FilterField::kProject);
    context.facts.session = value(FilterField::kSession);
    context.facts.component = value(FilterField::kComponent);
    context.facts.level = static_cast<Level>(value(FilterField::kLevel));
    const auto source = static_cast<SourceType>(value(FilterField::kSource));
    context.facts.is_transcript = source == SourceType::kTranscript || source == SourceType::kCodex;
    context.is_user = user != 0 && value(FilterField::kRole) == user;
    context.is_history = context.is_user && source == SourceType::kHistory;
  }
  return contexts;
}

// The history has what was typed; transcripts have that too, and more that programs say for the user.
void mark_prompts(std::vector<ContextFacts>& contexts) {
  std::unordered_set<std::uint32_t> sessions_with_history;
  for (const ContextFacts& context : contexts)
    if (context.is_history && context.facts.session != 0) sessions_with_history.insert(context.facts.session);
  for (ContextFacts& context : contexts)
    context.facts.is_prompt = context.is_history || (context.is_user && !sessions_with_history.contains(context.facts.session));
}

Result<std::vector<WorkCell>> read_timeless(sqlite::Connection& db, const std::vector<ContextFacts>& contexts) {
  std::vector<WorkCell> cells;
  CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare("SELECT id, without_time FROM main.context WHERE without_time > 0"));
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) return cells;
    const auto id = static_cast<std::size_t>(rows.column_int(0));
    if (id < contexts.size() && contexts[id].passes) cells.emplace_back(contexts[id].facts).messages = rows.column_int(1);
  }
}

// Of all contexts, or, where few pass, of those: to look for a context takes as long as to step over a few cells.
Result<std::vector<ActivityCell>> read_cells(sqlite::Connection& db, const std::vector<ContextFacts>& contexts) {
  std::vector<std::int64_t> passing;
  for (std::size_t id = 1; id < contexts.size(); ++id)
    if (contexts[id].passes) passing.push_back(static_cast<std::int64_t>(id));
  return passing.size() * 8 < contexts.size() ? read_activity(db, passing) : read_activity(db);
}

}  // namespace

Status check_names(Store& store, const ReportOptions& options) {
  if (!options.project.empty()) {
    CMEM_ASSIGN_OR_RETURN(const std::int64_t project, resolve_project(store.reader(), options.project));
    if (project == 0) return Unexpected(Code::kNotFound, fmt::format("there is no project \"{}\"", options.project));
  }
  if (!options.session.empty()) {
    CMEM_ASSIGN_OR_RETURN(const std::int64_t session, resolve_session(store.reader(), options.session));
    if (session == 0) return Unexpected(Code::kNotFound, fmt::format("there is no session \"{}\"", options.session));
  }
  if (options.component.empty()) return {};
  CMEM_ASSIGN_OR_RETURN(auto row, store.reader().prepare("SELECT 1 FROM main.component WHERE name = ?1"));
  CMEM_TRY(row.bind_text(1, options.component));
  CMEM_ASSIGN_OR_RETURN(const bool found, row.step());
  if (!found) return Unexpected(Code::kNotFound, fmt::format("there is no component \"{}\"", options.component));
  return {};
}

Result<Work> read_work(Store& store, const ReportOptions& options) { return read_work(store, options, options.filter()); }

Result<Work> read_work(Store& store, const ReportOptions& options, const MessageFilter& message_filter) {
  CMEM_TRY(check_names(store, options));
  CMEM_TRY(store.contexts().refresh(store.reader()));
  CMEM_ASSIGN_OR_RETURN(const auto filter, ResolvedFilter::resolve(store.reader(), store.contexts(), message_filter));
  CMEM_ASSIGN_OR_RETURN(auto contexts, read_contexts(store, filter));
  mark_prompts(contexts);
  Work work;
  CMEM_ASSIGN_OR_RETURN(work.timeless, read_timeless(store.reader(), contexts));
  CMEM_ASSIGN_OR_RETURN(const bool has_rollup, has_report_tables(store.reader()));
  const std::int64_t parts = std::max<std::int64_t>(1, (kQuarterMs + options.pause_ms - 1) / options.pause_ms);
  CMEM_ASSIGN_OR_RETURN(const auto cells,
                        has_rollup&& parts == 1 ? read_cells(store.reader(), contexts) : scan_activity(store, parts));
  for (const ActivityCell& cell : cells) {
    const auto id = static_cast<std::size_t>(cell.context_id);
    if (id >= contexts.size() || !contexts[id].passes) continue;
    WorkCell& added = work.cells.emplace_back(contexts[id].facts);
    added.quarter = floor_div(cell.first_ms, kQuarterMs);
    added.part = cell.quarter;
    added.messages = cell.messages;
    added.first_ms = cell.first_ms;
    added.last_ms = cell.last_ms;
  }
  return work;
}

const TimeBucket& Periods::of(std::int64_t quarter) {
  const std::int64_t at_ms = quarter * kQuarterMs;
  if (last_ && at_ms >= last_->from_ms && at_ms < last_->until_ms) return *last_;
  auto found = buckets_.upper_bound(at_ms);
  if (found == buckets_.end() || found->second.from_ms > at_ms) {
    const TimeBucket bucket = bucket_of(at_ms, unit_, zone_);
    found = buckets_.emplace(bucket.until_ms, bucket).first;
  }
  last_ = &found->second;
  return *last_;
}

std::vector<ActiveSpan> find_active_spans(std::vector<SessionPart> parts, std::int64_t pause_ms) {
  const auto key = [](const SessionPart& part) { return std::tuple(part.group, part.session, part.part); };
  std::sort(parts.begin(), parts.end(), [&](const SessionPart& a, const SessionPart& b) { return key(a) < key(b); });
  std::vector<ActiveSpan> spans;
  const auto add = [&spans](std::uint32_t group, std::int64_t from_ms, std::int64_t until_ms) {
    if (until_ms > from_ms) spans.push_back({group, from_ms, until_ms});
  };
  SessionPart last;
  for (std::size_t i = 0; i < parts.size();) {
    SessionPart part = parts[i];
    for (++i; i < parts.size() && key(parts[i]) == key(part); ++i) {
      part.first_ms = std::min(part.first_ms, parts[i].first_ms);
      part.last_ms = std::max(part.last_ms, parts[i].last_ms);
    }
    if (last.session == part.session && last.group == part.group)
      add(part.group, last.last_ms, std::min(part.first_ms, last.last_ms + pause_ms));
    add(part.group, part.first_ms, part.last_ms);
    last = part;
  }
  return spans;
}

std::string pause_note(const ReportOptions& options) {
  const auto seconds = options.pause_ms / 1000;
  const auto pause = seconds % 60 == 0 ? fmt::format("{} min", seconds / 60) : fmt::format("{} s", seconds);
  return fmt::format("Active time: a gap between two messages of a session counts as {} at most.", pause);
}

Result<Names> read_names(sqlite::Connection& db, std::string_view table, std::string_view column) {
  Names names;
  CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare(fmt::format("SELECT id, {} FROM main.{}", column, table)));
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) return names;
    names.emplace(static_cast<std::uint32_t>(rows.column_int(0)), rows.column_text(1));
  }
}

}  // namespace cmem
