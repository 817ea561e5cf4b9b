#include <fmt/format.h>

#include <cmath>

#include "context.h"
#include "failure.h"
#include "interrupt.h"
#include "listing.h"
#include "progress.h"
#include "text.h"

namespace cli {
namespace {

constexpr std::string_view kRunColumns[] = {"run",  "started", "seconds",   "status", "source",
                                            "read", "new",     "duplicate", "known",  "rejected"};
constexpr std::string_view kRejectedColumns[] = {"run", "source", "line", "offset", "reason", "excerpt"};

coditect::LoadOptions load_options(const Options& options, Progress& progress) {
  coditect::LoadOptions out;
  out.strict = options.strict;
  out.max_line_bytes = static_cast<std::uint64_t>(options.max_line_bytes);
  out.known_hashes_path = options.known_hashes;
  out.progress = [&progress](std::int64_t done, std::int64_t total, const char* unit, std::int64_t rows) {
    return progress.update(done, total, unit, rows);
  };
  return out;
}

// "run the same command again": what was committed stays, and loading again adds the rest.
Failure stopped(const coditect::LoadError& error) {
  const bool interrupted = error.status() == CMEM_E_CANCELLED && pending_interrupt() != 0;
  const std::string committed = counted(error.result().messages_new, "new message");
  if (interrupted) {
    return {CMEM_E_CANCELLED,
            fmt::format("interrupted; {} committed and safe", committed + (error.result().messages_new == 1 ? " is" : " are")),
            "run the same command again to load the rest", 128 + pending_interrupt()};
  }
  std::string message = error.what();
  if (error.result().messages_new > 0) message += fmt::format(" ({} were committed before)", committed);
  // A path that fits nothing is a wrong argument, not an empty answer.
  const int exit_code = error.status() == CMEM_E_NOT_FOUND ? kExitUsage : exit_code_of(error.status());
  const std::string_view hint =
      error.status() == CMEM_E_NOT_FOUND ? "give files, folders or quoted glob patterns" : hint_of(error.status());
  return {error.status(), message, std::string(hint), exit_code};
}

std::string summary(const coditect::LoadResult& result) {
  const double speed = result.seconds > 0 ? static_cast<double>(result.records_read) / result.seconds : 0.0;
  return fmt::format("{}: {} new, {} duplicate, {} known, {} rejected; {} in {:.2f} s ({} messages/s)\n",
                     counted(result.records_read, "record"), grouped(result.messages_new), grouped(result.duplicates),
                     grouped(result.known_skipped), grouped(result.rejected), counted(result.files, "file"), result.seconds,
                     grouped(std::llround(speed)));
}

void print_result(Context& context, const coditect::LoadResult& result) {
  if (context.format == Format::kTable) {
    if (!context.options.quiet) context.out.write(summary(result));
    return;
  }
  Record()
      .integer("files", result.files)
      .integer("records_read", result.records_read)
      .integer("new", result.messages_new)
      .integer("duplicate", result.duplicates)
      .integer("known", result.known_skipped)
      .integer("rejected", result.rejected)
      .integer("hash_mismatches", result.hash_mismatches)
      .integer("sources_changed", result.sources_changed)
      .integer("bytes_read", result.bytes_read)
      .integer("first_run", result.first_run_id, Kind::kId)
      .integer("last_run", result.last_run_id, Kind::kId)
      .real("seconds", result.seconds)
      .print(context);
}

std::string shell_quoted(const std::string& word) {
  const bool plain =
      word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./+:,@%=") == std::string::npos;
  if (plain && !word.empty()) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// The exact command for each run of this load that has bad records.
void note_rejected(const Context& context, const coditect::LoadResult& result) {
  if (context.options.quiet || result.rejected == 0) return;
  const std::string db = context.options.db.empty() ? "" : " --db " + shell_quoted(context.options.db);
  auto runs = context.store.runs(static_cast<std::uint64_t>(result.last_run_id - result.first_run_id + 1));
  context.note(counted(result.rejected, "record") + (result.rejected == 1 ? " was" : " were") + " rejected; to see where and why:");
  while (const coditect::Row* run = runs.next()) {
    if ((*run)["rejected"].integer() > 0) context.note(fmt::format("memory{} ingest rejected {}", db, (*run)["run"].integer()));
  }
}

void note_oddities(const Context& context, const coditect::LoadResult& result) {
  if (result.sources_changed > 0) {
    context.note(fmt::format("{} changed while being read; its whole lines are loaded, load it again for the rest",
                             counted(result.sources_changed, "source")));
  }
  if (result.hash_mismatches > 0) {
    context.note(fmt::format("{} with a hash of unknown origin, kept as given", counted(result.hash_mismatches, "record")));
  }
}

coditect::LoadResult load(Context& context) {
  Progress progress(context, "loading");
  const InterruptScope interrupts;
  context.store.redact_loads(context.options.redact);
  try {
    return context.store.load(context.options.arguments, load_options(context.options, progress));
  } catch (const coditect::LoadError& error) {
    progress.clear();
    throw stopped(error);
  }
}

}  // namespace

int run_ingest_load_extraction(Context& context) {
  const coditect::LoadResult result = load(context);
  print_result(context, result);
  context.out.flush();
  note_oddities(context, result);
  note_rejected(context, result);
  return result.rejected > 0 ? kExitRejected : kExitOk;
}

int run_ingest_runs(Context& context) {
  const std::int64_t limit = limit_of(context.options);
  auto cursor = context.store.runs(probe_limit(limit));
  return print_listing(context, cursor, {kRunColumns, "nothing was loaded yet", limit});
}

int run_ingest_rejected(Context& context) {
  auto cursor = context.store.rejected(context.options.number);
  return print_listing(context, cursor, {kRejectedColumns, "no record was rejected", limit_of(context.options)});
}

}  // namespace cli
