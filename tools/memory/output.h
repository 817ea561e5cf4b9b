// Standard output (or a file), buffered, with every error noticed.
#pragma once
#include <string>
#include <string_view>

namespace cli {

class Output {
 public:
  // Does not own `fd`. `name` is for messages.
  Output(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // Both throw ClosedPipe when the reader went away, else Failure. What is buffered and not flushed is dropped at the end.
  void write(std::string_view text);
  void flush();

 private:
  static constexpr std::size_t kBufferBytes = 1 << 16;
  void write_out(std::string_view text);

  int fd_;
  std::string name_;
  std::string buffer_;
};

}  // namespace cli
