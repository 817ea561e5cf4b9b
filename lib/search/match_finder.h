// The places of a query's terms in texts.
#pragma once
#include <cstddef>
#include <string_view>
#include <vector>

#include "index/tokenizer.h"
#include "search/query_language.h"
#include "search/term_finder.h"
#include "search/term_scanner.h"

namespace cmem {

// Bytes [begin, end) of a text.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  friend bool operator==(const Span&, const Span&) = default;
};

struct Match {
  Span span;
  std::size_t term = 0;
  friend bool operator==(const Match&, const Match&) = default;
};

// Where the last positions of the text began, as many as the longest term has.
class RecentStarts {
 public:
  explicit RecentStarts(std::size_t size) : starts_(size) {}
  void push(std::size_t start) { starts_[count_++ % starts_.size()] = start; }
  // back 0 is the position pushed last.
  [[nodiscard]] std::size_t get(std::size_t back) const { return starts_[(count_ - 1 - back) % starts_.size()]; }

 private:
  std::vector<std::size_t> starts_;
  std::size_t count_ = 0;
};

// Splits only those pieces of a text into words where a term may begin or go on. Built once per query. One thread at a time.
class MatchFinder {
 public:
  explicit MatchFinder(std::vector<QueryTerm> terms);
  MatchFinder(MatchFinder&&) = default;
  MatchFinder& operator=(MatchFinder&&) = default;

  // The matches in order of their begin, of all the words up to that which ends the one with number `limit`. Borrowed until the
  // next call.
  [[nodiscard]] const std::vector<Match>& find(std::string_view text, std::size_t limit);

 private:
  [[nodiscard]] std::size_t longest_term() const;
  [[nodiscard]] bool is_inside_term() const;
  void add_words(std::string_view text, const TextPiece& piece, std::size_t limit);
  void add_word(const Word& word, std::size_t offset, bool first);

  std::vector<QueryTerm> terms_;  // finders_ point into it
  std::vector<TermFinder> finders_;
  TermScanner scanner_;
  RecentStarts starts_;
  Tokenizer tokenizer_;
  std::vector<Match> matches_;
};

}  // namespace cmem
