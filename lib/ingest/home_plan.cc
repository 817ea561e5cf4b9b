#include "ingest/home_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <utility>

namespace cmem {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;
// Files of which less was read begin alike by chance: with a line that many begin with.
constexpr std::int64_t kMinCopyBytes = 256;

std::uint64_t first_hash_of(std::string_view first, std::int64_t read_bytes) {
  return xxh3_64(first.substr(0, static_cast<std::size_t>(std::min(read_bytes, kHashedBytes))));
}

// Whether it is the file's own, or that of another file of its name.
bool is_origin_of(std::string_view origin, const HomeFile& file) {
  return origin.starts_with(file.origin) && (origin.size() == file.origin.size() || origin[file.origin.size()] == '#');
}

}  // namespace

HomePlan::HomePlan(const HomePlanOptions& options, const HomeListing& listing, const std::vector<std::string>* asked,
                   KnownHomeFiles known)
    : options_(options), elsewhere_(std::move(known.elsewhere)), is_partial_(asked != nullptr) {
  for (HomeFileState& state : known.here) known_.emplace(state.path, std::move(state));
  for (const HomeEntry& entry : listing.entries) listed_.insert(entry.path);
  if (asked) asked_.insert(asked->begin(), asked->end());
  for (const auto& [path, state] : known_) files_of_origin_.emplace(state.origin, &state);
  for (const HomeFileState& state : elsewhere_) files_of_origin_.emplace(state.origin, &state);
  find_moved(listing);
  for (const HomeEntry& entry : listing.entries) add(entry);
  read_prompts_again(listing);
}

std::vector<std::string> HomePlan::moved() const {
  std::vector<std::string> moved;
  for (const std::string& path : moved_)
    if (!listed_.contains(path)) moved.push_back(path);
  return moved;
}

std::vector<HomeFileState> HomePlan::gone() const {
  std::vector<HomeFileState> gone;
  for (const auto& [path, state] : known_)
    if (was_looked_for(path) && !listed_.contains(path) && !moved_.contains(path)) gone.push_back(state);
  return gone;
}

// A file that is not what was known by its path may be what was known by another: it was renamed, by inode or name, perhaps while
// another file took its place; or it was copied or moved from another disk, and the one that it came from is gone.
void HomePlan::find_moved(const HomeListing& listing) {
  std::unordered_set<std::string> held;
  std::vector<const HomeEntry*> strangers;
  for (const HomeEntry& entry : listing.entries) {
    const auto known = known_.find(entry.path);
    const bool holds = known != known_.end() && (!entry.file.grows || is_same(entry, known->second) ||
                                                 known->second.read_bytes == 0 || begins_alike(entry, known->second));
    if (holds) held.insert(entry.path);
    if (!holds && !known_.empty()) strangers.push_back(&entry);
  }
  for (const bool copies : {false, true}) {
    for (const HomeEntry* const entry : strangers) {
      if (claims_.contains(entry->path)) continue;
      const HomeFileState* const claim = find_claim(*entry, held, copies);
      if (!claim) continue;
      claims_.emplace(entry->path, claim);
      moved_.insert(claim->path);
    }
  }
}

const HomeFileState* HomePlan::find_claim(const HomeEntry& entry, const std::unordered_set<std::string>& held, bool copies) {
  if (copies && !entry.file.grows) return nullptr;
  const std::string first = copies ? first_bytes(path_of(entry)) : std::string();
  const std::uint64_t first_hash = xxh3_64(first);
  for (const auto& [path, state] : known_) {
    if (path == entry.path || state.read_bytes == 0 || held.contains(path) || moved_.contains(path)) continue;
    const bool has_name_or_inode =
        is_origin_of(state.origin, entry.file) || state.inode == static_cast<std::int64_t>(entry.stat.inode);
    if (!copies && !has_name_or_inode) continue;
    if (copies && (state.read_bytes < kMinCopyBytes || listed_.contains(path))) continue;
    if (copies && state.first_hash != (state.read_bytes >= kHashedBytes ? first_hash : first_hash_of(first, state.read_bytes)))
      continue;
    if (!listed_.contains(path) && is_there(path)) continue;
    if (begins_alike(entry, state)) return &state;
  }
  return nullptr;
}

void HomePlan::add(const HomeEntry& entry) {
  const auto known = known_.find(entry.path);
  const bool is_known = known != known_.end() && !moved_.contains(entry.path);
  if (is_known && !claims_.contains(entry.path) && is_same(entry, known->second)) {
    ++unchanged_;
    // Another process may have read it and left its end, of which this one knows nothing yet.
    if (!known->second.was_settled && known->second.read_bytes < known->second.size_bytes) unsettled_.push_back(entry.path);
    return;
  }
  if (options_.leaves_unsettled && is_half_written(entry)) {
    unsettled_.push_back(entry.path);
    return;
  }
  HomeReading reading;
  reading.entry = entry;
  reading.is_settled = is_settled(entry);
  reading.state = is_known && !claims_.contains(entry.path) ? known->second : state_before(entry);
  reading.entry.file.origin = reading.state.origin;
  reading.state.gone_ms.reset();
  reading.state.path = entry.path;
  reading.begins_anew = entry.file.grows && !goes_on(entry, reading.state);
  readings_.push_back(std::move(reading));
}

