#include <fmt/format.h>

#include <utility>

#include "agent_homes.h"
#include "context.h"
#include "failure.h"
#include "interrupt.h"
#include "listing.h"
#include "progress.h"
#include "text.h"

namespace cli {
namespace {

std::string default_home(std::string_view agent) {
  for (AgentHome& known : agent_homes())
    if (known.agent == agent) return std::move(known.home);
  return {};
}

Failure stopped(const coditect::HomeLoadError& error) {
  const bool interrupted = error.status() == CMEM_E_CANCELLED && pending_interrupt() != 0;
  const std::string committed = counted(error.result().messages_new, "new message");
  if (interrupted) {
    return {CMEM_E_CANCELLED,
            fmt::format("interrupted; {} committed and safe", committed + (error.result().messages_new == 1 ? " is" : " are")),
            "run the same command again to load the rest", 128 + pending_interrupt()};
  }
  if (error.status() == CMEM_E_NOT_FOUND)
    return {error.status(), error.what(), "name the agent's home: the folder with its history and sessions", kExitUsage};
  return {error.status(), error.what(), std::string(hint_of(error.status())), exit_code_of(error.status())};
}

coditect::HomeResult load(Context& context, const std::string& agent, const std::string& home) {
  Progress progress(context, "loading");
  const InterruptScope interrupts;
  coditect::HomeOptions options;
  options.max_line_bytes = static_cast<std::uint64_t>(context.options.max_line_bytes);
  options.progress = [&progress](std::int64_t done, std::int64_t total, const char* unit, std::int64_t rows) {
    return progress.update(done, total, unit, rows);
  };
  context.store.redact_loads(context.options.redact);
  try {
    return context.store.load_home(agent, home, options);
  } catch (const coditect::HomeLoadError& error) {
    progress.clear();
    throw stopped(error);
  }
}

std::string summary(const std::string& home, const coditect::HomeResult& result) {
  const double speed = result.seconds > 0 ? static_cast<double>(result.bytes_read) / result.seconds / 1e6 : 0.0;
  std::string text = fmt::format("{}: {}, {} read, {} unchanged\n", home, counted(result.files, "file"), grouped(result.files_read),
                                 grouped(result.files_unchanged));
  text += fmt::format("{}: {} new, {} duplicate ({} copies in other sessions), {} rejected; {:.1f} MB in {:.2f} s ({:.0f} MB/s)\n",
                      counted(result.records_read, "record"), grouped(result.messages_new), grouped(result.duplicates),
                      grouped(result.copies), grouped(result.rejected), static_cast<double>(result.bytes_read) / 1e6,
                      result.seconds, speed);
  return text;
}

void print_result(Context& context, const std::string& home, const coditect::HomeResult& result) {
  if (context.format == Format::kTable) {
    if (!context.options.quiet) context.out.write(summary(home, result));
    return;
  }
  Record()
      .text("home", home)
      .integer("files", result.files)
      .integer("files_read", result.files_read)
      .integer("files_unchanged", result.files_unchanged)
      .integer("files_waiting", result.files_waiting)
      .integer("files_gone", result.files_gone)
      .integer("files_failed", result.files_failed)
      .integer("files_skipped", result.files_skipped)
      .integer("records_read", result.records_read)
      .integer("new", result.messages_new)
      .integer("duplicate", result.duplicates)
      .integer("copies", result.copies)
      .integer("rejected", result.rejected)
      .integer("bytes_read", result.bytes_read)
      .integer("run", result.run_id, Kind::kId)
      .real("seconds", result.seconds)
      .print(context);
}

void note_oddities(const Context& context, const coditect::HomeResult& result) {
  if (context.options.quiet) return;
  if (const std::int64_t messages = approximate_times(context.store); messages > 0)
    context.note(counted(messages, "message") + " in the store with only an approximate time: that of a neighbour, or of the file");
  const auto note = [&](std::int64_t count, std::string_view what, std::string_view meaning) {
    if (count > 0) context.note(fmt::format("{} {}", counted(count, what), meaning));
  };
  note(result.files_waiting, "file", "with an unfinished last line or event, which is read when it is complete");
  note(result.files_gone, "file", "gone since an earlier load; what was loaded stays");
  note(result.files_skipped, "file", "skipped: links, settings, keys, caches and other files that are no source");
  if (result.rejected > 0)
    context.note(fmt::format("rejected records and unreadable files: memory ingest rejected {}", result.run_id));
}

int run_ingest_home(Context& context, const std::string& agent) {
  const std::string home = context.options.argument.empty() ? default_home(agent) : context.options.argument;
  const coditect::HomeResult result = load(context, agent, home);
  print_result(context, home, result);
  context.out.flush();
  note_oddities(context, result);
  return result.rejected > 0 ? kExitRejected : kExitOk;
}

}  // namespace

int run_ingest_claude(Context& context) { return run_ingest_home(context, "claude"); }
int run_ingest_codex(Context& context) { return run_ingest_home(context, "codex"); }

}  // namespace cli
