// libFuzzer target: any bytes as each file of a home that is JSON. `tests/run.sh fuzz` builds it (preset `fuzz`) and runs it for some
// seconds; for longer:
//   build/fuzz/bin/cmem_fuzz_transcript_parser -max_total_time=3600 build/fuzz/corpus_transcript tests/fuzz/transcripts
#include "fuzz/fuzz_home.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  cmem::fuzz::check_path("claude", "projects/-p/agent-a1.jsonl", input);
  cmem::fuzz::check_path("claude", "history.jsonl", input);
  cmem::fuzz::check_path("claude", "todos/a.json", input);
  cmem::fuzz::check_path("claude", "tasks/s/1.json", input);
  cmem::fuzz::check_path("codex", "sessions/rollout-a.jsonl", input);
  cmem::fuzz::check_path("codex", "history.jsonl", input);
  return 0;
}
