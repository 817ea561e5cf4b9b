#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "context.h"
#include "failure.h"
#include "interrupt.h"
#include "questions.h"
#include "text.h"

namespace cli {
namespace {

// A file that appears whole or not at all: written beside its place and then renamed. Devices and pipes are written directly.
class OutputFile {
 public:
  explicit OutputFile(std::string path) : path_(std::move(path)) {
    struct stat info {};
    direct_ = ::stat(path_.c_str(), &info) == 0 && !S_ISREG(info.st_mode);
    written_path_ = direct_ ? path_ : path_ + ".partial";
    fd_ = ::open(written_path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd_ < 0) throw system_failure("opening " + written_path_, errno);
  }
  ~OutputFile() {
    ::close(fd_);
    if (!direct_ && !kept_) ::unlink(written_path_.c_str());
  }
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  [[nodiscard]] int fd() const { return fd_; }

  // Durable, and under its name.
  void keep() {
    if (direct_) return;
    if (::fsync(fd_) != 0) throw system_failure("writing " + written_path_, errno);
    if (std::rename(written_path_.c_str(), path_.c_str()) != 0) throw system_failure("renaming " + written_path_, errno);
    kept_ = true;
  }

 private:
  std::string path_;
  std::string written_path_;
  int fd_ = -1;
  bool direct_ = false;
  bool kept_ = false;
};

struct Exported {
  std::uint64_t messages = 0;
  std::int64_t bytes = 0;
};

Exported export_to(const Context& context, Output& out) {
  Exported exported;
  const InterruptScope interrupts;
  const auto sink = [&](std::string_view piece) {
    out.write(piece);
    exported.bytes += static_cast<std::int64_t>(piece.size());
    return pending_interrupt() != 0;
  };
  const auto format = context.options.raw ? coditect::ExportFormat::raw : coditect::ExportFormat::jsonl;
  try {
    exported.messages = context.store.export_to(sink, format, filter_of(context.options));
  } catch (const coditect::Error& error) {
    if (error.status() != CMEM_E_CANCELLED || pending_interrupt() == 0) throw;
    throw Failure(CMEM_E_CANCELLED, "interrupted; the export is not complete", "run the same command again",
                  128 + pending_interrupt());
  }
  out.flush();
  return exported;
}

Exported export_to_file(const Context& context, const std::string& path) {
  OutputFile file(path);
  Output out(file.fd(), path);
  const Exported exported = export_to(context, out);
  if (exported.messages > 0) file.keep();
  return exported;
}

void check_format(const Context& context) {
  if (context.format == Format::kTable || context.format == Format::kJsonl) return;
  throw Failure(CMEM_E_INVALID, "export writes JSON lines, or source lines with --raw",
                fmt::format("for {}: memory messages --limit 0 --format {}", context.options.format, context.options.format));
}

}  // namespace

int run_export(Context& context) {
  if (!context.options.sources.empty() || !context.options.origin.empty()) return run_export_sources(context);
  check_format(context);
  const std::string& path = context.options.output;
  const bool to_file = !path.empty() && path != "-";
  const Exported exported = to_file ? export_to_file(context, path) : export_to(context, context.out);
  if (exported.messages == 0) {
    context.note("no such messages; nothing was written");
    return kExitNothingFound;
  }
  context.note(fmt::format("exported {} ({}){}", counted(static_cast<std::int64_t>(exported.messages), "message"),
                           byte_count(exported.bytes), to_file ? " to " + path : ""));
  return kExitOk;
}

}  // namespace cli
