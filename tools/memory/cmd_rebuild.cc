#include <fmt/format.h>

#include <chrono>

#include "context.h"
#include "failure.h"
#include "interrupt.h"
#include "printer.h"
#include "progress.h"
#include "text.h"

namespace cli {
namespace {

void rebuild(Context& context) {
  Progress progress(context, "rebuilding");
  const InterruptScope interrupts;
  try {
    context.store.rebuild([&progress](std::int64_t done, std::int64_t total, const char* unit, std::int64_t rows) {
      return progress.update(done, total, unit, rows);
    });
  } catch (const coditect::Error& error) {
    progress.clear();
    if (error.status() != CMEM_E_CANCELLED || pending_interrupt() == 0) throw;
    throw Failure(CMEM_E_CANCELLED, "interrupted; the store is as it was before", "run the same command again",
                  128 + pending_interrupt());
  }
}

}  // namespace

int run_rebuild(Context& context) {
  const auto start = std::chrono::steady_clock::now();
  rebuild(context);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const std::int64_t messages = context.store.stats().messages;
  if (context.format != Format::kTable) {
    Record().integer("messages", messages).real("seconds", seconds).print(context);
  } else if (!context.options.quiet) {
    context.out.write(fmt::format("made all derived data of {} anew in {:.2f} s\n", counted(messages, "message"), seconds));
  }
  return kExitOk;
}

}  // namespace cli
