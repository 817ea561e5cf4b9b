// Stems of English words: "hooks", "hooked" and "hooking" have the stem "hook". Porter2, by libstemmer, which only this room sees.
#pragma once
#include <memory>
#include <string_view>

#include "base/result.h"

struct sb_stemmer;

namespace cmem {

// One thread at a time for each object; objects share nothing.
class Stemmer {
 public:
  // kNoMemory, or the library was built without English.
  static Result<Stemmer> create();

  // The stem of a folded word, valid until the next call. Words that are not three or more of a-z are their own stem.
  [[nodiscard]] std::string_view stem(std::string_view word);
  // True for the words that may have other forms.
  [[nodiscard]] static bool has_forms(std::string_view word);

 private:
  struct Delete {
    void operator()(sb_stemmer* stemmer) const noexcept;
  };
  explicit Stemmer(sb_stemmer* stemmer) : stemmer_(stemmer) {}

  std::unique_ptr<sb_stemmer, Delete> stemmer_;
};

// What all words with this word's stem begin with, but for some that Porter2 rewrites at their root (die, dying): what word and
// stem have in common, without the last letter where it changes between forms: query/queries, hope/hoping, possible/possibility.
[[nodiscard]] std::string_view common_begin(std::string_view word, std::string_view stem);

}  // namespace cmem
