// libFuzzer target: any bytes as a file of a home, for the parser that is named. `tests/run.sh fuzz` builds it (preset `fuzz`) and
// runs it for some seconds for each; for longer:
//   build/fuzz/bin/cmem_fuzz_home --parser=debug -max_len=1024 -entropic=0 -dict=tests/fuzz/home.dict -runs=10000000 \
//     build/fuzz/corpus_debug tests/fuzz/debug
// With files in place of folders it replays them.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "fuzz/fuzz_home.h"

namespace {

using cmem::fuzz::HomeFileCheck;

struct Path {
  std::string_view agent, path;
};

struct Parser {
  std::string_view name;
  std::vector<Path> paths;  // each input is one of these
};

const std::vector<Parser>& parsers() {
  static const std::vector<Parser> kParsers = {
      {"debug", {{"claude", "debug/s1.txt"}}},
      {"transcript",
       {{"claude", "projects/-p/s1.jsonl"}, {"claude", "projects/-p/agent-a1.jsonl"}, {"claude", "projects/-p/s1/subagents/agent-a1.jsonl"}}},
      {"history", {{"claude", "history.jsonl"}}},
      {"todos", {{"claude", "todos/a.json"}, {"claude", "tasks/s1/1.json"}}},
      {"codex", {{"codex", "sessions/rollout-a.jsonl"}, {"codex", "history.jsonl"}}},
      {"whole_file",
       {{"claude", "projects/-p/s1/tool-results/t1.txt"},
        {"claude", "projects/-p/s1/subagents/agent-a1.meta.json"},
        {"claude", "projects/-p/memory/note.md"},
        {"claude", "plans/plan.md"},
        {"claude", "paste-cache/a1.txt"},
        {"claude", "shell-snapshots/snapshot-zsh-1762721090165-a1.sh"},
        {"claude", "session-env/s1"},
        {"claude", "file-history/s1/0123456789abcdef@v3"}}},
  };
  return kParsers;
}

std::vector<HomeFileCheck> checks;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  constexpr std::string_view kOption = "--parser=";
  std::string_view name;
  for (int i = 1; i < *argc; ++i) {
    if (std::string_view((*argv)[i]).starts_with(kOption)) name = std::string_view((*argv)[i]).substr(kOption.size());
  }
  for (const Parser& parser : parsers()) {
    if (parser.name != name) continue;
    for (const Path& path : parser.paths) checks.emplace_back(path.agent, path.path);
    return 0;
  }
  std::fputs("say which parser: --parser=debug, transcript, history, todos, codex or whole_file\n", stderr);
  std::exit(2);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::uint64_t choice = cmem::xxh3_64(input);
  checks[choice % checks.size()].check(input, choice / checks.size());
  return 0;
}
