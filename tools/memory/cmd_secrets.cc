#include <fmt/format.h>

#include <map>
#include <set>

#include "context.h"
#include "failure.h"
#include "listing.h"
#include "message_head.h"
#include "printer.h"
#include "questions.h"
#include "text.h"

namespace cli {
namespace {

constexpr std::string_view kScanColumns[] = {"kind", "secret", "place", "message", "messages", "source", "line"};

struct KindCount {
  std::set<std::string> tags;
  std::int64_t places = 0;
};

// How many of each kind; the rows say where.
class Counts {
 public:
  void add(const Columns& columns, Cells cells) {
    const RowView row(columns, cells);
    KindCount& count = kinds_[std::string(row.text("kind"))];
    count.tags.insert(std::string(row.text("tag")));
    ++count.places;
  }
  [[nodiscard]] std::string json_member() const {
    std::string out = ",\"kinds\":[";
    for (const auto& [kind, count] : kinds_)
      out += fmt::format("{}{{\"kind\":\"{}\",\"secrets\":{},\"places\":{}}}", out.back() == '[' ? "" : ",", kind,
                         count.tags.size(), count.places);
    return out + "]";
  }
  void note(const Context& context) const {
    for (const auto& [kind, count] : kinds_)
      context.note(
          fmt::format("{}: {} in {}", kind, grouped(static_cast<std::int64_t>(count.tags.size())), counted(count.places, "place")));
  }
  [[nodiscard]] bool any() const { return !kinds_.empty(); }

 private:
  std::map<std::string, KindCount> kinds_;
};

Counts count_kinds(const Context& context) {
  Counts counts;
  auto cursor = context.store.scan_secrets(filter_of(context.options));
  const Columns columns = columns_of(cursor);
  while (const coditect::Row* row = cursor.next()) counts.add(columns, cells_of(*row));
  return counts;
}

}  // namespace

int run_secrets_scan(Context& context) {
  auto cursor = context.store.scan_secrets(filter_of(context.options));
  const Counts counts = cursor.total() == 0 ? Counts() : count_kinds(context);
  const std::string members = counts.json_member();
  print_listing(context, cursor, {kScanColumns, "no secrets were found", limit_of(context.options), members});
  context.out.flush();
  counts.note(context);
  if (counts.any()) context.note("to take them out of the store: memory forget --secret all --yes");
  return counts.any() ? kExitSecrets : kExitOk;
}

int run_secrets_kinds(Context& context) {
  cmem_cursor* rows = nullptr;
  cmem_error error{};
  if (cmem_secret_kinds(&rows, &error) < 0) throw coditect::Error(error.code, error.text, error.detail);
  coditect::Cursor cursor(rows);
  return print_listing(context, cursor, {});
}

int run_secrets_policy(Context& context) {
  if (!context.options.argument.empty()) context.store.set_redacts(context.options.argument == "redact");
  const std::string_view policy = context.store.redacts() ? "redact" : "keep";
  if (context.format == Format::kTable)
    context.out.write(fmt::format("{}\n", policy));
  else
    Record().text("policy", policy).print(context);
  return kExitOk;
}

int run_secrets_redacted(Context& context) {
  auto cursor = context.store.redactions();
  return print_listing(context, cursor, {{}, "nothing was redacted"});
}

}  // namespace cli
