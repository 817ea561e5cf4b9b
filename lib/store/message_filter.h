// Which messages a question is about: names resolved to the contexts, times and ids that the scans work with.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/terms.h"
#include "sqlite/connection.h"
#include "store/context_columns.h"
#include "store/doc_values.h"
#include "store/intervals.h"

namespace cmem {

// The field has one of the values; negated: none of them.
//   project    a full path or its last component
//   session    a full id or a prefix of at least 4 characters
//   source     a source type, such as debug
//   phase      1 to 7
struct NameConstraint {
  FilterField field = FilterField::kProject;
  std::vector<std::string> values;
  bool negated = false;
};

// The number is in one of the intervals; negated: in none.
struct NumberConstraint {
  std::vector<Interval> intervals;
  bool negated = false;
};

// All constraints must hold; none restricts nothing. A message without a time is in no interval of time, so that it passes the
// negated ones, and those of all times.
struct MessageFilter {
  std::vector<NameConstraint> names;
  std::vector<NumberConstraint> times;  // ms
  std::vector<NumberConstraint> ids;
  std::int64_t run_id = 0;  // 0: of any run

  void add(FilterField field, std::string value) { names.push_back({field, {std::move(value)}, false}); }
  // Also all that `other` asks for. Only one of the two may have a run.
  void add(const MessageFilter& other);
};

class ResolvedFilter {
 public:
  // kAmbiguous: a project or session name that fits several; the text lists them. kInvalid: a level, source type or phase that is
  // none. A name that nothing has is had by no message.
  static Result<ResolvedFilter> resolve(sqlite::Connection& db, ContextColumns& contexts, const MessageFilter& filter);

  [[nodiscard]] bool matches_nothing() const { return nothing_; }
  [[nodiscard]] bool restricts_contexts() const { return by_context_; }
  [[nodiscard]] bool restricts_time() const { return by_time_; }
  [[nodiscard]] bool restricts_ids() const { return by_id_; }
  // True when every message passes.
  [[nodiscard]] bool is_open() const { return !nothing_ && !by_context_ && !by_time_ && !by_id_; }
  [[nodiscard]] std::size_t memory_bytes() const { return sizeof *this + failed_.size() + passing_.size() * sizeof passing_[0]; }
  // False when no message of the segment can pass.
  [[nodiscard]] bool may_match(const SegmentSpan& span) const;
  [[nodiscard]] bool passes_context(std::uint32_t context) const {
    return context != 0 && (!by_context_ || (context < failed_.size() && failed_[context] == 0));
  }
  // A bit for each context below `end_context`, in words: whether it passes. For filters that restrict contexts.
  [[nodiscard]] std::vector<std::uint64_t> passing_contexts(std::size_t end_context) const;
  // Whether the context passes if what is asked of this field is left out: for facets, which show the values beside the chosen
  // ones too.
  [[nodiscard]] bool passes_without(FilterField field, std::uint32_t context) const {
    return context != 0 && (!by_context_ || (context < failed_.size() && (failed_[context] & ~bit_of(field)) == 0));
  }
  // Whether anything is asked of the field.
  [[nodiscard]] bool restricts(FilterField field) const { return (restricted_ & bit_of(field)) != 0; }
  [[nodiscard]] bool passes_time(std::int64_t time_ms) const {
    return !by_time_ || (time_ms == kNoTime ? without_time_ : times_.contains(time_ms));
  }
  [[nodiscard]] bool passes_id(std::int64_t message_id) const { return !by_id_ || ids_.contains(message_id); }
  // The times and ids that pass, everything if nothing is asked of them. Messages without a time are not in `times`.
  [[nodiscard]] const Intervals& times() const { return times_; }
  [[nodiscard]] const Intervals& ids() const { return ids_; }
  // What does not depend on the context.
  [[nodiscard]] bool passes_message(const Segment& segment, std::size_t index) const {
    if (by_time_ && !passes_time(segment.time_ms(index))) return false;
    return passes_id(segment.first_id + static_cast<std::int64_t>(index));
  }
  // True when that holds for every message of the segment.
  [[nodiscard]] bool passes_messages(const SegmentHead& segment) const;
  // Whether the index-th message of the segment passes.
  [[nodiscard]] bool matches(const Segment& segment, std::size_t index) const {
    return passes_context(segment.context_id(index)) && passes_message(segment, index);
  }

 private:
  static constexpr unsigned bit_of(FilterField field) { return 1U << static_cast<unsigned>(field); }
  void resolve_times(const MessageFilter& filter);
  Status resolve_ids(sqlite::Connection& db, const MessageFilter& filter);
  Status resolve_contexts(sqlite::Connection& db, ContextColumns& contexts, const MessageFilter& filter);
  Status find_span(sqlite::Connection& db);

  bool nothing_ = false;
  bool by_context_ = false;
  bool by_time_ = false;
  bool by_id_ = false;
  bool without_time_ = true;            // messages without a time pass
  unsigned restricted_ = 0;             // bits of the fields of which something is asked
  std::vector<std::uint8_t> failed_;    // by context id: bits of the fields that it fails
  std::vector<std::uint64_t> passing_;  // by context id: a bit, whether it fails none
  // Of all that passes, the first and the last time, where that is known and nothing is without a time: then segments of other
  // times are not looked at.
  bool has_span_ = false;
  std::int64_t first_ms_ = 0;
  std::int64_t last_ms_ = 0;
  Intervals times_;
  Intervals ids_;
};

// The id of the project that `name` means: a full path, or the last component of exactly one path. 0: none. kAmbiguous lists the
// candidates.
Result<std::int64_t> resolve_project(sqlite::Connection& db, const std::string& name);
// The id of the session: its full id, or a prefix of at least 4 characters that fits one. 0: none. kAmbiguous.
Result<std::int64_t> resolve_session(sqlite::Connection& db, const std::string& name);
// The last component of a path, with / or \ between components: a project's name.
std::string_view last_path_component(std::string_view path);
// The extraction phase that a text of one digit names, 1 to 7.
std::optional<int> phase_from(std::string_view text);

}  // namespace cmem
