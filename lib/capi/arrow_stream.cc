// A cursor's rows as an Arrow C stream. It uses the public cursor functions only, so it serves every kind of cursor.
#include <coditect/memory.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "capi/arrow_abi.h"
#include "capi/guard.h"

namespace cmem {
namespace {

constexpr std::size_t kBatchRows = 8192;
constexpr std::size_t kBatchBytes = std::size_t{64} << 20;  // of texts: a batch also ends here, so that memory stays bounded

struct ArrowColumn {
  std::string name;
  std::int32_t type;
};

// What a type is called in the C data interface; nullptr for one that cannot be a column.
const char* arrow_format(std::int32_t type) {
  switch (type) {
    case CMEM_TYPE_INT:
      return "l";
    case CMEM_TYPE_REAL:
      return "g";
    case CMEM_TYPE_TEXT:
      return "U";
    case CMEM_TYPE_BYTES:
      return "Z";
    case CMEM_TYPE_TIME:
      return "tsm:UTC";
    default:
      return nullptr;
  }
}

bool has_offsets(std::int32_t type) { return type == CMEM_TYPE_TEXT || type == CMEM_TYPE_BYTES; }

// ------------------------------------------------------------------------------------------------------------- schema

// A consumer may move a child out and release it on its own, so each struct owns its strings and children by itself.
struct SchemaData {
  std::string name;
  std::vector<ArrowSchema> children;
  std::vector<ArrowSchema*> child_pointers;
};

void release_schema(ArrowSchema* schema) noexcept {
  std::unique_ptr<SchemaData> data(static_cast<SchemaData*>(schema->private_data));
  for (ArrowSchema& child : data->children) {
    if (child.release != nullptr) child.release(&child);
  }
  schema->release = nullptr;
}

void fill_schema(ArrowSchema* out, const char* format, std::int64_t flags, std::unique_ptr<SchemaData> data) {
  for (ArrowSchema& child : data->children) data->child_pointers.push_back(&child);
  *out = {};
  out->format = format;
  out->name = data->name.c_str();
  out->flags = flags;
  out->n_children = static_cast<std::int64_t>(data->children.size());
  out->children = data->child_pointers.empty() ? nullptr : data->child_pointers.data();
  out->release = release_schema;
  out->private_data = data.release();
}

// Releases what was filled so far if an allocation fails on the way.
struct SchemaCloser {
  void operator()(SchemaData* data) const noexcept {
    ArrowSchema schema{};
    schema.private_data = data;
    release_schema(&schema);
  }
};

void fill_stream_schema(ArrowSchema* out, const std::vector<ArrowColumn>& columns) {
  std::unique_ptr<SchemaData, SchemaCloser> root(new SchemaData);
  root->children.resize(columns.size());
  root->child_pointers.reserve(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    auto child = std::make_unique<SchemaData>();
    child->name = columns[i].name;
    fill_schema(&root->children[i], arrow_format(columns[i].type), ARROW_FLAG_NULLABLE, std::move(child));
  }
  fill_schema(out, "+s", 0, std::unique_ptr<SchemaData>(root.release()));
}

// -------------------------------------------------------------------------------------------------------------- arrays

// The cells of one column of one batch.
class ColumnData {
 public:
  explicit ColumnData(std::int32_t type) : type_(type) {
    validity_.reserve(1);
    numbers_.reserve(1);
    text_.reserve(1);
    if (has_offsets(type)) numbers_.push_back(0);
  }

  // False if the cell is neither NULL nor of the column's type.
  bool append(const cmem_value& cell) {
    const bool valid = cell.type != CMEM_TYPE_NULL;
    if (valid && cell.type != type_) return false;
    append_validity(valid);
    if (has_offsets(type_)) {
      if (valid && cell.text_len > 0) text_.insert(text_.end(), cell.text, cell.text + cell.text_len);
      numbers_.push_back(static_cast<std::int64_t>(text_.size()));
    } else if (type_ == CMEM_TYPE_REAL) {
      reals_.push_back(valid ? cell.f64 : 0.0);
    } else {
      numbers_.push_back(valid ? cell.i64 : 0);
    }
    return true;
  }

  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] std::int64_t nulls() const { return nulls_; }

