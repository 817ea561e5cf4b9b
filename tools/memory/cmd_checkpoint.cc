#include <fmt/format.h>

#include "context.h"
#include "failure.h"
#include "printer.h"
#include "text.h"

namespace cli {

int run_checkpoint(Context& context) {
  context.store.checkpoint();
  if (context.format != Format::kTable) {
    Record().text("path", context.store_path).print(context);
  } else if (!context.options.quiet) {
    context.out.write(fmt::format("everything is in {}\n", printable_line(context.store_path)));
  }
  return kExitOk;
}

}  // namespace cli
