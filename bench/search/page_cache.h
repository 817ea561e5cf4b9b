// Puts a store's files out of the operating system's memory, so that the next read comes from the disk.
#pragma once
#include <cstdint>
#include <string>

namespace search_bench {

// Drops the database file and its log. Returns how many of their bytes are in memory still: not 0 when another process maps them,
// or when the file system keeps nothing else. Throws std::runtime_error.
std::int64_t drop_from_page_cache(const std::string& store);

}  // namespace search_bench
