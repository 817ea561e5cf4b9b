// Help texts, made from the command table.
#pragma once
#include <string>
#include <string_view>

#include "commands.h"

namespace cli {

std::string program_help();
std::string group_help(const CommandGroup& group);
std::string command_help(const Command& command);

}  // namespace cli
