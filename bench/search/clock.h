// Wall and processor time of one piece of work.
#pragma once
#include <ctime>

#include "search/latencies.h"

namespace search_bench {

inline double milliseconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

// The processor time is that of the thread if `cpu` says so, and else of all the process's threads.
template <typename Work>
Measurement measure(Work&& work, clockid_t cpu = CLOCK_PROCESS_CPUTIME_ID) {
  const double cpu_before = milliseconds(cpu);
  const double before = milliseconds(CLOCK_MONOTONIC);
  work();
  const double wall_ms = milliseconds(CLOCK_MONOTONIC) - before;
  return {.wall_ms = wall_ms, .cpu_ms = milliseconds(cpu) - cpu_before};
}

}  // namespace search_bench
