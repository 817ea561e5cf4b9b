// What a person types into the search box, made into a tree of terms.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "index/tokenizer.h"

namespace cmem {

inline constexpr std::size_t kMaxQueryBytes = 4096;
inline constexpr std::size_t kMaxQueryTerms = 64;
inline constexpr std::size_t kMaxQueryDepth = 8;

// A word, or a phrase of several: text matches it if there are the words at their offsets from some position. Folded as in the
// index.
struct QueryTerm {
  struct Part {
    std::string word;
    std::uint32_t offset = 0;  // of its position from the first one's
    friend bool operator==(const Part&, const Part&) = default;
  };
  std::vector<Part> parts;
  bool prefix = false;  // the last word is only the begin of one
  // A camelCase word: also found in one piece, as people write it in lower case. Empty if there is none.
  std::string whole;
  friend bool operator==(const QueryTerm&, const QueryTerm&) = default;
};

struct QueryNode {
  enum class Kind { kTerm, kAnd, kOr, kNot } kind = Kind::kTerm;
  std::size_t term = 0;          // kTerm: index in CompiledQuery::terms
  std::vector<QueryNode> parts;  // the others; kNot has two: the first without the second
};

struct CompiledQuery {
  std::optional<QueryNode> root;         // nothing when there is nothing to search
  std::vector<QueryTerm> terms;          // each once
  std::vector<std::size_t> highlighted;  // the terms that may occur in a hit
  std::string explanation;               // one line for people: how the query was understood, or why there is nothing to search

  // True for a query without a single letter or digit, and for one that only says what must not occur ("-word"): it is valid and
  // has no hits.
  [[nodiscard]] bool nothing_to_search() const noexcept { return !root; }
};

// The language; whatever is not listed is searched as text, so that any string is a valid query:
//   one two          both occur; AND between them (upper case) changes nothing
//   "one two"        next to each other, in this order; a missing closing quote is put at the end
//   pre*  "one pre"* begins with; the star must follow a letter or digit
//   -word  -"a b"  -(…)  NOT word    does not occur. "--flag" and "- word" are text
//   one OR two       either; binds its two neighbours: `a b OR c` is a and one of b, c
//   ( … )            a group; brackets that have no partner are put where they are missing or ignored
// AND, OR and NOT (upper case) without something to join are words. A word that the tokenizer splits (multi-agent) is a phrase.
// kLimit: longer than kMaxQueryBytes, more than kMaxQueryTerms terms, or brackets
// nested deeper than kMaxQueryDepth. Thread: as `tokenizer`.
[[nodiscard]] Result<CompiledQuery> compile_query(std::string_view text, Tokenizer& tokenizer);

}  // namespace cmem
