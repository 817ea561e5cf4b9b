#include "context.h"
#include "listing.h"

namespace cli {

int run_component_list(Context& context) {
  auto cursor = context.store.components();
  return print_listing(context, cursor, {{}, "no message has a component"});
}

}  // namespace cli
