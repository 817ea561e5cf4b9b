// Facts about files and folders.
#pragma once
#include <cstdint>
#include <string>

#include "base/result.h"

namespace cmem {

struct FileStat {
  std::int64_t size_bytes = 0;
  std::int64_t mtime_ns = 0;  // since 1970-01-01 UTC
  std::uint64_t inode = 0;
  std::uint64_t device = 0;
  bool is_regular = false;
  bool is_directory = false;
};

// Follows symbolic links. kNotFound if there is nothing.
Result<FileStat> stat_file(const std::string& path);

// NFS, SMB, 9p, FUSE and the like, whose locks or memory maps SQLite's log cannot rely on. The path must exist.
Result<bool> is_network_filesystem(const std::string& path);

// Makes the folder with mode 0700, and those above it, as far as they are missing. One that is there stays as it is.
Status ensure_private_directory(const std::string& path);

// Bytes that an unprivileged process can still write on the file system that holds `path`.
Result<std::uint64_t> free_bytes(const std::string& path);

}  // namespace cmem
