#include "store/dimensions.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

namespace cmem {
namespace {

Status bind_or_null(sqlite::Statement& statement, int index, std::int64_t id) {
  return id == 0 ? statement.bind_null(index) : statement.bind(index, id);
}

// A message without a time states its session's project after all that have one.
std::int64_t claim_order(std::int64_t time_ms) { return time_ms == kNoTime ? std::numeric_limits<std::int64_t>::max() : time_ms; }

}  // namespace

void NameTable::reset() {
  ids_.clear();
  last_name_.clear();
  last_id_ = 0;
}

Result<std::int64_t> NameTable::intern(sqlite::Connection& db, std::string_view name) {
  if (name == last_name_) return last_id_;
  if (name.empty()) return std::int64_t{0};
  auto known = ids_.find(name);
  if (known == ids_.end()) {
    CMEM_ASSIGN_OR_RETURN(const auto id, find_or_insert(db, name));
    known = ids_.emplace(name, id).first;
  }
  last_name_ = name;
  last_id_ = known->second;
  return last_id_;
}

Result<std::int64_t> NameTable::find_or_insert(sqlite::Connection& db, std::string_view name) {
  if (!select_) {
    CMEM_ASSIGN_OR_RETURN(auto select, db.prepare("SELECT id FROM main." + table_ + " WHERE " + column_ + " = ?1"));
    select_.emplace(std::move(select));
    CMEM_ASSIGN_OR_RETURN(auto insert, db.prepare("INSERT INTO main." + table_ + "(" + column_ + ") VALUES(?1)"));
    insert_.emplace(std::move(insert));
  }
  CMEM_TRY(select_->bind_text(1, name));
  CMEM_ASSIGN_OR_RETURN(const bool row, select_->step());
  const std::int64_t id = row ? select_->column_int(0) : 0;
  select_->reset();
  if (row) return id;
  CMEM_TRY(insert_->bind_text(1, name));
  CMEM_TRY(insert_->run());
  return db.last_insert_rowid();
}

std::size_t ContextKeyHash::operator()(const ContextKey& key) const {
  const std::int64_t kinds = static_cast<std::int64_t>(key.source_type) << 24 | static_cast<std::int64_t>(key.level) << 16 |
                             static_cast<std::int64_t>(key.prefix) << 8 | static_cast<std::int64_t>(key.time_precision);
  const std::array<std::int64_t, 7> words{key.origin_id, key.session_id, key.project_id, key.component_id,
                                          key.role_id,   key.shape_id,   kinds};
  return xxh3_64({reinterpret_cast<const char*>(words.data()), sizeof words});
}

void ContextTable::reset() {
  contexts_.clear();
  loaded_origins_.clear();
  touched_.clear();
  last_ = nullptr;
}

Result<ContextTable::Context*> ContextTable::intern(sqlite::Connection& db, const ContextKey& key) {
  if (last_ && key == last_key_) return last_;
  CMEM_TRY(load_origin(db, key.origin_id));
  auto [found, is_new] = contexts_.try_emplace(key);
  Context& context = found->second;
  if (is_new) {
    CMEM_ASSIGN_OR_RETURN(context.id, insert(db, key));
  }
  last_key_ = key;
  last_ = &context;
  return last_;
}

Status ContextTable::load_origin(sqlite::Connection& db, std::int64_t origin_id) {
  if (!loaded_origins_.insert(origin_id).second) return {};
  if (!select_) {
    CMEM_ASSIGN_OR_RETURN(
        auto select,
        db.prepare("SELECT id, session_id, project_id, component_id, role_id, shape_id, source_type, level, prefix, time_precision "
                   "FROM main.context WHERE origin_id = ?1"));
    select_.emplace(std::move(select));
  }
  CMEM_TRY(select_->bind(1, origin_id));
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, select_->step());
    if (!row) break;
    const ContextKey key{origin_id,
                         select_->column_int(1),
                         select_->column_int(2),
                         select_->column_int(3),
                         select_->column_int(4),
                         select_->column_int(5),
                         static_cast<SourceType>(select_->column_int(6)),
                         static_cast<Level>(select_->column_int(7)),
                         static_cast<TextPrefix>(select_->column_int(8)),
                         static_cast<TimePrecision>(select_->column_int(9))};
    contexts_[key].id = select_->column_int(0);
  }
  select_->reset();
  return {};
}

Result<std::int64_t> ContextTable::insert(sqlite::Connection& db, const ContextKey& key) {
  if (!insert_) {
    CMEM_ASSIGN_OR_RETURN(
        auto statement, db.prepare("INSERT INTO main.context(origin_id, session_id, project_id, component_id, role_id, shape_id, "
                                   "source_type, level, prefix, time_precision) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"));
    insert_.emplace(std::move(statement));
  }
  CMEM_TRY(insert_->bind(1, key.origin_id));
  CMEM_TRY(bind_or_null(*insert_, 2, key.session_id));
  CMEM_TRY(bind_or_null(*insert_, 3, key.project_id));
  CMEM_TRY(bind_or_null(*insert_, 4, key.component_id));
  CMEM_TRY(bind_or_null(*insert_, 5, key.role_id));
  CMEM_TRY(bind_or_null(*insert_, 6, key.shape_id));
  CMEM_TRY(insert_->bind(7, static_cast<std::int64_t>(key.source_type)));
  CMEM_TRY(bind_or_null(*insert_, 8, static_cast<std::int64_t>(key.level)));
  CMEM_TRY(insert_->bind(9, static_cast<std::int64_t>(key.prefix)));
  CMEM_TRY(insert_->bind(10, static_cast<std::int64_t>(key.time_precision)));
  CMEM_TRY(insert_->run());
  return db.last_insert_rowid();
}

