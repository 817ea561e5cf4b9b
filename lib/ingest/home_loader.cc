#include "ingest/home_loader.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/fault.h"
#include "ingest/batch.h"
#include "ingest/home_reader.h"
#include "ingest/home_scan.h"
#include "ingest/run_loader.h"
#include "store/home_files.h"

namespace cmem {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr auto kProgressInterval = std::chrono::milliseconds(200);

bool is_compressed(const HomeEntry& entry) { return entry.path.ends_with(".gz") || entry.path.ends_with(".zst"); }

// Which files of a listing have something new, and from where.
class Plan {
 public:
  Plan(const HomeLoadOptions& options, const HomeListing& listing, std::vector<HomeFileState> known, std::int64_t now_ms)
      : options_(options), now_ms_(now_ms) {
    for (HomeFileState& state : known) known_.emplace(state.path, std::move(state));
    for (auto& [path, state] : known_) is_listed_[path] = false;
    for (const HomeEntry& entry : listing.entries) is_listed_[entry.path] = true;
    for (const HomeEntry& entry : listing.entries) add(entry);
  }

  [[nodiscard]] const std::vector<HomeReading>& readings() const { return readings_; }
  [[nodiscard]] std::int64_t unchanged() const { return unchanged_; }
  // Renamed files' old rows.
  [[nodiscard]] const std::vector<std::string>& moved() const { return moved_; }
  // Files that are not there any more.
  [[nodiscard]] std::vector<HomeFileState> gone() const {
    std::vector<HomeFileState> gone;
    for (const auto& [path, state] : known_)
      if (!is_listed_.at(path) && std::ranges::find(moved_, path) == moved_.end()) gone.push_back(state);
    return gone;
  }

 private:
  void add(const HomeEntry& entry) {
    const auto known = known_.find(entry.path);
    if (known != known_.end() && is_same(entry, known->second)) {
      ++unchanged_;
      return;
    }
    HomeReading reading;
    reading.entry = entry;
    reading.is_settled = is_settled(entry);
    reading.state = known != known_.end() ? known->second : state_before(entry);
    reading.entry.file.origin = reading.state.origin;
    reading.state.gone_ms.reset();
    reading.state.path = entry.path;
    if (entry.file.grows && !goes_on(entry, reading.state)) begin_anew(reading.state);
    readings_.push_back(std::move(reading));
  }

  // What waits for its end is looked at once more when the file has settled.
  [[nodiscard]] bool is_same(const HomeEntry& entry, const HomeFileState& state) const {
    const bool same = entry.stat.size_bytes == state.size_bytes && entry.stat.mtime_ns == state.mtime_ns &&
                      static_cast<std::int64_t>(entry.stat.inode) == state.inode && !state.gone_ms;
    return same && (state.was_settled || !is_settled(entry));
  }
  // Nobody appends to a compressed file.
  [[nodiscard]] bool is_settled(const HomeEntry& entry) const {
    return is_compressed(entry) || now_ms_ - entry.stat.mtime_ns / kNsPerMs >= options_.settled_ms;
  }

  // A file that is not known by its path may have been known by another.
  HomeFileState state_before(const HomeEntry& entry) {
    for (const auto& [path, state] : known_) {
      const bool may_be =
          !is_listed_.at(path) && (state.origin == entry.file.origin || state.inode == static_cast<std::int64_t>(entry.stat.inode));
      if (!may_be || state.read_bytes == 0 || !still_begins_alike(options_.home + "/" + entry.path, state)) continue;
      moved_.push_back(path);
      return state;
    }
    HomeFileState state;
    state.origin = entry.file.origin;
    return state;
  }

  [[nodiscard]] bool goes_on(const HomeEntry& entry, const HomeFileState& state) const {
    return state.read_bytes == 0 || still_begins_alike(options_.home + "/" + entry.path, state);
  }

  static void begin_anew(HomeFileState& state) {
    state.read_bytes = 0;
    state.next_line = 1;
    state.state.clear();
  }

  const HomeLoadOptions& options_;
  std::int64_t now_ms_;
  std::unordered_map<std::string, HomeFileState> known_;
  std::unordered_map<std::string, bool> is_listed_;
  std::vector<HomeReading> readings_;
  std::vector<std::string> moved_;
  std::int64_t unchanged_ = 0;
};

class HomeLoader {
 public:
  HomeLoader(Writer& writer, const HomeLoadOptions& options, const Redactor* redactor, HomeLoadResult& result)
      : batch_(writer), run_(batch_, options.home), options_(options), redactor_(redactor), result_(result) {}

  Status load(const Agent& agent, Store& store) {
    CMEM_ASSIGN_OR_RETURN(const HomeListing listing, list_home(agent, options_.home));
    CMEM_ASSIGN_OR_RETURN(auto known, known_files(store));
    const Plan plan(options_, listing, std::move(known), batch_.writer().now_ms());
    result_.files = std::ssize(listing.entries);
    result_.skipped = listing.skipped;
    result_.unchanged = plan.unchanged();
    const auto gone = plan.gone();
    result_.gone = std::ssize(gone);
    if (plan.readings().empty() && !is_news(gone)) return {};
    for (const HomeReading& reading : plan.readings())
      total_bytes_ += std::max<std::int64_t>(reading.entry.stat.size_bytes - reading.state.read_bytes, 0);
    auto status = read(plan);
    if (status) status = finish(plan, gone);
    if (!status) run_.interrupt();
    result_.counts = batch_.committed();
    result_.copies = run_.copies();
    result_.bytes_read = run_.bytes();
    result_.run_id = run_.id();
    return status;
  }

