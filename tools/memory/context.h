// What a verb works with.
#pragma once
#include <coditect/memory.hpp>
#include <string>
#include <string_view>

#include "commands.h"
#include "output.h"
#include "terminal.h"

namespace cli {

enum class Format { kTable, kJson, kJsonl, kCsv, kMarkdown, kHtml };

struct Context {
  const Command& command;
  const Options& options;
  std::string store_path;
  Format format;
  Output out;               // standard output: data
  Terminal terminal;        // of standard output
  Terminal error_terminal;  // of standard error
  coditect::Store store;    // open as the command table says
  bool store_is_new = false;

  // A line on standard error for people; nothing with --quiet.
  void note(std::string_view line) const;
};

// --db, else CODITECT_MEMORY_DB, else $XDG_DATA_HOME/coditect/memory.db, else ~/.local/share/coditect/memory.db.
std::string store_path(const Options& options);

// Opens the store at `path`. A missing store is a Failure that says how to make one.
coditect::Store open_store(const std::string& path, StoreUse use);

// How many messages of the session, or of all, have only an approximate time.
std::int64_t approximate_times(const coditect::Store& store, std::string_view session = {});

}  // namespace cli
