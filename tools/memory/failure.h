// What went wrong, how it is told, and which exit code it gives.
#pragma once
#include <coditect/memory.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

namespace cli {

// The exit codes; scripts rely on them.
enum ExitCode : int {
  kExitOk = 0,
  kExitNothingFound = 1,
  kExitUsage = 2,
  kExitRejected = 3,
  kExitBusy = 4,
  kExitCorrupt = 5,
  kExitIo = 6,
  kExitNewerFormat = 7,
  kExitSecrets = 8,
  kExitDiffers = 9,
  kExitInternal = 70,
  kExitInterrupted = 130,
};

int exit_code_of(cmem_status status);
std::string_view hint_of(cmem_status status);

class Failure : public std::runtime_error {
 public:
  Failure(cmem_status status, const std::string& message, std::string hint)
      : Failure(status, message, std::move(hint), exit_code_of(status)) {}
  Failure(cmem_status status, const std::string& message, std::string hint, int exit_code)
      : std::runtime_error(message), status_(status), exit_code_(exit_code), hint_(std::move(hint)) {}

  [[nodiscard]] cmem_status status() const { return status_; }
  [[nodiscard]] int exit_code() const { return exit_code_; }
  [[nodiscard]] const std::string& hint() const { return hint_; }

 private:
  cmem_status status_;
  int exit_code_;
  std::string hint_;
};

// The reader of our standard output went away, as `head` does: not an error.
struct ClosedPipe {};

// A Failure for an operating system error, named after what was tried: "writing standard output: No space left on device".
Failure system_failure(std::string_view what, int error_number);

// Tells a failure on standard error: two lines for people, one JSON object with --format json or jsonl.
void report(const Failure& failure, bool as_json);

}  // namespace cli
