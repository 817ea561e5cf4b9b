// Files that a verb writes.
#pragma once
#include <string>

namespace cli {

// A file that appears whole or not at all: written beside its place and then renamed. Devices and pipes are written directly.
class OutputFile {
 public:
  explicit OutputFile(std::string path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  [[nodiscard]] int fd() const { return fd_; }

  // Durable, and under its name.
  void keep();

 private:
  std::string path_;
  std::string written_path_;
  int fd_ = -1;
  bool direct_ = false;
  bool kept_ = false;
};

}  // namespace cli
