#include "output.h"

#include <unistd.h>

#include <cerrno>

#include "failure.h"

namespace cli {

void Output::write(std::string_view text) {
  if (buffer_.size() + text.size() > kBufferBytes) flush();
  if (text.size() > kBufferBytes)
    write_out(text);
  else
    buffer_ += text;
}

void Output::flush() {
  write_out(buffer_);
  buffer_.clear();
}

void Output::write_out(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd_, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EPIPE) throw ClosedPipe();
    if (written < 0) throw system_failure("writing " + name_, errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace cli
