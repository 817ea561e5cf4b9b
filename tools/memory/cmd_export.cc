#include <fmt/format.h>

#include "context.h"
#include "failure.h"
#include "interrupt.h"
#include "output_file.h"
#include "questions.h"
#include "text.h"

namespace cli {
namespace {

struct Exported {
  std::uint64_t messages = 0;
  std::int64_t bytes = 0;
};

Exported export_to(const Context& context, Output& out) {
  Exported exported;
  const InterruptScope interrupts;
  const auto sink = [&](std::string_view piece) {
    out.write(piece);
    exported.bytes += static_cast<std::int64_t>(piece.size());
    return pending_interrupt() != 0;
  };
  const auto format = context.options.raw ? coditect::ExportFormat::raw : coditect::ExportFormat::jsonl;
  try {
    exported.messages = context.store.export_to(sink, format, filter_of(context.options));
  } catch (const coditect::Error& error) {
    if (error.status() != CMEM_E_CANCELLED || pending_interrupt() == 0) throw;
    throw Failure(CMEM_E_CANCELLED, "interrupted; the export is not complete", "run the same command again",
                  128 + pending_interrupt());
  }
  out.flush();
  return exported;
}

Exported export_to_file(const Context& context, const std::string& path) {
  OutputFile file(path);
  Output out(file.fd(), path);
  const Exported exported = export_to(context, out);
  if (exported.messages > 0) file.keep();
  return exported;
}

void check_format(const Context& context) {
  if (context.format == Format::kTable || context.format == Format::kJsonl) return;
  throw Failure(CMEM_E_INVALID, "export writes JSON lines, or source lines with --raw",
                fmt::format("for {}: memory messages --limit 0 --format {}", context.options.format, context.options.format));
}

}  // namespace

int run_export(Context& context) {
  if (!context.options.sources.empty() || !context.options.origin.empty()) return run_export_sources(context);
  check_format(context);
  const std::string& path = context.options.output;
  const bool to_file = !path.empty() && path != "-";
  const Exported exported = to_file ? export_to_file(context, path) : export_to(context, context.out);
  if (exported.messages == 0) {
    context.note("no such messages; nothing was written");
    return kExitNothingFound;
  }
  context.note(fmt::format("exported {} ({}){}", counted(static_cast<std::int64_t>(exported.messages), "message"),
                           byte_count(exported.bytes), to_file ? " to " + path : ""));
  return kExitOk;
}

}  // namespace cli
