#include "parse.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <map>
#include <span>

#include "failure.h"
#include "help.h"

namespace cli {
namespace {

// What a value may be besides what its type says.
void restrict_values(CLI::Option& option, const OptionSpec& spec) {
  if (spec.choices.empty()) return;
  std::vector<std::string> choices;
  for (const std::string_view choice : split(spec.choices, ' ')) choices.emplace_back(choice);
  option.transform(CLI::IsMember(choices, CLI::ignore_case));
}

void add_option(CLI::App& app, const OptionSpec& spec, Options& options) {
  const std::string names(spec.names);
  const auto add = [&]<typename T>(T Options::*member) -> CLI::Option* {
    if constexpr (std::is_same_v<T, bool>)
      return app.add_flag(names, options.*member);
    else
      return app.add_option(names, options.*member);
  };
  CLI::Option* option = std::visit(add, spec.target);
  if (spec.required) option->required();
  restrict_values(*option, spec);
}

void add_options(CLI::App& app, std::span<const OptionSpec> specs, Options& options) {
  for (const OptionSpec& spec : specs) add_option(app, spec, options);
}

// The help of all verbs takes longer to put together than all else here: only what is asked for is.
CLI::App* add_app(CLI::App& parent, std::string_view name, const std::function<std::string()>& help_text, Options& options) {
  CLI::App* app = parent.add_subcommand(std::string(name));
  app->formatter_fn([help_text](const CLI::App*, const std::string&, CLI::AppFormatMode) { return help_text(); });
  add_options(*app, global_options(), options);
  return app;
}

using CommandOfApp = std::map<const CLI::App*, const Command*>;

// Only the verbs that a word of the command line names: options of all the others would take a good part of a short run.
CommandOfApp build(CLI::App& root, Options& options, std::span<const char* const> words) {
  CommandOfApp known;
  const auto is_word = [&](std::string_view name) { return std::find(words.begin(), words.end(), name) != words.end(); };
  for (const CommandGroup& group : command_groups()) {
    const auto help_text = [&group] { return group_help(group); };
    if (is_word(group.name)) add_app(root, group.name, help_text, options)->require_subcommand(1);
  }
  for (const Command& command : commands()) {
    const auto names = split(command.name, ' ');
    if (!std::all_of(names.begin(), names.end(), is_word)) continue;
    CLI::App& parent = names.size() == 1 ? root : *root.get_subcommand(std::string(names[0]));
    const auto help_text = [&command] { return command_help(command); };
    CLI::App* app = add_app(parent, names.back(), help_text, options);
    for (const auto& specs : command.options) add_options(*app, specs, options);
    known[app] = &command;
  }
  return known;
}

const CLI::App& deepest(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : deepest(*chosen.front());
}

std::string full_name(const CLI::App& app) {
  const CLI::App* parent = app.get_parent();
  return parent == nullptr ? "memory" : full_name(*parent) + " " + app.get_name();
}

[[noreturn]] void throw_usage(const CLI::App& root, const std::string& message) {
  throw Failure(CMEM_E_INVALID, message, fmt::format("`{} --help` shows what is possible", full_name(deepest(root))));
}

// CLI11 says only that a verb is missing.
[[noreturn]] void throw_no_verb(const CLI::App& root) {
  const auto rest = deepest(root).remaining(true);
  throw_usage(root,
              rest.empty() ? "no verb is given" : fmt::format("'{}' is no verb of `{}`", rest.front(), full_name(deepest(root))));
}

void check_values(const CLI::App& root, const Options& options) {
  const auto not_negative = [&](std::int64_t value, const char* name) {
    if (value < 0) throw_usage(root, fmt::format("{} is negative", name));
  };
  not_negative(options.width, "--width");
  not_negative(options.context, "--context");
  not_negative(options.max_line_bytes, "--max-line-bytes");
  not_negative(options.timeout_s, "--timeout");
  not_negative(options.run, "--run");
  not_negative(options.top, "--top");
  not_negative(options.pause_min, "--pause");
  if (options.limit != kNotGiven) not_negative(options.limit, "--limit");
}

}  // namespace

Parsed parse_command_line(int argc, const char* const* argv) {
  Parsed parsed;
  CLI::App root;
  root.formatter_fn([](const CLI::App*, const std::string&, CLI::AppFormatMode) { return program_help(); });
  root.set_version_flag("--version", fmt::format("memory {}", cmem_version()));
  root.require_subcommand(1);
  add_options(root, global_options(), parsed.options);
  const CommandOfApp known = build(root, parsed.options, std::span(argv, static_cast<std::size_t>(argc)));
  try {
    root.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    parsed.text = deepest(root).help();
    return parsed;
  } catch (const CLI::CallForVersion& version) {
    parsed.text = std::string(version.what()) + "\n";
    return parsed;
  } catch (const CLI::ParseError& error) {
    const bool no_verb = deepest(root).get_require_subcommand_min() > 0;
    if (no_verb && dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) throw_no_verb(root);
    throw_usage(root, error.what());
  }
  check_values(root, parsed.options);
  parsed.command = known.at(&deepest(root));
  return parsed;
}

bool wants_json_errors(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const std::string_view next = i + 1 < argc ? argv[i + 1] : "";
    if (word == "--") return false;
    if (word == "--format=json" || word == "--format=jsonl") return true;
    if (word == "--format" && (next == "json" || next == "jsonl")) return true;
  }
  return false;
}

}  // namespace cli
