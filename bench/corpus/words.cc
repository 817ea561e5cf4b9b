#include "corpus/words.h"

#include <array>
#include <unordered_set>

namespace cmem::corpus {
namespace {

constexpr std::uint32_t kVocabularyWords = 50'000;
constexpr std::uint32_t kNameWords = 3'000;

constexpr auto kFunctionWords = std::to_array<std::string_view>(
    {"the",    "to",   "and",    "a",     "of",      "in",    "is",     "that",    "for",     "it",      "this",
     "with",   "on",   "be",     "not",   "as",      "are",   "from",   "we",      "you",     "can",     "or",
     "should", "all",  "by",     "file",  "an",      "if",    "was",    "have",    "now",     "has",     "at",
     "but",    "when", "test",   "I",     "code",    "then",  "so",     "will",    "which",   "use",     "one",
     "new",    "add",  "what",   "run",   "there",   "error", "do",     "into",    "each",    "project", "after",
     "also",   "need", "only",   "make",  "session", "how",   "these",  "does",    "first",   "check",   "update",
     "write",  "read", "please", "where", "no",      "build", "change", "data",    "same",    "their",   "before",
     "every",  "they", "fix",    "list",  "set",     "would", "line",   "other",   "more",    "here",    "than",
     "search", "call", "them",   "some",  "still",   "its",   "just",   "between", "because", "without"});

constexpr auto kOnsets =
    std::to_array<std::string_view>({"b", "br", "c",  "cl", "d", "dr", "f",  "fl", "g",  "gr", "h", "j",  "k",  "l", "m", "n",
                                     "p", "pl", "pr", "qu", "r", "s",  "sc", "sh", "sp", "st", "t", "tr", "th", "v", "w", "z"});
constexpr auto kVowels = std::to_array<std::string_view>({"a", "e", "i", "o", "u", "ai", "ea", "ou", "io"});
constexpr auto kCodas = std::to_array<std::string_view>({"", "", "", "", "n", "r", "l", "s", "t", "m", "ck", "nd", "st", "x"});
constexpr auto kEndings = std::to_array<std::string_view>({"", "", "", "", "s", "ed", "ing", "er", "ion", "al", "able", "ly"});

template <std::size_t N>
std::string_view any(const std::array<std::string_view, N>& choices, Rng& rng) {
  return choices[rng.below(N)];
}

std::string invent_word(Rng& rng) {
  std::string word;
  const auto syllables = 1 + rng.below(5) % 3;
  for (std::uint64_t i = 0; i <= syllables / 2 + rng.below(2); ++i) {
    word += any(kOnsets, rng);
    word += any(kVowels, rng);
    word += any(kCodas, rng);
  }
  word += any(kEndings, rng);
  return word;
}

std::vector<std::string> make_words(std::uint64_t seed) {
  std::vector<std::string> words(kFunctionWords.begin(), kFunctionWords.end());
  std::unordered_set<std::string> seen(words.begin(), words.end());
  Rng rng(seed);
  while (words.size() < kVocabularyWords) {
    auto word = invent_word(rng);
    if (seen.insert(word).second) words.push_back(std::move(word));
  }
  return words;
}

// Zipf–Mandelbrot with exponent 1: weight 1 / (rank + 2.7).
std::vector<std::uint64_t> zipf_weights(std::uint32_t count) {
  std::vector<std::uint64_t> weights(count);
  for (std::uint64_t rank = 0; rank < count; ++rank) weights[rank] = (std::uint64_t{1} << 40) / (rank * 10 + 37);
  return weights;
}

}  // namespace

AliasTable::AliasTable(const std::vector<std::uint64_t>& weights) : cells_(weights.size()) {
  const std::uint64_t count = weights.size();
  std::uint64_t total = 0;
  for (const auto weight : weights) total += weight;
  std::vector<std::uint64_t> scaled(count);
  std::vector<std::uint32_t> small;
  std::vector<std::uint32_t> large;
  for (std::uint32_t i = 0; i < count; ++i) {
    scaled[i] = weights[i] * count;
    (scaled[i] < total ? small : large).push_back(i);
  }
  while (!small.empty() && !large.empty()) {
    const auto poor = small.back();
    const auto rich = large.back();
    small.pop_back();
    cells_[poor] = {static_cast<std::uint32_t>(((scaled[poor] >> 16) << 32) / ((total >> 16) + 1)), rich};
    scaled[rich] -= total - scaled[poor];
    if (scaled[rich] < total) {
      large.pop_back();
      small.push_back(rich);
    }
  }
  for (const auto i : large) cells_[i] = {0, i};
  for (const auto i : small) cells_[i] = {0, i};
}

Vocabulary::Vocabulary(std::uint64_t seed) : zipf_(zipf_weights(kVocabularyWords)) {
  for (const auto& word : make_words(seed)) {
    starts_.push_back(static_cast<std::uint32_t>(text_.size()));
    text_ += word;
  }
  starts_.push_back(static_cast<std::uint32_t>(text_.size()));
}

std::string Vocabulary::name(Rng& rng) const {
  return std::string(word(static_cast<std::uint32_t>(kFunctionWords.size() + rng.skewed(kNameWords))));
}

}  // namespace cmem::corpus
