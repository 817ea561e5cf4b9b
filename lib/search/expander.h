// Finds other words of the store for a word of a query: forms and synonyms (the tier `expanded`), words that it may have been meant
// to be (the tier `fuzzy`), and the nearest one ("did you mean").
//
// It asks the store's Vocabulary if that is there. Otherwise it walks over the segments' dictionaries, and then every walk has an
// end: it looks at so many entries (expander.cc), segment by segment from the largest, each in byte order. What is behind them is
// not found, and a word's number of texts then lacks those of the segments not looked at. Memory: the words that a walk keeps,
// 20,000 at most, some 2 MB.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "search/stemmer.h"
#include "search/synonyms.h"
#include "sqlite/connection.h"
#include "store/text_index_reader.h"
#include "store/vocabulary.h"

namespace cmem {

inline constexpr std::size_t kMaxForms = 32;
inline constexpr std::size_t kMaxCorrections = 8;

enum class FormKind { kStem, kSynonym, kPrefix };

struct WordForm {
  std::vector<std::string> words;  // one, or those of a phrase
  std::uint64_t texts = 0;         // that have it; of a phrase: that have its rarest word
  FormKind kind = FormKind::kStem;
};

struct Correction {
  std::string word;
  unsigned distance = 0;
  std::uint64_t texts = 0;
};

// Used within one read transaction, by one thread. Words are folded as in the index; an answer never contains the word that was
// asked for.
class Expander {
 public:
  // Borrows all but `segments`, which are those of the transaction.
  static Result<Expander> create(TextIndexReader& index, Vocabulary& vocabulary, sqlite::Connection& db,
                                 std::vector<SegmentInfo> segments, const Synonyms& synonyms);

  // Words with the same stem and synonyms that occur, and, if the word may be unfinished, words that begin with it. At most
  // kMaxForms; stems and synonyms go before words that only begin alike. The most frequent first. `word` may also be a phrase, its
  // words with one space between; it has synonyms only.
  Result<std::vector<WordForm>> expand(std::string_view word, bool unfinished);

  // Words within allowed_typos() that have the same first character, the nearest and then the most frequent first; at most
  // kMaxCorrections. Ids are no corrections.
  Result<std::vector<Correction>> correct(std::string_view word);

  // Whether any text has the word.
  Result<bool> occurs(std::string_view word) {
    CMEM_ASSIGN_OR_RETURN(const std::uint64_t texts, texts_with(word));
    return texts > 0;
  }

  // The best of the words that one more typing error leads to, also in a word of three or four characters; if there is none, with
  // any first character. Nothing for ids and shorter words.
  Result<std::optional<Correction>> nearest(std::string_view word);

 private:
  // A word and in how many texts it is. Valid until the next question.
  struct Found {
    std::string_view word;
    std::uint64_t texts = 0;
  };

  Expander(TextIndexReader& index, Vocabulary& vocabulary, bool has_vocabulary, sqlite::Connection& db,
           std::vector<SegmentInfo> segments, const Synonyms& synonyms, Stemmer stemmer);
  // The words that begin with `begin` and for which accept(word) is true. A walk looks at `limit` entries.
  template <typename Accept>
  Result<std::vector<Found>> words(std::string_view begin, std::size_t limit, Accept&& accept);
  template <typename Accept>
  Status walk(std::string_view begin, std::size_t limit, Accept&& accept);
  Result<std::uint64_t> texts_with(std::string_view word);
  Status add_stems(std::string_view word, std::vector<WordForm>& forms);
  Status add_synonyms(std::string_view phrase, std::vector<WordForm>& forms);
  Status add_longer(std::string_view word, std::vector<WordForm>& forms);
  static void add_most_frequent(std::vector<Found> found, FormKind kind, std::vector<WordForm>& forms);
  Result<std::vector<Correction>> words_near(std::string_view word, std::string_view begin, unsigned limit, std::size_t walk_limit);

  TextIndexReader* index_;
  Vocabulary* vocabulary_;
  bool has_vocabulary_;  // of the segments
  sqlite::Connection* db_;
  std::vector<SegmentInfo> segments_;  // the largest first
  const Synonyms* synonyms_;
  Stemmer stemmer_;
  std::unordered_map<std::string, std::uint64_t> walked_;  // what the last walk has found
};

}  // namespace cmem
