// Files kept byte for byte: versions of source files, todo lists, plans. Equal contents are kept once.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/zstd_frame.h"
#include "sqlite/connection.h"
#include "sqlite/statement.h"

namespace cmem {

// For a writer, in its transaction.
class FileStore {
 public:
  FileStore();
  // Keeps what the origin held at that time, unless that is the newest known.
  Status add(sqlite::Connection& db, std::int64_t origin_id, std::string_view bytes, std::int64_t mtime_ms);
  // An absolute path of which an agent may keep versions.
  Status add_tracked_path(sqlite::Connection& db, std::string_view path);

 private:
  Result<std::int64_t> blob_of(sqlite::Connection& db, std::string_view bytes);

  FrameCompressor compressor_;
  std::optional<sqlite::Statement> find_blob_, add_blob_, add_file_, add_path_;
};

// The name under which Claude Code keeps a file's versions: the first 16 hex digits of the SHA-256 of its absolute path.
std::string tracked_name_of(std::string_view path);

// What is kept under this id. kNotFound, kCorrupt.
Result<std::string> read_blob(sqlite::Connection& db, std::int64_t blob_id);

}  // namespace cmem
