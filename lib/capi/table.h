// What every cursor steps through: typed columns and rows that are made one at a time.
#pragma once
#include <coditect/memory.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/terms.h"

namespace cmem {

struct FacetRequest;

struct Column {
  std::string name;
  std::int32_t type;
};

// One cell; text is owned.
struct Cell {
  std::int32_t type = CMEM_TYPE_NULL;
  std::int64_t integer = 0;
  double real = 0;
  std::string text;

  static Cell null() { return {}; }
  static Cell number(std::int64_t value) { return {CMEM_TYPE_INT, value, 0, {}}; }
  static Cell real_number(double value) { return {CMEM_TYPE_REAL, 0, value, {}}; }
  static Cell time(std::int64_t ms) { return ms == kNoTime ? null() : Cell{CMEM_TYPE_TIME, ms, 0, {}}; }
  static Cell string(std::string value) { return {CMEM_TYPE_TEXT, 0, 0, std::move(value)}; }
  // An empty name means that there is none.
  static Cell name(std::string value) { return value.empty() ? null() : string(std::move(value)); }
  static Cell bytes(std::string value) { return {CMEM_TYPE_BYTES, 0, 0, std::move(value)}; }
};

using Row = std::vector<Cell>;

// A cursor's rows. One thread at a time.
class Table {
 public:
  virtual ~Table() = default;
  [[nodiscard]] virtual const std::vector<Column>& columns() const = 0;
  // False at the end. The row is replaced.
  virtual Result<bool> next(Row& row) = 0;
  // -1: not known.
  [[nodiscard]] virtual std::int64_t total() const = 0;
  // After the row last returned; empty if the table has no pages.
  [[nodiscard]] virtual std::string position() const { return {}; }
  // How the question was understood, as a table of its own.
  virtual Result<std::unique_ptr<Table>> explanation() {
    return Unexpected(Code::kInvalid, "only the cursor of a search has an explanation");
  }
  virtual Result<std::unique_ptr<Table>> facets(const FacetRequest&) {
    return Unexpected(Code::kInvalid, "only the cursor of a search has facets");
  }
  virtual Status summarize(cmem_search_summary&) const {
    return Unexpected(Code::kInvalid, "only the cursor of a search has a summary");
  }
};

// Rows that were all made beforehand: for small tables.
class ReadyTable final : public Table {
 public:
  explicit ReadyTable(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void add(Row row) { rows_.push_back(std::move(row)); }
  // Where the table is only the first part of the answer.
  void set_total(std::int64_t total) { total_ = total; }

  [[nodiscard]] const std::vector<Column>& columns() const override { return columns_; }
  Result<bool> next(Row& row) override {
    if (next_ == rows_.size()) return false;
    row = std::move(rows_[next_++]);
    return true;
  }
  [[nodiscard]] std::int64_t total() const override { return total_ >= 0 ? total_ : static_cast<std::int64_t>(rows_.size()); }

 private:
  std::vector<Column> columns_;
  std::vector<Row> rows_;
  std::size_t next_ = 0;
  std::int64_t total_ = -1;
};

}  // namespace cmem
