#include "ingest/source_list.h"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <unordered_set>

namespace cmem {
namespace {

namespace fs = std::filesystem;

bool is_extraction_file(const fs::path& path) {
  constexpr std::array<std::string_view, 3> kEndings{".jsonl", ".jsonl.gz", ".jsonl.zst"};
  const std::string name = path.filename().string();
  return std::any_of(kEndings.begin(), kEndings.end(), [&](std::string_view ending) { return name.ends_with(ending); });
}

Result<std::vector<std::string>> files_in(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const bool hidden = at->path().filename().string().starts_with('.');
    std::error_code ignored;
    if (hidden && at->is_directory(ignored)) at.disable_recursion_pending();
    if (!hidden && at->is_regular_file(ignored) && is_extraction_file(at->path())) files.push_back(at->path().string());
  }
  if (error) return Unexpected(Code::kIo, fmt::format("read the folder {}: {}", folder, error.message()), error.value());
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::string> matches_of(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  return paths;
}

Result<std::vector<std::string>> expand(const std::string& path) {
  std::error_code error;
  if (path == "-") return std::vector<std::string>{path};
  if (fs::is_directory(path, error)) {
    CMEM_ASSIGN_OR_RETURN(auto files, files_in(path));
    if (files.empty())
      return Unexpected(Code::kNotFound, fmt::format("the folder {} holds no .jsonl, .jsonl.gz or .jsonl.zst file", path));
    return files;
  }
  if (fs::exists(path, error)) return std::vector<std::string>{path};
  std::vector<std::string> files;
  for (const std::string& match : matches_of(path)) {
    if (!fs::exists(match, error)) continue;  // a link that leads nowhere
    CMEM_ASSIGN_OR_RETURN(const auto part, expand(match));
    files.insert(files.end(), part.begin(), part.end());
  }
  if (files.empty())
    return Unexpected(Code::kNotFound, fmt::format("{}: no such file or folder, and no file fits it as a pattern", path));
  return files;
}

}  // namespace

Result<std::vector<std::string>> expand_sources(const std::vector<std::string>& paths) {
  std::vector<std::string> sources;
  std::unordered_set<std::string> seen;
  for (const std::string& path : paths) {
    CMEM_ASSIGN_OR_RETURN(const auto files, expand(path));
    for (const std::string& file : files)
      if (seen.insert(file).second) sources.push_back(file);
  }
  return sources;
}

}  // namespace cmem