void ContextTable::count(Context& context, std::int64_t time_ms) {
  if (context.messages++ == 0) {
    context.without_time = 0;
    context.first_ms = std::numeric_limits<std::int64_t>::max();
    context.last_ms = std::numeric_limits<std::int64_t>::min();
    touched_.push_back(&context);
  }
  if (time_ms == kNoTime) {
    ++context.without_time;
    return;
  }
  context.first_ms = std::min(context.first_ms, time_ms);
  context.last_ms = std::max(context.last_ms, time_ms);
}

Status ContextTable::flush(sqlite::Connection& db) {
  if (!update_) {
    CMEM_ASSIGN_OR_RETURN(auto statement,
                          db.prepare("UPDATE main.context SET messages = messages + ?2, without_time = without_time + ?3, "
                                     "first_ms = min(coalesce(first_ms, ?4), coalesce(?4, first_ms)), "
                                     "last_ms = max(coalesce(last_ms, ?5), coalesce(?5, last_ms)) WHERE id = ?1"));
    update_.emplace(std::move(statement));
  }
  for (Context* context : touched_) {
    CMEM_TRY(update_->bind(1, context->id));
    CMEM_TRY(update_->bind(2, context->messages));
    CMEM_TRY(update_->bind(3, context->without_time));
    const bool has_time = context->without_time < context->messages;
    CMEM_TRY(has_time ? update_->bind(4, context->first_ms) : update_->bind_null(4));
    CMEM_TRY(has_time ? update_->bind(5, context->last_ms) : update_->bind_null(5));
    CMEM_TRY(update_->run());
    context->messages = 0;
  }
  touched_.clear();
  return {};
}

void SessionTable::reset() {
  sessions_.clear();
  last_external_id_.clear();
  last_ = nullptr;
}

Result<SessionTable::Session*> SessionTable::intern(sqlite::Connection& db, std::string_view external_id) {
  if (external_id.empty()) return nullptr;
  if (last_ && external_id == last_external_id_) return last_;
  auto [found, is_new] = sessions_.try_emplace(std::string(external_id));
  Session& session = found->second;
  if (is_new) {
    if (!select_) {
      CMEM_ASSIGN_OR_RETURN(auto select,
                            db.prepare("INSERT INTO main.session(external_id) VALUES(?1) ON CONFLICT(external_id) DO UPDATE SET "
                                       "external_id = external_id RETURNING id, project_time_ms, (SELECT path FROM main.project "
                                       "WHERE id = project_id), parent_id"));
      select_.emplace(std::move(select));
    }
    CMEM_TRY(select_->bind_text(1, external_id));
    CMEM_ASSIGN_OR_RETURN(const bool row, select_->step());
    if (!row) return Unexpected(Code::kInternal, "add a session: no row came back");
    session.id = select_->column_int(0);
    session.project = select_->column_text(2);
    session.project_time_ms = select_->column_is_null(1) ? kNoTime : select_->column_int(1);
    session.has_parent = !select_->column_is_null(3);
    select_->reset();
  }
  last_external_id_ = external_id;
  last_ = &session;
  return last_;
}

Status SessionTable::claim_project(sqlite::Connection& db, Session& session, std::int64_t project_id, std::string_view project,
                                   std::int64_t time_ms) {
  if (!session.project.empty()) {
    const std::int64_t known = claim_order(session.project_time_ms);
    const std::int64_t claimed = claim_order(time_ms);
    if (claimed > known || (claimed == known && project >= session.project)) return {};
  }
  CMEM_ASSIGN_OR_RETURN(auto update, db.prepare("UPDATE main.session SET project_id = ?2, project_time_ms = ?3 WHERE id = ?1"));
  CMEM_TRY(update.bind(1, session.id));
  CMEM_TRY(update.bind(2, project_id));
  CMEM_TRY(time_ms == kNoTime ? update.bind_null(3) : update.bind(3, time_ms));
  CMEM_TRY(update.run());
  session.project = project;
  session.project_time_ms = time_ms;
  return {};
}

Status SessionTable::set_parent(sqlite::Connection& db, Session& session, std::string_view parent_external_id) {
  if (session.has_parent || parent_external_id.empty()) return {};
  // Pointers into the table stay valid; what intern() remembered last does not matter here.
  CMEM_ASSIGN_OR_RETURN(const Session* const parent, intern(db, parent_external_id));
  CMEM_ASSIGN_OR_RETURN(auto update, db.prepare("UPDATE main.session SET parent_id = ?2 WHERE id = ?1"));
  CMEM_TRY(update.bind(1, session.id));
  CMEM_TRY(update.bind(2, parent->id));
  CMEM_TRY(update.run());
  session.has_parent = true;
  return {};
}

}  // namespace cmem
