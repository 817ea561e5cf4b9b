#include <fmt/format.h>

#include "context.h"
#include "failure.h"
#include "printer.h"

namespace cli {

int run_version(Context& context) {
  if (context.format == Format::kTable)
    context.out.write(fmt::format("memory {}\n", cmem_version()));
  else
    Record().text("version", cmem_version()).print(context);
  return kExitOk;
}

}  // namespace cli
