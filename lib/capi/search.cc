// cmem_search.
#include <algorithm>
#include <mutex>

#include "capi/filter.h"
#include "capi/guard.h"
#include "capi/handles.h"
#include "capi/message_columns.h"
#include "capi/options.h"
#include "search/searcher.h"
#include "sqlite/transaction.h"

namespace cmem {
namespace {

constexpr std::size_t kHitsPerPage = 1024;

char order_letter(HitOrder order) { return order == HitOrder::kRelevance ? 'r' : order == HitOrder::kNewest ? 'N' : 'O'; }

std::vector<Column> hit_columns() {
  auto columns = message_columns("snippet");
  columns.push_back({"score", CMEM_TYPE_REAL});
  columns.push_back({"same_text", CMEM_TYPE_INT});
  return columns;
}

class HitTable final : public Table {
 public:
  HitTable(std::shared_ptr<Store> store, MessageFilter filter, Search search, HitOrder order, const cmem_page& page,
           std::optional<Hit> after)
      : store_(std::move(store)),
        reader_(store_->reader(), store_->texts(), store_->records()),
        filter_(std::move(filter)),
        search_(std::move(search)),
        order_(order),
        left_(page.limit == 0 ? UINT64_MAX : page.limit),
        with_snippet_(page.without_content == 0),
        after_(after),
        columns_(hit_columns()) {}

  ~HitTable() override {
    const std::lock_guard lock(store_->read_mutex());
    reader_.close_statements();
  }

  [[nodiscard]] const std::vector<Column>& columns() const override { return columns_; }
  [[nodiscard]] std::int64_t total() const override { return search_.total(); }
  [[nodiscard]] std::string position() const override {
    return after_ ? to_position(order_letter(order_), *after_) : std::string();
  }

  Result<bool> next(Row& row) override {
    if (left_ == 0) return false;
    const std::lock_guard lock(store_->read_mutex());
    CMEM_ASSIGN_OR_RETURN(auto transaction, sqlite::Transaction::begin_read(store_->reader()));
    if (next_hit_ == hits_.size()) CMEM_TRY(fill());
    if (next_hit_ == hits_.size()) return false;
    const Hit hit = hits_[next_hit_];
    CMEM_ASSIGN_OR_RETURN(const auto message, reader_.read_listed(hit.message_id));
    Cell snippet;
    if (with_snippet_) {
      CMEM_ASSIGN_OR_RETURN(const auto text, reader_.text(message));
      snippet = Cell::string(search_.snippet(text));
    }
    row = message_row(message, std::move(snippet));
    row.push_back(Cell::real_number(hit.score));
    row.push_back(Cell::number(hit.same_text));
    ++next_hit_;
    after_ = hit;
    --left_;
    return true;
  }

 private:
  Status fill() {
    if (at_end_) return {};
    CMEM_ASSIGN_OR_RETURN(const auto resolved, ResolvedFilter::resolve(store_->reader(), filter_));
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left_, kHitsPerPage));
    CMEM_ASSIGN_OR_RETURN(hits_, search_.page(*store_, resolved, after_, wanted));
    at_end_ = hits_.size() < wanted;
    next_hit_ = 0;
    return {};
  }

  std::shared_ptr<Store> store_;
  MessageReader reader_;
  MessageFilter filter_;
  Search search_;
  HitOrder order_;
  std::uint64_t left_;
  bool with_snippet_;
  std::optional<Hit> after_;
  std::vector<Column> columns_;
  std::vector<Hit> hits_;
  std::size_t next_hit_ = 0;
  bool at_end_ = false;
};

Result<Search> run_search(Store& store, std::string_view query, const MessageFilter& filter, const SearchOptions& options) {
  const std::lock_guard lock(store.read_mutex());
  CMEM_ASSIGN_OR_RETURN(auto transaction, sqlite::Transaction::begin_read(store.reader()));
  CMEM_ASSIGN_OR_RETURN(const auto resolved, ResolvedFilter::resolve(store.reader(), filter));
  return Search::run(store, query, resolved, options);
}

}  // namespace
}  // namespace cmem

using namespace cmem;

cmem_status cmem_search(cmem_cursor** out, cmem_store* store, const char* query, size_t query_len, const cmem_filter* filter,
                        const cmem_page* page, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(check_call(out, store));
    CMEM_ASSIGN_OR_RETURN(const auto text, read_text(query, query_len, "query"));
    CMEM_ASSIGN_OR_RETURN(auto message_filter, read_filter(filter));
    CMEM_ASSIGN_OR_RETURN(auto read, read_page(page));
    // A page that was not given at all asks for the best hits first.
    if (!page) read.order = CMEM_ORDER_RELEVANCE;
    const HitOrder order = read.order == CMEM_ORDER_RELEVANCE ? HitOrder::kRelevance
                           : read.order == CMEM_ORDER_NEWEST  ? HitOrder::kNewest
                                                              : HitOrder::kOldest;
    CMEM_ASSIGN_OR_RETURN(const auto after, read_position(read.after, order_letter(order)));
    CMEM_ASSIGN_OR_RETURN(auto search, run_search(*store->store, text, message_filter, {order, read.all_matches == 1}));
    return give_cursor(out,
                       std::make_unique<HitTable>(store->store, std::move(message_filter), std::move(search), order, read, after));
  });
}
