// The values of the command line, and the options as data: parsing, help and completion all read the same rows.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cli {

inline constexpr std::int64_t kNotGiven = INT64_MIN;

struct Options {
  // Every verb.
  std::string db;
  std::string format = "table";
  bool quiet = false;
  bool no_color = false;
  bool utc = false;
  std::string tz;          // a name such as Europe/Berlin
  std::int64_t width = 0;  // columns; 0 = find out

  // Which messages.
  std::string project, session, component, level, role, source_type;
  std::string since, until, date;
  std::int64_t run = 0;

  // Which part of the answer.
  std::int64_t limit = kNotGiven;
  std::string sort;
  std::string after;
  bool all_matches = false;
  bool explain = false;
  bool exact = false;
  bool fuzzy = false;
  std::string prose_weight;
  std::string facet;      // names, separated by commas
  std::string histogram;  // a unit
  std::int64_t facet_limit = kNotGiven;

  // Single verbs.
  std::vector<std::string> arguments;  // PATH…, QUERY…
  std::string argument;                // ID, NAME, SHELL, STATEMENT, WORD
  std::string other;                   // OTHER
  std::int64_t number = 0;             // a message or run
  std::int64_t context = 0;
  std::string known_hashes;
  std::int64_t max_line_bytes = 0;
  std::int64_t timeout_s = 0;
  std::string output;
  std::string sources;  // a folder
  std::string origin;
  std::string at;  // a time
  bool strict = false;
  bool raw = false;
  bool sizes = false;
  bool deep = false;
  bool replace = false;
  bool redact = false;
  bool dry_run = false;
  bool yes = false;
  std::string before, secret, reason;
  std::int64_t message = 0;
  std::string agent;
  bool poll = false;
  bool install = false;
  bool uninstall = false;
  bool full = false;
  std::string by;  // names, separated by commas
  std::string start_date, end_date;
  std::int64_t top = 0;
  std::int64_t pause_min = 0;
};

using OptionTarget =
    std::variant<bool Options::*, std::int64_t Options::*, std::string Options::*, std::vector<std::string> Options::*>;

enum class ValueHint { kNone, kFile };

struct OptionSpec {
  std::string_view names;  // "--project" or "-o,--output"; a positional argument has no dash
  std::string_view value;  // what help calls the value; empty for a flag
  std::string_view help;
  OptionTarget target;
  std::string_view choices = {};  // allowed values, separated by spaces; empty = any
  ValueHint hint = ValueHint::kNone;
  bool required = false;

  [[nodiscard]] bool is_flag() const { return std::holds_alternative<bool Options::*>(target); }
  [[nodiscard]] bool is_positional() const { return !names.starts_with('-'); }
};

// The option groups that several verbs share.
std::span<const OptionSpec> global_options();
std::span<const OptionSpec> filter_options();
std::span<const OptionSpec> query_filter_options();  // those that a query can say too
std::span<const OptionSpec> session_filter_options();
std::span<const OptionSpec> page_options();

// Splits at `separator`; no empty pieces.
std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace cli
