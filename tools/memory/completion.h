// Completion scripts for shells, made from the command table, so that they are never behind it.
#pragma once
#include <string>

namespace cli {

std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

}  // namespace cli