  // Validity, then values or offsets, then text. Call when all cells are there.
  const void** buffers() {
    buffers_ = {nulls_ > 0 ? validity_.data() : nullptr};
    buffers_.push_back(type_ == CMEM_TYPE_REAL ? static_cast<const void*>(reals_.data()) : numbers_.data());
    if (has_offsets(type_)) buffers_.push_back(text_.data());
    return buffers_.data();
  }
  [[nodiscard]] std::int64_t buffer_count() const { return static_cast<std::int64_t>(buffers_.size()); }

 private:
  // One bit a row, least significant first.
  void append_validity(bool valid) {
    const auto bit = static_cast<unsigned>(rows_ % 8);
    if (bit == 0) validity_.push_back(0);
    if (valid) validity_.back() = static_cast<std::uint8_t>(validity_.back() | 1U << bit);
    if (!valid) ++nulls_;
    ++rows_;
  }

  std::int32_t type_;
  std::int64_t rows_ = 0;
  std::int64_t nulls_ = 0;
  std::vector<std::uint8_t> validity_;
  std::vector<std::int64_t> numbers_;  // values, times, or offsets into text_
  std::vector<double> reals_;
  std::vector<char> text_;
  std::vector<const void*> buffers_;
};

void release_column(ArrowArray* array) noexcept {
  delete static_cast<ColumnData*>(array->private_data);
  array->release = nullptr;
}

// The root of a batch: a struct array. Its children own their cells, for they may be moved out.
struct BatchData {
  std::vector<ArrowArray> children;
  std::vector<ArrowArray*> child_pointers;
  const void* no_validity = nullptr;

  BatchData() = default;
  BatchData(const BatchData&) = delete;
  BatchData& operator=(const BatchData&) = delete;
  ~BatchData() {
    for (ArrowArray& child : children) {
      if (child.release != nullptr) child.release(&child);
    }
  }
};

void release_batch(ArrowArray* array) noexcept {
  delete static_cast<BatchData*>(array->private_data);
  array->release = nullptr;
}

void fill_column(ArrowArray* out, std::unique_ptr<ColumnData> data) {
  *out = {};
  out->length = data->rows();
  out->null_count = data->nulls();
  out->buffers = data->buffers();
  out->n_buffers = data->buffer_count();
  out->release = release_column;
  out->private_data = data.release();
}

void fill_batch(ArrowArray* out, std::vector<std::unique_ptr<ColumnData>> columns) {
  auto batch = std::make_unique<BatchData>();
  batch->children.resize(columns.size());
  const std::int64_t rows = columns.front()->rows();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    fill_column(&batch->children[i], std::move(columns[i]));
    batch->child_pointers.push_back(&batch->children[i]);
  }
  *out = {};
  out->length = rows;
  out->n_buffers = 1;
  out->buffers = &batch->no_validity;
  out->n_children = static_cast<std::int64_t>(batch->children.size());
  out->children = batch->child_pointers.data();
  out->release = release_batch;
  out->private_data = batch.release();
}

// -------------------------------------------------------------------------------------------------------------- stream

struct CursorCloser {
  void operator()(cmem_cursor* cursor) const noexcept { cmem_cursor_close(cursor); }
};

struct StreamData {
  std::unique_ptr<cmem_cursor, CursorCloser> cursor;  // null at the end of the rows and after an error
  std::vector<ArrowColumn> columns;
  cmem_error error{};  // of the last call; that of get_next stays, for rows were taken that the consumer will not see
};

StreamData& data_of(ArrowArrayStream* stream) { return *static_cast<StreamData*>(stream->private_data); }

int errno_of(cmem_status status) {
  if (status >= CMEM_OK) return 0;
  if (status == CMEM_E_NO_MEMORY) return ENOMEM;
  return status == CMEM_E_INVALID ? EINVAL : EIO;
}

using Columns = std::vector<std::unique_ptr<ColumnData>>;

