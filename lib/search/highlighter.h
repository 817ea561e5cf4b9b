// Snippets with marked matches.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "search/match_finder.h"
#include "search/query_language.h"

namespace cmem {

inline constexpr char kMatchBegin = '\x02';
inline constexpr char kMatchEnd = '\x03';

// Finds a query's terms in texts. Built once per query. One thread at a time.
class Highlighter {
 public:
  static constexpr std::size_t kSnippetBytes = 160;
  // Matches after this many in one text are not looked at: the work per text is bounded by its length and this number.
  static constexpr std::size_t kMaxMatches = 1000;

  explicit Highlighter(std::vector<QueryTerm> terms);

  // The stretch of `text` with the most and rarest distinct terms, about `max_bytes` long before the marks and "…" are added.
  // Matches stand between kMatchBegin and kMatchEnd, overlapping ones as one, and are cut only if longer than max_bytes. The ends
  // are cut at words where there are words and always at UTF-8 boundaries; "…" stands where something was left out. White space
  // is one space; control characters, terminal escape sequences and invalid UTF-8 are taken out, so that the result is safe to
  // print. Without a match it is the text's begin.
  [[nodiscard]] std::string snippet(std::string_view text, std::size_t max_bytes = kSnippetBytes);

 private:
  MatchFinder finder_;
};

}  // namespace cmem
