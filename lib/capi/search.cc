// cmem_search, cmem_search_explanation.
#include <algorithm>
#include <mutex>

#include "base/clock.h"
#include "capi/facets.h"
#include "capi/filter.h"
#include "capi/guard.h"
#include "capi/handles.h"
#include "capi/options.h"
#include "capi/paged_table.h"
#include "search/matcher.h"
#include "search/query_language.h"
#include "search/searcher.h"
#include "sqlite/transaction.h"

namespace cmem {
namespace {

constexpr std::size_t kHitsPerPage = 1024;

char order_letter(HitOrder order) { return order == HitOrder::kRelevance ? 'r' : order == HitOrder::kNewest ? 'N' : 'O'; }

std::string to_string(Tier tier) { return tier == Tier::kExact ? "exact" : tier == Tier::kExpanded ? "expanded" : "fuzzy"; }

std::vector<Column> hit_columns() {
  auto columns = message_columns("snippet");
  columns.push_back({"score", CMEM_TYPE_REAL});
  columns.push_back({"same_text", CMEM_TYPE_INT});
  columns.push_back({"tier", CMEM_TYPE_TEXT});
  return columns;
}

std::vector<Column> explanation_columns() {
  return {{"part", CMEM_TYPE_TEXT},
          {"text", CMEM_TYPE_TEXT},
          {"texts", CMEM_TYPE_INT},
          {"from", CMEM_TYPE_TIME},
          {"until", CMEM_TYPE_TIME}};
}

Row explanation_row(const char* part, std::string text) {
  return {Cell::string(part), Cell::string(std::move(text)), Cell::null(), Cell::null(), Cell::null()};
}

// A row for the field, or for times one for each range; an open end is NULL.
void explain_field(const QueryField& field, ReadyTable& table) {
  if (field.name == "id" || field.intervals.empty()) return table.add(explanation_row("field", to_text(field)));
  const Intervals ranges(field.intervals);
  for (const Interval& range : ranges.parts()) {
    Row row = explanation_row("field", to_text(field));
    row[3] = Cell::time(range.begin);
    if (range.end != Interval().end) row[4] = Cell::time(range.end);
    table.add(std::move(row));
  }
}

// With the numbers of texts as they are in the caller's read transaction.
Result<std::unique_ptr<Table>> explain(Store& store, const CompiledQuery& query) {
  auto table = std::make_unique<ReadyTable>(explanation_columns());
  table->add(explanation_row("query", query.explanation));
  CMEM_ASSIGN_OR_RETURN(auto matcher, Matcher::create(store.text_index(), store.reader(), query, kDefaultProseWeight));
  for (std::size_t term = 0; term < query.terms.size(); ++term) {
    Row row = explanation_row("term", to_text(query.terms[term]));
    CMEM_ASSIGN_OR_RETURN(const std::int64_t texts, matcher.count_texts(term));
    row[2] = Cell::number(texts);
    table->add(std::move(row));
  }
  for (const QueryField& field : query.fields) explain_field(field, *table);
  for (const std::string& note : query.notes) table->add(explanation_row("note", note));
  return std::unique_ptr<Table>(std::move(table));
}

SearchOptions options_of(HitOrder order, const cmem_page& page) {
  SearchOptions options;
  options.order = order;
  options.all_messages = page.all_matches == 1;
  options.worst_tier = page.tiers == CMEM_TIERS_EXACT ? Tier::kExact : Tier::kFuzzy;
  if (page.tiers == CMEM_TIERS_FUZZY) options.wanted = SIZE_MAX;
  if (page.prose_weight != 0) options.prose_weight = page.prose_weight;
  return options;
}

Zone zone_of(const cmem_page& page) { return page.utc == 1 ? Zone::kUtc : Zone::kLocal; }

class HitTable final : public PagedTable<Hit> {
 public:
  HitTable(std::shared_ptr<Store> store, Search search, HitOrder order, const cmem_page& page, std::optional<Hit> after)
      : PagedTable(std::move(store), page.limit, kHitsPerPage, after),
        search_(std::move(search)),
        order_(order),
        options_(options_of(order, page)),
        zone_(zone_of(page)),
        with_snippet_(page.without_content == 0),
        columns_(hit_columns()) {}

  [[nodiscard]] const std::vector<Column>& columns() const override { return columns_; }
  [[nodiscard]] std::int64_t total() const override { return search_.total(); }
  [[nodiscard]] std::string position() const override {
    return after() ? to_position(order_letter(order_), *after()) : std::string();
  }
  Result<std::unique_ptr<Table>> explanation() override {
    const std::lock_guard lock(store().read_mutex());
    CMEM_ASSIGN_OR_RETURN(auto transaction, store().begin_read());
    return explain(store(), search_.query());
  }