 private:
  Result<std::vector<HomeFileState>> known_files(Store& store) {
    const std::lock_guard lock(store.read_mutex());
    return read_home_files(store.reader(), options_.agent, options_.home);
  }

  static bool is_news(const std::vector<HomeFileState>& gone) {
    return std::ranges::any_of(gone, [](const HomeFileState& state) { return !state.gone_ms; });
  }

  Status read(const Plan& plan) {
    const HomeReaderOptions options{options_.home, options_.max_line_bytes, redactor_};
    return read_home_files(
        plan.readings(), options, [&](HomePiece& piece) { return consume(plan.readings()[piece.reading], piece); },
        [&] { return run_.idle(); });
  }

  Status consume(const HomeReading& reading, HomePiece& piece) {
    auto status = add(reading, piece);
    if (!status) batch_.rollback();  // it may hold half of a message
    if (!status) return status;
    return report();
  }

  Status add(const HomeReading& reading, HomePiece& piece) {
    const std::string& origin = reading.entry.file.origin;
    if (piece.chunk.parsed.records.empty() && piece.chunk.parsed.rejects.empty()) {
      run_.note_redactions(piece.chunk.redactions);
    } else {
      CMEM_TRY(run_.consume(piece.chunk));
    }
    for (const KeptLine& line : piece.chunk.parsed.kept_lines) {
      CMEM_TRY(run_.open_batch());
      CMEM_TRY(batch_.writer().add_line(origin, line.number, line.bytes));
    }
    for (const std::string_view path : piece.chunk.parsed.revealed_paths) {
      CMEM_TRY(run_.open_batch());
      CMEM_TRY(batch_.writer().add_tracked_path(path));
    }
    if (!piece.is_last) return {};
    CMEM_TRY(run_.open_batch());
    if (piece.failure) {
      ++result_.failed;
      return run_.note_damage(Error(piece.failure->code, piece.failure->text));
    }
    if (!reading.entry.file.grows && reading.entry.file.kind != HomeFileKind::kSessionEnv)
      CMEM_TRY(batch_.writer().add_file(origin, piece.bytes, reading.entry.stat.mtime_ns / kNsPerMs));
    if (reading.entry.file.grows && !is_compressed(reading.entry) && piece.state.read_bytes < piece.state.size_bytes)
      ++result_.waiting;
    ++result_.read;
    CMEM_ASSIGN_OR_RETURN(const std::int64_t home_id, home());
    CMEM_CRASH_POINT("ingest.before-home-file");
    return files_.write(batch_.writer().db(), home_id, piece.state);
  }

  // Ids of rows hold for one batch only: another process may have written since.
  Result<std::int64_t> home() {
    if (home_batch_ == batch_.number()) return home_id_;
    CMEM_ASSIGN_OR_RETURN(home_id_, find_or_add_home(batch_.writer().db(), options_.agent, options_.home));
    home_batch_ = batch_.number();
    return home_id_;
  }

  Status finish(const Plan& plan, const std::vector<HomeFileState>& gone) {
    CMEM_TRY(run_.finish());
    CMEM_ASSIGN_OR_RETURN(const std::int64_t home_id, home());
    sqlite::Connection& db = batch_.writer().db();
    for (const std::string& path : plan.moved()) CMEM_TRY(delete_home_file(db, home_id, path));
    for (HomeFileState state : gone) {
      if (state.gone_ms) continue;
      state.gone_ms = batch_.writer().now_ms();
      CMEM_TRY(files_.write(db, home_id, state));
    }
    CMEM_TRY(finish_run(db, run_.id(), {kRunComplete, run_.bytes(), "", "", batch_.writer().now_ms()}));
    return batch_.commit();
  }

  Status report() {
    if (!options_.progress) return {};
    const auto now = SteadyClock::now();
    if (now - last_report_ < kProgressInterval) return {};
    last_report_ = now;
    if (!options_.progress(run_.bytes(), total_bytes_, run_.records_read())) return {};
    return Unexpected(Code::kCancelled, "the load was cancelled; what was committed stays, and loading again adds the rest");
  }

  Batch batch_;
  RunLoader run_;
  const HomeLoadOptions& options_;
  const Redactor* redactor_;
  HomeLoadResult& result_;
  HomeFileWriter files_;
  std::int64_t home_id_ = 0;
  std::int64_t home_batch_ = -1;
  std::int64_t total_bytes_ = 0;
  SteadyClock::time_point last_report_ = SteadyClock::now();
};

Result<std::string> real_path(const std::string& home) {
  std::error_code error;
  const auto path = std::filesystem::canonical(home, error);
  if (error) return Unexpected(Code::kNotFound, fmt::format("{}: {}", home, error.message()), error.value());
  return path.string();
}

}  // namespace

Status load_home(Store& store, const HomeLoadOptions& asked, HomeLoadResult& result) {
  const Agent* const agent = find_agent(asked.agent);
  if (!agent) return Unexpected(Code::kNotFound, fmt::format("there is no agent \"{}\" whose home can be read", asked.agent));
  HomeLoadOptions options = asked;
  CMEM_ASSIGN_OR_RETURN(options.home, real_path(asked.home));
  const std::lock_guard lock(store.write_mutex());
  CMEM_ASSIGN_OR_RETURN(Writer* const writer, store.writer());
  CMEM_ASSIGN_OR_RETURN(const auto redactor, redactor_of(store));
  CMEM_TRY(HomeLoader(*writer, options, redactor.get(), result).load(*agent, store));
  return writer->checkpoint_after_load();
}

}  // namespace cmem
