#include <coditect/memory.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "capi/arrow_abi.h"
#include "capi/handles.h"
#include "capi/table.h"

namespace cmem {
namespace {

// Rows of every type that depend on their number alone, so that a reader can check them without keeping them.
class MadeTable final : public Table {
 public:
  MadeTable(std::size_t rows, std::optional<Error> end, bool* closed) : rows_(rows), end_(std::move(end)), closed_(closed) {}
  MadeTable(const MadeTable&) = delete;
  MadeTable& operator=(const MadeTable&) = delete;
  ~MadeTable() override { *closed_ = true; }

  static Row make(std::size_t i) {
    const auto number = static_cast<std::int64_t>(i);
    return {i % 3 == 0 ? Cell::null() : Cell::number(number),
            i % 5 == 0 ? Cell::null() : Cell::real_number(static_cast<double>(i) / 4),
            i % 7 == 0 ? Cell::null() : Cell::string(text(i)), i % 2 == 0 ? Cell::null() : Cell::time(number * 1000),
            Cell::bytes(std::string(i % 4, '\0'))};
  }
  static std::string text(std::size_t i) { return i % 8 == 1 ? "" : std::string("text\0é ", 8) + std::to_string(i); }

  [[nodiscard]] const std::vector<Column>& columns() const override { return columns_; }
  Result<bool> next(Row& row) override {
    if (next_ == rows_ && end_) return Unexpected(*end_);
    if (next_ == rows_) return false;
    row = make(next_++);
    return true;
  }
  [[nodiscard]] std::int64_t total() const override { return static_cast<std::int64_t>(rows_); }

 private:
  std::vector<Column> columns_ = {{"number", CMEM_TYPE_INT},
                                  {"real", CMEM_TYPE_REAL},
                                  {"text", CMEM_TYPE_TEXT},
                                  {"time", CMEM_TYPE_TIME},
                                  {"bytes", CMEM_TYPE_BYTES}};
  std::size_t rows_;
  std::optional<Error> end_;
  bool* closed_;
  std::size_t next_ = 0;
};

// A stream that is released at the end of the test at the latest.
struct Stream {
  ArrowArrayStream stream{};
  bool closed = false;

