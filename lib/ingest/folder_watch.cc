#include "ingest/folder_watch.h"

#include <fmt/format.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>

namespace cmem {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kChanges = IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;
constexpr std::uint32_t kHomeChanges = kChanges | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr std::size_t kEventBytes = std::size_t{64} << 10;

std::string joined(const std::string& folder, std::string_view name) {
  return folder.empty() ? std::string(name) : folder + "/" + std::string(name);
}

Error no_watch(const std::string& path) {
  const int number = errno;
  const bool none_left = number == ENOSPC || number == ENOMEM || number == EMFILE || number == ENFILE;
  return {none_left ? Code::kLimit : Code::kIo, fmt::format("watch {}: {}", path, std::strerror(number)), number};
}

}  // namespace

struct FolderWatch::Event {
  int watch;
  std::uint32_t mask;
  std::string_view name;
};

FolderWatch::FolderWatch(int descriptor, std::string home, std::span<const std::string_view> folders)
    : descriptor_(descriptor), home_(std::move(home)), folders_(folders) {}

FolderWatch::~FolderWatch() { ::close(descriptor_); }

Result<std::unique_ptr<FolderWatch>> FolderWatch::start(const std::string& home, std::span<const std::string_view> folders) {
  const int descriptor = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (descriptor < 0) return Unexpected(no_watch(home));
  std::unique_ptr<FolderWatch> watch(new FolderWatch(descriptor, home, folders));
  CMEM_TRY(watch->add_home());
  return watch;
}

Status FolderWatch::add_home() {
  const int watch = ::inotify_add_watch(descriptor_, home_.c_str(), kHomeChanges | IN_ONLYDIR);
  if (watch < 0 && (errno == ENOENT || errno == ENOTDIR))
    return Unexpected(Code::kNotFound, fmt::format("{}: there is no such folder", home_));
  if (watch < 0) return Unexpected(no_watch(home_));
  watched_[watch] = "";
  std::set<std::string> ignored;
  for (const std::string_view folder : folders_) CMEM_TRY(add_tree(std::string(folder), ignored));
  return {};
}

// False: it is no folder, or is gone again.
Result<bool> FolderWatch::add_folder(const std::string& folder, bool may_be_link) {
  const std::string path = home_ + "/" + folder;
  const std::uint32_t flags = kChanges | IN_ONLYDIR | IN_EXCL_UNLINK | (may_be_link ? 0U : std::uint32_t{IN_DONT_FOLLOW});
  const int watch = ::inotify_add_watch(descriptor_, path.c_str(), flags);
  if (watch >= 0) {
    watched_[watch] = folder;
    return true;
  }
  auto error = no_watch(path);
  if (error.code == Code::kLimit) return Unexpected(std::move(error));
  return false;
}

// A folder is watched before it is listed, so that nothing falls between the two.
Status FolderWatch::add_tree(const std::string& folder, std::set<std::string>& changed) {
  const bool is_top = folder.find('/') == std::string::npos;
  CMEM_ASSIGN_OR_RETURN(const bool added, add_folder(folder, is_top));
  if (!added) return {};
  changed.insert(folder);
  std::error_code error;
  for (fs::directory_iterator at(home_ + "/" + folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    const std::string path = joined(folder, at->path().filename().string());
    if (at->is_symlink(ignored)) continue;
    if (!at->is_directory(ignored)) {
      changed.insert(path);
    } else if (is_wanted(folder, at->path().filename().string())) {
      CMEM_TRY(add_tree(path, changed));
    }
  }
  return {};
}

bool FolderWatch::is_wanted(std::string_view folder, std::string_view name) const {
  if (name.starts_with('.')) return false;
  return !folder.empty() || std::ranges::find(folders_, name) != folders_.end();
}

bool FolderWatch::take(std::set<std::string>& changed) {
  alignas(inotify_event) std::array<char, kEventBytes> buffer;
  while (true) {
    const ssize_t size = ::read(descriptor_, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return size < 0 && errno == EAGAIN;
    for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
      inotify_event head{};
      std::memcpy(&head, buffer.data() + at, sizeof head);
      const char* const name = buffer.data() + at + sizeof head;
      if (!note({head.wd, head.mask, {name, ::strnlen(name, head.len)}}, changed)) return false;
      at += sizeof head + head.len;
    }
  }
}

bool FolderWatch::note(const Event& event, std::set<std::string>& changed) {
  if ((event.mask & (IN_Q_OVERFLOW | IN_UNMOUNT | IN_DELETE_SELF | IN_MOVE_SELF)) != 0) return false;
  const auto found = watched_.find(event.watch);
  if (found == watched_.end()) return true;
  if ((event.mask & IN_IGNORED) != 0) {
    watched_.erase(found);
    return true;
  }
  const std::string folder = found->second;
  const std::string path = joined(folder, event.name);
  if ((event.mask & IN_ISDIR) != 0) return !is_wanted(folder, event.name) || note_folder(path, event, changed);
  changed.insert(path);
  // Some folders are a source themselves, by the names in them.
  if ((event.mask & IN_MODIFY) == 0 && !folder.empty()) changed.insert(folder);
  return true;
}

// What is below a folder that moved away is watched still, under its old name.
bool FolderWatch::note_folder(const std::string& path, const Event& event, std::set<std::string>& changed) {
  if ((event.mask & IN_MOVED_FROM) != 0) return false;
  changed.insert(path);
  if ((event.mask & (IN_CREATE | IN_MOVED_TO)) == 0) return true;
  return add_tree(path, changed).has_value();
}

}  // namespace cmem
