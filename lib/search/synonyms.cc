#include "search/synonyms.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace cmem {
namespace {

// One group a line, members separated by a bar, folded, no word in two groups. Forms of a word that have its stem are found anyway;
// they stand here where they should also lead to the group. Only what people who search their sessions mean as the same: a word
// with another common sense (new, set, run, key) is better left out than found everywhere.
constexpr auto kGroups = std::to_array<std::string_view>({
    "lsp|language server|language server protocol|language servers",
    "mcp|model context protocol",
    "llm|llms|language model|large language model|language models",
    "hook|hooks|event|events",
    "error|errors|fail|fails|failed|failing|failure|failures|exception|exceptions",
    "warning|warnings|warn",
    "auth|authentication|authenticate|authenticated|authorization|authorize|authorized|login|sign in",
    "logout|sign out|log out",
    "config|configs|configuration|configurations|configure|configured|settings",
    "preferences|prefs",
    "db|dbs|database|databases",
    "postgres|postgresql|psql|pg",
    "sqlite|sqlite3",
    "dir|dirs|directory|directories|folder|folders",
    "repo|repos|repository|repositories",
    "env|environment|environments",
    "env var|environment variable|env vars|environment variables",
    "perm|perms|permission|permissions|access rights",
    "msg|msgs|message|messages",
    "fn|func|funcs|function|functions",
    "param|params|parameter|parameters|arg|args|argument|arguments",
    "var|vars|variable|variables",
    "attr|attrs|attribute|attributes",
    "prop|props|property|properties",
    "const|constant|constants",
    "init|initialize|initialized|initialization|initialise|initialised|initialisation",
    "delete|deleted|deletes|deleting|deletion|remove|removed|removes|removing|removal|rm",
    "create|created|creates|creating|creation",
    "rename|renamed|renaming",
    "fix|fixed|fixes|bugfix|bug fix|hotfix",
    "bug|bugs|defect|defects",
    "test|tests|testing|unit test|unit tests|spec|specs",
    "deploy|deployed|deploys|deployment|deployments|rollout",
    "build|builds|building|compile|compiles|compiled|compiling|compilation",
    "docs|doc|documentation|readme",
    "dep|deps|dependency|dependencies",
    "pkg|pkgs|package|packages",
    "lib|libs|library|libraries",
    "app|apps|application|applications",
    "info|information",
    "id|ids|identifier|identifiers",
    "addr|address|addresses",
    "conn|connection|connections",
    "req|reqs|request|requests",
    "res|resp|response|responses",
    "ctx|context|contexts",
    "impl|implementation|implementations|implement|implements|implemented|implementing",
    "refactor|refactored|refactoring|restructure|restructured|restructuring",
    "perf|performance",
    "optimize|optimized|optimization|optimise|optimised|optimisation",
    "ui|user interface|gui",
    "cli|command line|command line interface",
    "api|apis|application programming interface",
    "os|operating system",
    "vm|vms|virtual machine|virtual machines",
    "cpu|cpus|processor|processors",
    "mem|memory",
    "tmp|temp|temporary",
    "max|maximum",
    "min|minimum",
    "num|number|numbers",
    "str|string|strings",
    "bool|boolean|booleans",
    "int|integer|integers",
    "async|asynchronous|asynchronously",
    "sync|synchronize|synchronized|synchronization|synchronise|synchronised",
    "regex|regexp|regexes|regular expression|regular expressions",
    "js|javascript",
    "ts|typescript",
    "py|python",
    "rb|ruby",
    "golang|go lang",
    "cpp|c plus plus",
    "k8s|kubernetes|kubectl",
    "tls|ssl|transport layer security",
    "cert|certs|certificate|certificates",
    "cred|creds|credential|credentials",
    "pwd|passwd|password|passwords|passphrase",
    "ci|continuous integration",
    "pr|prs|pull request|pull requests|merge request|merge requests",
    "vcs|version control",
    "timeout|timeouts|timed out|time out|deadline exceeded",
    "crash|crashed|crashes|crashing|segfault|segmentation fault|core dump",
    "hang|hangs|hung|hanging|freeze|freezes|frozen|stuck|deadlock",
    "oom|out of memory",
    "eof|end of file",
    "not found|enoent|no such file",
    "refused|econnrefused",
    "access denied|permission denied|eacces|eperm",
    "disk full|no space left|enospc",
    "start|started|starts|starting|startup|launch|launched|launching",
    "stop|stopped|stops|stopping|shutdown|shut down",
    "abort|aborted|aborts|cancel|cancelled|canceled|cancels",
    "retry|retries|retried|retrying|try again",
    "todo|todos|task|tasks",
    "subagent|subagents|sub agent|sub agents",
    "plugin|plugins|plug in|extension|extensions|addon|addons",
    "shortcut|shortcuts|hotkey|hotkeys|keybinding|keybindings",
    "screenshot|screenshots|screen shot",
    "backup|backups|back up",
    "img|image|images",
    "frontend|front end",
    "backend|back end",
    "filename|filenames|file name|file names",
    "codebase|code base",
    "namespace|namespaces|name space",
    "whitespace|white space",
});

constexpr char kBetween = '|';

// Takes the first member off a group.
constexpr std::string_view take_member(std::string_view& rest) {
  const std::size_t end = rest.find(kBetween);
  const std::string_view member = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return member;
}

constexpr std::size_t kMembers = [] {
  std::size_t members = 0;
  for (std::string_view rest : kGroups)
    for (; !rest.empty(); take_member(rest)) ++members;
  return members;
}();

struct Member {
  std::string_view word;
  std::size_t group = 0;  // in kGroups
};

// All members, in order, so that a search that looks for few of them need not make a table.
constexpr auto kByWord = [] {
  std::array<Member, kMembers> by_word;
  std::size_t next = 0;
  for (std::size_t group = 0; group < kGroups.size(); ++group)
    for (std::string_view rest = kGroups[group]; !rest.empty();) by_word[next++] = {take_member(rest), group};
  std::ranges::sort(by_word, {}, &Member::word);
  return by_word;
}();

// The group that has the word, or nothing.
std::string_view built_in_group(std::string_view word) {
  const auto found = std::ranges::lower_bound(kByWord, word, {}, &Member::word);
  return found != kByWord.end() && found->word == word ? kGroups[found->group] : std::string_view();
}

Result<std::pair<std::string, std::string>> fold_pair(std::string_view word, std::string_view other, Tokenizer& tokenizer) {
  CMEM_ASSIGN_OR_RETURN(std::string first, fold_phrase(word, tokenizer));
  CMEM_ASSIGN_OR_RETURN(std::string second, fold_phrase(other, tokenizer));
  if (first == second) return Unexpected(Code::kInvalid, fmt::format("'{}' and '{}' are the same word already", word, other));
  if (second < first) std::swap(first, second);
  return std::pair(std::move(first), std::move(second));
}

// Runs a statement of two parameters; true if it changed a row.
Result<bool> change_pair(sqlite::Connection& db, std::string_view sql, const std::pair<std::string, std::string>& pair) {
  CMEM_ASSIGN_OR_RETURN(auto statement, db.prepare(sql));
  CMEM_TRY(statement.bind_text(1, pair.first));
  CMEM_TRY(statement.bind_text(2, pair.second));
  CMEM_TRY(statement.run());
  return db.changes() != 0;
}

}  // namespace

