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
#include "search/query_fields.h"
#include "store/message_filter.h"

namespace cmem {

inline constexpr std::size_t kMaxQueryBytes = 4096;
inline constexpr std::size_t kMaxQueryTerms = 64;
inline constexpr std::size_t kMaxQueryDepth = 8;
inline constexpr std::uint32_t kNearDistance = 10;
inline constexpr std::uint32_t kMaxNearDistance = 1'000'000;

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
  // kAll: every text. kNear: the parts, which are terms, stand near each other.
  enum class Kind { kTerm, kAnd, kOr, kNot, kAll, kNear } kind = Kind::kTerm;
  std::size_t term = 0;          // kTerm: index in CompiledQuery::terms
  std::vector<QueryNode> parts;  // kAnd, kOr, kNear: two or more; kNot: the first without the second
  std::uint32_t distance = 0;    // kNear: so many words may stand between the first and the last word
};

struct CompiledQuery {
  std::optional<QueryNode> root;         // nothing when there is nothing to search
  std::vector<QueryTerm> terms;          // each once
  std::vector<std::size_t> highlighted;  // the terms that may occur in a hit
  std::vector<QueryField> fields;
  std::vector<std::string> notes;  // lines for people: what looks like a field and is searched as text
  std::string explanation;         // one line for people: how the words were understood, or why there is nothing to search

  // True for a query without fields that has no letter or digit, or only says what must not occur ("-word"): it is valid and has
  // no hits.
  [[nodiscard]] bool nothing_to_search() const noexcept { return !root; }
};

// The language; whatever is not listed is searched as text, so that any string is a valid query:
//   one two          both occur; AND between them (upper case) changes nothing
//   "one two"        next to each other, in this order; a missing closing quote is put at the end
//   pre*  "one pre"* begins with; the star must follow a letter or digit
//   -word  -"a b"  -(…)  NOT word    does not occur. "--flag" and "- word" are text
//   one OR two       either; binds its two neighbours: `a b OR c` is a and one of b, c
//   ( … )            a group; brackets that have no partner are put where they are missing or ignored
//   NEAR(a "b c", 8) all of two or more words and phrases in any order, with at most 8 words (10, if no number is given) between
//   the
//                    first word and the last
//   field:value  field:"a value"     restricts the messages: project, session, component, level, role, source (a source type),
//   phase
//                    (1 to 7), id (123, 100..200), and after, before, on with a time expression (base/time_expr.h): from its begin,
//                    up to its begin, its range. Several values of one field are a choice; different fields must all hold;
//                    -field:value and NOT field:value exclude. A field says nothing of texts, so it cannot stand in brackets or
//                    beside OR; only a choice of one field can, `(level:WARN OR level:ERROR)`.
// AND, OR and NOT (upper case) without something to join are words. A word that the tokenizer splits (multi-agent) is a phrase. A
// query of fields and exclusions alone means all texts that are not excluded.
// kLimit: longer than kMaxQueryBytes, more than kMaxQueryTerms terms, or brackets
// nested deeper than kMaxQueryDepth. Thread: as `tokenizer`.
[[nodiscard]] Result<CompiledQuery> compile_query(std::string_view text, Tokenizer& tokenizer, const QueryClock& clock = {});

// A term as the language writes it, folded: `"one two"*`.
[[nodiscard]] std::string to_text(const QueryTerm& term);

}  // namespace cmem
