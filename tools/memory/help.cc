#include "help.h"

#include <fmt/format.h>

#include "text.h"

namespace cli {
namespace {

constexpr int kHelpWidth = 100;
constexpr int kLeftColumns = 28;

// "  left                      right, wrapped"
std::string entry(std::string_view left, std::string_view right) {
  std::string out = "  " + pad_right(left, kLeftColumns - 2);
  if (display_width(left) > kLeftColumns - 4) out = fmt::format("  {}\n{}", left, std::string(kLeftColumns, ' '));
  bool first = true;
  for (const std::string& line : wrap(right, kHelpWidth - kLeftColumns)) {
    if (!first) out += std::string(kLeftColumns, ' ');
    out += line + "\n";
    first = false;
  }
  return out;
}

bool repeats(const OptionSpec& option) { return std::holds_alternative<std::vector<std::string> Options::*>(option.target); }

std::string positional_usage(const OptionSpec& option) {
  const std::string name = std::string(option.value) + (repeats(option) ? "…" : "");
  return option.required ? name : "[" + name + "]";
}

std::string option_entry(const OptionSpec& option) {
  if (option.is_positional()) return entry(positional_usage(option), option.help);
  std::string left;
  for (const std::string_view name : split(option.names, ',')) left += (left.empty() ? "" : ", ") + std::string(name);
  if (!option.value.empty()) left += " " + std::string(option.value);
  return entry(left, option.help);
}

std::string usage(const Command& command) {
  std::string out = fmt::format("Usage: memory {}", command.name);
  for (const auto& group : command.options) {
    for (const OptionSpec& option : group) {
      if (option.is_positional()) out += " " + positional_usage(option);
    }
  }
  return out + " [OPTION…]\n";
}

std::string examples(std::string_view lines) {
  std::string out = "\nExamples:\n";
  for (const std::string_view line : split(lines, '\n')) out += fmt::format("  {}\n", line);
  return out;
}

std::string global_section() {
  std::string out = "\nFor every verb, before or after it:\n";
  for (const OptionSpec& option : global_options()) out += option_entry(option);
  return out + entry("--help, -h", "show this help");
}

std::string verb_entries(std::string_view prefix) {
  std::string out;
  for (const Command& command : commands()) {
    if (command.name.starts_with(prefix)) out += entry(command.name, command.summary);
  }
  return out;
}

}  // namespace

std::string program_help() {
  std::string out = "memory: keep, search and examine a developer's session memory in one file\n\n";
  out += "Usage: memory VERB [OPTION…]\n\nVerbs:\n" + verb_entries("") + global_section();
  out += entry("--version", "show the version");
  out += examples(
      "memory ingest load-extraction phase1-history.jsonl\nmemory search authentication setup --date week\n"
      "memory messages --help");
  out +=
      "\nExit codes: 0 done, 1 nothing found, 2 wrong usage, 3 input partly rejected, 4 store busy, 5 store damaged,\n"
      "6 input/output error or disk full, 7 store of a newer format, 70 a defect, 130 interrupted.\n";
  return out;
}

std::string group_help(const CommandGroup& group) {
  return fmt::format("{}\n\nUsage: memory {} VERB [OPTION…]\n\nVerbs:\n{}\n`memory {} VERB --help` says more.\n", group.summary,
                     group.name, verb_entries(std::string(group.name) + " "), group.name);
}

std::string command_help(const Command& command) {
  std::string out = fmt::format("{}\n\n{}", command.summary, usage(command));
  std::string options;
  for (const auto& group : command.options) {
    for (const OptionSpec& option : group) options += option_entry(option);
  }
  if (!options.empty()) out += "\nOptions:\n" + options;
  return out + global_section() + examples(command.example);
}

}  // namespace cli
