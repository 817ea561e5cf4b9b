// Reads the text index: finds words in its segments, and gives their lists. Segments never change, so what was read of one may be
// kept as long as it is in the store.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/lru_cache.h"
#include "base/result.h"
#include "base/shared_values.h"
#include "index/term_page.h"
#include "sqlite/connection.h"
#include "sqlite/statement.h"
#include "store/text_segments.h"

namespace cmem {

// Bytes of the index; stays valid as long as this does.
struct IndexBytes {
  std::shared_ptr<const std::string> owner;
  std::string_view view;
};

// A piece of a stream of a segment: what is read next mostly lies in it too.
struct IndexWindow {
  std::int64_t segment_id = 0;
  std::uint64_t offset = 0;
  IndexBytes bytes;
};

// The lists of all words of a segment that begin with a prefix, added up: a list as postings.h has it, some 2 bytes a text.
struct PrefixList {
  std::uint32_t texts = 0;
  std::string postings;
  std::uint64_t word_texts = 0;  // the sum of the words' texts
};

// Numbers by text of a segment, all zero where nobody counts.
struct TextCounters {
  std::vector<std::uint32_t> counts;
  std::vector<std::uint8_t> seen;  // 1: the text has a number
};

class TextIndexReader {
 public:
  explicit TextIndexReader(std::size_t cache_bytes)
      : parts_(cache_bytes - cache_bytes / kPrefixShare - cache_bytes / kWordShare),
        prefix_lists_(cache_bytes / kPrefixShare),
        words_(cache_bytes / kWordShare) {}
  // From now on takes what other readers of the file have, and gives them its own. Borrows.
  void share(SharedValues<std::string>& shared) { shared_ = &shared; }

  // The segments in the caller's read transaction, in which all the other calls are made too.
  Result<std::vector<SegmentInfo>> segments(sqlite::Connection& db);
  // A word in a segment, or nothing.
  Result<std::optional<TermEntry>> find(sqlite::Connection& db, const SegmentInfo& segment, std::string_view term);
  // A word in each of the segments that segments() gave, in that order; no texts: it is not in that one. Kept until the segments
  // change, because a store has dozens, and questions mostly have some words of those before.
  using WordEntries = std::vector<TermEntry>;
  Result<std::shared_ptr<const WordEntries>> find(sqlite::Connection& db, const std::vector<SegmentInfo>& segments,
                                                  const std::string& term);
  // Calls visit(term, entry) -> bool for the words that begin with `prefix`, in byte order; false stops.
  template <typename Visit>
  Status for_each_term(sqlite::Connection& db, const SegmentInfo& segment, std::string_view prefix, Visit&& visit) {
    return for_each_page(db, segment, prefix, [&](TermPageCursor& cursor) -> Result<bool> {
      for (bool found = true; found;) {
        if (!cursor.term().starts_with(prefix) || !visit(cursor.term(), cursor.entry())) return false;
        CMEM_ASSIGN_OR_RETURN(found, cursor.next());
      }
      return true;
    });
  }

  // The same without the words, which takes less time. Calls visit(entry).
  template <typename Visit>
  Status for_each_entry(sqlite::Connection& db, const SegmentInfo& segment, std::string_view prefix, Visit&& visit) {
    return for_each_page(db, segment, prefix, [&](TermPageCursor& cursor) -> Result<bool> {
      if (!cursor.term().starts_with(prefix)) return false;
      for (bool found = true; found;) {
        visit(cursor.entry());
        CMEM_ASSIGN_OR_RETURN(found, cursor.next_with(prefix));
      }
      return cursor.at_end();
    });
  }

  Result<IndexBytes> postings(sqlite::Connection& db, const SegmentInfo& segment, const TermEntry& entry) {
    return range(db, segment, SegmentStream::kPostings, entry.postings_offset, entry.postings_bytes);
  }
  // The same through a window that is only used for postings; valid until it is used again.
  Result<std::string_view> postings(sqlite::Connection& db, const SegmentInfo& segment, const TermEntry& entry,
                                    IndexWindow& window);
  Result<IndexBytes> positions(sqlite::Connection& db, const SegmentInfo& segment, const TermEntry& entry) {
    return range(db, segment, SegmentStream::kPositions, entry.positions_offset, entry.positions_bytes);
  }
  // Words are typed letter by letter, so that short prefixes are asked for again and again; thousands of words begin with them,
  // each with a short list. Their sum is kept. nullptr: it is not there.
  std::shared_ptr<const PrefixList> find_prefix(const SegmentInfo& segment, std::string_view prefix);
  void keep_prefix(const SegmentInfo& segment, std::string_view prefix, std::shared_ptr<const PrefixList> list);

