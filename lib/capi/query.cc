// cmem_query, cmem_count, cmem_get.
#include <algorithm>
#include <mutex>

#include "capi/filter.h"
#include "capi/guard.h"
#include "capi/handles.h"
#include "capi/options.h"
#include "capi/paged_table.h"
#include "export/record_restorer.h"
#include "sqlite/transaction.h"
#include "store/neighbours.h"

namespace cmem {
namespace {

constexpr std::size_t kKeysPerPage = 8192;

char order_letter(TimeOrder order) { return order == TimeOrder::kNewest ? 'n' : 'o'; }

class MessageTable final : public PagedTable<OrderKey> {
 public:
  MessageTable(std::shared_ptr<Store> store, MessageFilter filter, TimeOrder order, const cmem_page& page,
               std::optional<OrderKey> after)
      : PagedTable(std::move(store), page.limit, kKeysPerPage, after),
        filter_(std::move(filter)),
        order_(order),
        with_content_(page.without_content == 0),
        columns_(message_columns("content")) {}

  Status count() {
    const std::lock_guard lock(store().read_mutex());
    const std::lock_guard turn(store().search_turn());
    CMEM_ASSIGN_OR_RETURN(auto transaction, store().begin_read());
    CMEM_ASSIGN_OR_RETURN(const auto resolved, resolve_filter());
    CMEM_ASSIGN_OR_RETURN(total_, count_messages(store(), resolved));
    return {};
  }

  [[nodiscard]] const std::vector<Column>& columns() const override { return columns_; }
  [[nodiscard]] std::int64_t total() const override { return total_; }
  [[nodiscard]] std::string position() const override {
    return after() ? to_position(order_letter(order_), {Tier::kExact, 0, after()->time_ms, after()->id, 0, 0}) : std::string();
  }

 private:
  [[nodiscard]] Result<ResolvedFilter> resolve_filter() const {
    return ResolvedFilter::resolve(store().reader(), store().contexts(), filter_);
  }

  Result<std::vector<OrderKey>> find_keys(const std::optional<OrderKey>& last, std::size_t limit) override {
    CMEM_ASSIGN_OR_RETURN(const auto resolved, resolve_filter());
    return select_messages(store(), resolved, order_, last, limit);
  }

  Result<Row> read_row(MessageReader& reader, const OrderKey& key) override {
    CMEM_ASSIGN_OR_RETURN(const auto message, reader.read_listed(key.id));
    Cell content;
    if (with_content_) {
      CMEM_ASSIGN_OR_RETURN(auto text, reader.content(message));
      content = Cell::string(std::move(text));
    }
    return message_row(message, std::move(content));
  }

  MessageFilter filter_;
  TimeOrder order_;
  bool with_content_;
  std::vector<Column> columns_;
  std::int64_t total_ = 0;
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
  row.push_back(Cell::number(phase_of(message.context->source_type)));
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
  CMEM_ASSIGN_OR_RETURN(auto transaction, store.begin_read());
  CMEM_ASSIGN_OR_RETURN(auto reader, store.message_reader());
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
    const auto key = after ? std::optional<OrderKey>({after->time_ms, after->message_id}) : std::nullopt;
    auto table = std::make_unique<MessageTable>(store->store, std::move(message_filter), order, read, key);
    CMEM_TRY(table->count());
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
    CMEM_ASSIGN_OR_RETURN(auto transaction, store->store->begin_read());
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
