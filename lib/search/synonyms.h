// Words that mean the same to developers. Groups: a table of our own, and pairs that the user adds, which join groups. Each word is
// in one group; a member may be a phrase.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "index/tokenizer.h"
#include "sqlite/connection.h"

namespace cmem {

inline constexpr std::size_t kMaxSynonymPairs = 10'000;
inline constexpr std::size_t kMaxSynonymWords = 8;  // of a phrase

// The user's pairs. Both sides are stored as fold_phrase() makes them, the smaller one first.
inline constexpr const char* kSynonymTable =
    "CREATE TABLE synonym(word TEXT NOT NULL, other TEXT NOT NULL, PRIMARY KEY(word, other)) WITHOUT ROWID";

struct SynonymPair {
  std::string word;
  std::string other;
};

// The words of a text as the index has them, with one space between. kInvalid: none, or more than kMaxSynonymWords.
Result<std::string> fold_phrase(std::string_view text, Tokenizer& tokenizer);

// Our own groups.
std::vector<std::vector<std::string_view>> built_in_synonyms();

// Immutable once loaded; any number of threads may read it.
class Synonyms {
 public:
  // Our own groups alone.
  Synonyms() = default;
  // Joined by the user's pairs. The table must be there.
  static Result<Synonyms> load(sqlite::Connection& db);

  // The others of the group of a word or phrase, folded; empty if it is in none.
  [[nodiscard]] std::vector<std::string_view> of(std::string_view phrase) const;

 private:
  void join(std::string_view word, std::string_view other);
  std::size_t group_of(std::string_view word);

  // The groups that a pair of the user is in; the others are not copied.
  std::unordered_map<std::string, std::size_t> group_by_word_;
  std::vector<std::vector<std::string>> groups_;
};

// Run these in a write transaction of the caller. Returns whether the pair was new; was there.
// kInvalid: a side has no word, too many words, or both sides are the same. kLimit: there are kMaxSynonymPairs.
Result<bool> add_synonym(sqlite::Connection& db, std::string_view word, std::string_view other, Tokenizer& tokenizer);
Result<bool> remove_synonym(sqlite::Connection& db, std::string_view word, std::string_view other, Tokenizer& tokenizer);
// The user's pairs, in order.
Result<std::vector<SynonymPair>> list_synonyms(sqlite::Connection& db);

}  // namespace cmem