// The bytes of text in the row.
Result<std::size_t> append_row(Columns& columns, const cmem_value* cells) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!columns[i]->append(cells[i]))
      return Unexpected(Code::kInternal,
                        "a cell of column " + std::to_string(i + 1) + " has another type than its column; please report it");
    if (has_offsets(cells[i].type)) bytes += cells[i].text_len;
  }
  return bytes;
}

Status read_rows(StreamData& data, Columns& columns) {
  std::size_t bytes = 0;
  for (std::size_t row = 0; row < kBatchRows && bytes < kBatchBytes; ++row) {
    const cmem_value* cells = nullptr;
    cmem_error error;
    const cmem_status status = cmem_cursor_next(&cells, data.cursor.get(), &error);
    if (status < CMEM_OK) return Unexpected(static_cast<Code>(error.code), error.text, error.detail);
    if (status == CMEM_DONE) {
      data.cursor.reset();
      return {};
    }
    CMEM_ASSIGN_OR_RETURN(const std::size_t row_bytes, append_row(columns, cells));
    bytes += row_bytes;
  }
  return {};
}

Status read_batch(StreamData& data, ArrowArray* out) {
  Columns columns;
  for (const ArrowColumn& column : data.columns) columns.push_back(std::make_unique<ColumnData>(column.type));
  CMEM_TRY(read_rows(data, columns));
  if (columns.front()->rows() > 0) fill_batch(out, std::move(columns));
  return {};
}

int stream_get_schema(ArrowArrayStream* stream, ArrowSchema* out) noexcept {
  StreamData& data = data_of(stream);
  *out = {};
  cmem_error error;
  const cmem_status status = guard(&error, [&]() -> Status {
    fill_stream_schema(out, data.columns);
    return {};
  });
  if (status != CMEM_OK) data.error = error;
  return errno_of(status);
}

// After the last row, an array that is released already; after an error, the error again.
int stream_get_next(ArrowArrayStream* stream, ArrowArray* out) noexcept {
  StreamData& data = data_of(stream);
  *out = {};
  if (!data.cursor) return errno_of(data.error.code);
  const cmem_status status = guard(&data.error, [&] { return read_batch(data, out); });
  if (status != CMEM_OK) data.cursor.reset();
  return errno_of(status);
}

const char* stream_last_error(ArrowArrayStream* stream) noexcept {
  const cmem_error& error = data_of(stream).error;
  return error.code == CMEM_OK ? nullptr : error.text;
}

void stream_release(ArrowArrayStream* stream) noexcept {
  delete static_cast<StreamData*>(stream->private_data);
  *stream = {};
}

Result<std::vector<ArrowColumn>> read_columns(const cmem_cursor* cursor) {
  std::vector<ArrowColumn> columns;
  for (std::uint32_t i = 0; i < cmem_cursor_column_count(cursor); ++i) {
    columns.push_back({cmem_cursor_column_name(cursor, i), cmem_cursor_column_type(cursor, i)});
    if (arrow_format(columns.back().type) != nullptr) continue;
    return Unexpected(Code::kInvalid,
                      "column " + std::to_string(i + 1) + " (" + columns.back().name +
                          ") has no declared type, so these rows cannot be an Arrow stream; read them with cmem_cursor_next");
  }
  return columns;
}

Status cursor_to_arrow(ArrowArrayStream* out, cmem_cursor* cursor) {
  if (out == nullptr || cursor == nullptr) return Unexpected(Code::kInvalid, "out and cursor must not be NULL");
  *out = {};
  auto data = std::make_unique<StreamData>();
  CMEM_ASSIGN_OR_RETURN(data->columns, read_columns(cursor));
  data->cursor.reset(cursor);  // from here nothing can fail, so on failure the cursor is still the caller's
  *out = {stream_get_schema, stream_get_next, stream_last_error, stream_release, data.release()};
  return {};
}

}  // namespace
}  // namespace cmem

cmem_status cmem_cursor_to_arrow(ArrowArrayStream* out, cmem_cursor* cursor, cmem_error* err) {
  return cmem::guard(err, [&] { return cmem::cursor_to_arrow(out, cursor); });
}
