// Which messages a question is about: names resolved to the contexts, time span and ids that the scans work with.
#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/terms.h"
#include "sqlite/connection.h"
#include "store/doc_values.h"

namespace cmem {

// Empty strings and open times do not restrict.
struct MessageFilter {
  std::string project;  // full path or last path component
  std::string session;  // full id or a prefix of at least 4 characters
  std::string component, level, role, source_type;
  std::int64_t from_ms = std::numeric_limits<std::int64_t>::min();
  std::int64_t until_ms = std::numeric_limits<std::int64_t>::max();  // exclusive
  std::int64_t run_id = 0;
};

struct IdRange {
  std::int64_t first;
  std::int64_t last;
};

class ResolvedFilter {
 public:
  // kAmbiguous: a project or session name that fits several; the text lists them. kInvalid: a level or source type that is none.
  // A name that fits nothing gives a filter that nothing passes.
  static Result<ResolvedFilter> resolve(sqlite::Connection& db, const MessageFilter& filter);

  [[nodiscard]] bool matches_nothing() const { return nothing_; }
  [[nodiscard]] bool restricts_contexts() const { return by_context_; }
  [[nodiscard]] bool restricts_time() const { return by_time_; }
  [[nodiscard]] bool restricts_ids() const { return by_id_; }
  // False when no message of the segment can pass.
  [[nodiscard]] bool may_match(const SegmentSpan& span) const;
  // True when every message passes.
  [[nodiscard]] bool is_open() const { return !nothing_ && !by_context_ && !by_time_ && !by_id_; }
  [[nodiscard]] bool passes_context(std::uint32_t context) const {
    return context != 0 && (!by_context_ || (context < contexts_.size() && contexts_[context]));
  }
  // What does not depend on the context.
  [[nodiscard]] bool passes_message(const Segment& segment, std::size_t index) const {
    if (by_time_) {
      const std::int64_t time_ms = segment.time_ms(index);
      if (time_ms < from_ms_ || time_ms >= until_ms_ || time_ms == kNoTime) return false;
    }
    return !by_id_ || in_id_ranges(segment.first_id + static_cast<std::int64_t>(index));
  }
  // Whether the index-th message of the segment passes.
  [[nodiscard]] bool matches(const Segment& segment, std::size_t index) const {
    return passes_context(segment.context_id(index)) && passes_message(segment, index);
  }

 private:
  [[nodiscard]] bool in_id_ranges(std::int64_t id) const;
  Status resolve_contexts(sqlite::Connection& db, const MessageFilter& filter);
  Status resolve_run(sqlite::Connection& db, std::int64_t run_id);

  bool nothing_ = false;
  bool by_context_ = false;
  bool by_time_ = false;
  bool by_id_ = false;
  std::int64_t from_ms_ = 0;
  std::int64_t until_ms_ = 0;
  std::vector<bool> contexts_;      // indexed by context id
  std::vector<IdRange> id_ranges_;  // ascending, not overlapping
};

// The id of the project that `name` means: a full path, or the last component of exactly one path. 0: none. kAmbiguous lists the
// candidates.
Result<std::int64_t> resolve_project(sqlite::Connection& db, const std::string& name);
// The id of the session: its full id, or a prefix of at least 4 characters that fits one. 0: none. kAmbiguous.
Result<std::int64_t> resolve_session(sqlite::Connection& db, const std::string& name);
// The last component of a path, with / or \ between components: a project's name.
std::string_view last_path_component(std::string_view path);

}  // namespace cmem
