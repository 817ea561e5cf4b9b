#include "context.h"
#include "failure.h"
#include "listing.h"
#include "questions.h"

namespace cli {
namespace {

// A column whose value the filter has fixed says nothing.
std::vector<std::string_view> table_columns(const Options& options) {
  std::vector<std::string_view> columns{"id", "time"};
  const auto add = [&columns](std::string_view name, const std::string& fixed) {
    if (fixed.empty()) columns.push_back(name);
  };
  add("project", options.project);
  add("session", options.session);
  add("role", options.role);
  add("component", options.component);
  add("level", options.level);
  columns.push_back("content");
  return columns;
}

}  // namespace

int run_messages(Context& context) {
  const std::int64_t limit = limit_of(context.options);
  coditect::Page page;
  page.order(order_of(context.options, coditect::Order::newest)).limit(probe_limit(limit)).after(context.options.after);
  auto cursor = context.store.query(filter_of(context.options), page);
  const auto columns = table_columns(context.options);
  return print_listing(context, cursor, {columns, "no such messages", limit});
}

}  // namespace cli
