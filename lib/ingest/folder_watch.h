// Tells which files below a home changed, as the kernel sees it (inotify).
#pragma once
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cmem {

class FolderWatch {
 public:
  // Of the home itself only the files are watched, of `folders` all below. Symbolic links are not followed. kLimit: the system has
  // no more watches; kNotFound: there is no such home.
  static Result<std::unique_ptr<FolderWatch>> start(const std::string& home, std::span<const std::string_view> folders);
  ~FolderWatch();
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

  // Readable when take() has something to say.
  [[nodiscard]] int descriptor() const { return descriptor_; }
  // Adds the paths within the home of files and folders that may have changed. Does not wait. False: changes were missed, or a
  // folder was moved; start anew, and look at everything.
  bool take(std::set<std::string>& changed);

 private:
  struct Event;

  FolderWatch(int descriptor, std::string home, std::span<const std::string_view> folders);
  Status add_home();
  Status add_tree(const std::string& folder, std::set<std::string>& changed);
  Result<bool> add_folder(const std::string& folder, bool may_be_link);
  bool note(const Event& event, std::set<std::string>& changed);
  bool note_folder(const std::string& path, const Event& event, std::set<std::string>& changed);
  [[nodiscard]] bool is_wanted(std::string_view folder, std::string_view name) const;

  int descriptor_;
  std::string home_;
  std::span<const std::string_view> folders_;
  std::map<int, std::string> watched_;  // watch descriptor -> folder in the home, "" for the home itself
};

}  // namespace cmem
