#include "context.h"
#include "listing.h"

namespace cli {

int run_project_list(Context& context) {
  auto cursor = context.store.projects();
  return print_listing(context, cursor, {{}, "no message has a project"});
}

}  // namespace cli
