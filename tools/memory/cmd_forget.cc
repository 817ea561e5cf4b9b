#include <fmt/format.h>

#include "context.h"
#include "failure.h"
#include "listing.h"
#include "printer.h"
#include "text.h"

namespace cli {
namespace {

cmem_forget_options forget_options(const Options& options) {
  cmem_forget_options out CMEM_FORGET_OPTIONS_INIT;
  const auto set = [](const std::string& value, const char*& text, std::size_t& size) {
    text = value.data();
    size = value.size();
  };
  set(options.session, out.session, out.session_len);
  set(options.project, out.project, out.project_len);
  set(options.secret, out.secrets, out.secrets_len);
  set(options.reason, out.reason, out.reason_len);
  if (!options.before.empty()) out.before_ms = coditect::parse_time_range(options.before, options.utc).from_ms;
  out.message_id = options.message;
  out.dry_run = options.yes && !options.dry_run ? 0 : 1;
  return out;
}

std::string told(const coditect::ForgetResult& result, bool redacts, bool done) {
  if (redacts)
    return fmt::format("{} {}: in {} ({}), {} and {}\n", done ? "redacted" : "would redact", counted(result.secrets, "secret"),
                       counted(result.texts, "text"), counted(result.messages, "message"), counted(result.lines, "line"),
                       counted(result.files, "file"));
  return fmt::format("{} {}, {} of their copies, {} and {}\n", done ? "forgot" : "would forget",
                     counted(result.messages, "message"), grouped(result.copies), counted(result.texts, "text"),
                     counted(result.files, "file"));
}

}  // namespace

int run_forget(Context& context) {
  const Options& options = context.options;
  const cmem_forget_options asked = forget_options(options);
  const coditect::ForgetResult result = context.store.forget(asked);
  const bool done = asked.dry_run == 0;
  if (context.format == Format::kTable) {
    if (!options.quiet) context.out.write(told(result, !options.secret.empty(), done));
  } else {
    Record()
        .boolean("done", done)
        .integer("messages", result.messages)
        .integer("copies", result.copies)
        .integer("texts", result.texts)
        .integer("lines", result.lines)
        .integer("files", result.files)
        .integer("secrets", result.secrets)
        .boolean("compacted", result.compacted != 0)
        .print(context);
  }
  context.out.flush();
  if (!done && !options.dry_run)
    throw Failure(CMEM_E_INVALID, "nothing was changed: forgetting cannot be undone",
                  "say --yes to do it, or --dry-run to only count");
  if (done && result.compacted == 0)
    context.note("somebody reads the store, so old pages are still in its files: run `memory checkpoint` when it is closed");
  return result.messages + result.copies + result.files + result.secrets == 0 ? kExitNothingFound : kExitOk;
}

int run_tombstones(Context& context) {
  auto cursor = context.store.tombstones();
  return print_listing(context, cursor, {{}, "nothing was forgotten", limit_of(context.options)});
}

}  // namespace cli
