// cmem_sql and cmem_export.
#include <fmt/format.h>

#include <chrono>

#include "capi/filter.h"
#include "capi/guard.h"
#include "capi/handles.h"
#include "capi/options.h"
#include "export/exporter.h"
#include "export/sql_functions.h"
#include "sqlite/function.h"

namespace cmem {
namespace {

constexpr std::uint32_t kDefaultTimeoutMs = 30'000;
constexpr std::size_t kMaxSqlBytes = std::size_t{1} << 20;
constexpr const char* kOnlyReads = "only statements that read can be run; nothing was changed";

// A statement on a connection of its own, which both live as long as the cursor.
class SqlTable final : public Table {
 public:
  SqlTable(sqlite::Connection db, sqlite::Statement statement) : db_(std::move(db)), statement_(std::move(statement)) {
    for (int i = 0; i < statement_.column_count(); ++i)
      columns_.push_back({std::string(statement_.column_name(i)), CMEM_TYPE_NULL});
  }

  [[nodiscard]] const std::vector<Column>& columns() const override { return columns_; }
  [[nodiscard]] std::int64_t total() const override { return -1; }

  Result<bool> next(Row& row) override {
    if (at_end_) return false;
    CMEM_ASSIGN_OR_RETURN(const bool found, statement_.step());
    at_end_ = !found;
    if (!found) return false;
    row.clear();
    for (int i = 0; i < statement_.column_count(); ++i) row.push_back(cell(i));
    return true;
  }

 private:
  enum SqlType { kInteger = 1, kFloat = 2, kText = 3, kBlob = 4 };

  Cell cell(int column) {
    switch (statement_.column_type(column)) {
      case kInteger:
        return Cell::number(statement_.column_int(column));
      case kFloat:
        return Cell::real_number(statement_.column_real(column));
      case kText:
        return Cell::string(std::string(statement_.column_text(column)));
      case kBlob: {
        const auto blob = statement_.column_blob(column);
        return Cell::bytes(std::string(reinterpret_cast<const char*>(blob.data()), blob.size()));
      }
      default:
        return Cell::null();
    }
  }

  sqlite::Connection db_;
  sqlite::Statement statement_;
  std::vector<Column> columns_;
  bool at_end_ = false;
};

Result<std::unique_ptr<Table>> run_sql(const Store& store, std::string_view sql, std::uint32_t timeout_ms) {
  CMEM_ASSIGN_OR_RETURN(auto db, store.open_reader());
  CMEM_TRY(define_sql_functions(db));
  CMEM_TRY(db.exec("PRAGMA query_only=OFF"));  // for the TEMP view; the file itself is open for reading only
  CMEM_TRY(create_full_view(db));
  CMEM_TRY(db.exec("PRAGMA query_only=ON"));
  sqlite::forbid_attach(db);
  if (sql.size() > kMaxSqlBytes) return Unexpected(Code::kLimit, "the statement is longer than 1 MiB");
  if (!sqlite::is_one_statement(db, sql)) return Unexpected(Code::kInvalid, "give one statement at a time");
  auto statement = db.prepare(sql);
  if (!statement) {
    Error error = std::move(statement).error();
    if (error.code == Code::kReadOnly) return Unexpected(Code::kReadOnly, kOnlyReads);
    if (error.code == Code::kInternal) error.code = Code::kInvalid;
    return Unexpected(std::move(error));
  }
  if (!sqlite::is_read_only(*statement)) return Unexpected(Code::kReadOnly, kOnlyReads);
  if (statement->column_count() == 0) return Unexpected(Code::kInvalid, "the statement gives no rows; use SELECT");
  db.set_deadline(std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms == 0 ? kDefaultTimeoutMs : timeout_ms));
  return std::unique_ptr<Table>(std::make_unique<SqlTable>(std::move(db), std::move(*statement)));
}

}  // namespace
}  // namespace cmem

using namespace cmem;

cmem_status cmem_sql(cmem_cursor** out, cmem_store* store, const char* sql, size_t sql_len, uint32_t timeout_ms, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(check_call(out, store));
    CMEM_ASSIGN_OR_RETURN(const auto text, read_text(sql, sql_len, "sql"));
    CMEM_ASSIGN_OR_RETURN(auto table, run_sql(*store->store, text, timeout_ms));
    return give_cursor(out, std::move(table));
  });
}

cmem_status cmem_export(uint64_t* out, cmem_store* store, const cmem_filter* filter, uint32_t format, cmem_write_fn write,
                        void* payload, cmem_error* err) {
  return guard(err, [&]() -> Status {
    if (out) *out = 0;
    CMEM_TRY(require(store, "store"));
    if (!write) return Unexpected(Code::kInvalid, "write must not be NULL");
    if (format > CMEM_EXPORT_RAW) return Unexpected(Code::kInvalid, fmt::format("there is no export format {}", format));
    CMEM_ASSIGN_OR_RETURN(const auto message_filter, read_filter(filter));
    const auto sink = [&](std::string_view bytes) { return write(bytes.data(), bytes.size(), payload) == 0; };
    CMEM_ASSIGN_OR_RETURN(const auto written,
                          export_messages(*store->store, message_filter,
                                          format == CMEM_EXPORT_RAW ? ExportFormat::kRaw : ExportFormat::kJsonLines, sink));
    if (out) *out = written;
    return {};
  });
}