Result<std::string> fold_phrase(std::string_view text, Tokenizer& tokenizer) {
  std::string folded;
  std::size_t words = 0;
  tokenizer.for_each_word(text, [&](const Word& word) {
    // Parts stand for the whole of a camelCase word, and the pairs for the end of a run of CJK.
    if (word.kind == WordKind::kWhole || (word.kind == WordKind::kRunEnd && words != 0)) return true;
    if (words != 0) folded += ' ';
    folded += word.folded;
    return ++words <= kMaxSynonymWords;
  });
  if (words == 0) return Unexpected(Code::kInvalid, fmt::format("a synonym needs a letter or digit; '{}' has none", text));
  if (words > kMaxSynonymWords)
    return Unexpected(Code::kInvalid, fmt::format("a synonym has at most {} words; '{}' has more", kMaxSynonymWords, text));
  return folded;
}

std::vector<std::vector<std::string_view>> built_in_synonyms() {
  std::vector<std::vector<std::string_view>> groups;
  for (std::string_view rest : kGroups) {
    auto& group = groups.emplace_back();
    while (!rest.empty()) group.push_back(take_member(rest));
  }
  return groups;
}

Result<Synonyms> Synonyms::load(sqlite::Connection& db) {
  Synonyms synonyms;
  CMEM_ASSIGN_OR_RETURN(const auto pairs, list_synonyms(db));
  for (const SynonymPair& pair : pairs) synonyms.join(pair.word, pair.other);
  return synonyms;
}

