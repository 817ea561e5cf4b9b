// From the words of the command line to a command and its options.
#pragma once
#include <string>
#include <string_view>

#include "commands.h"

namespace cli {

struct Parsed {
  const Command* command = nullptr;  // nullptr: only `text` is to be printed
  Options options;
  std::string text;  // help or version
};

// Throws Failure (CMEM_E_INVALID).
Parsed parse_command_line(int argc, const char* const* argv);

// Looks for --format json|jsonl alone, to tell even a wrong command line in the form that was asked for.
bool wants_json_errors(int argc, const char* const* argv);

}  // namespace cli