// A pasted text may be written after the prompt that names it was read.
void HomePlan::read_prompts_again(const HomeListing& listing) {
  const auto known = known_.find("history.jsonl");
  if (known == known_.end() || known->second.read_bytes == 0 || moved_.contains(known->first)) return;
  const std::string path = options_.home + "/history.jsonl";
  const auto is_named = [&](const HomeReading& reading) {
    if (reading.entry.file.kind != HomeFileKind::kPastedText || known_.contains(reading.entry.path)) return false;
    const std::string name = std::filesystem::path(reading.entry.file.origin).stem().string();
    return contains_text(path, known->second.read_bytes, name);
  };
  if (std::ranges::none_of(readings_, is_named)) return;
  const auto is_history = [](const auto& reading) { return reading.entry.file.kind == HomeFileKind::kHistory; };
  auto history = std::ranges::find_if(readings_, is_history);
  if (history == readings_.end()) {
    const auto entry = std::ranges::find(listing.entries, known->first, &HomeEntry::path);
    auto stat = stat_file(path);
    if (!stat) return;
    HomeReading reading;
    reading.entry = {known->first,
                     {HomeFileKind::kHistory, true, known->second.origin, {}, {}},
                     entry == listing.entries.end() ? *stat : entry->stat};
    reading.is_settled = is_settled(reading.entry);
    reading.state = known->second;
    readings_.push_back(std::move(reading));
    history = readings_.end() - 1;
  }
  history->begins_anew = true;
}

bool HomePlan::is_there(const std::string& path) const {
  return listed_.contains(path) || (!was_looked_for(path) && stat_file(options_.home + "/" + path));
}

// A time in the future says nothing.
bool HomePlan::is_half_written(const HomeEntry& entry) const {
  const bool by_lines = entry.file.grows && !is_compressed(entry.path);
  return !by_lines && std::abs(options_.now_ms - entry.stat.mtime_ns / kNsPerMs) < options_.settled_ms;
}

// What waits for its end is looked at once more when the file has settled.
bool HomePlan::is_same(const HomeEntry& entry, const HomeFileState& state) const {
  const bool same = entry.stat.size_bytes == state.size_bytes && entry.stat.mtime_ns == state.mtime_ns &&
                    static_cast<std::int64_t>(entry.stat.inode) == state.inode && !state.gone_ms;
  return same && (state.was_settled || !is_settled(entry));
}

// Nobody appends to a compressed file.
bool HomePlan::is_settled(const HomeEntry& entry) const {
  return is_compressed(entry.path) || options_.now_ms - entry.stat.mtime_ns / kNsPerMs >= options_.settled_ms;
}

HomeFileState HomePlan::state_before(const HomeEntry& entry) const {
  if (const auto claim = claims_.find(entry.path); claim != claims_.end()) return *claim->second;
  HomeFileState state;
  state.origin = entry.file.grows ? free_origin(entry) : entry.file.origin;
  return state;
}

// Lines are known by their places in an origin. So two files that are not the same have two, though both have the name: one took
// the place of another, or they are of two homes.
std::string HomePlan::free_origin(const HomeEntry& entry) const {
  std::string origin = entry.file.origin;
  for (int number = 2;; ++number) {
    const auto [begin, end] = files_of_origin_.equal_range(origin);
    if (std::none_of(begin, end, [&](const auto& file) { return is_other_file(entry, *file.second); })) return origin;
    origin = fmt::format("{}#{}", entry.file.origin, number);
  }
}

// Whether what was read of a file is another one. One is the other's begin if they are the same.
bool HomePlan::is_other_file(const HomeEntry& entry, const HomeFileState& state) const {
  if (state.read_bytes == 0 || begins_alike(entry, state)) return false;
  const std::string first = first_bytes(path_of(entry));
  if (std::ssize(first) >= std::min(state.read_bytes, kHashedBytes))
    return first_hash_of(first, state.read_bytes) != state.first_hash || is_compressed(entry.path) ||
           entry.stat.size_bytes >= state.read_bytes;
  const std::string path = path_now(state);
  return path != path_of(entry) && !first.empty() && stat_file(path) && !first_bytes(path).starts_with(first);
}

std::string HomePlan::path_now(const HomeFileState& state) const {
  if (state.path.starts_with('/')) return state.path;  // of another home
  const auto claim = std::ranges::find(claims_, &state, [](const auto& claimed) { return claimed.second; });
  return options_.home + "/" + (claim == claims_.end() ? state.path : claim->first);
}

bool HomePlan::begins_alike(const HomeEntry& entry, const HomeFileState& state) const {
  return still_begins_alike(path_of(entry), state);
}

// A file of the same size that was written since was not appended to: something within it is another.
bool HomePlan::goes_on(const HomeEntry& entry, const HomeFileState& state) const {
  if (entry.stat.size_bytes == state.size_bytes && entry.stat.mtime_ns != state.mtime_ns) return false;
  return state.read_bytes == 0 || begins_alike(entry, state);
}

}  // namespace cmem
