#include "sqlite/batch_insert.h"

#include <fmt/format.h>

#include <new>

#include "sqlite/api.h"

namespace cmem::sqlite {

// What the virtual table shows. It is eponymous: it exists under its module's name, is in no schema, and needs no CREATE.
struct BatchInsert::Source {
  std::shared_ptr<Handle> handle;
  std::string module_name;
  int columns = 0;
  std::span<const std::int64_t> cells;

  ~Source() {
    // Without a module of that name SQLite forgets the table and its pointer to us.
    if (handle) sqlite3_create_module_v2(handle->db, module_name.c_str(), nullptr, nullptr, nullptr);
  }
};

struct BatchInsert::Cursor {
  sqlite3_vtab_cursor base;
  const std::int64_t* row;
  const std::int64_t* end;
  const std::int64_t* begin;
  int columns;
};

struct BatchInsert::Module {
  struct Table {
    sqlite3_vtab base;
    Source* source;
  };

  static Cursor* cursor_of(sqlite3_vtab_cursor* c) { return reinterpret_cast<Cursor*>(c); }

  static int connect(sqlite3* db, void* aux, int /*argc*/, const char* const* /*argv*/, sqlite3_vtab** out, char** /*error*/) {
    auto* source = static_cast<Source*>(aux);
    std::string sql = "CREATE TABLE batch(c0";
    for (int i = 1; i < source->columns; ++i) sql += fmt::format(", c{}", i);
    if (const int code = sqlite3_declare_vtab(db, (sql + ")").c_str())) return code;
    auto* table = new (std::nothrow) Table{{}, source};
    if (table == nullptr) return SQLITE_NOMEM;
    *out = &table->base;
    return SQLITE_OK;
  }

  static int disconnect(sqlite3_vtab* table) {
    delete reinterpret_cast<Table*>(table);
    return SQLITE_OK;
  }

  static int best_index(sqlite3_vtab* table, sqlite3_index_info* info) {
    const Source& source = *reinterpret_cast<Table*>(table)->source;
    info->estimatedRows = static_cast<sqlite3_int64>(source.cells.size()) / source.columns;
    info->estimatedCost = static_cast<double>(info->estimatedRows);
    return SQLITE_OK;
  }

  static int open(sqlite3_vtab* /*table*/, sqlite3_vtab_cursor** out) {
    auto* cursor = new (std::nothrow) Cursor{};
    if (cursor == nullptr) return SQLITE_NOMEM;
    *out = &cursor->base;
    return SQLITE_OK;
  }

  static int close(sqlite3_vtab_cursor* c) {
    delete cursor_of(c);
    return SQLITE_OK;
  }

  static int filter(sqlite3_vtab_cursor* c, int /*index*/, const char* /*name*/, int /*argc*/, sqlite3_value** /*argv*/) {
    const Source& source = *reinterpret_cast<Table*>(c->pVtab)->source;
    Cursor& cursor = *cursor_of(c);
    cursor.begin = cursor.row = source.cells.data();
    cursor.end = cursor.begin + source.cells.size();
    cursor.columns = source.columns;
    return SQLITE_OK;
  }

  static int next(sqlite3_vtab_cursor* c) {
    cursor_of(c)->row += cursor_of(c)->columns;
    return SQLITE_OK;
  }

  static int eof(sqlite3_vtab_cursor* c) { return cursor_of(c)->row >= cursor_of(c)->end ? 1 : 0; }

  static int column(sqlite3_vtab_cursor* c, sqlite3_context* context, int index) {
    const std::int64_t cell = cursor_of(c)->row[index];
    // Nothing set is NULL.
    if (cell != kNullCell) sqlite3_result_int64(context, cell);
    return SQLITE_OK;
  }

  static int rowid(sqlite3_vtab_cursor* c, sqlite3_int64* out) {
    *out = (cursor_of(c)->row - cursor_of(c)->begin) / cursor_of(c)->columns;
    return SQLITE_OK;
  }

  static constexpr sqlite3_module make() {
    sqlite3_module module{};
    module.xConnect = connect;
    module.xBestIndex = best_index;
    module.xDisconnect = disconnect;
    module.xOpen = open;
    module.xClose = close;
    module.xFilter = filter;
    module.xNext = next;
    module.xEof = eof;
    module.xColumn = column;
    module.xRowid = rowid;
    return module;
  }
};

namespace {

std::string quoted(const std::string& name) {
  std::string result = "\"";
  for (const char c : name) result.append(c == '"' ? 2 : 1, c);
  return result + "\"";
}

}  // namespace

BatchInsert::BatchInsert(std::unique_ptr<Source> source, Statement statement) noexcept
    : source_(std::move(source)), insert_(std::move(statement)) {}
BatchInsert::BatchInsert(BatchInsert&&) noexcept = default;
BatchInsert::~BatchInsert() = default;

BatchInsert& BatchInsert::operator=(BatchInsert&& other) noexcept {
  // Swapped and not moved member by member: that would drop our table before the statement that reads it.
  std::swap(source_, other.source_);
  std::swap(insert_, other.insert_);
  return *this;
}

Result<BatchInsert> BatchInsert::create(Connection& connection, const std::string& table, int columns) {
  static constexpr sqlite3_module kModule = Module::make();
  if (columns < 1) return Unexpected(Code::kInternal, "a batch needs at least one column; please report this");
  auto source = std::make_unique<Source>();
  source->columns = columns;
  // The address makes the name unique among the batches of one connection.
  source->module_name = fmt::format("cmem_batch_{}", fmt::ptr(source.get()));
  const int code = sqlite3_create_module_v2(connection.raw(), source->module_name.c_str(), &kModule, source.get(), nullptr);
  if (code != SQLITE_OK) return Unexpected(connection.last_error("cannot register the batch table"));
  source->handle = connection.handle();
  CMEM_ASSIGN_OR_RETURN(Statement insert,
                        connection.prepare(fmt::format("INSERT INTO {} SELECT * FROM {}", quoted(table), source->module_name)));
  return BatchInsert(std::move(source), std::move(insert));
}

Status BatchInsert::run(std::span<const std::int64_t> row_major_cells) {
  if (row_major_cells.size() % static_cast<std::size_t>(source_->columns) != 0) {
    return Unexpected(Code::kInternal, fmt::format("a batch of {} cells does not make whole rows of {} columns; please report this",
                                                   row_major_cells.size(), source_->columns));
  }
  source_->cells = row_major_cells;
  Status status = insert_.run();
  source_->cells = {};
  return status;
}

}  // namespace cmem::sqlite
