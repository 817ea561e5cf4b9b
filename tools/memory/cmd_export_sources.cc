// `memory export --raw --sources DIR` and `--raw --origin ORIGIN`: the files of homes, byte for byte.
#include <fcntl.h>
#include <fmt/format.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "context.h"
#include "failure.h"
#include "interrupt.h"
#include "text.h"

namespace cli {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMsPerSecond = 1'000;
constexpr std::int64_t kNsPerMs = 1'000'000;

// A new file below the folder. What is there already is never written over.
class NewFile {
 public:
  NewFile(const fs::path& folder, const std::string& origin) : path_((folder / origin).string()) {
    const fs::path name = fs::path(origin).lexically_normal();
    if (name.empty() || name.is_absolute() || *name.begin() == "..")
      throw Failure(CMEM_E_CORRUPT, fmt::format("the source {} would lie outside of {}", origin, folder.string()),
                    "leave it out with --origin");
    std::error_code error;
    fs::create_directories(fs::path(path_).parent_path(), error);
    if (error) throw system_failure("making the folder of " + path_, error.value());
    fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd_ < 0 && errno == EEXIST)
      throw Failure(CMEM_E_INVALID, path_ + " is there already; nothing is written over it", "name a new or empty folder");
    if (fd_ < 0) throw system_failure("opening " + path_, errno);
  }
  ~NewFile() {
    ::close(fd_);
    if (!kept_) ::unlink(path_.c_str());
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  // It is complete, and gets the time of the file that it was.
  void keep(std::int64_t modified_ms) {
    const timespec time{modified_ms / kMsPerSecond, modified_ms % kMsPerSecond * kNsPerMs};
    const timespec times[2] = {time, time};
    if (modified_ms >= 0) static_cast<void>(::futimens(fd_, times));  // nobody misses it where it cannot be set
    kept_ = true;
  }

 private:
  std::string path_;
  int fd_ = -1;
  bool kept_ = false;
};

bool export_source(const Context& context, const std::string& origin, Output& out) {
  try {
    const bool exact = context.store.export_source(origin, [&out](std::string_view bytes) {
      out.write(bytes);
      return pending_interrupt() != 0;
    });
    out.flush();
    return exact;
  } catch (const coditect::Error& error) {
    if (error.status() != CMEM_E_CANCELLED || pending_interrupt() == 0) throw;
    throw Failure(CMEM_E_CANCELLED, "interrupted; the export is not complete", "run it again into a new folder",
                  128 + pending_interrupt());
  }
}

void note_difference(const Context& context, const std::string& origin) {
  context.note(fmt::format("{}: not all of it is kept as it was read (redacted, forgotten, or from two homes)", origin));
}

bool is_wanted(const std::string& pattern, const std::string& origin) {
  return pattern.empty() || ::fnmatch(pattern.c_str(), origin.c_str(), 0) == 0;
}

int export_tree(Context& context) {
  const InterruptScope interrupts;
  std::int64_t files = 0;
  std::int64_t bytes = 0;
  coditect::Cursor sources = context.store.sources();
  while (const coditect::Row* row = sources.next()) {
    const std::string origin((*row)["origin"].text());
    if (!is_wanted(context.options.origin, origin)) continue;
    NewFile file(context.options.sources, origin);
    Output out(file.fd(), file.path());
    if (!export_source(context, origin, out)) note_difference(context, origin);
    file.keep((*row)["modified"].time_ms());
    ++files;
    bytes += (*row)["bytes"].integer();
  }
  if (files == 0) {
    context.note("no such files of homes; nothing was written");
    return kExitNothingFound;
  }
  context.note(fmt::format("exported {} ({}) to {}", counted(files, "file"), byte_count(bytes), context.options.sources));
  return kExitOk;
}

void check_options(const Options& options) {
  const bool filtered = !options.project.empty() || !options.session.empty() || !options.component.empty() ||
                        !options.level.empty() || !options.role.empty() || !options.source_type.empty() || !options.since.empty() ||
                        !options.until.empty() || !options.date.empty() || options.run != 0;
  if (options.raw && !filtered && options.output.empty()) return;
  throw Failure(CMEM_E_INVALID,
                "--sources and --origin export whole files: with --raw, and without --output or a choice of messages",
                "memory export --raw --sources DIR --origin 'debug/*'");
}

}  // namespace

int run_export_sources(Context& context) {
  check_options(context.options);
  if (!context.options.sources.empty()) return export_tree(context);
  const InterruptScope interrupts;
  if (!export_source(context, context.options.origin, context.out)) note_difference(context, context.options.origin);
  return kExitOk;
}

}  // namespace cli
