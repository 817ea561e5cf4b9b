// Reads posting lists: in which texts of a segment words stand, how often, and where.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "index/postings.h"
#include "sqlite/connection.h"
#include "store/text_index_reader.h"

namespace cmem {

// Texts of one segment, by their number in it, rising.
using Texts = std::vector<std::uint32_t>;

// What to read of a list; each has what stands before it too.
enum class Detail : std::uint8_t { kTexts, kFrequencies, kPlaces };

// Texts, and how often, or where, something stands in them. What was not asked for is empty.
struct Postings {
  Texts texts;
  std::vector<std::uint32_t> frequencies;
  std::vector<std::size_t> ends;  // of a text's positions in `positions`
  std::vector<std::uint32_t> positions;
};

// Takes `offset` off all positions; those before the text's begin are dropped, and texts without any.
void move_back(Postings& found, std::uint32_t offset);

// The positions that are in both.
Postings meet_positions(const Postings& a, const Postings& b);

// Borrows all; used within the caller's read transaction.
class ListReader {
 public:
  ListReader(TextIndexReader& index, sqlite::Connection& db) : index_(&index), db_(&db) {}

  // The union of some words' lists. `among`: only these texts matter; nullptr: all.
  Result<Postings> read(const SegmentInfo& segment, const std::vector<TermEntry>& entries, const Texts* among, Detail detail);
  // The same for a prefix, whose lists were added up; it has no places.
  Result<Postings> read(const SegmentInfo& segment, const PrefixList& list, const Texts* among, Detail detail);
  // Adds them up.
  Result<PrefixList> add_up(const SegmentInfo& segment, const std::vector<TermEntry>& entries);

 private:
  // A list's postings, valid until the next one's are asked for.
  struct List {
    std::uint32_t texts = 0;
    std::string_view postings;
  };

  Result<Postings> read_union(const SegmentInfo& segment, const std::vector<TermEntry>& entries, const Texts* among, Detail detail);
  Status add_up(const SegmentInfo& segment, const std::vector<TermEntry>& entries, const Texts* among, Detail detail, bool noted,
                TextCounters& counters);
  static std::size_t take_all(TextCounters& counters, std::size_t texts, Postings& out);
  static std::size_t take_noted(TextCounters& counters, std::size_t texts, Postings& out);
  template <typename Visit>
  static Status for_each_block(const SegmentInfo& segment, const List& list, const Texts* among, Detail detail, Visit&& visit);
  Result<List> list_of(const SegmentInfo& segment, const TermEntry& entry);
  Status read_list(const SegmentInfo& segment, const List& list, std::string_view positions, const Texts* among, Detail detail,
                   Postings& out);
  std::uint32_t keep_marked(const std::uint8_t* marks, const PostingsBlock& block);
  std::uint32_t keep_wanted(const Texts& among, std::size_t& wanted, const PostingsBlock& block);
  Status read_positions(std::string_view bytes, const PostingsBlock& block, std::uint32_t kept, bool all, Postings& out);

  TextIndexReader* index_;
  sqlite::Connection* db_;
  IndexWindow window_;  // on the postings
  std::array<std::uint32_t, kPostingsPerBlock> kept_{};
};

}  // namespace cmem
