#include "ingest/home_watch.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <utility>

#include "ingest/folder_watch.h"
#include "ingest/home_scan.h"

namespace cmem {
namespace {

using SteadyClock = std::chrono::steady_clock;
using TimePoint = SteadyClock::time_point;

// Changes are gathered for so long before they are loaded: each commit waits for the disk and makes a segment of the index.
constexpr auto kGatherTime = std::chrono::milliseconds(150);
constexpr auto kTick = std::chrono::seconds(1);
// Everything is looked at so often where the system tells what changes: it does not for files that another machine writes.
constexpr auto kScanInterval = std::chrono::minutes(1);

bool is_same_home(const HomeLoadOptions& a, const HomeLoadOptions& b) { return a.agent == b.agent && a.home == b.home; }

// One home: what of it is to be looked at, and when.
class HomeFollower {
 public:
  HomeFollower(Store& store, Writer& writer, const Agent& agent, const HomeLoadOptions& options, bool poll)
      : agent_(agent),
        home_(options.home),
        settled_(std::chrono::milliseconds(options.settled_ms)),
        loader_(store, writer, agent, options),
        can_watch_(!poll) {}

  [[nodiscard]] bool polls() const { return !can_watch_; }
  HomeLoader& loader() { return loader_; }

  // -1 while changes are gathered: more of them would only wake us.
  [[nodiscard]] int descriptor() const { return watch_ && changed_.empty() ? watch_->descriptor() : -1; }

  void take_changes() {
    const bool was_empty = changed_.empty();
    if (watch_ && !watch_->take(changed_)) lose_track();
    if (was_empty && !changed_.empty()) gathered_ = SteadyClock::now() + kGatherTime;
  }

  [[nodiscard]] TimePoint due() const {
    TimePoint due = next_scan_;
    if (!changed_.empty()) due = std::min(due, gathered_);
    for (const auto& [path, settled] : unsettled_) due = std::min(due, settled);
    return std::max(due, not_before_);
  }

  // Loads and commits what is due.
  Status load(HomeLoadResult& result) {
    take_changes();
    const TimePoint now = SteadyClock::now();
    const bool scans = next_scan_ <= now;
    const auto paths = take_paths(now, scans);
    auto status = scans ? load_all(now, result) : loader_.load(paths, result);
    if (status) status = loader_.commit();
    if (!status) return put_back(paths, scans, std::move(status), result);
    for (const std::string& path : result.unsettled) unsettled_[path] = now + settled_;
    return {};
  }

 private:
  std::vector<std::string> take_paths(TimePoint now, bool all) {
    for (const auto& [path, settled] : unsettled_)
      if (all || settled <= now) changed_.insert(path);
    std::erase_if(unsettled_, [&](const auto& waiting) { return all || waiting.second <= now; });
    std::vector<std::string> paths(changed_.begin(), changed_.end());
    changed_.clear();
    return paths;
  }

  // The watch begins before the look at everything, so that nothing falls between the two.
  Status load_all(TimePoint now, HomeLoadResult& result) {
    if (!watch_ && can_watch_) start_watch();
    next_scan_ = now + (watch_ ? SteadyClock::duration(kScanInterval) : kTick);
    auto status = loader_.load(result);
    if (status || status.error().code != Code::kNotFound) return status;
    watch_.reset();  // the home is gone, and may come back
    next_scan_ = now + kTick;
    return {};
  }

  void start_watch() {
    auto watch = FolderWatch::start(home_, agent_.folders);
    if (watch) watch_ = std::move(*watch);
    if (!watch && watch.error().code == Code::kLimit) can_watch_ = false;
  }

  void lose_track() {
    watch_.reset();
    next_scan_ = SteadyClock::now();
  }

  // Others may need the store for longer than we waited.
  Status put_back(const std::vector<std::string>& paths, bool scans, Status status, HomeLoadResult& result) {
    if (status.error().code != Code::kBusy) return status;
    result = {};
    loader_.take_back();
    changed_.insert(paths.begin(), paths.end());
    gathered_ = not_before_ = SteadyClock::now() + kTick;
    if (scans) next_scan_ = not_before_;
    return {};
  }

  const Agent& agent_;
  std::string home_;
  SteadyClock::duration settled_;
  HomeLoader loader_;
  bool can_watch_;  // else the system has no watches left, or the caller wants none
  std::unique_ptr<FolderWatch> watch_;
  std::set<std::string> changed_;
  TimePoint gathered_;                          // when changed_ is loaded
  std::map<std::string, TimePoint> unsettled_;  // to be looked at again then
  TimePoint next_scan_;                         // of everything; the first one at once
  TimePoint not_before_;
};

class HomeWatch {
 public:
  HomeWatch(Store& store, Writer& writer, const HomeWatchOptions& options) : store_(store), writer_(writer), options_(options) {}

