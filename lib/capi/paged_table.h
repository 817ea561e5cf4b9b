// Messages in an order, as a table without an end: keys are found a page at a time, and rows read ahead, a few in each read
// transaction, so that many cursors of one handle take turns.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "capi/message_columns.h"
#include "sqlite/transaction.h"
#include "store/store.h"

namespace cmem {

// Key: a place in the order.
template <typename Key>
class PagedTable : public Table {
 public:
  Result<bool> next(Row& row) final {
    if (next_row_ == rows_.size()) CMEM_TRY(read_rows());
    if (next_row_ == rows_.size()) return false;
    row = std::move(rows_[next_row_]);
    after_ = keys_[first_key_ + next_row_];
    ++next_row_;
    return true;
  }

 protected:
  // `limit` 0: all rows.
  PagedTable(std::shared_ptr<Store> store, std::uint64_t limit, std::size_t keys_per_page, std::optional<Key> after)
      : store_(std::move(store)), left_(limit == 0 ? UINT64_MAX : limit), keys_per_page_(keys_per_page), after_(std::move(after)) {}

  // Both within a read transaction. Fewer than `limit` keys: there are no more.
  virtual Result<std::vector<Key>> find_keys(const std::optional<Key>& after, std::size_t limit) = 0;
  virtual Result<Row> read_row(MessageReader& reader, const Key& key) = 0;

  Store& store() const { return *store_; }
  // The place of the row that was given last.
  [[nodiscard]] const std::optional<Key>& after() const { return after_; }

 private:
  static constexpr std::size_t kRowsAtATime = 32;
  static constexpr std::size_t kBytesAtATime = std::size_t{1} << 20;

  // What is damaged is an error when it comes first: the rows before it are given.
  Status read_rows() {
    rows_.clear();
    next_row_ = 0;
    if (left_ == 0 || (at_end_ && next_key_ == keys_.size())) return {};
    const std::lock_guard lock(store_->read_mutex());
    const std::lock_guard turn(store_->search_turn());
    CMEM_ASSIGN_OR_RETURN(auto transaction, store_->begin_read());
    if (next_key_ == keys_.size()) CMEM_TRY(find_more_keys());
    CMEM_ASSIGN_OR_RETURN(auto reader, store_->message_reader());
    first_key_ = next_key_;
    for (std::size_t bytes = 0; can_read(bytes); ++next_key_, --left_) {
      auto row = read_row(reader, keys_[next_key_]);
      if (!row && rows_.empty()) return Unexpected(std::move(row).error());
      if (!row) break;
      for (const Cell& cell : *row) bytes += cell.text.size();
      rows_.push_back(std::move(*row));
    }
    return {};
  }

  [[nodiscard]] bool can_read(std::size_t bytes) const {
    return next_key_ < keys_.size() && left_ > 0 && rows_.size() < kRowsAtATime && bytes < kBytesAtATime;
  }

  Status find_more_keys() {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left_, keys_per_page_));
    CMEM_ASSIGN_OR_RETURN(keys_, find_keys(after_, wanted));
    at_end_ = keys_.size() < wanted;
    next_key_ = 0;
    return {};
  }

  std::shared_ptr<Store> store_;
  std::uint64_t left_;
  std::size_t keys_per_page_;
  std::optional<Key> after_;
  std::vector<Key> keys_;     // of the current page
  std::size_t next_key_ = 0;  // not read yet
  bool at_end_ = false;
  std::vector<Row> rows_;  // read ahead, of keys_[first_key_] and the following
  std::size_t first_key_ = 0;
  std::size_t next_row_ = 0;
};

}  // namespace cmem
