#include "completion.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string_view>
#include <vector>

#include "commands.h"

namespace cli {
namespace {

struct Item {
  std::string_view word;
  std::string_view help;
};

using VisitOption = std::function<void(std::string_view verb, const OptionSpec& option)>;

// Every option of every verb; those that all verbs have come once, with "*".
void for_each_option(const VisitOption& visit) {
  for (const OptionSpec& option : global_options()) visit("*", option);
  for (const Command& command : commands()) {
    for (const auto& group : command.options) {
      for (const OptionSpec& option : group) visit(command.name, option);
    }
  }
}

std::string join(const std::vector<std::string>& words, std::string_view separator) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : std::string(separator)) + word;
  return out;
}

std::vector<std::string> names_of(const OptionSpec& option) {
  std::vector<std::string> names;
  for (const std::string_view name : split(option.names, ',')) names.emplace_back(name);
  return names;
}

// "--db|--format|…": the options that are followed by a value.
std::string value_options() {
  std::set<std::string> names;
  for_each_option([&](std::string_view, const OptionSpec& option) {
    if (option.is_flag() || option.is_positional()) return;
    for (const std::string& name : names_of(option)) names.insert(name);
  });
  return join({names.begin(), names.end()}, "|");
}

std::string group_names(std::string_view separator) {
  std::vector<std::string> names;
  for (const CommandGroup& group : command_groups()) names.emplace_back(group.name);
  return join(names, separator);
}

// The verbs that may follow `prefix`: "" or the name of a group.
std::vector<Item> verbs_after(std::string_view prefix) {
  std::vector<Item> items;
  if (prefix.empty()) {
    for (const CommandGroup& group : command_groups()) items.push_back({group.name, group.summary});
  }
  for (const Command& command : commands()) {
    const auto words = split(command.name, ' ');
    if (prefix.empty() && words.size() == 1) items.push_back({words[0], command.summary});
    if (words.size() == 2 && words[0] == prefix) items.push_back({words[1], command.summary});
  }
  return items;
}

std::vector<Item> global_items() {
  std::vector<Item> items;
  for (const OptionSpec& option : global_options()) {
    for (const std::string_view name : split(option.names, ',')) items.push_back({name, option.help});
  }
  items.push_back({"--help", "show help"});
  return items;
}

std::vector<Item> program_items() {
  std::vector<Item> items = global_items();
  items.push_back({"--version", "show the version"});
  return items;
}

std::vector<Item> option_items(const Command& command) {
  std::vector<Item> items;
  for (const auto& group : command.options) {
    for (const OptionSpec& option : group) {
      if (option.is_positional()) continue;
      for (const std::string_view name : split(option.names, ',')) items.push_back({name, option.help});
    }
  }
  const std::vector<Item> global = global_items();
  items.insert(items.end(), global.begin(), global.end());
  return items;
}

std::vector<Item> argument_items(const Command& command) {
  std::vector<Item> items;
  for (const auto& group : command.options) {
    for (const OptionSpec& option : group) {
      if (!option.is_positional()) continue;
      for (const std::string_view choice : split(option.choices, ' ')) items.push_back({choice, option.help});
    }
  }
  return items;
}

bool takes_files(const Command& command) {
  for (const auto& group : command.options) {
    for (const OptionSpec& option : group) {
      if (option.is_positional() && option.hint == ValueHint::kFile) return true;
    }
  }
  return false;
}

std::string words_of(const std::vector<Item>& items) {
  std::vector<std::string> words;
  for (const Item& item : items) words.emplace_back(item.word);
  return join(words, " ");
}

// "*:--db|*:--other" for the options that choose(option) says.
std::string value_patterns(const std::function<bool(const OptionSpec&)>& choose) {
  std::vector<std::string> patterns;
  for_each_option([&](std::string_view verb, const OptionSpec& option) {
    if (option.is_flag() || option.is_positional() || !choose(option)) return;
    for (const std::string& name : names_of(option)) {
      patterns.push_back(verb == "*" ? "*:" + name : fmt::format("\"{}\":{}", verb, name));
    }
  });
  return join(patterns, "|");
}

bool is_file(const OptionSpec& option) { return option.hint == ValueHint::kFile; }
bool is_free(const OptionSpec& option) { return option.hint == ValueHint::kNone && option.choices.empty(); }

std::string single_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// One `case` row per option with fixed values: {0} is its pattern, {1} the values.
std::string choice_rows(const char* row) {
  std::string out;
  for_each_option([&](std::string_view verb, const OptionSpec& option) {
    if (option.choices.empty() || option.is_positional()) return;
    const std::string pattern = verb == "*" ? "*:" : fmt::format("\"{}\":", verb);
    for (const std::string& name : names_of(option)) out += fmt::format(fmt::runtime(row), pattern + name, option.choices);
  });
  return out;
}

std::string bash_rows() {
  std::string out;
  const auto row = [&out](std::string_view verb, const std::string& words, bool files) {
    out += fmt::format("    \"{}\") words=\"{}\"; files={} ;;\n", verb, words, files ? 1 : 0);
  };
  row("", words_of(verbs_after("")) + " " + words_of(program_items()), false);
  for (const CommandGroup& group : command_groups())
    row(group.name, words_of(verbs_after(group.name)) + " " + words_of(global_items()), false);
  for (const Command& command : commands()) {
    row(command.name, words_of(argument_items(command)) + " " + words_of(option_items(command)), takes_files(command));
  }
  return out;
}