  Status add(const WatchedHome& home) {
    HomeLoadOptions load = options_.load;
    CMEM_ASSIGN_OR_RETURN(load.home, real_home(home.home));
    const Agent* agent = find_agent(home.agent);
    if (home.agent.empty()) {
      CMEM_ASSIGN_OR_RETURN(agent, agent_of_home(load.home));
    }
    if (!agent) return Unexpected(Code::kNotFound, fmt::format("there is no agent \"{}\" whose home can be read", home.agent));
    load.agent = agent->name;
    load.leaves_unsettled = true;
    load.progress = [this](std::int64_t, std::int64_t, std::int64_t) { return !report({}); };
    if (std::ranges::any_of(homes_, [&](const HomeLoadOptions& other) { return is_same_home(other, load); }))
      return Unexpected(Code::kInvalid, fmt::format("{}: it is named twice", home.home));
    followers_.push_back(std::make_unique<HomeFollower>(store_, writer_, *agent, load, options_.poll));
    counted_.emplace_back();
    homes_.push_back(std::move(load));
    return {};
  }

  Status follow() {
    auto status = run();
    const std::lock_guard lock(store_.write_mutex());
    const bool ends_well = status || status.error().code == Code::kCancelled;
    if (ends_well) status = end();
    if (!status)
      for (const auto& follower : followers_) follower->loader().interrupt();
    CMEM_TRY(std::move(status));
    return writer_.checkpoint_after_load();
  }

 private:
  Status run() {
    while (true) {
      for (std::size_t i = 0; i < followers_.size(); ++i)
        if (followers_[i]->due() <= SteadyClock::now()) CMEM_TRY(load(i));
      if (SteadyClock::now() - last_report_ >= kTick && !report({})) return {};
      if (is_stopped_) return {};
      CMEM_TRY(wait());
    }
  }

  Status load(std::size_t index) {
    HomeFollower& follower = *followers_[index];
    HomeLoadResult result;
    {
      const std::lock_guard lock(store_.write_mutex());
      CMEM_TRY(follower.load(result));
      follower.loader().count(result);
    }
    HomeLoadResult& before = counted_[index];
    WatchReport news{index, true, false, result.read, result.bytes_read - before.bytes_read, result.counts - before.counts};
    const bool is_new = news.counts.records_read > 0;
    before = std::move(result);
    if (!is_new) return {};
    has_log_ = true;
    report(news);
    return {};
  }

  // Until something changes, something is due, or it is time for a report.
  Status wait() {
    TimePoint until = last_report_ + kTick;
    std::vector<pollfd> descriptors;
    for (const auto& follower : followers_) {
      until = std::min(until, follower->due());
      descriptors.push_back({follower->descriptor(), POLLIN, 0});
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - SteadyClock::now()).count();
    const int ready = ::poll(descriptors.data(), descriptors.size(), static_cast<int>(std::clamp<std::int64_t>(left, 0, 1000)));
    if (ready < 0) report({});  // a signal may have told the caller to stop
    for (const auto& follower : followers_) follower->take_changes();
    return ready == 0 && left > kQuietMs ? use_quiet_time() : Status{};
  }

  // A log that is short leaves less to do for those who read.
  Status use_quiet_time() {
    if (!std::exchange(has_log_, false)) return {};
    const std::lock_guard lock(store_.write_mutex());
    return writer_.checkpoint_after_load();
  }

  bool report(WatchReport news) {
    last_report_ = SteadyClock::now();
    news.polls = std::ranges::any_of(followers_, [](const auto& follower) { return follower->polls(); });
    if (!options_.report(news)) is_stopped_ = true;
    return !is_stopped_;
  }

  Status end() {
    for (const auto& follower : followers_) CMEM_TRY(follower->loader().end());
    return {};
  }

  static constexpr std::int64_t kQuietMs = 500;

  Store& store_;
  Writer& writer_;
  const HomeWatchOptions& options_;
  std::vector<HomeLoadOptions> homes_;
  std::vector<std::unique_ptr<HomeFollower>> followers_;
  std::vector<HomeLoadResult> counted_;  // what was reported of each home
  TimePoint last_report_ = SteadyClock::now();
  bool is_stopped_ = false;
  bool has_log_ = false;
};

}  // namespace

Status watch_homes(Store& store, const HomeWatchOptions& options) {
  std::unique_lock lock(store.write_mutex());
  CMEM_ASSIGN_OR_RETURN(Writer* const writer, store.writer());
  lock.unlock();
  HomeWatch watch(store, *writer, options);
  for (const WatchedHome& home : options.homes) CMEM_TRY(watch.add(home));
  return watch.follow();
}

}  // namespace cmem
