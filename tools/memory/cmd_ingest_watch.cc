#include <fmt/format.h>

#include <chrono>
#include <filesystem>

#include "agent_homes.h"
#include "context.h"
#include "failure.h"
#include "interrupt.h"
#include "printer.h"
#include "text.h"
#include "watch_unit.h"

namespace cli {
namespace {

namespace fs = std::filesystem;

std::vector<coditect::WatchedHome> homes_to_watch(const Options& options) {
  std::vector<coditect::WatchedHome> homes;
  for (const std::string& home : options.arguments) homes.push_back({options.agent, home});
  if (!homes.empty()) return homes;
  for (const AgentHome& known : agent_homes()) {
    std::error_code error;
    const bool is_asked = options.agent.empty() || options.agent == known.agent;
    if (is_asked && fs::is_directory(known.home, error)) homes.push_back({known.agent, known.home});
  }
  if (homes.empty()) throw Failure(CMEM_E_NOT_FOUND, "there is no home of a coding agent", "name the folder to watch", kExitUsage);
  return homes;
}

// Tells what the watch does: a line a commit for programs, a line a minute for people.
class Reporter {
 public:
  Reporter(Context& context, const std::vector<coditect::WatchedHome>& homes) : context_(context), homes_(homes) {}

  // For coditect::WatchReporter: true when an interrupt asks to stop.
  bool report(const coditect::WatchReport& news) {
    if (news.polls != 0 && !polls_ && !context_.options.poll)
      context_.note("the system does not tell what changes; looking at everything each second");
    polls_ = news.polls != 0;
    if (news.committed != 0) count(news);
    if (context_.error_terminal.is_terminal() && Clock::now() - last_line_ >= std::chrono::minutes(1)) {
      last_line_ = Clock::now();
      context_.note(sums());
    }
    return pending_interrupt() != 0;
  }

  [[nodiscard]] std::string sums() const {
    return fmt::format("{}, {} duplicate, {} rejected in {}", counted(messages_, "new message"), grouped(duplicates_),
                       grouped(rejected_), counted(commits_, "commit"));
  }

 private:
  using Clock = std::chrono::steady_clock;

  void count(const coditect::WatchReport& news) {
    ++commits_;
    messages_ += news.messages_new;
    duplicates_ += news.duplicates;
    rejected_ += news.rejected;
    if (context_.format != Format::kJsonl) return;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    Record()
        .time("time", std::chrono::duration_cast<std::chrono::milliseconds>(now).count())
        .text("home", homes_[news.home].home)
        .integer("files_read", news.files_read)
        .integer("records_read", news.records_read)
        .integer("new", news.messages_new)
        .integer("duplicate", news.duplicates)
        .integer("rejected", news.rejected)
        .integer("bytes_read", news.bytes_read)
        .print(context_);
    context_.out.flush();
  }

  Context& context_;
  const std::vector<coditect::WatchedHome>& homes_;
  std::int64_t commits_ = 0, messages_ = 0, duplicates_ = 0, rejected_ = 0;
  bool polls_ = false;
  Clock::time_point last_line_ = Clock::now();
};

Failure not_watched(const coditect::Error& error) {
  return {error.status(), error.what(), "name the agent's home, and the agent with --agent if its home is still empty", kExitUsage};
}

void watch(Context& context) {
  const auto homes = homes_to_watch(context.options);
  std::string names;
  for (const auto& home : homes) names += (names.empty() ? "" : ", ") + home.home;
  context.note(fmt::format("watching {}; Ctrl-C ends it", names));
  Reporter reporter(context, homes);
  coditect::WatchOptions options;
  options.poll = context.options.poll;
  options.max_line_bytes = static_cast<std::uint64_t>(context.options.max_line_bytes);
  context.store = open_store(store_path(context.options), StoreUse::kCreate);
  const InterruptScope interrupts;
  try {
    context.store.watch_homes(
        homes, [&](const coditect::WatchReport& news) { return reporter.report(news); }, options);
  } catch (const coditect::Error& error) {
    if (error.status() == CMEM_E_NOT_FOUND || error.status() == CMEM_E_INVALID) throw not_watched(error);
    throw;
  }
  context.note(reporter.sums());
}

// Names everything by absolute paths: systemd starts it elsewhere, and without the variables of the shell.
WatchUnit unit_of(const Context& context) {
  WatchUnit unit;
  std::error_code error;
  unit.command = {fs::read_symlink("/proc/self/exe", error).string(), "--quiet", "--db",
                  fs::absolute(store_path(context.options)).string(), "ingest",  "watch"};
  if (error) throw Failure(CMEM_E_IO, "cannot find out where this program is: " + error.message(), "is /proc mounted?");
  const Options& options = context.options;
  if (!options.agent.empty()) unit.command.insert(unit.command.end(), {"--agent", options.agent});
  if (options.poll) unit.command.emplace_back("--poll");
  if (options.max_line_bytes > 0)
    unit.command.insert(unit.command.end(), {"--max-line-bytes", std::to_string(options.max_line_bytes)});
  for (const std::string& home : options.arguments) unit.command.push_back(fs::absolute(home).string());
  if (!options.arguments.empty()) return unit;
  for (const AgentHome& known : agent_homes())
    if (const std::string value = environment(known.variable); !value.empty())
      unit.environment.emplace_back(known.variable, fs::absolute(value).string());
  return unit;
}

void install(Context& context) {
  const std::string path = unit_folder() + "/" + kWatchUnit;
  const bool is_new = install_unit(unit_of(context));
  context.out.write(fmt::format(
      "{} {}\n", path, is_new ? "is written; now start it, and again whenever you log in:" : "is as it should be; to start it:"));
  context.out.write(fmt::format("systemctl --user daemon-reload\nsystemctl --user enable --now {}\n", kWatchUnit));
}

void uninstall(Context& context) {
  const std::string path = unit_folder() + "/" + kWatchUnit;
  if (!remove_unit()) {
    context.out.write(fmt::format("{} is not there\n", path));
    return;
  }
  context.out.write(fmt::format("{} is removed; if it runs, stop it:\nsystemctl --user stop {}\nsystemctl --user daemon-reload\n",
                                path, kWatchUnit));
}

}  // namespace

int run_ingest_watch(Context& context) {
  if (context.format != Format::kTable && context.format != Format::kJsonl)
    throw Failure(CMEM_E_INVALID, "a watch has no end at which it could print a whole answer",
                  "use --format jsonl: a line a commit");
  if (context.options.install && context.options.uninstall)
    throw Failure(CMEM_E_INVALID, "--install and --uninstall exclude each other", "give one of them");
  if (context.options.install) {
    install(context);
  } else if (context.options.uninstall) {
    uninstall(context);
  } else {
    watch(context);
  }
  return kExitOk;
}

}  // namespace cli
