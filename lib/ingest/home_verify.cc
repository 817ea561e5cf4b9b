#include "ingest/home_verify.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <unordered_set>

#include "ingest/home_loader.h"
#include "ingest/home_reader.h"
#include "ingest/home_scan.h"

namespace cmem {
namespace {

struct KnownHome {
  std::string agent, path;
  std::vector<HomeFileState> files;
};

bool is_as_read(const HomeEntry& entry, const HomeFileState& state) {
  return entry.stat.size_bytes == state.size_bytes && entry.stat.mtime_ns == state.mtime_ns &&
         static_cast<std::int64_t>(entry.stat.inode) == state.inode;
}

// One home: its files as they are known and as they are.
class HomeComparison {
 public:
  HomeComparison(const KnownHome& home, const Agent& agent) : home_(home), agent_(agent) {}

  Status run(std::vector<VerifiedFile>& out) {
    auto listing = list_home(agent_, home_.path);
    if (!listing && listing.error().code != Code::kNotFound) return Unexpected(std::move(listing).error());
    for (const HomeFileState& state : home_.files) known_.emplace(state.path, &state);
    if (listing)
      for (const HomeEntry& entry : listing->entries) listed_.insert(entry.path);
    if (listing)
      for (const HomeEntry& entry : listing->entries) out.push_back(compare(entry));
    for (const auto& [path, state] : known_)
      if (!listed_.contains(path) && !moved_.contains(path))
        out.push_back(row(path, state->origin, FileAgainstHome::kGone, -1, state));
    return {};
  }

 private:
  [[nodiscard]] VerifiedFile row(const std::string& path, const std::string& origin, FileAgainstHome state, std::int64_t size_bytes,
                                 const HomeFileState* known) const {
    return {home_.agent, home_.path, path, origin, state, size_bytes, known ? known->read_bytes : 0};
  }

  VerifiedFile compare(const HomeEntry& entry) {
    const HomeFileState* const known = state_of(entry);
    const FileAgainstHome state = known ? compare(entry, *known) : FileAgainstHome::kNew;
    return row(entry.path, known ? known->origin : entry.file.origin, state, entry.stat.size_bytes, known);
  }

  [[nodiscard]] std::string path_of(const HomeEntry& entry) const { return home_.path + "/" + entry.path; }

  [[nodiscard]] FileAgainstHome compare(const HomeEntry& entry, const HomeFileState& known) const {
    const bool compressed = entry.path.ends_with(".gz") || entry.path.ends_with(".zst");
    const bool as_read = is_as_read(entry, known);
    const bool ends_there = compressed || known.read_bytes == entry.stat.size_bytes || entry.file.kind == HomeFileKind::kSessionEnv;
    if (as_read) return ends_there ? FileAgainstHome::kLoaded : FileAgainstHome::kWaiting;
    if (entry.file.kind == HomeFileKind::kSessionEnv) return FileAgainstHome::kChanged;
    if (!is_readable(path_of(entry))) return FileAgainstHome::kUnreadable;
    if (!still_begins_alike(path_of(entry), known)) return FileAgainstHome::kChanged;
    if (ends_there) return FileAgainstHome::kLoaded;
    return entry.file.grows ? FileAgainstHome::kGrown : FileAgainstHome::kChanged;
  }

  // A file that is not known by its path may have been known by another.
  const HomeFileState* state_of(const HomeEntry& entry) {
    if (const auto known = known_.find(entry.path); known != known_.end()) return known->second;
    for (const auto& [path, state] : known_) {
      const bool may_be = state->origin == entry.file.origin || state->inode == static_cast<std::int64_t>(entry.stat.inode);
      if (!may_be || listed_.contains(path) || state->read_bytes == 0 || !still_begins_alike(path_of(entry), *state)) continue;
      moved_.insert(path);
      return state;
    }
    return nullptr;
  }

  static bool is_readable(const std::string& path) { return ::access(path.c_str(), R_OK) == 0; }

  const KnownHome& home_;
  const Agent& agent_;
  std::map<std::string, const HomeFileState*> known_;
  std::unordered_set<std::string> listed_, moved_;
};

Result<std::vector<KnownHome>> known_homes(Store& store, const std::string& wanted) {
  const std::lock_guard lock(store.read_mutex());
  CMEM_ASSIGN_OR_RETURN(auto transaction, store.begin_read());
  std::vector<KnownHome> homes;
  CMEM_ASSIGN_OR_RETURN(auto rows, store.reader().prepare("SELECT agent, path FROM main.home ORDER BY agent, path"));
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) break;
    KnownHome home{std::string(rows.column_text(0)), std::string(rows.column_text(1)), {}};
    if (wanted.empty() || home.path == wanted) homes.push_back(std::move(home));
  }
  for (KnownHome& home : homes) {
    CMEM_ASSIGN_OR_RETURN(home.files, read_home_files(store.reader(), home.agent, home.path));
  }
  return homes;
}

}  // namespace

std::string_view to_string(FileAgainstHome state) {
  constexpr std::array<std::string_view, 7> kNames{"loaded", "waiting", "grown", "changed", "gone", "new", "unreadable"};
  return kNames[static_cast<std::size_t>(state)];
}

Result<std::vector<VerifiedFile>> verify_homes(Store& store, const std::string& home) {
  std::string wanted = home;
  if (!home.empty())
    if (auto real = real_home(home); real) wanted = std::move(*real);  // else it is gone
  while (wanted.size() > 1 && wanted.ends_with('/')) wanted.pop_back();
  CMEM_ASSIGN_OR_RETURN(const auto homes, known_homes(store, wanted));
  if (homes.empty())
    return Unexpected(Code::kNotFound, home.empty() ? std::string("no home was loaded into this store")
                                                    : fmt::format("nothing was loaded of the home {}", home));
  std::vector<VerifiedFile> files;
  for (const KnownHome& known : homes)
    if (const Agent* const agent = find_agent(known.agent)) CMEM_TRY(HomeComparison(known, *agent).run(files));
  return files;
}

}  // namespace cmem
