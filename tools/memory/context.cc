#include "context.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

#include "failure.h"
#include "text.h"

namespace cli {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

void Context::note(std::string_view line) const {
  if (options.quiet) return;
  const std::string text = printable_line(line) + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
}

std::string store_path(const Options& options) {
  if (!options.db.empty()) return options.db;
  if (const std::string named = environment("CODITECT_MEMORY_DB"); !named.empty()) return named;
  // The base directory rules say that a relative value is to be ignored.
  if (const std::string data = environment("XDG_DATA_HOME"); data.starts_with('/')) return data + "/coditect/memory.db";
  const std::string home = environment("HOME");
  if (home.empty()) throw Failure(CMEM_E_INVALID, "no store is named, and HOME is not set", "name the store with --db FILE");
  return home + "/.local/share/coditect/memory.db";
}

coditect::Store open_store(const std::string& path, StoreUse use) {
  if (use == StoreUse::kWriteIfPossible) {
    try {
      return open_store(path, StoreUse::kWrite);
    } catch (const coditect::Error&) {
      return open_store(path, StoreUse::kRead);  // its own error is the one to tell
    }
  }
  coditect::OpenOptions options;
  options.read_only = use == StoreUse::kRead;
  options.create = use == StoreUse::kCreate;
  try {
    return coditect::Store::open(path, options);
  } catch (const coditect::Error& error) {
    if (error.status() != CMEM_E_NOT_FOUND) throw;
    throw Failure(
        CMEM_E_NOT_FOUND, fmt::format("there is no memory store at {}", path),
        "`memory ingest load-extraction PATH` makes one and loads it, `memory init` makes an empty one, --db FILE names another",
        kExitUsage);
  }
}

std::int64_t approximate_times(const coditect::Store& store, std::string_view session) {
  auto caveats = store.caveats(session);
  while (const coditect::Row* row = caveats.next())
    if ((*row)["what"].text() == "approximate_time") return (*row)["count"].integer();
  return 0;
}

}  // namespace cli