  // The lengths in words of all texts of a segment, and whether they are prose, as segment.h has them.
  Result<std::shared_ptr<const std::vector<std::uint16_t>>> lengths(sqlite::Connection& db, const SegmentInfo& segment);

  // Whoever has used them makes them zero again. There is one for each text of a segment at least, and 64 at a time.
  TextCounters& counters(const SegmentInfo& segment) {
    const std::size_t texts = (static_cast<std::size_t>(segment.texts) + 63) / 64 * 64;
    if (counters_.counts.size() < texts) counters_.counts.resize(texts);
    if (counters_.seen.size() < texts) counters_.seen.resize(texts);
    return counters_;
  }

  void clear();
  // Lets go of the connection's statements, but not of the cache.
  void close_statements() { select_part_.reset(); }

 private:
  // Of the cache: one part of so many.
  static constexpr std::size_t kPrefixShare = 4;
  static constexpr std::size_t kWordShare = 32;

  struct Segment {
    std::vector<std::string> first_terms;  // of the dictionary's pages
    std::shared_ptr<const std::vector<std::uint16_t>> lengths;
  };

  // Calls visit(cursor) -> Result<bool> for the pages of the dictionary from `begin` on, each at its first word that is not before
  // that; false stops.
  template <typename Visit>
  Status for_each_page(sqlite::Connection& db, const SegmentInfo& segment, std::string_view begin, Visit&& visit) {
    CMEM_ASSIGN_OR_RETURN(std::size_t page, first_page(db, segment, begin));
    for (bool first = true;; first = false, ++page) {
      CMEM_ASSIGN_OR_RETURN(const auto bytes, term_page(db, segment, page));
      if (!bytes) return {};
      CMEM_ASSIGN_OR_RETURN(auto cursor, TermPageCursor::open(*bytes));
      CMEM_ASSIGN_OR_RETURN(const bool found, first ? cursor.seek(begin) : cursor.next());
      if (!found) continue;
      CMEM_ASSIGN_OR_RETURN(const bool more, visit(cursor));
      if (!more) return {};
    }
  }

  Result<Segment*> segment_of(sqlite::Connection& db, const SegmentInfo& info);
  Result<std::size_t> first_page(sqlite::Connection& db, const SegmentInfo& segment, std::string_view term);
  // nullptr behind the last page.
  Result<std::shared_ptr<const std::string>> term_page(sqlite::Connection& db, const SegmentInfo& segment, std::size_t page);
  Result<IndexBytes> range(sqlite::Connection& db, const SegmentInfo& segment, SegmentStream stream, std::uint64_t offset,
                           std::uint64_t bytes);
  Result<std::shared_ptr<const std::string>> part(sqlite::Connection& db, std::int64_t id);
  Result<std::shared_ptr<const std::string>> read_part(sqlite::Connection& db, std::int64_t id);

  std::unordered_map<std::int64_t, Segment> segments_;
  SharedValues<std::string>* shared_ = nullptr;  // of parts_
  LruCache<std::int64_t, std::shared_ptr<const std::string>> parts_;
  LruCache<std::pair<std::int64_t, std::string>, std::shared_ptr<const PrefixList>, std::map> prefix_lists_;  // by segment's id
  std::vector<std::int64_t> word_segments_;  // whose entries words_ has
  LruCache<std::string, std::shared_ptr<const WordEntries>> words_;
  std::int64_t last_part_id_ = 0;  // the one that was given last: what is read next mostly lies in it too
  std::shared_ptr<const std::string> last_part_;
  TextCounters counters_;
  std::optional<sqlite::Statement> select_part_;
};

}  // namespace cmem
