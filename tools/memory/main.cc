// The `memory` command: parse, open the store, run the verb, tell failures.
#include <fmt/format.h>
#include <unistd.h>

#include <clocale>
#include <csignal>
#include <exception>
#include <new>

#include "context.h"
#include "failure.h"
#include "heap.h"
#include "parse.h"
#include "zone.h"

namespace {

using namespace cli;

Format format_of(const std::string& name) {
  if (name == "json") return Format::kJson;
  if (name == "jsonl") return Format::kJsonl;
  if (name == "markdown") return Format::kMarkdown;
  if (name == "html") return Format::kHtml;
  return name == "csv" ? Format::kCsv : Format::kTable;
}

int run(const Parsed& parsed) {
  const Options& options = parsed.options;
  const Command& command = *parsed.command;
  if (options.format == "html" && command.run != run_report)
    throw Failure(CMEM_E_INVALID, fmt::format("`memory {}` does not write html", command.name),
                  "`memory report NAME --format html` does");
  const bool writes_markdown = command.run == run_session_show || command.run == run_day || command.run == run_today ||
                               command.run == run_standup || command.run == run_report;
  if (options.format == "markdown" && !writes_markdown)
    throw Failure(CMEM_E_INVALID, fmt::format("`memory {}` does not write markdown", command.name),
                  "`memory session show ID --format markdown` does");
  use_zone(options);
  const int width = static_cast<int>(std::min<std::int64_t>(options.width, 100'000));
  Context context{command,
                  options,
                  command.store == StoreUse::kNone ? std::string() : store_path(options),
                  format_of(options.format),
                  Output(STDOUT_FILENO, "standard output"),
                  Terminal::of(STDOUT_FILENO, options.no_color, width),
                  Terminal::of(STDERR_FILENO, options.no_color, width),
                  coditect::Store(nullptr)};
  if (command.store == StoreUse::kRead) prepare_heap();
  if (command.store != StoreUse::kNone) {
    context.store_is_new = ::access(context.store_path.c_str(), F_OK) != 0;
    context.store = open_store(context.store_path, command.store);
  }
  const int exit_code = command.run(context);
  context.out.flush();
  return exit_code;
}

std::string hint_for(const Command& command, cmem_status status) {
  if (status == CMEM_E_INVALID) return fmt::format("`memory {} --help` shows what is possible", command.name);
  return std::string(hint_of(status));
}

// Gives the library's errors a hint.
int run_hinted(const Parsed& parsed) {
  try {
    return run(parsed);
  } catch (const coditect::Error& error) {
    throw Failure(error.status(), error.what(), hint_for(*parsed.command, error.status()));
  }
}

int print_text(const std::string& text) {
  Output out(STDOUT_FILENO, "standard output");
  out.write(text);
  out.flush();
  return kExitOk;
}

int told(const Failure& failure, bool as_json) {
  report(failure, as_json);
  return failure.exit_code();
}

int run_and_tell(int argc, const char* const* argv) {
  const bool as_json = wants_json_errors(argc, argv);
  try {
    const Parsed parsed = parse_command_line(argc, argv);
    return parsed.command == nullptr ? print_text(parsed.text) : run_hinted(parsed);
  } catch (const ClosedPipe&) {
    return kExitOk;  // the reader has all that it wanted
  } catch (const Failure& failure) {
    return told(failure, as_json);
  } catch (const std::bad_alloc&) {
    return told({CMEM_E_NO_MEMORY, "out of memory", std::string(hint_of(CMEM_E_NO_MEMORY))}, as_json);
  } catch (const std::exception& error) {
    return told({CMEM_E_INTERNAL, error.what(), std::string(hint_of(CMEM_E_INTERNAL))}, as_json);
  }
}

}  // namespace

int main(int argc, char** argv) {
  // Widths of characters need a UTF-8 locale, whatever the user's is; nothing else depends on it.
  std::setlocale(LC_CTYPE, "C.UTF-8");
  // A closed standard output is noticed where it is written; a load must not die because the reader of its progress did.
  std::signal(SIGPIPE, SIG_IGN);
  return run_and_tell(argc, argv);
}