// One of our own groups is taken over as a whole.
std::size_t Synonyms::group_of(std::string_view word) {
  const auto known = group_by_word_.find(std::string(word));
  if (known != group_by_word_.end()) return known->second;
  auto& group = groups_.emplace_back();
  std::string_view rest = built_in_group(word);
  if (rest.empty()) rest = word;
  while (!rest.empty()) {
    group.emplace_back(take_member(rest));
    group_by_word_.emplace(group.back(), groups_.size() - 1);
  }
  return groups_.size() - 1;
}

void Synonyms::join(std::string_view word, std::string_view other) {
  std::size_t into = group_of(word);
  std::size_t from = group_of(other);
  if (into == from) return;
  if (groups_[into].size() < groups_[from].size()) std::swap(into, from);
  for (std::string& member : std::exchange(groups_[from], {})) {
    group_by_word_[member] = into;
    groups_[into].push_back(std::move(member));
  }
}

std::vector<std::string_view> Synonyms::of(std::string_view phrase) const {
  std::vector<std::string_view> others;
  const auto add = [&](std::string_view member) {
    if (member != phrase) others.push_back(member);
  };
  if (const auto known = group_by_word_.find(std::string(phrase)); known != group_by_word_.end()) {
    for (const std::string& member : groups_[known->second]) add(member);
  } else {
    for (std::string_view rest = built_in_group(phrase); !rest.empty();) add(take_member(rest));
  }
  return others;
}

Result<bool> add_synonym(sqlite::Connection& db, std::string_view word, std::string_view other, Tokenizer& tokenizer) {
  CMEM_ASSIGN_OR_RETURN(const auto pair, fold_pair(word, other, tokenizer));
  CMEM_ASSIGN_OR_RETURN(const std::int64_t pairs, db.query_int("SELECT count(*) FROM main.synonym"));
  if (pairs >= static_cast<std::int64_t>(kMaxSynonymPairs))
    return Unexpected(Code::kLimit, fmt::format("there are {} synonyms, the most a store can have; remove some first", pairs));
  return change_pair(db, "INSERT OR IGNORE INTO main.synonym(word, other) VALUES(?1, ?2)", pair);
}

Result<bool> remove_synonym(sqlite::Connection& db, std::string_view word, std::string_view other, Tokenizer& tokenizer) {
  CMEM_ASSIGN_OR_RETURN(const auto pair, fold_pair(word, other, tokenizer));
  return change_pair(db, "DELETE FROM main.synonym WHERE word = ?1 AND other = ?2", pair);
}

Result<std::vector<SynonymPair>> list_synonyms(sqlite::Connection& db) {
  CMEM_ASSIGN_OR_RETURN(auto select, db.prepare("SELECT word, other FROM main.synonym ORDER BY word, other LIMIT ?1"));
  CMEM_TRY(select.bind(1, static_cast<std::int64_t>(kMaxSynonymPairs)));
  std::vector<SynonymPair> pairs;
  for (;;) {
    CMEM_ASSIGN_OR_RETURN(const bool row, select.step());
    if (!row) return pairs;
    pairs.push_back({std::string(select.column_text(0)), std::string(select.column_text(1))});
  }
}

}  // namespace cmem
