// Splits a text into words, for the index and for queries alike. Made for what developers' tools write:
//
//   prose            letters, digits and vowel signs of any script; case and diacritics are folded (Unicode NFKD, case folding;
//                    accents, Hebrew points and Arabic vowels removed: tokenizer.cc says by which rule)
//   code             snake_case, kebab-case, paths, versions and URLs are words at following positions, so that the whole is a
//                    phrase of its parts; camelCase is split as well, and also stands as a whole word (kWhole) at the first part's
//                    place
//   CJK              overlapping pairs of characters, and the last character of a run by itself (kRunEnd), so that every single
//                    character is the begin of some word; so too Thai, Lao, Burmese and Khmer, which have no spaces either
//   not words        terminal escape sequences; runs that look like base64 (signatures, keys, images), but for plain words in them
//
// These rules are the feature words-1 of the file: other rules need another name, and a rebuild of the index.
// Identifiers that look random (toolu_01A7bC…) are one word each and not split at their capitals. A word is cut to kMaxWordBytes.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace cmem {

inline constexpr std::size_t kMaxWordBytes = 64;

enum class WordKind : std::uint8_t {
  kPart,      // an ordinary word
  kWhole,     // all parts of a camelCase word together, at the position of the first
  kRunEnd,    // the last of several CJK characters
  kLoneChar,  // a CJK character between others that are none
};

struct Word {
  std::string_view folded;
  std::uint32_t position = 0;  // counts up from 0; a kWhole shares that of its first part
  std::uint32_t begin = 0;     // bytes of the text it comes from
  std::uint32_t end = 0;
  WordKind kind = WordKind::kPart;
};

// A part of a text that has words of its own: for_each_word() gives the same for it alone as inside of the text.
struct TextPiece {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// The smallest piece around text[at] with at least so many bytes from there on, if the text has them; none of it before `from`,
// which is 0 or the end of a piece. No escape sequence may stand between `from` and `at`.
[[nodiscard]] TextPiece piece_at(std::string_view text, std::size_t from, std::size_t at, std::size_t min_bytes = 1);

// One thread at a time; keeps nothing between texts but memory and a cache of foldings.
class Tokenizer {
 public:
  // Calls fn(const Word&) -> bool for each word in order of position, a kWhole directly before its first part; false stops. The
  // word is borrowed for the call. `text` has less than 4 GiB and may hold anything; bytes that are not UTF-8 separate words.
  // Returns the number of positions that were seen.
  template <typename Fn>
  std::uint32_t for_each_word(std::string_view text, Fn&& fn) {
    start(text);
    while (fill()) {
      for (const Word& word : words_)
        if (!fn(word)) return word.position + 1;
    }
    return position_;
  }

 private:
  struct Folding {
    std::uint32_t code_point = 0xFFFFFFFF;
    std::uint8_t type = 0;
    std::uint8_t size = 0;
    std::array<char, 22> bytes{};
  };
  struct CodePoint {
    std::uint32_t value = 0;
    std::size_t size = 0;  // 0: not UTF-8
  };

  void start(std::string_view text);
  // Gets the next words into words_; false at the end of the text.
  bool fill();
  void ascii_run();
  void camel_parts(std::size_t begin, std::size_t end);
  void judge_blob(std::size_t begin, std::size_t run_end);
  [[nodiscard]] bool is_plain_word(std::size_t begin, std::size_t end, unsigned seen) const;
  void unicode_word();
  void cjk_run();
  void skip_separator();
  void emit(std::size_t begin, std::size_t end, std::string_view folded, WordKind kind);
  [[nodiscard]] std::string_view lower(std::size_t begin, std::size_t end);
  [[nodiscard]] std::string_view keep(std::string_view folded);
  [[nodiscard]] CodePoint code_point_at(std::size_t at) const;
  [[nodiscard]] const Folding& folding_of(std::uint32_t code_point);
  [[nodiscard]] bool is_word_at(std::size_t at);

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t judged_until_ = 0;
  std::size_t blob_until_ = 0;
  std::uint32_t position_ = 0;
  std::vector<Word> words_;
  std::vector<char> buffer_;  // folded bytes of words_; its address does not change while they are in use
  std::string word_;
  bool inside_cjk_ = false;  // a run of CJK goes on from the fill before
  std::vector<Folding> foldings_ = std::vector<Folding>(256);
};

}  // namespace cmem
