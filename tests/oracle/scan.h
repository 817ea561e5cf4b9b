// All messages of a store in memory, and what a search must answer, from a look at every word of every text. Of the library it
// uses the listing of all messages, and the tokenizer, for what a word is; nothing of the text index, the matcher or the filters.
#pragma once
#include <coditect/memory.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "index/tokenizer.h"

namespace oracle {

constexpr double kScoreUnits = 16384;
constexpr double kProseWeight = 1.5;  // cmem_page.prose_weight

// By what facets and filters ask for. "" is none.
enum Field : std::size_t { kProject, kSession, kSource, kRole, kComponent, kLevel, kFields };
constexpr std::array<const char*, kFields> kColumns{"project", "session", "source_type", "role", "component", "level"};

struct Message {
  std::int64_t id = 0;
  std::optional<std::int64_t> time_ms;
  std::array<std::string, kFields> names;
  std::uint32_t text = 0;
};

// A word or phrase as the tokenizer reads what was typed.
struct Term {
  struct Part {
    std::string word;
    std::uint32_t offset = 0;
  };
  std::vector<Part> parts;
  std::string whole;  // a camelCase word in one piece
  bool prefix = false;
};

struct Query {
  enum class Kind { kEverything, kTerm, kAll, kAny, kNear } kind = Kind::kTerm;
  bool negated = false;  // as a part of kAll
  Term term;
  std::vector<Query> parts;
  std::uint32_t distance = 0;
};

struct Hit {
  std::int64_t id = 0;
  double score = 0;
  std::int64_t same_text = 0;
};

struct Expected {
  std::uint64_t messages = 0;
  std::uint64_t texts = 0;
  std::vector<Hit> hits;  // all, in order
};

class Scan {
 public:
  struct Token {
    std::uint32_t position;
    std::uint32_t word;
  };
  struct Text {
    std::string bytes;
    std::vector<Token> tokens;  // by position
    std::uint32_t length = 0;
    bool is_prose = false;  // its first message is a prompt or reply
  };

  explicit Scan(const coditect::Store& store);

  [[nodiscard]] const std::vector<Message>& messages() const { return messages_; }
  [[nodiscard]] const std::vector<Text>& texts() const { return texts_; }
  // Words by the number of texts that have them, the most frequent first.
  [[nodiscard]] std::vector<std::string> words_by_frequency() const;
  // Nothing if there is no word in it. `star`: a * followed.
  [[nodiscard]] std::optional<Term> read_term(std::string_view typed, bool star);

  // By text, in units; nothing for a text that does not match.
  using Scores = std::vector<std::optional<std::uint32_t>>;
  [[nodiscard]] Scores scores(const Query& query) const;
  [[nodiscard]] Expected answer(const Scores& scores, const std::function<bool(const Message&)>& passes, coditect::Order order,
                                bool all_matches) const;

 private:
  using WordSet = std::vector<char>;  // by word
  struct Prepared {
    const Query* query = nullptr;
    std::vector<WordSet> words;  // by part of the term
    WordSet whole;
    double idf = 0;
    std::vector<Prepared> parts;
  };
  struct Place {
    std::uint32_t first;
    std::uint32_t last;
  };

  std::uint32_t text_of(std::string_view content);
  [[nodiscard]] WordSet words_like(const std::string& word, bool prefix) const;
  [[nodiscard]] Prepared prepare(const Query& query) const;
  [[nodiscard]] std::optional<std::uint32_t> evaluate(const Prepared& query, const Text& text) const;
  [[nodiscard]] std::optional<std::uint32_t> score(std::size_t times, double idf, const Text& text) const;
  static std::size_t frequency(const Prepared& term, const Text& text);
  static std::vector<Place> places(const Prepared& term, const Text& text);
  static std::size_t windows(const Prepared& near, const Text& text);

  cmem::Tokenizer tokenizer_;
  std::vector<Message> messages_;
  std::vector<Text> texts_;
  std::unordered_map<std::string, std::uint32_t> text_numbers_;
  std::unordered_map<std::string, std::uint32_t> word_numbers_;
  std::vector<std::string> words_;
  std::vector<std::uint32_t> texts_with_;  // by word
  double mean_length_ = 1;
};

}  // namespace oracle
