#include <unistd.h>

#include <cerrno>

#include "context.h"
#include "failure.h"
#include "listing.h"

namespace cli {
namespace {

constexpr std::size_t kMostStatementBytes = 1 << 20;

std::string read_standard_input() {
  std::string text;
  char buffer[4096];
  while (true) {
    const ssize_t count = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw system_failure("reading the statement from standard input", errno);
    if (count == 0) return text;
    text.append(buffer, static_cast<std::size_t>(count));
    if (text.size() > kMostStatementBytes)
      throw Failure(CMEM_E_LIMIT, "the statement is longer than 1 MiB", "ask a shorter question");
  }
}

std::string statement_of(const Context& context) {
  if (!context.options.argument.empty() && context.options.argument != "-") return context.options.argument;
  if (::isatty(STDIN_FILENO) == 1) context.note("reading the statement from the terminal; end it with Ctrl-D");
  return read_standard_input();
}

}  // namespace

int run_sql(Context& context) {
  const std::string statement = statement_of(context);
  if (statement.find_first_not_of(" \t\r\n;") == std::string::npos) {
    throw Failure(CMEM_E_INVALID, "no statement is given", "memory sql 'SELECT count(*) FROM session_messages'");
  }
  const std::int64_t timeout_ms = std::min<std::int64_t>(context.options.timeout_s, 86'400) * 1000;
  auto cursor = context.store.sql(statement, static_cast<std::uint32_t>(timeout_ms));
  // A statement without rows was answered: unlike a search for messages, it may well be meant so.
  print_listing(context, cursor, {{}, "no rows"});
  return kExitOk;
}

}  // namespace cli
