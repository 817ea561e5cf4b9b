#include "completion.h"
#include "context.h"
#include "failure.h"

namespace cli {

int run_completion(Context& context) {
  const std::string& shell = context.options.argument;
  context.out.write(shell == "bash" ? bash_completion() : shell == "zsh" ? zsh_completion() : fish_completion());
  return kExitOk;
}

}  // namespace cli
