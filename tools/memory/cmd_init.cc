#include <fmt/format.h>

#include "context.h"
#include "failure.h"
#include "printer.h"
#include "text.h"

namespace cli {

int run_init(Context& context) {
  if (context.format != Format::kTable) {
    Record().text("path", context.store_path).boolean("created", context.store_is_new).print(context);
  } else if (!context.options.quiet) {
    const std::string_view what = context.store_is_new ? "made an empty store" : "the store is there already";
    context.out.write(fmt::format("{}: {}\n", what, printable_line(context.store_path)));
  }
  return kExitOk;
}

}  // namespace cli
