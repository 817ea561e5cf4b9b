#include <cmath>
#include <memory>
#include <span>

#include "context.h"
#include "failure.h"
#include "json_text.h"
#include "listing.h"
#include "message_head.h"
#include "printer.h"

namespace cli {
namespace {

// Text fields borrow from `stats`.
Record record_of(const coditect::Stats& stats, std::int64_t approximate) {
  Record record;
  record.integer("messages", stats.messages).integer("distinct_texts", stats.distinct_texts);
  record.integer("sessions", stats.sessions).integer("projects", stats.projects).integer("components", stats.components);
  record.integer("sources", stats.sources).integer("runs", stats.runs);
  record.integer("duplicates", stats.duplicates).integer("rejected", stats.rejected);
  record.integer("without_time", stats.without_time)
      .integer("approximate_time", approximate)
      .time("first", stats.first_ms)
      .time("last", stats.last_ms);
  record.integer("store_bytes", stats.store_bytes, Kind::kBytes).integer("text_bytes", stats.text_bytes, Kind::kBytes);
  record.integer("csn", stats.csn, Kind::kId).integer("store_schema_version", stats.schema_version, Kind::kId);
  return record.text("content_root", stats.content_root);
}

constexpr std::string_view kTableColumns[] = {"part", "bytes", "rows", "note", "kind"};

// What the derived data cost beside what they are derived from.
class DerivedSizes {
 public:
  void add(std::string_view part, std::string_view kind, std::int64_t bytes) {
    if (kind == "derived") (part == "text index" ? index_bytes_ : other_bytes_) += bytes;
  }
  // Beside it how many texts search does not wholly know, which takes a look at all of them.
  [[nodiscard]] Record record(const coditect::Store& store, const coditect::Stats& stats) const {
    Record record;
    auto caveats = store.caveats({}, true);
    std::int64_t in_part = 0;
    std::int64_t not_indexed = 0;
    while (const coditect::Row* row = caveats.next()) {
      if ((*row)["what"].text() == "indexed_in_part") in_part = (*row)["count"].integer();
      if ((*row)["what"].text() == "not_indexed") not_indexed = (*row)["count"].integer();
    }
    record.integer("texts_indexed_in_part", in_part).integer("texts_not_indexed", not_indexed);
    record.real("text_index_bytes_per_text_byte", ratio(index_bytes_, stats.text_bytes));
    return record.real("other_derived_bytes_per_message", ratio(other_bytes_, stats.messages));
  }

 private:
  // To four digits behind the point.
  static double ratio(std::int64_t bytes, std::int64_t units) {
    return units == 0 ? 0 : std::round(static_cast<double>(bytes) / static_cast<double>(units) * 1e4) / 1e4;
  }
  std::int64_t index_bytes_ = 0;
  std::int64_t other_bytes_ = 0;
};

// A listing that adds the parts up as they pass.
class SizesPrinter : public Printer {
 public:
  SizesPrinter(Context& context, DerivedSizes& sizes) : inner_(make_printer(context)), sizes_(sizes) {}

  void begin(const Listing& listing) override {
    columns_ = listing.columns;
    inner_->begin(listing);
  }
  void row(Cells cells) override {
    const RowView row(columns_, cells);
    sizes_.add(row.text("part"), row.text("kind"), row.integer("bytes"));
    inner_->row(cells);
  }
  void end(std::string_view next) override { inner_->end(next); }

 private:
  std::unique_ptr<Printer> inner_;
  DerivedSizes& sizes_;
  Columns columns_;
};

// The totals and the sizes are one object.
void print_json_with_sizes(Context& context, const coditect::Stats& stats, const Record& record) {
  auto cursor = context.store.sizes();
  DerivedSizes sizes;
  const Columns columns = columns_of(cursor);
  std::string text = envelope_start(context.command.name) + "," + record.json_members() + R"(,"sizes":[)";
  bool first = true;
  while (const coditect::Row* row = cursor.next()) {
    text += first ? "{" : ",{";
    append_json_members(text, columns, cells_of(*row));
    text += '}';
    sizes.add((*row)["part"].text(), (*row)["kind"].text(), (*row)["bytes"].integer());
    first = false;
  }
  context.out.write(text + "]," + sizes.record(context.store, stats).json_members() + "}\n");
}

}  // namespace

int run_stats(Context& context) {
  if (!context.options.by.empty()) {
    if (context.options.sizes) throw Failure(CMEM_E_INVALID, "--by and --sizes are given together", "ask for one after the other");
    auto cursor = context.store.message_counts(context.options.by, context.options.utc);
    return print_listing(context, cursor, {{}, "the store is empty"});
  }
  const coditect::Stats stats = context.store.stats();
  const Record record = record_of(stats, approximate_times(context.store));
  const bool rows_only = context.format == Format::kJsonl || context.format == Format::kCsv;
  if (!context.options.sizes) {
    record.print(context);
  } else if (context.format == Format::kJson) {
    print_json_with_sizes(context, stats, record);
  } else {
    if (!rows_only) record.print(context);
    if (!rows_only) context.out.write("\n");
    auto cursor = context.store.sizes();
    DerivedSizes sizes;
    SizesPrinter printer(context, sizes);
    print_listing(context, cursor, {rows_only ? std::span<const std::string_view>() : kTableColumns}, printer);
    if (!rows_only) context.out.write("\n");
    if (!rows_only) sizes.record(context.store, stats).print(context);
  }
  return kExitOk;
}

}  // namespace cli
