// What a person types into the search box, made into an FTS5 expression. User text never reaches MATCH unquoted.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sqlite/tokenizer.h"

namespace cmem {

inline constexpr std::size_t kMaxQueryBytes = 4096;
inline constexpr std::size_t kMaxQueryTerms = 64;
inline constexpr std::size_t kMaxQueryDepth = 8;

// A word (one token) or phrase (several) that must or may occur. Tokens are folded as in the index.
struct HighlightTerm {
  std::vector<std::string> tokens;
  bool prefix = false;  // the last token is only the begin of a word
  friend bool operator==(const HighlightTerm&, const HighlightTerm&) = default;
};

struct CompiledQuery {
  std::string match;                 // for `… MATCH ?`; empty when there is nothing to search
  std::vector<HighlightTerm> terms;  // what to highlight: the positive terms, each once
  std::string explanation;           // one line for people: how the query was understood, or why there is nothing to search

  // True for a query without a single letter or digit, and for one that only says what must not occur ("-word"): it is valid and
  // has no hits. Do not run it.
  [[nodiscard]] bool nothing_to_search() const noexcept { return match.empty(); }
};

// The language; whatever is not listed is searched as text, so that any string is a valid query:
//   one two          both occur; AND between them (upper case) changes nothing
//   "one two"        next to each other, in this order; a missing closing quote is put at the end
//   pre*  "one pre"* begins with; the star must follow a letter or digit
//   -word  -"a b"  -(…)  NOT word    does not occur. "--flag" and "- word" are text
//   one OR two       either; binds its two neighbours: `a b OR c` is a and one of b, c
//   ( … )            a group; brackets that have no partner are put where they are missing or ignored
// AND, OR and NOT (upper case) without something to join are words. A word that the tokenizer splits (multi-agent) is a phrase.
// `tokenizer` must be the one of the FTS5 table. kLimit: longer than kMaxQueryBytes, more than kMaxQueryTerms terms, or brackets
// nested deeper than kMaxQueryDepth. Thread: as `tokenizer`.
[[nodiscard]] Result<CompiledQuery> compile_query(std::string_view text, Tokenizer& tokenizer);

}  // namespace cmem
