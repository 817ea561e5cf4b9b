// Finds the texts that match a query, and how well, in the segments of the text index.
//
// A node of the query is evaluated as a whole for one segment, as a sorted list of texts with their scores; where another list
// bounds the answer already, only the blocks of postings are read that may have some of its texts.
//
// Scores are BM25 (Robertson and Zaragoza, 2009, https://doi.org/10.1561/1500000019) with k1 = 1.2, b = 0.75 and
// idf = ln(1 + (N - n + 0.5) / (n + 0.5)) over the distinct texts. A phrase counts like one word whose idf is the sum of its words'
// (as in Lucene); a prefix like one word that stands in as many texts as its words together, N at most. A
// NEAR counts like one word whose idf is the sum of its terms' and that stands in a text at each position where a window with all
// of them begins. A text that is prose counts prose_weight times as much. Each term's part is rounded to 1 / kScoreUnits, so that a
// sum does not depend on the order in which it was made.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "search/list_reader.h"
#include "search/query_language.h"
#include "sqlite/connection.h"
#include "store/text_index_reader.h"

namespace cmem {

inline constexpr double kScoreUnits = 16384;

// What a text's score is multiplied with if it is prose (segment.h). 1: like any other.
inline constexpr double kDefaultProseWeight = 1.5;
inline constexpr double kMaxProseWeight = 10;

// Texts of one segment, by their number in it, rising.
struct Matches {
  Texts texts;
  std::vector<std::uint32_t> scores;  // in units of 1 / kScoreUnits; empty where nobody asks for them
};

class Matcher {
 public:
  // Looks up the query's words. Borrows all; used within the caller's read transaction.
  static Result<Matcher> create(TextIndexReader& index, sqlite::Connection& db, const CompiledQuery& query, double prose_weight);

  [[nodiscard]] const std::vector<SegmentInfo>& segments() const { return segments_; }
  // The matches in segments()[segment]. The query has something to search.
  Result<Matches> match(std::size_t segment);
  // The same without scores, which takes less time.
  Result<Texts> match_texts(std::size_t segment);
  // In how many texts a term of the query stands.
  Result<std::int64_t> count_texts(std::size_t term);

 private:
  // One word of a term in one segment; a prefix has many entries.
  struct Entries {
    std::vector<TermEntry> list;
    std::uint64_t texts = 0;                // the sum of theirs
    std::shared_ptr<const PrefixList> sum;  // of a prefix; if it was kept, `list` is empty until it is asked for
    void add(const TermEntry& entry) {
      list.push_back(entry);
      texts += entry.texts;
    }
  };
  struct Words {
    std::vector<std::vector<Entries>> entries;  // by part (the last one may be the whole word), by segment
    double idf = 0;
  };

  // A place of a term in a text: the positions of its first and last word.
  struct Place {
    std::uint32_t text;
    std::uint32_t first;
    std::uint32_t last;
  };

  Matcher(TextIndexReader& index, sqlite::Connection& db, const CompiledQuery& query, double prose_weight)
      : index_(&index), db_(&db), reader_(index, db), query_(&query), prose_weight_(prose_weight) {}
  Status look_up();
  Result<Words> look_up(const QueryTerm& term);
  Result<std::vector<Entries>> look_up(const std::string& word);
  Result<std::vector<Entries>> look_up_prefix(const std::string& prefix, bool alone);
  Status read_entries(const std::string& prefix, std::size_t segment, Entries& entries);
  [[nodiscard]] double idf_of(const std::vector<Entries>& entries) const;
  // At most so many texts match in the segment.
  [[nodiscard]] std::uint64_t bound(const QueryNode& node, std::size_t segment) const;

  // `among`: only these texts matter; nullptr: all. Without scores unless with_scores_.
  Result<Matches> evaluate(const QueryNode& node, std::size_t segment, const Texts* among);
  [[nodiscard]] std::vector<const QueryNode*> rarest_first(const std::vector<QueryNode>& parts, std::size_t segment) const;
  Result<Matches> evaluate_any(const QueryNode& node, std::size_t segment, const Texts* among);
  Result<Matches> evaluate_all(const QueryNode& node, std::size_t segment, const Texts* among);
  Result<Matches> evaluate_near(const QueryNode& node, std::size_t segment, const Texts* among);
  Result<std::vector<Place>> places_of(std::size_t term, std::size_t segment, const Texts* among);
  static std::uint32_t count_windows(const std::vector<std::span<const Place>>& terms, std::uint32_t distance);
  Result<Matches> evaluate_term(std::size_t term, std::size_t segment, const Texts* among);
  Result<Postings> postings_of(std::size_t term, std::size_t segment, const Texts* among);
  Status add_up(const std::string& prefix, std::size_t segment, Entries& entries);
  Result<Postings> phrase(const Words& words, const QueryTerm& term, std::size_t segment, const Texts* among);
  Result<Matches> score(Postings found, double idf, std::size_t segment);

  TextIndexReader* index_;
  sqlite::Connection* db_;
  ListReader reader_;
  const CompiledQuery* query_;
  double prose_weight_;
  std::vector<SegmentInfo> segments_;
  double texts_ = 0;
  double mean_length_ = 1;
  std::vector<Words> words_;  // by term
  bool with_scores_ = true;
};

}  // namespace cmem
