#include "context.h"
#include "listing.h"

namespace cli {
namespace {

// The name is the path's last component.
constexpr std::string_view kColumns[] = {"path", "messages", "sessions", "first", "last"};

}  // namespace

int run_project_list(Context& context) {
  auto cursor = context.store.projects();
  return print_listing(context, cursor, {kColumns, "no message has a project"});
}

}  // namespace cli
