// Which files of a home have something new, and from where: tells those that grew, were truncated or written anew, renamed,
// rotated, copied, compressed and those that are gone apart.
#pragma once
#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "ingest/home_reader.h"
#include "ingest/home_scan.h"
#include "store/home_files.h"

namespace cmem {

struct KnownHomeFiles {
  std::vector<HomeFileState> here;
  std::vector<HomeFileState> elsewhere;  // of other homes; the paths are absolute
};

struct HomePlanOptions {
  const std::string& home;
  std::int64_t settled_ms;
  bool leaves_unsettled;
  std::int64_t now_ms;
};

class HomePlan {
 public:
  // `asked`: the listing is of these paths alone; null: of all files.
  HomePlan(const HomePlanOptions& options, const HomeListing& listing, const std::vector<std::string>* asked, KnownHomeFiles known);

  [[nodiscard]] const std::vector<HomeReading>& readings() const { return readings_; }
  [[nodiscard]] std::int64_t unchanged() const { return unchanged_; }
  // Paths that nothing is known by any more: the files were renamed.
  [[nodiscard]] std::vector<std::string> moved() const;
  // Files to be read when they are settled.
  [[nodiscard]] const std::vector<std::string>& unsettled() const { return unsettled_; }
  // Files that are not there any more.
  [[nodiscard]] std::vector<HomeFileState> gone() const;

 private:
  void find_moved(const HomeListing& listing);
  const HomeFileState* find_claim(const HomeEntry& entry, const std::unordered_set<std::string>& held, bool copies);
  void add(const HomeEntry& entry);
  void read_prompts_again(const HomeListing& listing);
  [[nodiscard]] bool was_looked_for(const std::string& path) const { return !is_partial_ || asked_.contains(path); }
  [[nodiscard]] bool is_there(const std::string& path) const;
  [[nodiscard]] bool is_half_written(const HomeEntry& entry) const;
  [[nodiscard]] bool is_same(const HomeEntry& entry, const HomeFileState& state) const;
  [[nodiscard]] bool is_settled(const HomeEntry& entry) const;
  HomeFileState state_before(const HomeEntry& entry) const;
  [[nodiscard]] std::string free_origin(const HomeEntry& entry) const;
  [[nodiscard]] bool is_other_file(const HomeEntry& entry, const HomeFileState& state) const;
  [[nodiscard]] std::string path_now(const HomeFileState& state) const;
  [[nodiscard]] bool begins_alike(const HomeEntry& entry, const HomeFileState& state) const;
  [[nodiscard]] bool goes_on(const HomeEntry& entry, const HomeFileState& state) const;
  [[nodiscard]] std::string path_of(const HomeEntry& entry) const { return options_.home + "/" + entry.path; }

  HomePlanOptions options_;
  std::unordered_map<std::string, HomeFileState> known_;  // by path
  std::vector<HomeFileState> elsewhere_;
  std::unordered_multimap<std::string_view, const HomeFileState*> files_of_origin_;  // of both
  bool is_partial_;
  std::unordered_set<std::string> asked_;
  std::unordered_set<std::string> listed_;
  std::unordered_map<std::string, const HomeFileState*> claims_;  // by the path that the file has now
  std::unordered_set<std::string> moved_;                         // paths that claimed states had
  std::vector<HomeReading> readings_;
  std::vector<std::string> unsettled_;
  std::int64_t unchanged_ = 0;
};

}  // namespace cmem
