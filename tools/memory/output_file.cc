#include "output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "failure.h"

namespace cli {

OutputFile::OutputFile(std::string path) : path_(std::move(path)) {
  struct stat info {};
  direct_ = ::stat(path_.c_str(), &info) == 0 && !S_ISREG(info.st_mode);
  written_path_ = direct_ ? path_ : path_ + ".partial";
  fd_ = ::open(written_path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd_ < 0) throw system_failure("opening " + written_path_, errno);
}

OutputFile::~OutputFile() {
  ::close(fd_);
  if (!direct_ && !kept_) ::unlink(written_path_.c_str());
}

void OutputFile::keep() {
  if (direct_) return;
  if (::fsync(fd_) != 0) throw system_failure("writing " + written_path_, errno);
  if (std::rename(written_path_.c_str(), path_.c_str()) != 0) throw system_failure("renaming " + written_path_, errno);
  kept_ = true;
}

}  // namespace cli
