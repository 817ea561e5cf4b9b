#include "commands.h"

namespace cli {
namespace {

constexpr OptionSpec kLoad[] = {
    {"PATH",
     "PATH",
     "a file, folder, glob pattern, or - for standard input (also .gz and .zst)",
     &Options::arguments,
     {},
     ValueHint::kFile,
     true},
    {"--strict", {}, "check everything first; one bad record and nothing is written", &Options::strict},
    {"--known-hashes",
     "FILE",
     "skip records whose content hash is in this JSON array",
     &Options::known_hashes,
     {},
     ValueHint::kFile},
    {"--max-line-bytes", "N", "reject longer lines [default 16777216]", &Options::max_line_bytes},
};

constexpr OptionSpec kVerify[] = {
    {"HOME", "HOME", "this home alone [default: all that were loaded]", &Options::argument, {}, ValueHint::kFile},
};

constexpr OptionSpec kHome[] = {
    {"HOME", "HOME", "the agent's home [default: the one that it uses itself]", &Options::argument, {}, ValueHint::kFile},
    {"--max-line-bytes", "N", "reject longer lines [default 16777216]", &Options::max_line_bytes},
};

constexpr OptionSpec kRedact[] = {
    {"--redact", {}, "put placeholders in the place of secrets before anything is stored", &Options::redact},
};

constexpr OptionSpec kPolicy[] = {
    {"POLICY", "POLICY", "redact or keep; without it, shows what holds", &Options::argument, "redact keep"},
};

constexpr OptionSpec kForget[] = {
    {"--session", "ID", "messages of this session and its parts: its id or the first characters of it (at least 4)",
     &Options::session},
    {"--project", "NAME", "messages of this project: its full path or last path component", &Options::project},
    {"--before", "TIME", "messages before this time", &Options::before},
    {"--id", "ID", "this message", &Options::message},
    {"--secret", "KINDS", "instead: redact secrets in place; all, or kinds with commas between them", &Options::secret},
    {"--reason", "TEXT", "why, for the tombstones", &Options::reason},
    {"--dry-run", {}, "only count", &Options::dry_run},
    {"--yes", {}, "do it: it cannot be undone", &Options::yes},
};

constexpr OptionSpec kWatch[] = {
    {"HOME", "HOME", "an agent's home [default: those that the agents use themselves]", &Options::arguments, {}, ValueHint::kFile},
    {"--agent", "AGENT", "whose home it is [default: told by what is in it]", &Options::agent, "claude codex"},
    {"--poll", {}, "look at all files each second, and do not ask the system what changes", &Options::poll},
    {"--max-line-bytes", "N", "reject longer lines [default 16777216]", &Options::max_line_bytes},
    {"--install", {}, "do not watch, but write a unit with which systemd does, as long as you are logged in", &Options::install},
    {"--uninstall", {}, "remove that unit", &Options::uninstall},
};

constexpr OptionSpec kRejected[] = {
    {"RUN", "RUN", "the run; without it, all runs", &Options::number},
};

constexpr OptionSpec kLimit[] = {
    {"--limit", "N", "at most N rows, 0 = all [default 20]", &Options::limit},
};

constexpr OptionSpec kQuery[] = {
    {"QUERY",
     "QUERY",
     "words (all must occur), \"a phrase\", prefix*, -word, OR, NEAR(a b, 8), and fields: project:NAME level:ERROR after:yesterday",
     &Options::arguments,
     {},
     ValueHint::kNone,
     true},
};

constexpr OptionSpec kSearch[] = {
    {"--sort", "ORDER", "relevance (default), newest or oldest", &Options::sort, "relevance newest oldest"},
    {"--all-matches", {}, "show every message, also those with equal text", &Options::all_matches},
    {"--exact", {}, "only what has the words as typed", &Options::exact},
    {"--fuzzy", {}, "also other forms and similar words, however many hits there are", &Options::fuzzy},
    {"--prose-weight", "X", "prompts and replies count X times as much as logs and output, up to 10 [default 1.5]",
     &Options::prose_weight},
    {"--context", "N", "also the N messages before and after each hit in its session and source", &Options::context},
    {"--explain", {}, "also how the query was understood, and how many texts have each word", &Options::explain},
    {"--facet", "FIELDS", "also how many messages have which project, session, component, level, role, source, phase, day",
     &Options::facet},
    {"--facet-limit", "N", "at most N values of each, 0 = all [default 20]", &Options::facet_limit},
    {"--histogram", "UNIT", "also how many messages each hour, day, week or month has", &Options::histogram, "hour day week month"},
};

constexpr OptionSpec kMessages[] = {
    {"--sort", "ORDER", "newest (default) or oldest", &Options::sort, "newest oldest"},
};

constexpr OptionSpec kMessageShow[] = {
    {"ID", "ID", "the message", &Options::number, {}, ValueHint::kNone, true},
    {"--context", "N", "also the N messages before and after it in its source", &Options::context},
};

constexpr OptionSpec kSessionShow[] = {
    {"ID", "ID", "the session, or the first characters of its id (at least 4)", &Options::argument, {}, ValueHint::kNone, true},
    {"--limit", "N", "at most N messages [default: all]", &Options::limit},
    {"--after", "POSITION", "the next page: the position that the last page ended with", &Options::after},
    {"--full", {}, "also thinking and bookkeeping, and tool calls and their results as a whole", &Options::full},
};

constexpr OptionSpec kSessionResume[] = {
    {"ID", "ID", "the session, or the first characters of its id (at least 4)", &Options::argument, {}, ValueHint::kNone, true},
};

constexpr OptionSpec kOfProject = {"--project", "NAME", "only of this project: its full path or last path component",
                                   &Options::project};

constexpr OptionSpec kDay[] = {
    {"DATE", "DATE", "a day: 2025-11-15, yesterday, \"3 days ago\", \"15 November\" [default: today]", &Options::arguments},
    kOfProject,
};

constexpr OptionSpec kDays[] = {kOfProject};

constexpr OptionSpec kTokens[] = {
    {"--by", "NAMES", "a row for each day, model, project, session, or several of them: day,model [default: day]", &Options::by},
};

constexpr OptionSpec kOfSession = {"--session", "ID", "those of this session: its id or the first characters of it (at least 4)",
                                   &Options::session};

constexpr OptionSpec kFileList[] = {
    {"--project", "NAME", "saved by sessions of this project", &Options::project},
    kOfSession,
};

constexpr OptionSpec kFileLog[] = {
    {"PATH",
     "PATH",
     "the file, or the name of 16 hex digits under which the agent keeps it",
     &Options::argument,
     {},
     ValueHint::kFile,
     true},
    kOfSession,
};

constexpr OptionSpec kFileShow[] = {
    {"PATH",
     "PATH",
     "the file, with @v3 behind it for version 3 [default: the last one]",
     &Options::argument,
     {},
     ValueHint::kFile,
     true},
    kOfSession,
    {"--at", "TIME", "the version of that time", &Options::at},
};

constexpr OptionSpec kFileDiff[] = {
    {"PATH", "PATH", "the file", &Options::argument, {}, ValueHint::kFile, true},
    {"VERSION", "VERSION", "the two versions, such as v1 v3 [default: the last two]", &Options::arguments},
    kOfSession,
};

constexpr OptionSpec kReport[] = {
    {"NAME", "NAME", "a report; list: which there are; all: a folder of pages, with -o DIR", &Options::argument,
     "project-activity timeline session-activity component-usage error-analysis session extraction-audit list all",
     ValueHint::kNone, true},
    {"--start-date", "TIME", "from the begin of this day: 2025-11-15, yesterday, \"3 days ago\"", &Options::start_date},
    {"--end-date", "TIME", "to the end of this day", &Options::end_date},
    {"--date", "RANGE", "both: a day or range, such as \"last week\" or 2025-11-15..2025-11-17", &Options::date},
    {"--project", "NAME", "only of this project: its full path or last path component", &Options::project},
    {"--component", "NAME", "only of this component or tool, such as Hooks or Bash", &Options::component},
    {"--session", "ID", "of this session only, which the report `session` needs: its id or the first characters of it (at least 4)", &Options::session},
    {"--by", "UNIT", "rows for each hour, day, week or month", &Options::by, "hour day week month"},
    {"--top,--top-components", "N", "only the N first rows of a report that ranks", &Options::top},
    {"--pause", "MINUTES", "a longer gap between messages counts as so much activity [default 15]", &Options::pause_min},
    {"-o,--output",
     "FILE",
     "write to FILE (mode 0600, replaced in one step); of `all` a folder [default: standard output]",
     &Options::output,
     {},
     ValueHint::kFile},
};

constexpr OptionSpec kStats[] = {
    {"--by", "FIELDS", "how many messages have which source, level, component, role, project, session, day instead", &Options::by},
    {"--sizes", {}, "also where the bytes are (reads the whole file)", &Options::sizes},
};

constexpr OptionSpec kDoctor[] = {
    {"--deep", {}, "also decode every text and recompute content_root", &Options::deep},
};

constexpr OptionSpec kSql[] = {
    {"STATEMENT", "STATEMENT", "one statement that reads; without it, standard input", &Options::argument},
    {"--timeout", "SECONDS", "stop after this long [default 30]", &Options::timeout_s},
};

constexpr OptionSpec kExport[] = {
    {"--raw", {}, "the source lines, byte for byte as they were loaded", &Options::raw},
    {"-o,--output",
     "FILE",
     "write to FILE (mode 0600, replaced in one step) [default: standard output]",
     &Options::output,
     {},
     ValueHint::kFile},
    {"--sources",
     "DIR",
     "with --raw: the files of loaded homes, as they were, below DIR (nothing there is written over)",
     &Options::sources,
     {},
     ValueHint::kFile},
    {"--origin", "GLOB", "with --sources: only these files; without: one of them, to standard output", &Options::origin},
};

constexpr OptionSpec kSynonym[] = {
    {"WORD", "WORD", "a word, or a phrase in quotes", &Options::argument, {}, ValueHint::kNone, true},
    {"OTHER", "OTHER", "what means the same", &Options::other, {}, ValueHint::kNone, true},
};

constexpr OptionSpec kSavedName[] = {
    {"NAME", "NAME", "the name of the search", &Options::argument, {}, ValueHint::kNone, true},
};

constexpr OptionSpec kSavedAdd[] = {
    {"QUERY", "QUERY", "as for `memory search`; the options below become fields of it", &Options::arguments},
    {"--replace", {}, "give the name to this query also if another one has it", &Options::replace},
};

constexpr OptionSpec kCompletion[] = {
    {"SHELL", "SHELL", "bash, zsh or fish", &Options::argument, "bash zsh fish", ValueHint::kNone, true},
};

constexpr CommandGroup kGroups[] = {
    {"ingest", "Load homes of coding agents and extraction files, and look at past loads"},
    {"message", "One message"},
    {"project", "Projects"},
    {"session", "Sessions"},
    {"file", "Versions of files that an agent saved before it changed them"},
    {"component", "Components"},
    {"saved", "Searches that are kept under a name"},
    {"secrets", "API keys, tokens, private keys and passwords in the store"},
    {"synonym", "Words that search takes for each other, beside those built in"},
};

std::vector<Command> make_commands() {
  const auto filters = filter_options();
  const auto page = page_options();
  return {
      {"init", "Make an empty store", "memory --db notes.db init", {}, StoreUse::kCreate, run_init},
      {"ingest claude",
       "Load the home of Claude Code; again, it reads only what is new",
       "memory ingest claude\nmemory ingest claude /mnt/backup/.claude",
       {kHome, kRedact},
       StoreUse::kCreate,
       run_ingest_claude},
      {"ingest codex",
       "Load the home of Codex CLI; again, it reads only what is new",
       "memory ingest codex",
       {kHome, kRedact},
       StoreUse::kCreate,
       run_ingest_codex},
      {"ingest watch",
       "Load homes, and then what the agents write, within a second",
       "memory ingest watch\nmemory ingest watch ~/.claude --format jsonl\nmemory ingest watch --install",
       {kWatch},
       StoreUse::kNone,
       run_ingest_watch},
      {"ingest load-extraction",
       "Load extraction files; loading the same again adds nothing",
       "memory ingest load-extraction phase1-history.jsonl checkpoints/\nzstdcat old.jsonl.zst | memory ingest load-extraction -",
       {kLoad, kRedact},
       StoreUse::kCreate,
       run_ingest_load_extraction},
      {"ingest verify",
       "Compare the homes that were loaded with their files now; exit code 9 if a file has what the store has not",
       "memory ingest verify\nmemory ingest verify ~/.claude --format json",
       {kVerify},
       StoreUse::kRead,
       run_ingest_verify},
      {"ingest runs", "Past loads, newest first", "memory ingest runs --limit 5", {kLimit}, StoreUse::kRead, run_ingest_runs},
      {"ingest rejected",
       "Bad records of a load: where, why, and how they begin",
       "memory ingest rejected 3",
       {kRejected, kLimit},
       StoreUse::kRead,
       run_ingest_rejected},
      {"search",
       "Full-text search",
       "memory search authentication setup --project my-app --date week\nmemory search 'deploy* -staging \"rolled back\"'\n"
       "memory search --sort newest -- -draft release\nmemory search 'timeout (level:WARN OR level:ERROR) -component:Hooks "
       "after:yesterday'\nmemory search timeout --facet project,level --histogram day",
       {kQuery, kSearch, filters, page},
       StoreUse::kRead,
       run_search},
      {"saved add",
       "Keep a search under a name; \"yesterday\" in it is that of the day on which it is run",
       "memory saved add fires 'timeout OR crash' --level ERROR --date week\nmemory saved add --replace fires 'crash* level:ERROR'",
       {kSavedName, kSavedAdd, query_filter_options()},
       StoreUse::kWrite,
       run_saved_add},
      {"saved run",
       "Search for what is kept under a name",
       "memory saved run fires --limit 5\nmemory saved run fires --project my-app --sort newest --format json",
       {kSavedName, kSearch, filters, page},
       StoreUse::kRead,
       run_saved_run},
      {"saved list", "The saved searches", "memory saved list", {}, StoreUse::kRead, run_saved_list},
      {"saved remove", "Forget a saved search", "memory saved remove fires", {kSavedName}, StoreUse::kWrite, run_saved_remove},
      {"messages",
       "Messages by project, session, component, level, role, source type and time",
       "memory messages --component Hooks --level ERROR --since yesterday\nmemory messages --format csv --limit 0 > all.csv",
       {kMessages, filters, page},
       StoreUse::kRead,
       run_messages},
      {"message show",
       "One message with all that is known about it",
       "memory message show 1234 --context 3",
       {kMessageShow},
       StoreUse::kRead,
       run_message_show},
      {"project list", "Projects, busiest first", "memory project list", {}, StoreUse::kRead, run_project_list},
      {"session list",
       "Sessions, newest first",
       "memory session list --project my-app --date week",
       {session_filter_options(), kLimit},
       StoreUse::kRead,
       run_session_list},
      {"session show",
       "A session as a conversation, with its subagents; without a transcript, its messages by time",
       "memory session show 6932fd00\nmemory session show 6932fd00 --full --format markdown > session.md",
       {kSessionShow},
       StoreUse::kRead,
       run_session_show},
      {"session resume",
       "Print the command that opens a session again in its agent",
       "memory session resume 6932fd00\neval \"$(memory session resume 6932fd00)\"",
       {kSessionResume},
       StoreUse::kRead,
       run_session_resume},
      {"file list",
       "Files of which versions are kept, the last changed one first",
       "memory file list --project my-app",
       {kFileList, kLimit},
       StoreUse::kRead,
       run_file_list},
      {"file log", "The versions of a file", "memory file log src/main.py", {kFileLog}, StoreUse::kRead, run_file_log},
      {"file show",
       "Write a version of a file to standard output",
       "memory file show src/main.py@v2 > main.py\nmemory file show /home/ada/my-app/src/main.py --at yesterday",
       {kFileShow},
       StoreUse::kRead,
       run_file_show},
      {"file diff",
       "What differs between two versions of a file",
       "memory file diff src/main.py\nmemory file diff src/main.py v1 v3",
       {kFileDiff},
       StoreUse::kRead,
       run_file_diff},
      {"component list",
       "Components, busiest first",
       "memory component list --format json",
       {},
       StoreUse::kRead,
       run_component_list},
      {"day",
       "What was done on a day: projects, sessions, errors and files on one screen",
       "memory day 2025-11-15\nmemory day last monday --format markdown",
       {kDay},
       StoreUse::kRead,
       run_day},
      {"today", "What was done today", "memory today --project my-app", {kDays}, StoreUse::kRead, run_today},
      {"standup",
       "The last day before today that has messages, in at most ten lines",
       "memory standup\nmemory standup --format markdown",
       {kDays},
       StoreUse::kRead,
       run_standup},
      {"tokens",
       "Tokens that replies of models took; each reply counts once",
       "memory tokens --by model --date month\nmemory tokens --by day,project --since 2026-01 --format csv",
       {kTokens, session_filter_options()},
       StoreUse::kRead,
       run_tokens},
      {"report",
       "Tables that answer questions about times of work, also as pages with charts",
       "memory report project-activity --date \"last month\"\nmemory report component-usage --top 10 --start-date monday\n"
       "memory report project-activity --format html -o report.html\nmemory report all -o reports",
       {kReport},
       StoreUse::kNone,
       run_report},
      {"stats", "Totals of the store", "memory stats --sizes\nmemory stats --by source,role", {kStats}, StoreUse::kRead, run_stats},
      {"doctor", "Examine the store; changes nothing", "memory doctor --deep", {kDoctor}, StoreUse::kWriteIfPossible, run_doctor},
      {"sql",
       "One read-only SQL statement",
       "memory sql 'SELECT project, count(*) FROM session_messages GROUP BY 1'\nmemory sql --format csv < report.sql",
       {kSql},
       StoreUse::kRead,
       run_sql},
      {"export",
       "Write messages as JSON lines, or the source lines as they were",
       "memory export --project my-app -o my-app.jsonl\nmemory export --raw | sha256sum\n"
       "memory export --raw --sources restored --origin 'file-history/*'\nmemory export --raw --origin history.jsonl",
       {kExport, filters},
       StoreUse::kRead,
       run_export},
      {"rebuild",
       "Make the text index and all other derived data anew from the messages",
       "memory rebuild",
       {},
       StoreUse::kWrite,
       run_rebuild},
      {"checkpoint",
       "Move the write-ahead log into the file, e.g. before copying it",
       "memory checkpoint && cp memory.db /mnt/usb/",
       {},
       StoreUse::kWrite,
       run_checkpoint},
      {"secrets scan",
       "Find API keys, tokens, private keys and passwords; shows them masked",
       "memory secrets scan\nmemory secrets scan --project my-app --format json",
       {filters, kLimit},
       StoreUse::kRead,
       run_secrets_scan},
      {"secrets policy",
       "Whether everything that is loaded into the store is redacted first",
       "memory secrets policy redact",
       {kPolicy},
       StoreUse::kWriteIfPossible,
       run_secrets_policy},
      {"secrets redacted", "What was redacted, by run", "memory secrets redacted", {}, StoreUse::kRead, run_secrets_redacted},
      {"secrets kinds", "The kinds of secrets that are found", "memory secrets kinds", {}, StoreUse::kNone, run_secrets_kinds},
      {"forget",
       "Delete messages for good, or redact secrets that are stored",
       "memory forget --session 6932fd00 --dry-run\nmemory forget --secret all --yes",
       {kForget},
       StoreUse::kWrite,
       run_forget},
      {"tombstones", "Which messages were forgotten, when and why", "memory tombstones", {kLimit}, StoreUse::kRead, run_tombstones},
      {"synonym add",
       "Let search find a word where another stands",
       "memory synonym add pager alert\nmemory synonym add tf 'terraform plan'",
       {kSynonym},
       StoreUse::kWrite,
       run_synonym_add},
      {"synonym remove",
       "Take back a pair that was added",
       "memory synonym remove pager alert",
       {kSynonym},
       StoreUse::kWrite,
       run_synonym_remove},
      {"synonym list", "The pairs that were added", "memory synonym list", {}, StoreUse::kRead, run_synonym_list},
      {"version", "Show the version", "memory version", {}, StoreUse::kNone, run_version},
      {"completion",
       "Print a completion script for a shell",
       "memory completion bash > ~/.local/share/bash-completion/completions/memory\n"
       "memory completion zsh > ~/.zfunc/_memory\nmemory completion fish > ~/.config/fish/completions/memory.fish",
       {kCompletion},
       StoreUse::kNone,
       run_completion},
  };
}

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> table = make_commands();
  return table;
}

std::span<const CommandGroup> command_groups() { return kGroups; }

}  // namespace cli
