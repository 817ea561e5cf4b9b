#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "context.h"
#include "failure.h"
#include "json_text.h"
#include "listing.h"
#include "printer.h"
#include "questions.h"
#include "search_answer.h"
#include "text.h"

namespace cli {
namespace {

constexpr std::string_view kTableColumns[] = {"name", "query", "changed"};

// How the library understands a query.
struct Understanding {
  std::string words;
  std::vector<std::string> fields;  // "level:ERROR"
  std::size_t notes = 0;            // what looks like a field and is none
};

Understanding understand(Context& context, const std::string& query, const coditect::Filter& filter) {
  coditect::Page page;
  page.order(coditect::Order::newest).limit(1).utc(context.options.utc).tiers(coditect::Tiers::exact);
  auto search = context.store.search(query, filter, page);
  auto cursor = search.explanation();
  Understanding out;
  while (const coditect::Row* row = cursor.next()) {
    const std::string_view part = (*row)["part"].text();
    if (part == "query") out.words = (*row)["text"].text();
    if (part == "field") out.fields.emplace_back((*row)["text"].text());
    if (part == "note") ++out.notes;
  }
  return out;
}

[[noreturn]] void refuse_option(std::string_view what) {
  throw Failure(CMEM_E_INVALID, std::string(what), "write all of it as fields of the query, such as project:NAME or on:week");
}

// The query with the options before it, as fields. Refuses what would not mean the same as a search with these options: several
// values of one field are a choice in the query, and some queries swallow what stands beside them.
std::string folded_query(Context& context) {
  const std::string query = query_of(context.options);
  const coditect::Filter filter = filter_of(context.options);
  const std::vector<QueryFieldText> fields = query_fields_of(context.options);
  if (fields.empty()) return query;
  const Understanding alone = understand(context, query, filter);
  std::string folded;
  for (const QueryFieldText& field : fields) {
    const auto has_name = [&](const std::string& text) { return text.starts_with(field.name + ":"); };
    if (std::ranges::any_of(alone.fields, has_name))
      refuse_option(fmt::format("the query has {}: already, and {} says another one", field.name, field.option));
    folded += (folded.empty() ? "" : " ") + field.text;
  }
  if (query.empty()) return folded;
  folded += " " + query;
  const Understanding together = understand(context, folded, {});
  const bool same_words = together.words == alone.words || alone.words.starts_with("nothing to search");
  if (!same_words || together.notes != alone.notes) refuse_option("the options cannot be added to this query");
  return folded;
}

void report_added(Context& context, const std::string& query, bool replaced) {
  const Options& options = context.options;
  if (context.format != Format::kTable) {
    Record().text("name", options.argument).text("query", query).integer("replaced", replaced ? 1 : 0).print(context);
  } else if (!options.quiet) {
    context.out.write(
        fmt::format("{} '{}': {}\n", replaced ? "replaced" : "saved", printable_line(options.argument), printable_line(query)));
  }
}

}  // namespace

int run_saved_add(Context& context) {
  const std::string query = folded_query(context);
  const bool replaced = context.store.add_saved_search(context.options.argument, query, context.options.replace);
  report_added(context, query, replaced);
  return kExitOk;
}

int run_saved_remove(Context& context) {
  const Options& options = context.options;
  const bool removed = context.store.remove_saved_search(options.argument);
  if (context.format != Format::kTable) {
    Record().text("name", options.argument).integer("removed", removed ? 1 : 0).print(context);
  } else if (!options.quiet) {
    context.out.write(fmt::format("'{}' {}\n", printable_line(options.argument), removed ? "is removed" : "is no saved search"));
  }
  return removed ? kExitOk : kExitNothingFound;
}

int run_saved_list(Context& context) {
  auto cursor = context.store.saved_searches();
  return print_listing(context, cursor, {kTableColumns, "no searches are saved"});
}

int run_saved_run(Context& context) {
  const std::string& name = context.options.argument;
  std::string query;
  {
    auto cursor = context.store.saved_searches(name);
    const coditect::Row* row = name.empty() ? nullptr : cursor.next();
    if (row == nullptr)
      throw Failure(CMEM_E_NOT_FOUND, fmt::format("there is no saved search '{}'", printable_line(name)),
                    "`memory saved list` shows those that are there");
    query = (*row)["query"].text();
  }
  std::string members = R"(,"name":)";
  append_json_string(members, name);
  members += R"(,"query":)";
  append_json_string(members, query);
  return print_search(context, query, members);
}

}  // namespace cli
