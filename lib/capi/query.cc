// cmem_query, cmem_count, cmem_get.
#include <algorithm>
#include <mutex>

#include "capi/filter.h"
#include "capi/guard.h"
#include "capi/handles.h"
#include "capi/message_columns.h"
#include "capi/options.h"
#include "export/record_restorer.h"
#include "sqlite/transaction.h"
#include "store/neighbours.h"

namespace cmem {
namespace {

constexpr std::size_t kKeysPerPage = 8192;
constexpr std::size_t kRowsAtATime = 64;
constexpr std::size_t kBytesAtATime = std::size_t{1} << 20;

char order_letter(TimeOrder order) { return order == TimeOrder::kNewest ? 'n' : 'o'; }

// Messages under a filter. Reads keys in pages, each in a read transaction of its own, and a message when it is asked for.
class MessageTable final : public Table {
 public:
  MessageTable(std::shared_ptr<Store> store, MessageFilter filter, TimeOrder order, const cmem_page& page)
      : store_(std::move(store)),
        reader_(store_->reader(), store_->texts(), store_->records()),
        filter_(std::move(filter)),
        order_(order),
        with_content_(page.without_content == 0),
        left_(page.limit == 0 ? UINT64_MAX : page.limit),
        columns_(message_columns("content")) {}

  ~MessageTable() override {
    const std::lock_guard lock(store_->read_mutex());
    reader_.close_statements();
  }

  Status start(std::optional<OrderKey> after) {
    after_ = after;
    const std::lock_guard lock(store_->read_mutex());
    CMEM_ASSIGN_OR_RETURN(auto transaction, sqlite::Transaction::begin_read(store_->reader()));
    CMEM_ASSIGN_OR_RETURN(const auto resolved, ResolvedFilter::resolve(store_->reader(), store_->contexts(), filter_));
    CMEM_ASSIGN_OR_RETURN(total_, count_messages(*store_, resolved));
    return {};
  }

  [[nodiscard]] const std::vector<Column>& columns() const override { return columns_; }
  [[nodiscard]] std::int64_t total() const override { return total_; }
  [[nodiscard]] std::string position() const override {
    return after_ ? to_position(order_letter(order_), {0, after_->time_ms, after_->id, 0, 0}) : std::string();
  }

  Result<bool> next(Row& row) override {
    if (next_row_ == rows_.size()) CMEM_TRY(read_rows());
    if (next_row_ == rows_.size()) return false;
    row = std::move(rows_[next_row_]);
    after_ = keys_[first_key_ + next_row_];
    ++next_row_;
    return true;
  }

 private:
  // Reads the next few messages in one read transaction: kRowsAtATime, or fewer if their contents are large.
  Status read_rows() {
    rows_.clear();
    next_row_ = 0;
    if (left_ == 0) return {};
    const std::lock_guard lock(store_->read_mutex());
    CMEM_ASSIGN_OR_RETURN(auto transaction, sqlite::Transaction::begin_read(store_->reader()));
    if (next_key_ == keys_.size()) CMEM_TRY(fill());
    first_key_ = next_key_;
    std::size_t bytes = 0;
    while (next_key_ < keys_.size() && rows_.size() < kRowsAtATime && bytes < kBytesAtATime && left_ > 0) {
      CMEM_ASSIGN_OR_RETURN(const auto message, reader_.read_listed(keys_[next_key_].id));
      Cell content;
      if (with_content_) {
        CMEM_ASSIGN_OR_RETURN(auto text, reader_.content(message));
        bytes += text.size();
        content = Cell::string(std::move(text));
      }
      rows_.push_back(message_row(message, std::move(content)));
      ++next_key_;
      --left_;
    }
    return {};
  }

  Status fill() {
    if (at_end_) return {};
    CMEM_ASSIGN_OR_RETURN(const auto resolved, ResolvedFilter::resolve(store_->reader(), store_->contexts(), filter_));
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left_, kKeysPerPage));
    const std::optional<OrderKey> behind = keys_.empty() ? after_ : keys_.back();
    CMEM_ASSIGN_OR_RETURN(keys_, select_messages(*store_, resolved, order_, behind, wanted));
    at_end_ = keys_.size() < wanted;
    next_key_ = 0;
    return {};
  }

  std::shared_ptr<Store> store_;
  MessageReader reader_;
  MessageFilter filter_;
  TimeOrder order_;
  bool with_content_;
  std::uint64_t left_;
  std::vector<Column> columns_;
  std::int64_t total_ = 0;
  std::vector<OrderKey> keys_;  // of the current page
  std::size_t next_key_ = 0;    // not read yet
  std::vector<Row> rows_;       // read ahead, of keys_[first_key_] and the following
  std::size_t first_key_ = 0;
  std::size_t next_row_ = 0;
  bool at_end_ = false;
  std::optional<OrderKey> after_;
};

