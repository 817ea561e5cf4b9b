#include "search/asker.h"

#include <fmt/format.h>

#include <stdexcept>
#include <string_view>

namespace search_bench {
namespace {

struct CloseCursor {
  void operator()(cmem_cursor* cursor) const { cmem_cursor_close(cursor); }
};
using CursorPtr = std::unique_ptr<cmem_cursor, CloseCursor>;

void check(cmem_status status, const cmem_error& error, const std::string& what) {
  if (status < 0) throw std::runtime_error(fmt::format("{}: {}", what, error.text));
}

cmem_filter filter_of(const Query& query) {
  cmem_filter filter = CMEM_FILTER_INIT;
  if (!query.project.empty()) {
    filter.project = query.project.data();
    filter.project_len = query.project.size();
  }
  filter.from_ms = query.from_ms;
  filter.until_ms = query.until_ms;
  return filter;
}

cmem_page page_of(const Query& query, const AskOptions& options) {
  cmem_page page = CMEM_PAGE_INIT;
  page.order = query.order == "newest" ? CMEM_ORDER_NEWEST : CMEM_ORDER_RELEVANCE;
  page.limit = options.rows;
  page.without_content = options.without_snippets ? 1 : 0;
  page.all_matches = options.all_matches ? 1 : 0;
  page.tiers = options.exact ? CMEM_TIERS_EXACT : CMEM_TIERS_AUTO;
  return page;
}

CursorPtr open_cursor(cmem_store* store, const Query& query, const AskOptions& options) {
  const cmem_filter filter = filter_of(query);
  const cmem_page page = page_of(query, options);
  cmem_cursor* cursor = nullptr;
  cmem_error error;
  const cmem_status status = query.text.empty()
                                 ? cmem_query(&cursor, store, &filter, &page, &error)
                                 : cmem_search(&cursor, store, query.text.data(), query.text.size(), &filter, &page, &error);
  check(status, error, query.text);
  return CursorPtr(cursor);
}

// The snippet's column, or that of the content when messages are browsed.
std::uint32_t text_column(const cmem_cursor* cursor) {
  for (std::uint32_t column = 0; column < cmem_cursor_column_count(cursor); ++column) {
    const std::string_view name = cmem_cursor_column_name(cursor, column);
    if (name == "snippet" || name == "content") return column;
  }
  throw std::runtime_error("the rows have neither a snippet nor a content");
}

void read_facets(cmem_cursor* search, const std::string& fields) {
  cmem_facet_options options = CMEM_FACET_OPTIONS_INIT;
  options.fields = fields.data();
  options.fields_len = fields.size();
  options.limit = 20;
  cmem_cursor* opened = nullptr;
  cmem_error error;
  check(cmem_search_facets(&opened, search, &options, &error), error, fields);
  const CursorPtr facets(opened);
  const cmem_value* row = nullptr;
  cmem_status status = CMEM_OK;
  while ((status = cmem_cursor_next(&row, facets.get(), &error)) == CMEM_OK) continue;
  check(status, error, fields);
}

}  // namespace

Asker::Asker(const std::string& store, std::uint32_t cache_mib) {
  cmem_open_options options = CMEM_OPEN_OPTIONS_INIT;
  options.read_only = 1;
  options.cache_mib = cache_mib;
  cmem_store* opened = nullptr;
  cmem_error error;
  check(cmem_store_open(&opened, store.c_str(), &options, &error), error, store);
  store_.reset(opened);
}

Answer Asker::ask(const Query& query, const AskOptions& options) {
  const CursorPtr cursor = open_cursor(store_.get(), query, options);
  Answer answer;
  answer.total = cmem_cursor_total(cursor.get());
  const std::uint32_t text = text_column(cursor.get());
  const cmem_value* row = nullptr;
  cmem_error error;
  cmem_status status = CMEM_OK;
  while ((status = cmem_cursor_next(&row, cursor.get(), &error)) == CMEM_OK) {
    answer.rows += 1;
    answer.bytes += static_cast<std::int64_t>(row[text].text_len);
  }
  check(status, error, query.text);
  if (!query.facets.empty()) read_facets(cursor.get(), query.facets);
  return answer;
}

}  // namespace search_bench
