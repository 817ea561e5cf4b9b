#include "context.h"
#include "failure.h"
#include "json_text.h"
#include "listing.h"
#include "printer.h"

namespace cli {
namespace {

// Text fields borrow from `stats`.
Record record_of(const coditect::Stats& stats) {
  Record record;
  record.integer("messages", stats.messages).integer("distinct_texts", stats.distinct_texts);
  record.integer("sessions", stats.sessions).integer("projects", stats.projects).integer("components", stats.components);
  record.integer("sources", stats.sources).integer("runs", stats.runs);
  record.integer("duplicates", stats.duplicates).integer("rejected", stats.rejected);
  record.integer("without_time", stats.without_time).time("first", stats.first_ms).time("last", stats.last_ms);
  record.integer("store_bytes", stats.store_bytes, Kind::kBytes).integer("text_bytes", stats.text_bytes, Kind::kBytes);
  record.integer("csn", stats.csn, Kind::kId).integer("store_schema_version", stats.schema_version, Kind::kId);
  return record.text("content_root", stats.content_root);
}

// The totals and the sizes are one object.
void print_json_with_sizes(Context& context, const Record& record) {
  auto cursor = context.store.sizes();
  const Columns columns = columns_of(cursor);
  std::string text = envelope_start(context.command.name) + "," + record.json_members() + R"(,"sizes":[)";
  bool first = true;
  while (const coditect::Row* row = cursor.next()) {
    text += first ? "{" : ",{";
    append_json_members(text, columns, cells_of(*row));
    text += '}';
    first = false;
  }
  context.out.write(text + "]}\n");
}

}  // namespace

int run_stats(Context& context) {
  const coditect::Stats stats = context.store.stats();
  const Record record = record_of(stats);
  const bool rows_only = context.format == Format::kJsonl || context.format == Format::kCsv;
  if (!context.options.sizes) {
    record.print(context);
  } else if (context.format == Format::kJson) {
    print_json_with_sizes(context, record);
  } else {
    if (!rows_only) record.print(context);
    if (!rows_only) context.out.write("\n");
    auto cursor = context.store.sizes();
    print_listing(context, cursor, {});
  }
  return kExitOk;
}

}  // namespace cli