Result<std::int64_t> run_of(sqlite::Connection& db, std::int64_t message_id) {
  CMEM_ASSIGN_OR_RETURN(auto select, db.prepare("SELECT run_id, last_message_id FROM main.run_messages WHERE first_message_id <= "
                                                "?1 ORDER BY first_message_id DESC LIMIT 1"));
  CMEM_TRY(select.bind(1, message_id));
  CMEM_ASSIGN_OR_RETURN(const bool row, select.step());
  return row && select.column_int(1) >= message_id ? select.column_int(0) : std::int64_t{0};
}

Result<Row> full_row(MessageReader& reader, RecordRestorer& restorer, const MessageRow& message) {
  CMEM_ASSIGN_OR_RETURN(auto content, reader.content(message));
  CMEM_ASSIGN_OR_RETURN(auto hash, restorer.hash(message));
  CMEM_ASSIGN_OR_RETURN(auto metadata, restorer.metadata(message));
  CMEM_ASSIGN_OR_RETURN(const auto run, run_of(reader.db(), message.id));
  Row row = message_row(message, Cell::string(std::move(content)));
  row.push_back(Cell::number(phase_of(message.source_type)));
  row.push_back(Cell::string(std::move(hash)));
  row.push_back(Cell::string(std::move(metadata)));
  row.push_back(run == 0 ? Cell::null() : Cell::number(run));
  return row;
}

Result<std::unique_ptr<Table>> message_with_neighbours(Store& store, std::int64_t message_id, std::uint32_t before,
                                                       std::uint32_t after) {
  auto columns = message_columns("content");
  columns.insert(columns.end(),
                 {{"phase", CMEM_TYPE_INT}, {"hash", CMEM_TYPE_TEXT}, {"metadata", CMEM_TYPE_TEXT}, {"run", CMEM_TYPE_INT}});
  auto table = std::make_unique<ReadyTable>(std::move(columns));
  const std::lock_guard lock(store.read_mutex());
  CMEM_ASSIGN_OR_RETURN(auto transaction, sqlite::Transaction::begin_read(store.reader()));
  MessageReader reader(store.reader(), store.texts(), store.records());
  RecordRestorer restorer(reader);
  CMEM_ASSIGN_OR_RETURN(const auto ids, neighbours_of(reader, message_id, before, after));
  for (const std::int64_t id : ids) {
    CMEM_ASSIGN_OR_RETURN(const auto message, reader.read_listed(id));
    CMEM_ASSIGN_OR_RETURN(auto row, full_row(reader, restorer, message));
    table->add(std::move(row));
  }
  return std::unique_ptr<Table>(std::move(table));
}

}  // namespace
}  // namespace cmem

using namespace cmem;

cmem_status cmem_query(cmem_cursor** out, cmem_store* store, const cmem_filter* filter, const cmem_page* page, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(check_call(out, store));
    CMEM_ASSIGN_OR_RETURN(auto message_filter, read_filter(filter));
    CMEM_ASSIGN_OR_RETURN(const auto read, read_page(page));
    if (read.order == CMEM_ORDER_RELEVANCE)
      return Unexpected(Code::kInvalid, "messages without a search have no relevance; order by newest or oldest");
    const TimeOrder order = read.order == CMEM_ORDER_OLDEST ? TimeOrder::kOldest : TimeOrder::kNewest;
    CMEM_ASSIGN_OR_RETURN(const auto after, read_position(read.after, order_letter(order)));
    auto table = std::make_unique<MessageTable>(store->store, std::move(message_filter), order, read);
    CMEM_TRY(table->start(after ? std::optional<OrderKey>({after->time_ms, after->message_id}) : std::nullopt));
    return give_cursor(out, std::move(table));
  });
}

cmem_status cmem_count(uint64_t* out, cmem_store* store, const cmem_filter* filter, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(require(out, "out"));
    *out = 0;
    CMEM_TRY(require(store, "store"));
    CMEM_ASSIGN_OR_RETURN(const auto message_filter, read_filter(filter));
    const std::lock_guard lock(store->store->read_mutex());
    CMEM_ASSIGN_OR_RETURN(auto transaction, sqlite::Transaction::begin_read(store->store->reader()));
    CMEM_ASSIGN_OR_RETURN(const auto resolved,
                          ResolvedFilter::resolve(store->store->reader(), store->store->contexts(), message_filter));
    CMEM_ASSIGN_OR_RETURN(const auto count, count_messages(*store->store, resolved));
    *out = static_cast<uint64_t>(count);
    return {};
  });
}

cmem_status cmem_get(cmem_cursor** out, cmem_store* store, int64_t message_id, uint32_t before, uint32_t after, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(check_call(out, store));
    CMEM_ASSIGN_OR_RETURN(auto table, message_with_neighbours(*store->store, message_id, before, after));
    return give_cursor(out, std::move(table));
  });
}
