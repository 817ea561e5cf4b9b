// A query that finds more than what was typed: the tiers behind `exact`.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "search/expander.h"
#include "search/query_language.h"

namespace cmem {

// How a text was found; a better tier stands before a worse one.
//   kExact     as the query says
//   kExpanded  by other forms of its words: same stem, synonyms, longer words for the last one
//   kFuzzy     by words that are one or two typing errors away
enum class Tier : std::uint8_t { kFuzzy, kExpanded, kExact };

// The query with the words that a tier adds beside each word typed; nothing if it adds none. Left as they are: quoted words and
// phrases, prefixes, what must not occur, and what stands in NEAR. A camelCase word has synonyms only. kFuzzy has the words of
// kExpanded too.
Result<std::optional<CompiledQuery>> widen(const CompiledQuery& query, Expander& expander, Tier tier);

// "Did you mean": the words typed, those that no text has replaced by the nearest that some have; nothing if that changes none.
Result<std::optional<std::string>> suggest(const CompiledQuery& query, Expander& expander);

}  // namespace cmem
