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
    std::ranges::sort(listing_.entries, {}, &HomeEntry::path);
    return std::move(listing_);
  }

 private:
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

}  // namespace cmem
