#include <fmt/format.h>

#include <string_view>

#include "context.h"
#include "failure.h"
#include "listing.h"
#include "printer.h"
#include "text.h"

namespace cli {
namespace {

// `changed_text` and `same_text` follow the pair.
void report(Context& context, std::string_view member, bool changed, std::string_view changed_text, std::string_view same_text) {
  const Options& options = context.options;
  if (context.format != Format::kTable) {
    Record().text("word", options.argument).text("other", options.other).integer(member, changed ? 1 : 0).print(context);
  } else if (!options.quiet) {
    context.out.write(fmt::format("'{}' and '{}' {}\n", printable_line(options.argument), printable_line(options.other),
                                  changed ? changed_text : same_text));
  }
}

}  // namespace

int run_synonym_add(Context& context) {
  const bool added = context.store.add_synonym(context.options.argument, context.options.other);
  report(context, "added", added, "are synonyms now", "were synonyms already");
  return kExitOk;
}

int run_synonym_remove(Context& context) {
  const bool removed = context.store.remove_synonym(context.options.argument, context.options.other);
  report(context, "removed", removed, "are no pair any more", "are no pair that was added");
  return removed ? kExitOk : kExitNothingFound;
}

int run_synonym_list(Context& context) {
  auto cursor = context.store.synonyms();
  return print_listing(context, cursor, {{}, "no synonyms were added"});
}

}  // namespace cli
