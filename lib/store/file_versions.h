// The versions of files that an agent saved before it changed them: origins "file-history/<session>/<name>@v<N>", where the name is
// that of the file's path (tracked_name_of).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/terms.h"
#include "sqlite/connection.h"

namespace cmem {

// Resumed sessions link their versions: equal bytes under one name and number are one version.
struct FileVersion {
  std::int64_t id = 0;  // of the stored file; of several the first one
  std::string name;
  std::int64_t version = 0;
  std::int64_t time_ms = kNoTime;  // when it was saved
  std::int64_t bytes = 0;
  std::int64_t blob_id = 0;
  std::vector<std::string> sessions;  // in order
};

struct FileVersionFilter {
  std::string name;             // empty: all files
  std::int64_t session_id = 0;  // 0: of all sessions
  std::int64_t project_id = 0;  // 0: of all projects
};

// By file, then from the first saved to the last. In the caller's read transaction.
Result<std::vector<FileVersion>> list_file_versions(sqlite::Connection& db, const FileVersionFilter& filter);

// The name of what is asked for: a name (16 hex digits) or an absolute path.
std::string tracked_name_from(std::string_view file);
// The path of a name; empty if no source mentions it.
Result<std::string> tracked_path_of(sqlite::Connection& db, std::string_view name);
// The bytes of a stored file. kNotFound: there is none of this id.
Result<std::string> read_stored_file(sqlite::Connection& db, std::int64_t id);

}  // namespace cmem
