// libFuzzer target: any bytes as a debug log. `tests/run.sh fuzz` builds it (preset `fuzz`) and runs it for some seconds; for longer:
//   build/fuzz/bin/cmem_fuzz_debug_parser -max_total_time=3600 build/fuzz/corpus_debug tests/fuzz/logs
#include "fuzz/fuzz_home.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cmem::fuzz::check_path("claude", "debug/s1.txt", {reinterpret_cast<const char*>(data), size});
  return 0;
}