std::string zsh_items(const std::vector<Item>& items) {
  std::string out;
  for (const Item& item : items) out += " " + single_quoted(fmt::format("{}:{}", item.word, item.help));
  return out;
}

std::string zsh_rows() {
  std::string out;
  const auto row = [&out](std::string_view verb, const std::vector<Item>& verbs, const std::vector<Item>& options, bool files) {
    out += fmt::format("    (\"{}\") verbs=({}); options=({}); files={} ;;\n", verb, zsh_items(verbs), zsh_items(options),
                       files ? 1 : 0);
  };
  row("", verbs_after(""), program_items(), false);
  for (const CommandGroup& group : command_groups()) row(group.name, verbs_after(group.name), global_items(), false);
  for (const Command& command : commands()) row(command.name, argument_items(command), option_items(command), takes_files(command));
  return out;
}

// The value part of fish's `complete`: a file, one of some words, anything, or nothing.
std::string fish_value(const OptionSpec& option) {
  if (option.is_flag()) return "";
  if (option.hint == ValueHint::kFile) return " -r -F";
  if (!option.choices.empty()) return " -x -a " + single_quoted(option.choices);
  return " -x";
}

std::string fish_option(std::string_view condition, const OptionSpec& option) {
  std::string names;
  for (const std::string_view name : split(option.names, ',')) {
    names += name.starts_with("--") ? fmt::format(" -l {}", name.substr(2)) : fmt::format(" -s {}", name.substr(1));
  }
  return fmt::format("complete -c memory{}{}{} -d {}\n", condition, names, fish_value(option), single_quoted(option.help));
}

std::string fish_words(std::string_view verb, const std::vector<Item>& items) {
  std::string out;
  for (const Item& item : items) {
    out += fmt::format("complete -c memory -n '__memory_verb_is {}' -a {} -d {}\n", verb, item.word, single_quoted(item.help));
  }
  return out;
}

std::string fish_rows() {
  std::string out = fish_words("", verbs_after(""));
  for (const CommandGroup& group : command_groups()) out += fish_words(group.name, verbs_after(group.name));
  for (const OptionSpec& option : global_options()) out += fish_option("", option);
  for (const Command& command : commands()) {
    out += fish_words(command.name, argument_items(command));
    if (takes_files(command)) out += fmt::format("complete -c memory -n '__memory_verb_is {}' -F\n", command.name);
    for (const auto& group : command.options) {
      for (const OptionSpec& option : group) {
        if (!option.is_positional()) out += fish_option(fmt::format(" -n '__memory_verb_is {}'", command.name), option);
      }
    }
  }
  return out;
}

constexpr const char* kBash = R"(# bash completion for memory; made by `memory completion bash`
_memory() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} verb="" words="" files=0 word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${{COMP_WORDS[i]}}
    case "$word" in
      {0}) ((i++)) ;;
      -*) ;;
      *) case "$verb" in
           "") verb=$word ;;
           {1}) verb="$verb $word" ;;
         esac ;;
    esac
  done
  COMPREPLY=()
  case "$verb:$prev" in
    {2}) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
{3}    {4}) return ;;
  esac
  case "$verb" in
{5}  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
  if [[ $files = 1 && $cur != -* ]]; then
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
  fi
}}
complete -F _memory memory
)";

constexpr const char* kZsh = R"(#compdef memory
# zsh completion for memory; made by `memory completion zsh`
_memory() {{
  local verb="" word i files=0
  local -a verbs options
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    case "$word" in
      ({0}) ((i++)) ;;
      (-*) ;;
      (*) case "$verb" in
            ("") verb=$word ;;
            ({1}) verb="$verb $word" ;;
          esac ;;
    esac
  done
  case "$verb:$words[CURRENT-1]" in
    ({2}) _files; return ;;
{3}    ({4}) return ;;
  esac
  case "$verb" in
{5}  esac
  (( $#verbs )) && _describe 'argument' verbs
  (( $#options )) && _describe -o 'option' options
  (( files )) && _files
}}
if [ "$funcstack[1]" = "_memory" ]; then _memory "$@"; else compdef _memory memory; fi
)";

constexpr const char* kFish = R"(# fish completion for memory; made by `memory completion fish`
function __memory_verb_is
  set -l verb
  set -l skip 0
  set -l words (commandline -opc)
  for word in $words[2..-1]
    if test $skip = 1
      set skip 0
      continue
    end
    switch $word
      case {0}
        set skip 1
      case '-*'
      case '*'
        if test -z "$verb"
          set verb $word
        else if contains -- "$verb" {1}
          set verb "$verb $word"
        end
    end
  end
  test "$verb" = "$argv"
end
complete -c memory -f
{2})";

}  // namespace

std::string bash_completion() {
  const std::string choices = choice_rows("    {0}) mapfile -t COMPREPLY < <(compgen -W \"{1}\" -- \"$cur\"); return ;;\n");
  return fmt::format(kBash, value_options(), group_names("|"), value_patterns(is_file), choices, value_patterns(is_free),
                     bash_rows());
}

std::string zsh_completion() {
  const std::string choices = choice_rows("    ({0}) compadd {1}; return ;;\n");
  return fmt::format(kZsh, value_options(), group_names("|"), value_patterns(is_file), choices, value_patterns(is_free),
                     zsh_rows());
}

std::string fish_completion() {
  std::string values = value_options();
  std::replace(values.begin(), values.end(), '|', ' ');
  return fmt::format(kFish, values, group_names(" "), fish_rows());
}

}  // namespace cli