  Result<std::unique_ptr<Table>> facets(const FacetRequest& asked) override {
    FacetRequest request = asked;
    request.zone = zone_;
    request.end_id = search_.end_id();
    const std::lock_guard lock(store().read_mutex());
    const std::lock_guard turn(store().search_turn());
    CMEM_ASSIGN_OR_RETURN(auto transaction, store().begin_read());
    if (search_.knows_messages()) {
      CMEM_ASSIGN_OR_RETURN(auto all, store().resolve_filter({}));
      request.messages = std::move(all.messages);
    }
    const ResolvedFilter& filter = search_.filter();
    if (!filter.matches_nothing()) {
      CMEM_ASSIGN_OR_RETURN(const auto texts, search_.matching_texts(store()));
      return facet_table(count_facets(store(), texts, filter, request));
    }
    // The search has not looked for texts, but a facet that leaves its own field out may find messages that have them.
    CMEM_ASSIGN_OR_RETURN(const auto unfiltered, Search::run(store(), search_.query(), KnownFilter(), options_));
    CMEM_ASSIGN_OR_RETURN(const auto texts, unfiltered.matching_texts(store()));
    return facet_table(count_facets(store(), texts, filter, request));
  }

  Status summarize(cmem_search_summary& out) const override {
    out.tier = static_cast<std::uint32_t>(Tier::kExact) - static_cast<std::uint32_t>(search_.tier());
    out.messages = static_cast<std::uint64_t>(search_.messages());
    out.texts = static_cast<std::uint64_t>(search_.texts());
    out.suggestion = search_.suggestion() ? search_.suggestion()->c_str() : nullptr;
    return {};
  }

 private:
  Result<std::vector<Hit>> find_keys(const std::optional<Hit>& last, std::size_t limit) override {
    return search_.page(store(), last, limit);
  }

  Result<Row> read_row(MessageReader& reader, const Hit& hit) override {
    CMEM_ASSIGN_OR_RETURN(const auto message, reader.read_listed(hit.message_id));
    Cell snippet;
    if (with_snippet_) {
      CMEM_ASSIGN_OR_RETURN(const auto text, reader.text(message));
      snippet = Cell::string(search_.snippet(text));
    }
    Row row = message_row(message, std::move(snippet));
    row.push_back(Cell::real_number(hit.score));
    row.push_back(Cell::number(hit.same_text));
    row.push_back(Cell::string(to_string(hit.tier)));
    return row;
  }

  Search search_;
  HitOrder order_;
  SearchOptions options_;
  Zone zone_;
  bool with_snippet_;
  std::vector<Column> columns_;
};

Result<CompiledQuery> read_query(std::string_view text, const cmem_page& page) {
  Tokenizer tokenizer;
  const QueryClock clock{page.now_ms == 0 ? system_clock().now_ms() : page.now_ms, zone_of(page)};
  return compile_query(text, tokenizer, clock);
}

Result<Search> run_search(Store& store, CompiledQuery query, const MessageFilter& filter, const SearchOptions& options) {
  const std::lock_guard lock(store.read_mutex());
  const std::lock_guard turn(store.search_turn());
  CMEM_ASSIGN_OR_RETURN(auto transaction, store.begin_read());
  CMEM_ASSIGN_OR_RETURN(auto known, store.resolve_filter(filter));
  return Search::run(store, std::move(query), std::move(known), options);
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
    CMEM_ASSIGN_OR_RETURN(auto compiled, read_query(text, read));
    message_filter.add(filter_of(compiled.fields));
    CMEM_ASSIGN_OR_RETURN(auto search, run_search(*store->store, std::move(compiled), message_filter, options_of(order, read)));
    return give_cursor(out, std::make_unique<HitTable>(store->store, std::move(search), order, read, after));
  });
}

cmem_status cmem_search_explanation(cmem_cursor** out, cmem_cursor* search, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(require(out, "out"));
    *out = nullptr;
    CMEM_TRY(require(search, "search"));
    CMEM_ASSIGN_OR_RETURN(auto table, search->table->explanation());
    return give_cursor(out, std::move(table));
  });
}

cmem_status cmem_search_get_summary(cmem_search_summary* out, const cmem_cursor* search, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(check_output(out, "cmem_search_summary"));
    CMEM_TRY(require(search, "search"));
    cmem_search_summary summary CMEM_SEARCH_SUMMARY_INIT;
    CMEM_TRY(search->table->summarize(summary));
    write_output(out, summary);
    return {};
  });
}