  explicit Stream(std::size_t rows, std::optional<Error> end = std::nullopt) {
    cmem_error err;
    REQUIRE(cmem_cursor_to_arrow(&stream, new cmem_cursor(std::make_unique<MadeTable>(rows, std::move(end), &closed)), &err) ==
            CMEM_OK);
    CHECK(err.code == CMEM_OK);
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() {
    if (stream.release != nullptr) stream.release(&stream);
  }
  ArrowArray next() {
    ArrowArray batch{};
    REQUIRE(stream.get_next(&stream, &batch) == 0);
    return batch;
  }
};

bool is_null(const ArrowArray& column, std::int64_t row) {
  const auto* bits = static_cast<const std::uint8_t*>(column.buffers[0]);
  return bits != nullptr && (bits[row / 8] >> (row % 8) & 1) == 0;
}

// The cell of a batch as the consumer sees it.
Cell cell_of(const ArrowArray& column, std::int32_t type, std::int64_t row) {
  if (is_null(column, row)) return Cell::null();
  Cell cell;
  cell.type = type;
  if (type == CMEM_TYPE_REAL) {
    cell.real = static_cast<const double*>(column.buffers[1])[row];
    return cell;
  }
  const auto* numbers = static_cast<const std::int64_t*>(column.buffers[1]);
  if (type == CMEM_TYPE_TEXT || type == CMEM_TYPE_BYTES) {
    cell.text.assign(static_cast<const char*>(column.buffers[2]) + numbers[row],
                     static_cast<std::size_t>(numbers[row + 1] - numbers[row]));
  } else {
    cell.integer = numbers[row];
  }
  return cell;
}

bool same(const Cell& a, const Cell& b) {
  return a.type == b.type && a.integer == b.integer && std::abs(a.real - b.real) < 1e-12 && a.text == b.text;
}

// Checks all rows of a batch against the table they were made from.
void check_batch(const ArrowArray& batch, std::size_t first) {
  constexpr std::array<std::int32_t, 5> kTypes = {CMEM_TYPE_INT, CMEM_TYPE_REAL, CMEM_TYPE_TEXT, CMEM_TYPE_TIME, CMEM_TYPE_BYTES};
  REQUIRE(batch.n_children == 5);
  CHECK(batch.null_count == 0);
  CHECK(batch.offset == 0);
  for (std::size_t c = 0; c < kTypes.size(); ++c) {
    const ArrowArray& column = *batch.children[c];
    REQUIRE(column.length == batch.length);
    CHECK(column.n_buffers == (kTypes[c] == CMEM_TYPE_TEXT || kTypes[c] == CMEM_TYPE_BYTES ? 3 : 2));
    std::int64_t nulls = 0;
    for (std::int64_t row = 0; row < column.length; ++row) {
      const Cell cell = cell_of(column, kTypes[c], row);
      if (cell.type == CMEM_TYPE_NULL) ++nulls;
      if (!same(cell, MadeTable::make(first + static_cast<std::size_t>(row))[c]))
        FAIL("row " << row << " of column " << c << " is wrong");
    }
    CHECK(nulls == column.null_count);
  }
}

TEST_CASE("the schema names each column with its type", "[capi][arrow]") {
  Stream fixture(1);
  ArrowSchema schema{};
  REQUIRE(fixture.stream.get_schema(&fixture.stream, &schema) == 0);
  CHECK(std::string(schema.format) == "+s");
  REQUIRE(schema.n_children == 5);
  std::string columns;
  for (int i = 0; i < 5; ++i) {
    const ArrowSchema& child = *schema.children[i];
    columns += std::string(child.name) + "=" + child.format + ";";
    CHECK(child.flags == ARROW_FLAG_NULLABLE);
    CHECK(child.n_children == 0);
  }
  CHECK(columns == "number=l;real=g;text=U;time=tsm:UTC;bytes=Z;");
  ArrowSchema moved = *schema.children[2];  // a consumer may take a child away
  schema.children[2]->release = nullptr;
  schema.release(&schema);
  CHECK(schema.release == nullptr);
  CHECK(std::string(moved.name) == "text");
  moved.release(&moved);
  CHECK(moved.release == nullptr);
}

TEST_CASE("all rows arrive in order, in batches of up to 8,192", "[capi][arrow]") {
  for (const std::size_t rows : {1U, 8'191U, 8'192U, 8'193U, 20'000U}) {
    Stream fixture(rows);
    std::size_t seen = 0;
    for (ArrowArray batch = fixture.next(); batch.release != nullptr; batch = fixture.next()) {
      CHECK(batch.length == static_cast<std::int64_t>(std::min<std::size_t>(8'192, rows - seen)));
      check_batch(batch, seen);
      seen += static_cast<std::size_t>(batch.length);
      batch.release(&batch);
      CHECK(batch.release == nullptr);
    }
    CHECK(seen == rows);
    CHECK(fixture.next().release == nullptr);
    CHECK(fixture.stream.get_last_error(&fixture.stream) == nullptr);
    CHECK(fixture.closed);  // at the end of the rows, not only with the stream
  }
}

TEST_CASE("a stream of no rows has a schema and ends at once", "[capi][arrow]") {
  Stream fixture(0);
  CHECK(fixture.next().release == nullptr);
  ArrowSchema schema{};
  REQUIRE(fixture.stream.get_schema(&fixture.stream, &schema) == 0);
  schema.release(&schema);
}

TEST_CASE("a column that was moved out of its batch lives on, and batches outlive their stream", "[capi][arrow]") {
  Stream fixture(100);
  ArrowArray batch = fixture.next();
  fixture.stream.release(&fixture.stream);
  CHECK(fixture.stream.release == nullptr);
  CHECK(fixture.closed);
  check_batch(batch, 0);
  ArrowArray text = *batch.children[2];
  batch.children[2]->release = nullptr;
  batch.release(&batch);
  CHECK(same(cell_of(text, CMEM_TYPE_TEXT, 3), MadeTable::make(3)[2]));
  text.release(&text);
}

TEST_CASE("an error ends the stream, and stays its answer", "[capi][arrow]") {
  struct Case {
    Code code;
    int number;
  };
  for (const Case c :
       {Case{Code::kCorrupt, EIO}, Case{Code::kBusy, EIO}, Case{Code::kNoMemory, ENOMEM}, Case{Code::kInvalid, EINVAL}}) {
    Stream fixture(10'000, Error(c.code, "the rows are gone"));
    ArrowArray batch = fixture.next();
    CHECK(batch.length == 8'192);
    batch.release(&batch);
    for (int again = 0; again < 2; ++again) {
      CHECK(fixture.stream.get_next(&fixture.stream, &batch) == c.number);
      CHECK(batch.release == nullptr);
      REQUIRE(fixture.stream.get_last_error(&fixture.stream) != nullptr);
      CHECK(std::string(fixture.stream.get_last_error(&fixture.stream)) == "the rows are gone");
    }
    CHECK(fixture.closed);
  }
}

TEST_CASE("a cell of another type than its column is an error, not a wrong number", "[capi][arrow]") {
  auto table = std::make_unique<ReadyTable>(std::vector<Column>{{"a", CMEM_TYPE_INT}});
  table->add({Cell::string("x")});
  ArrowArrayStream stream{};
  REQUIRE(cmem_cursor_to_arrow(&stream, new cmem_cursor(std::move(table)), nullptr) == CMEM_OK);
  ArrowArray batch{};
  CHECK(stream.get_next(&stream, &batch) == EIO);
  CHECK(std::string(stream.get_last_error(&stream)).find("column 1") != std::string::npos);
  stream.release(&stream);
}

TEST_CASE("a stream of huge texts has smaller batches", "[capi][arrow]") {
  auto table = std::make_unique<ReadyTable>(std::vector<Column>{{"a", CMEM_TYPE_TEXT}});
  for (int i = 0; i < 10; ++i) table->add({Cell::string(std::string(std::size_t{8} << 20, 'x'))});
  ArrowArrayStream stream{};
  REQUIRE(cmem_cursor_to_arrow(&stream, new cmem_cursor(std::move(table)), nullptr) == CMEM_OK);
  ArrowArray batch{};
  REQUIRE(stream.get_next(&stream, &batch) == 0);
  CHECK(batch.length == 8);
  batch.release(&batch);
  REQUIRE(stream.get_next(&stream, &batch) == 0);
  CHECK(batch.length == 2);
  batch.release(&batch);
  stream.release(&stream);
}

TEST_CASE("a cursor that cannot be a stream stays the caller's", "[capi][arrow]") {
  auto table = std::make_unique<ReadyTable>(std::vector<Column>{{"a", CMEM_TYPE_INT}, {"b", CMEM_TYPE_NULL}});
  table->add({Cell::number(1), Cell::number(2)});
  auto* cursor = new cmem_cursor(std::move(table));
  ArrowArrayStream stream{};
  cmem_error err;
  CHECK(cmem_cursor_to_arrow(&stream, cursor, &err) == CMEM_E_INVALID);
  CHECK(stream.release == nullptr);
  CHECK(std::string(err.text).find("column 2 (b)") != std::string::npos);
  const cmem_value* row = nullptr;
  CHECK(cmem_cursor_next(&row, cursor, &err) == CMEM_OK);
  CHECK(cmem_cursor_to_arrow(nullptr, cursor, &err) == CMEM_E_INVALID);
  CHECK(cmem_cursor_to_arrow(&stream, nullptr, nullptr) == CMEM_E_INVALID);
  cmem_cursor_close(cursor);
}

}  // namespace
}  // namespace cmem
