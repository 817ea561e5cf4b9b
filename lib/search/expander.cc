#include "search/expander.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

#include "base/utf8.h"
#include "search/word_distance.h"

namespace cmem {
namespace {

// Dictionary entries that a walk looks at. To read one costs some 50 ns, to compare or count it as much again: at most 2 ms for the
// forms of a word, 12 ms for its corrections, and 20 ms more for the nearest word if no other begins alike.
constexpr std::size_t kMaxFormWalk = 20'000;
constexpr std::size_t kMaxTypoWalk = 150'000;
constexpr std::size_t kMaxNearestWalk = 300'000;
// The longest ending that Porter2 takes off, and a letter that it adds.
constexpr std::size_t kMaxEnding = 9;
constexpr std::size_t kMinNearestCharacters = 3;
constexpr std::size_t kMaxUtf8Bytes = 4;

bool more_frequent(const WordForm& a, const WordForm& b) { return a.texts != b.texts ? a.texts > b.texts : a.words < b.words; }

bool better(const Correction& a, const Correction& b) {
  if (a.distance != b.distance) return a.distance < b.distance;
  return a.texts != b.texts ? a.texts > b.texts : a.word < b.word;
}

bool contains(const std::vector<WordForm>& forms, const std::vector<std::string>& words) {
  return std::ranges::find(forms, words, &WordForm::words) != forms.end();
}

// Adds the most frequent that are not there yet and have room.
void add_best(std::vector<WordForm> found, std::vector<WordForm>& forms) {
  std::ranges::sort(found, more_frequent);
  for (WordForm& form : found) {
    if (forms.size() == kMaxForms) return;
    if (!contains(forms, form.words)) forms.push_back(std::move(form));
  }
}

std::vector<std::string> split(std::string_view phrase) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin <= phrase.size();) {
    const std::size_t end = std::min(phrase.find(' ', begin), phrase.size());
    words.emplace_back(phrase.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

// Each editing step changes two letters of the set at most.
bool has_more_bits(std::uint32_t bits, unsigned most) {
  for (; most > 0; --most) bits &= bits - 1;
  return bits != 0;
}

std::string_view first_character(std::string_view word) {
  return word.substr(0, std::max<std::size_t>(1, utf8_sequence_length(word, 0)));
}

}  // namespace

Expander::Expander(TextIndexReader& index, Vocabulary& vocabulary, bool has_vocabulary, sqlite::Connection& db,
                   std::vector<SegmentInfo> segments, const Synonyms& synonyms, Stemmer stemmer)
    : index_(&index),
      vocabulary_(&vocabulary),
      has_vocabulary_(has_vocabulary),
      db_(&db),
      segments_(std::move(segments)),
      synonyms_(&synonyms),
      stemmer_(std::move(stemmer)) {
  std::ranges::stable_sort(segments_, std::greater(), &SegmentInfo::terms);
}

Result<Expander> Expander::create(TextIndexReader& index, Vocabulary& vocabulary, sqlite::Connection& db,
                                  std::vector<SegmentInfo> segments, const Synonyms& synonyms) {
  CMEM_ASSIGN_OR_RETURN(Stemmer stemmer, Stemmer::create());
  CMEM_ASSIGN_OR_RETURN(const bool has_vocabulary, vocabulary.prepare(db, index, segments));
  return Expander(index, vocabulary, has_vocabulary, db, std::move(segments), synonyms, std::move(stemmer));
}

template <typename Accept>
Result<std::vector<Expander::Found>> Expander::words(std::string_view begin, std::size_t limit, Accept&& accept) {
  std::vector<Found> found;
  if (has_vocabulary_) {
    vocabulary_->for_each(begin, [&](const Vocabulary::Entry& entry) {
      if (accept(entry.word)) found.push_back({entry.word, entry.texts});
    });
    return found;
  }
  CMEM_TRY(walk(begin, limit, accept));
  for (const auto& [word, texts] : walked_) found.push_back({word, texts});
  return found;
}

template <typename Accept>
Status Expander::walk(std::string_view begin, std::size_t limit, Accept&& accept) {
  walked_.clear();
  const std::size_t all = limit;
  for (const SegmentInfo& segment : segments_) {
    if (limit == 0) break;
    CMEM_TRY(index_->for_each_term(*db_, segment, begin, [&](const std::string& word, const TermEntry& entry) {
      if (accept(word)) walked_[word] += entry.texts;
      return --limit != 0;
    }));
  }
  vocabulary_->add_cost(all - limit);
  return {};
}

Result<std::uint64_t> Expander::texts_with(std::string_view word) {
  if (has_vocabulary_) return vocabulary_->texts_with(word);
  std::uint64_t texts = 0;
  for (const SegmentInfo& segment : segments_) {
    CMEM_ASSIGN_OR_RETURN(const auto entry, index_->find(*db_, segment, word));
    if (entry) texts += entry->texts;
  }
  return texts;
}

void Expander::add_most_frequent(std::vector<Found> found, FormKind kind, std::vector<WordForm>& forms) {
  // As many again as there may be forms already, which are passed over.
  const auto end = found.begin() + static_cast<std::ptrdiff_t>(std::min(found.size(), 2 * kMaxForms));
  std::ranges::partial_sort(
      found, end, [](const Found& a, const Found& b) { return a.texts != b.texts ? a.texts > b.texts : a.word < b.word; });
  std::vector<WordForm> best;
  std::for_each(found.begin(), end, [&](const Found& word) { best.push_back({{std::string(word.word)}, word.texts, kind}); });
  add_best(std::move(best), forms);
}

Result<std::vector<WordForm>> Expander::expand(std::string_view word, bool unfinished) {
  std::vector<WordForm> forms;
  if (word.empty()) return forms;
  const bool phrase = word.find(' ') != std::string_view::npos;
  if (!phrase) CMEM_TRY(add_stems(word, forms));
  CMEM_TRY(add_synonyms(word, forms));
  if (unfinished && !phrase) CMEM_TRY(add_longer(word, forms));
  std::ranges::sort(forms, more_frequent);
  return forms;
}

Status Expander::add_stems(std::string_view word, std::vector<WordForm>& forms) {
  if (!Stemmer::has_forms(word)) return {};
  const std::string stem(stemmer_.stem(word));
  CMEM_ASSIGN_OR_RETURN(auto found, words(common_begin(word, stem), kMaxFormWalk, [&](std::string_view other) {
                          return other.size() <= stem.size() + kMaxEnding && other != word && Stemmer::has_forms(other) &&
                                 stemmer_.stem(other) == stem;
                        }));
  add_most_frequent(std::move(found), FormKind::kStem, forms);
  return {};
}

Status Expander::add_synonyms(std::string_view phrase, std::vector<WordForm>& forms) {
  std::vector<WordForm> found;
  for (const std::string_view other : synonyms_->of(phrase)) {
    WordForm form{split(other), std::numeric_limits<std::uint64_t>::max(), FormKind::kSynonym};
    for (const std::string& word : form.words) {
      CMEM_ASSIGN_OR_RETURN(const std::uint64_t texts, texts_with(word));
      form.texts = std::min(form.texts, texts);
      if (texts == 0) break;
    }
    if (form.texts != 0) found.push_back(std::move(form));
  }
  add_best(std::move(found), forms);
  return {};
}

Status Expander::add_longer(std::string_view word, std::vector<WordForm>& forms) {
  CMEM_ASSIGN_OR_RETURN(auto found, words(word, kMaxFormWalk, [&](std::string_view other) { return other != word; }));
  add_most_frequent(std::move(found), FormKind::kPrefix, forms);
  return {};
}

Result<std::vector<Correction>> Expander::words_near(std::string_view word, std::string_view begin, unsigned limit,
                                                     std::size_t walk_limit) {
  const WordDistance distance(word);
  const std::size_t characters = count_characters(word);
  const std::size_t max_bytes = (characters + limit) * kMaxUtf8Bytes;
  const std::uint32_t letters = letters_of(word);
  std::vector<Correction> corrections;
  const auto distance_of = [&](std::string_view other) {
    const bool fits = other.size() + limit >= characters && other.size() <= max_bytes;
    return fits && other != word ? distance.within(other, limit) : std::nullopt;
  };
  if (has_vocabulary_) {
    vocabulary_->for_each_alike(begin, {letters, limit, letters_of("0")}, [&](std::string_view other) {
      const auto its_distance = distance_of(other);
      if (its_distance && !is_id(other)) corrections.push_back({std::string(other), *its_distance, vocabulary_->texts_with(other)});
    });
  } else {
    CMEM_TRY(walk(begin, walk_limit, [&](std::string_view other) {
      return !has_more_bits(letters ^ letters_of(other), 2 * limit) && distance_of(other) && !is_id(other);
    }));
    for (const auto& [other, texts] : walked_) corrections.push_back({other, *distance_of(other), texts});
  }
  std::ranges::sort(corrections, better);
  const auto same_word = [](const Correction& a, const Correction& b) { return a.word == b.word; };
  corrections.erase(std::unique(corrections.begin(), corrections.end(), same_word), corrections.end());
  if (corrections.size() > kMaxCorrections) corrections.resize(kMaxCorrections);
  return corrections;
}

Result<std::vector<Correction>> Expander::correct(std::string_view word) {
  const unsigned limit = allowed_typos(word);
  if (limit == 0) return std::vector<Correction>();
  return words_near(word, first_character(word), limit, kMaxTypoWalk);
}

Result<std::optional<Correction>> Expander::nearest(std::string_view word) {
  if (count_characters(word) < kMinNearestCharacters || is_id(word)) return std::optional<Correction>();
  const unsigned limit = allowed_typos(word) + 1;
  CMEM_ASSIGN_OR_RETURN(auto near, words_near(word, first_character(word), limit, kMaxTypoWalk));
  if (near.empty()) {
    CMEM_ASSIGN_OR_RETURN(near, words_near(word, "", limit, kMaxNearestWalk));
  }
  return near.empty() ? std::nullopt : std::optional(std::move(near.front()));
}

}  // namespace cmem
