// cmem_files, cmem_file_versions, cmem_file_read.
#include <coditect/memory_home.h>

#include <algorithm>
#include <mutex>

#include "capi/filter.h"
#include "capi/guard.h"
#include "capi/handles.h"
#include "capi/options.h"
#include "store/file_versions.h"
#include "store/message_filter.h"

using namespace cmem;

namespace {

std::vector<Column> file_columns() {
  return {{"name", CMEM_TYPE_TEXT},  {"path", CMEM_TYPE_TEXT}, {"versions", CMEM_TYPE_INT}, {"sessions", CMEM_TYPE_INT},
          {"first", CMEM_TYPE_TIME}, {"last", CMEM_TYPE_TIME}, {"bytes", CMEM_TYPE_INT}};
}

std::vector<Column> version_columns() {
  return {{"id", CMEM_TYPE_INT},    {"name", CMEM_TYPE_TEXT}, {"path", CMEM_TYPE_TEXT},    {"version", CMEM_TYPE_INT},
          {"time", CMEM_TYPE_TIME}, {"bytes", CMEM_TYPE_INT}, {"sessions", CMEM_TYPE_TEXT}};
}

// Only project and session mean something for files.
Result<FileVersionFilter> resolve(sqlite::Connection& db, const MessageFilter& filter, bool& nothing) {
  FileVersionFilter versions;
  for (const NameConstraint& constraint : filter.names) {
    std::int64_t& id = constraint.field == FilterField::kProject ? versions.project_id : versions.session_id;
    const bool known = constraint.field == FilterField::kProject || constraint.field == FilterField::kSession;
    if (!known) return Unexpected(Code::kInvalid, "files can be filtered by project and session only");
    const std::string& name = constraint.values.front();
    CMEM_ASSIGN_OR_RETURN(id, constraint.field == FilterField::kProject ? resolve_project(db, name) : resolve_session(db, name));
    nothing |= id == 0;
  }
  return versions;
}

Result<std::vector<FileVersion>> find_versions(sqlite::Connection& db, const cmem_filter* filter, const std::string& name) {
  CMEM_ASSIGN_OR_RETURN(const auto message_filter, read_filter(filter));
  bool nothing = false;
  CMEM_ASSIGN_OR_RETURN(FileVersionFilter versions, resolve(db, message_filter, nothing));
  versions.name = name;
  if (nothing) return std::vector<FileVersion>();
  return list_file_versions(db, versions);
}

// The versions of one file, from the first to the last.
Result<Row> file_row(sqlite::Connection& db, const FileVersion* first, const FileVersion* end) {
  CMEM_ASSIGN_OR_RETURN(std::string path, tracked_path_of(db, first->name));
  std::vector<std::string> sessions;
  for (const FileVersion* version = first; version != end; ++version)
    sessions.insert(sessions.end(), version->sessions.begin(), version->sessions.end());
  std::ranges::sort(sessions);
  const auto distinct = std::unique(sessions.begin(), sessions.end()) - sessions.begin();
  const FileVersion& last = *(end - 1);
  return Row{Cell::string(first->name),  Cell::name(std::move(path)), Cell::number(end - first), Cell::number(distinct),
             Cell::time(first->time_ms), Cell::time(last.time_ms),    Cell::number(last.bytes)};
}

Result<std::unique_ptr<Table>> files(sqlite::Connection& db, const cmem_filter* filter) {
  CMEM_ASSIGN_OR_RETURN(const auto versions, find_versions(db, filter, ""));
  std::vector<Row> rows;
  for (std::size_t first = 0; first < versions.size();) {
    std::size_t end = first;
    while (end < versions.size() && versions[end].name == versions[first].name) ++end;
    CMEM_ASSIGN_OR_RETURN(Row row, file_row(db, versions.data() + first, versions.data() + end));
    rows.push_back(std::move(row));
    first = end;
  }
  constexpr std::size_t kLast = 5;
  std::ranges::stable_sort(rows, [](const Row& a, const Row& b) { return a[kLast].integer > b[kLast].integer; });
  auto table = std::make_unique<ReadyTable>(file_columns());
  for (Row& row : rows) table->add(std::move(row));
  return std::unique_ptr<Table>(std::move(table));
}

Result<std::unique_ptr<Table>> versions_of(sqlite::Connection& db, std::string_view file, const cmem_filter* filter) {
  const std::string name = tracked_name_from(file);
  CMEM_ASSIGN_OR_RETURN(const auto versions, find_versions(db, filter, name));
  CMEM_ASSIGN_OR_RETURN(const std::string path, tracked_path_of(db, name));
  auto table = std::make_unique<ReadyTable>(version_columns());
  for (const FileVersion& version : versions) {
    std::string sessions;
    for (const std::string& session : version.sessions) sessions += (sessions.empty() ? "" : ",") + session;
    table->add({Cell::number(version.id), Cell::string(version.name), Cell::name(path), Cell::number(version.version),
                Cell::time(version.time_ms), Cell::number(version.bytes), Cell::string(std::move(sessions))});
  }
  return std::unique_ptr<Table>(std::move(table));
}

template <typename Read>
cmem_status table_call(cmem_cursor** out, cmem_store* store, cmem_error* err, Read&& read) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(check_call(out, store));
    const std::lock_guard lock(store->store->read_mutex());
    CMEM_ASSIGN_OR_RETURN(auto transaction, store->store->begin_read());
    Result<std::unique_ptr<Table>> table = read(store->store->reader());
    if (!table) return Unexpected(std::move(table).error());
    return give_cursor(out, std::move(*table));
  });
}

Result<std::string> read_file(Store& store, std::int64_t id) {
  const std::lock_guard lock(store.read_mutex());
  CMEM_ASSIGN_OR_RETURN(auto transaction, store.begin_read());
  return read_stored_file(store.reader(), id);
}

}  // namespace

cmem_status cmem_files(cmem_cursor** out, cmem_store* store, const cmem_filter* filter, cmem_error* err) {
  return table_call(out, store, err, [&](sqlite::Connection& db) { return files(db, filter); });
}

cmem_status cmem_file_versions(cmem_cursor** out, cmem_store* store, const char* file, const cmem_filter* filter, cmem_error* err) {
  return table_call(out, store, err, [&](sqlite::Connection& db) -> Result<std::unique_ptr<Table>> {
    CMEM_TRY(require(file, "file"));
    return versions_of(db, file, filter);
  });
}

cmem_status cmem_file_read(cmem_store* store, int64_t id, cmem_write_fn write, void* payload, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(require(store, "store"));
    if (!write) return Unexpected(Code::kInvalid, "write must not be NULL");
    CMEM_ASSIGN_OR_RETURN(const std::string bytes, read_file(*store->store, id));
    if (write(bytes.data(), bytes.size(), payload) == 0) return {};
    return Unexpected(Code::kCancelled, "reading a saved file was stopped");
  });
}
