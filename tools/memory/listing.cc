#include "listing.h"

#include <fmt/format.h>

#include "failure.h"
#include "text.h"

namespace cli {
namespace {

// Not in JSON: the envelope says both.
void note_more(const Context& context, std::int64_t printed, std::int64_t total, const std::string& next) {
  if (context.format == Format::kJson) return;
  if (total > printed) context.note(fmt::format("showing {} of {}", grouped(printed), grouped(total)));
  if (!next.empty())
    context.note(fmt::format("next page: the same command with --after {}", next));
  else
    context.note("all of them: the same command with --limit 0");
}

}  // namespace

std::int64_t limit_of(const Options& options, std::int64_t fallback) {
  if (options.limit == kNotGiven) return fallback;
  if (options.limit < 0) throw Failure(CMEM_E_INVALID, "--limit is negative", "--limit 0 shows all rows");
  return options.limit;
}

std::uint64_t probe_limit(std::int64_t limit) { return limit == 0 ? 0 : static_cast<std::uint64_t>(limit) + 1; }

int print_listing(Context& context, coditect::Cursor& cursor, const ListingPlan& plan) {
  return print_listing(context, cursor, plan, *make_printer(context));
}

int print_listing(Context& context, coditect::Cursor& cursor, const ListingPlan& plan, Printer& printer) {
  printer.begin(
      {context.command.name, columns_of(cursor, plan.table_columns), cursor.total(), plan.json_members, plan.row_members});
  std::int64_t printed = 0;
  std::string next;
  bool more = false;
  while (const coditect::Row* row = cursor.next()) {
    if (plan.limit > 0 && printed == plan.limit) {
      more = true;
      break;
    }
    printer.row(cells_of(*row));
    if (printer.shows_last_row() && ++printed == plan.limit) next = cursor.position();
  }
  if (!more) next.clear();
  printer.end(next);
  context.out.flush();
  if (more) note_more(context, printed, cursor.total(), next);
  if (printed == 0 && !plan.nothing.empty() && context.format != Format::kJson) context.note(plan.nothing);
  return printed == 0 ? kExitNothingFound : kExitOk;
}

}  // namespace cli
