// Where a text may have words of a query, without splitting all of it into words.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "search/query_language.h"

namespace cmem {

// Finds every place where a term may begin, and some where none does; the tokenizer has the last word. May be used by many threads.
class TermScanner {
 public:
  explicit TermScanner(const std::vector<QueryTerm>& terms);

  // The first such place from `at` on; the text's size if there is none. Every ESC and every byte outside ASCII is one: how words
  // go on behind an escape sequence, and what other scripts fold to, is not for this class to know. The piece of text around a
  // place (piece_at) has the word that begins there.
  [[nodiscard]] std::size_t next(std::string_view text, std::size_t at) const;

 private:
  static constexpr std::size_t kBlockBytes = 64;
  static constexpr std::size_t kBeginBytes = 3;
  struct FirstWord {
    std::string folded;
    bool prefix = false;  // a word may go on behind it
  };
  // The first bytes of one or more of the words: text fits if each byte, with the bits of `blur` set, is that of `bytes`.
  struct Begin {
    std::array<std::uint8_t, kBeginBytes> blur{};
    std::array<std::uint8_t, kBeginBytes> bytes{};
    friend bool operator==(const Begin&, const Begin&) = default;
  };
  // 1 for each byte of a block that is ESC, not ASCII, or where a Begin fits.
  struct Marks {
    std::array<std::uint8_t, kBlockBytes> bytes;
    [[nodiscard]] std::size_t next(std::size_t from, std::size_t size) const {
      const void* const one = from < size ? std::memchr(bytes.data() + from, 1, size - from) : nullptr;
      return one == nullptr ? size : static_cast<std::size_t>(static_cast<const std::uint8_t*>(one) - bytes.data());
    }
  };

  void add(const std::string& folded, bool prefix);
  // `block` has kBeginBytes - 1 more bytes behind it.
  [[nodiscard]] Marks mark(const char* block) const;
  [[nodiscard]] bool may_begin(std::string_view text, std::size_t at) const;
  [[nodiscard]] static bool stands_at(std::string_view text, std::size_t at, const FirstWord& word);

  std::vector<FirstWord> words_;
  std::vector<Begin> begins_;
};

}  // namespace cmem
