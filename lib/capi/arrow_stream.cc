// A cursor's rows as an Arrow C stream. It uses the public cursor functions only, so it serves every kind of cursor.
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "capi/arrow_abi.h"
#include "coditect/memory.h"

namespace cmem {
namespace {

constexpr std::size_t kBatchRows = 8192;
constexpr std::size_t kBatchBytes = std::size_t{64} << 20;  // of texts: a batch also ends here, so that memory stays bounded

struct Column {
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

void fill_stream_schema(ArrowSchema* out, const std::vector<Column>& columns) {
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
  std::unique_ptr<cmem_cursor, CursorCloser> cursor;
  std::vector<Column> columns;
  bool done = false;
  int failure = 0;  // the errno of the error that ended the stream
  cmem_error error{};
};

StreamData& data_of(ArrowArrayStream* stream) { return *static_cast<StreamData*>(stream->private_data); }

int errno_of(cmem_status status) {
  if (status == CMEM_E_NO_MEMORY) return ENOMEM;
  return status == CMEM_E_INVALID ? EINVAL : EIO;
}

void set_error(cmem_error* err, cmem_status code, const char* text) noexcept {
  if (err == nullptr) return;
  *err = {};
  err->code = code;
  std::snprintf(err->text, sizeof err->text, "%s", text);
}

// Ends the stream: rows were taken off the cursor that the consumer will not see.
int fail(StreamData& data, cmem_status code, const char* text) noexcept {
  if (text != nullptr) set_error(&data.error, code, text);
  data.failure = errno_of(code);
  data.cursor.reset();
  return data.failure;
}

std::vector<std::unique_ptr<ColumnData>> empty_columns(const std::vector<Column>& columns) {
  std::vector<std::unique_ptr<ColumnData>> built;
  for (const Column& column : columns) built.push_back(std::make_unique<ColumnData>(column.type));
  return built;
}

// Reads a batch's rows. 0 or an errno.
int read_rows(StreamData& data, std::vector<std::unique_ptr<ColumnData>>& columns) {
  std::size_t bytes = 0;
  for (std::size_t row = 0; row < kBatchRows && bytes < kBatchBytes; ++row) {
    const cmem_value* cells = nullptr;
    const cmem_status status = cmem_cursor_next(&cells, data.cursor.get(), &data.error);
    if (status == CMEM_DONE) {
      data.done = true;
      data.cursor.reset();
      return 0;
    }
    if (status != CMEM_OK) return fail(data, status, nullptr);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (!columns[i]->append(cells[i])) return fail(data, CMEM_E_INTERNAL, "a cell has another type than its column");
      if (has_offsets(cells[i].type)) bytes += cells[i].text_len;
    }
  }
  return 0;
}

int read_batch(StreamData& data, ArrowArray* out) {
  *out = {};
  if (data.failure != 0) return data.failure;
  if (data.done) return 0;
  std::vector<std::unique_ptr<ColumnData>> columns = empty_columns(data.columns);
  if (const int failure = read_rows(data, columns); failure != 0) return failure;
  if (columns.front()->rows() > 0) fill_batch(out, std::move(columns));
  return 0;
}

int stream_get_schema(ArrowArrayStream* stream, ArrowSchema* out) noexcept {
  *out = {};
  try {
    fill_stream_schema(out, data_of(stream).columns);
    return 0;
  } catch (...) {
    set_error(&data_of(stream).error, CMEM_E_NO_MEMORY, "no memory for the schema of a stream");
    return ENOMEM;
  }
}

int stream_get_next(ArrowArrayStream* stream, ArrowArray* out) noexcept {
  try {
    return read_batch(data_of(stream), out);
  } catch (...) {
    *out = {};
    return fail(data_of(stream), CMEM_E_NO_MEMORY, "no memory for a batch of rows; ask for fewer columns or rows");
  }
}

const char* stream_last_error(ArrowArrayStream* stream) noexcept {
  const cmem_error& error = data_of(stream).error;
  return error.text[0] == '\0' ? nullptr : error.text;
}

void stream_release(ArrowArrayStream* stream) noexcept {
  delete static_cast<StreamData*>(stream->private_data);
  *stream = {};
}

// Reads the columns' names and types. False if one has no declared type; then `bad` is its index.
bool read_columns(const cmem_cursor* cursor, std::vector<Column>& columns, std::uint32_t& bad) {
  const std::uint32_t count = cmem_cursor_column_count(cursor);
  for (std::uint32_t i = 0; i < count; ++i) {
    const char* name = cmem_cursor_column_name(cursor, i);
    columns.push_back({name == nullptr ? "" : name, cmem_cursor_column_type(cursor, i)});
    if (arrow_format(columns.back().type) != nullptr) continue;
    bad = i;
    return false;
  }
  return true;
}

cmem_status cursor_to_arrow(ArrowArrayStream* out, cmem_cursor* cursor, cmem_error* err) {
  auto data = std::make_unique<StreamData>();
  std::uint32_t bad = 0;
  if (!read_columns(cursor, data->columns, bad)) {
    const std::string text = "column " + std::to_string(bad + 1) + " (" + data->columns[bad].name +
                             ") has no declared type, so these rows cannot be an Arrow stream; read them with cmem_cursor_next";
    set_error(err, CMEM_E_INVALID, text.c_str());
    return CMEM_E_INVALID;
  }
  data->cursor.reset(cursor);
  *out = {stream_get_schema, stream_get_next, stream_last_error, stream_release, data.release()};
  set_error(err, CMEM_OK, "");
  return CMEM_OK;
}

cmem_status cursor_to_arrow_impl(ArrowArrayStream* out, cmem_cursor* cursor, cmem_error* err) noexcept {
  if (out == nullptr || cursor == nullptr) {
    set_error(err, CMEM_E_INVALID, "cmem_cursor_to_arrow needs a stream and a cursor; one is NULL");
    return CMEM_E_INVALID;
  }
  *out = {};
  try {
    return cursor_to_arrow(out, cursor, err);
  } catch (...) {
    set_error(err, CMEM_E_NO_MEMORY, "no memory for an Arrow stream");
    return CMEM_E_NO_MEMORY;
  }
}

}  // namespace
}  // namespace cmem

extern "C" cmem_status cmem_cursor_to_arrow(ArrowArrayStream* out, cmem_cursor* cursor, cmem_error* err) {
  return cmem::cursor_to_arrow_impl(out, cursor, err);
}
