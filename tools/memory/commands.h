// The command table: one row a verb. main() opens the store as the row says and calls `run`.
#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "options.h"

namespace cli {

struct Context;

enum class StoreUse {
  kNone,
  kRead,
  kWrite,
  kWriteIfPossible,  // else read; some checks need a connection that could write
  kCreate,           // write; made if it does not exist
};

struct Command {
  std::string_view name;  // "search", or "ingest runs" for a verb of a group
  std::string_view summary;
  std::string_view example;  // lines of shell, each of them works as it stands
  std::vector<std::span<const OptionSpec>> options;
  StoreUse store = StoreUse::kRead;
  int (*run)(Context&) = nullptr;  // returns the exit code; throws Failure or coditect::Error
};

// A verb that only holds others.
struct CommandGroup {
  std::string_view name;
  std::string_view summary;
};

// In the order that help shows.
const std::vector<Command>& commands();
std::span<const CommandGroup> command_groups();

int run_init(Context&);
int run_ingest_load_extraction(Context&);
int run_ingest_claude(Context&);
int run_ingest_codex(Context&);
int run_ingest_watch(Context&);
int run_ingest_verify(Context&);
int run_ingest_runs(Context&);
int run_ingest_rejected(Context&);
int run_search(Context&);
int run_messages(Context&);
int run_message_show(Context&);
int run_project_list(Context&);
int run_session_list(Context&);
int run_session_show(Context&);
int run_file_list(Context&);
int run_file_log(Context&);
int run_file_show(Context&);
int run_file_diff(Context&);
int run_session_resume(Context&);
int run_tokens(Context&);
int run_day(Context&);
int run_today(Context&);
int run_standup(Context&);
int run_report(Context&);
int run_component_list(Context&);
int run_stats(Context&);
int run_doctor(Context&);
int run_sql(Context&);
int run_export(Context&);
int run_export_sources(Context&);  // that of `memory export` for files
int run_rebuild(Context&);
int run_checkpoint(Context&);
int run_synonym_add(Context&);
int run_synonym_remove(Context&);
int run_synonym_list(Context&);
int run_saved_add(Context&);
int run_saved_remove(Context&);
int run_saved_list(Context&);
int run_saved_run(Context&);
int run_secrets_scan(Context&);
int run_secrets_kinds(Context&);
int run_secrets_policy(Context&);
int run_secrets_redacted(Context&);
int run_forget(Context&);
int run_tombstones(Context&);
int run_version(Context&);
int run_completion(Context&);

}  // namespace cli
