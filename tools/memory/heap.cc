#include "heap.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace cli {

void prepare_heap() {
#ifdef __GLIBC__  // others have no such settings
  constexpr std::size_t kHugePage = std::size_t{2} << 20;
  constexpr int kRoom = 64 << 20;  // of addresses; memory is what is used of it
  mallopt(M_TOP_PAD, kRoom);
  mallopt(M_TRIM_THRESHOLD, 2 * kRoom);
  mallopt(M_MMAP_THRESHOLD, kRoom / 2);
  const auto begin = reinterpret_cast<std::uintptr_t>(sbrk(0));
  void* volatile grown = std::malloc(kHugePage);  // volatile: a compiler may leave the pair out
  std::free(grown);
  const auto end = reinterpret_cast<std::uintptr_t>(sbrk(0));
  const std::uintptr_t first = (begin + kHugePage - 1) / kHugePage * kHugePage;
  // Without huge pages the system says so, and nothing is lost.
  if (first < end) madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
#endif
}

}  // namespace cli
