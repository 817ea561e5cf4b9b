#include "ingest/home_scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace cmem {
namespace {

namespace fs = std::filesystem;

class Lister {
 public:
  Lister(const Agent& agent, fs::path home) : agent_(agent), home_(std::move(home)) {}

  Result<HomeListing> list() {
    std::error_code error;
    if (!fs::is_directory(home_, error))
      return Unexpected(Code::kNotFound,
                        fmt::format("{}: there is no such folder; name the home of {}", home_.string(), agent_.name));
    for (fs::directory_iterator at(home_, error), end; !error && at != end; at.increment(error)) {
      if (!at->is_directory(error)) visit(*at, at->path().filename().string());
    }
    if (error) return Unexpected(Code::kIo, fmt::format("read the folder {}: {}", home_.string(), error.message()), error.value());
    for (const std::string_view folder : agent_.folders) list_folder(std::string(folder));
    return sorted();
  }

  HomeListing list(const std::vector<std::string>& paths) {
    std::error_code error;
    for (const std::string& path : paths) {
      const fs::directory_entry entry(home_ / path, error);
      if (!error && entry.exists(error)) visit(entry, path);
    }
    return sorted();
  }

 private:
  HomeListing sorted() {
    std::ranges::sort(listing_.entries, {}, &HomeEntry::path);
    return std::move(listing_);
  }

  void list_folder(const std::string& folder) {
    std::error_code error;
    fs::recursive_directory_iterator at(home_ / folder, error);
    const fs::recursive_directory_iterator end;
    for (; !error && at != end; at.increment(error)) visit(*at, fs::path(at->path()).lexically_relative(home_).generic_string());
  }

  void visit(const fs::directory_entry& entry, const std::string& path) {
    std::error_code error;
    if (entry.is_symlink(error)) {
      ++listing_.skipped["symbolic link"];
      return;
    }
    auto file = agent_.classify(path);
    const bool is_folder = entry.is_directory(error);
    const bool fits = file && is_folder == (file->kind == HomeFileKind::kSessionEnv) && (is_folder || entry.is_regular_file(error));
    if (!fits) {
      if (!is_folder) ++listing_.skipped["not a source"];
      return;
    }
    auto stat = stat_file(entry.path().string());
    if (stat) listing_.entries.push_back({path, std::move(*file), *stat});
  }

  const Agent& agent_;
  fs::path home_;
  HomeListing listing_;
};

}  // namespace

Result<HomeListing> list_home(const Agent& agent, const std::string& home) { return Lister(agent, home).list(); }

HomeListing list_home_files(const Agent& agent, const std::string& home, const std::vector<std::string>& paths) {
  return Lister(agent, home).list(paths);
}

Result<const Agent*> agent_of_home(const std::string& home) {
  const Agent* best = nullptr;
  std::ptrdiff_t most = 0;
  for (const Agent& agent : agents()) {
    const auto is_there = [&](std::string_view folder) {
      std::error_code error;
      return fs::is_directory(fs::path(home) / folder, error);
    };
    const auto count = std::ranges::count_if(agent.folders, is_there);
    if (count <= most) continue;
    most = count;
    best = &agent;
  }
  if (!best) return Unexpected(Code::kNotFound, fmt::format("{}: it looks like the home of no agent; name its agent", home));
  return best;
}

}  // namespace cmem
