// A page of a segment's dictionary: words in byte order, front-coded, with the place of their posting lists. Every 16th entry is
// written in full, and a table of those at the end is what a look-up searches (as in LevelDB's blocks).
//
// Entry: varint shared bytes with the word before, varint further bytes, these bytes, varint texts, varint bytes of postings,
// varint bytes of positions. A full entry shares nothing and has before that: varint offset of its postings, varint offset of its
// positions; those of the entries behind it follow by addition. At the end of the page: the offset of each full entry (16 bits),
// and their number (16 bits).
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cmem {

// A word of a segment, and where its lists are in the segment's streams.
struct TermEntry {
  std::uint32_t texts = 0;
  std::uint64_t postings_offset = 0;
  std::uint64_t postings_bytes = 0;
  std::uint64_t positions_offset = 0;
  std::uint64_t positions_bytes = 0;
};

class TermPageBuilder {
 public:
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  [[nodiscard]] bool is_full() const { return bytes_.size() + restarts_.size() >= kTargetBytes; }
  void add(std::string_view term, const TermEntry& entry);
  // The page; the builder starts the next one.
  std::string finish();

 private:
  static constexpr std::size_t kTargetBytes = 3900;
  static constexpr std::uint32_t kRestartInterval = 16;

  std::string bytes_;
  std::string restarts_;
  std::string last_term_;
  std::uint32_t entries_ = 0;
};

// Walks over a page, which it borrows.
class TermPageCursor {
 public:
  static Result<TermPageCursor> open(std::string_view page);

  // Moves to the first word not before `term`; false if there is none in this page. kCorrupt.
  Result<bool> seek(std::string_view term);
  // Moves to the next word, at first to the first one; false at the end.
  Result<bool> next();

  // The same where the word before begins with `prefix`, also for a prefix of any word; false too if the next one does not, and
  // then at_end() tells which. Words are not put together: term() means nothing from here on.
  Result<bool> next_with(std::string_view prefix);
  [[nodiscard]] bool at_end() const { return at_ >= entries_.size(); }

  [[nodiscard]] const std::string& term() const { return term_; }
  [[nodiscard]] const TermEntry& entry() const { return entry_; }

 private:
  [[nodiscard]] std::size_t restart(std::size_t index) const;
  Result<std::string_view> full_term(std::size_t index) const;
  struct TermBytes {
    std::uint64_t shared = 0;
    std::string_view rest;
  };
  bool read_entry(TermBytes& bytes);

  std::string_view entries_;
  std::string_view restarts_;
  std::size_t at_ = 0;
  std::string term_;
  TermEntry entry_;
  std::uint64_t next_postings_ = 0;
  std::uint64_t next_positions_ = 0;
  std::size_t next_restart_ = 0;
};

}  // namespace cmem
