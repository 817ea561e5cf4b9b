#include "search/stemmer.h"

#include <libstemmer.h>

#include <algorithm>

namespace cmem {
namespace {

constexpr std::size_t kMinLetters = 3;

}  // namespace

void Stemmer::Delete::operator()(sb_stemmer* stemmer) const noexcept { sb_stemmer_delete(stemmer); }

Result<Stemmer> Stemmer::create() {
  sb_stemmer* const stemmer = sb_stemmer_new("english", "UTF_8");
  if (stemmer == nullptr) return Unexpected(Code::kNoMemory, "cannot start libstemmer for English: no memory, or built without it");
  return Stemmer(stemmer);
}

bool Stemmer::has_forms(std::string_view word) {
  return word.size() >= kMinLetters && std::ranges::all_of(word, [](char c) { return c >= 'a' && c <= 'z'; });
}

std::string_view Stemmer::stem(std::string_view word) {
  if (!has_forms(word)) return word;
  const auto* const bytes = reinterpret_cast<const sb_symbol*>(word.data());
  const sb_symbol* const stem = sb_stemmer_stem(stemmer_.get(), bytes, static_cast<int>(word.size()));
  if (stem == nullptr) return word;  // no memory: the word is found as it is
  return {reinterpret_cast<const char*>(stem), static_cast<std::size_t>(sb_stemmer_length(stemmer_.get()))};
}

std::string_view common_begin(std::string_view word, std::string_view stem) {
  const auto differs = std::ranges::mismatch(word, stem);
  std::string_view begin = word.substr(0, static_cast<std::size_t>(differs.in1 - word.begin()));
  const bool at_end = begin.size() == stem.size() || begin.size() == word.size();
  if (begin.size() < 2 || !at_end) return begin;
  const char last = begin.back();
  if (last == 'i' || last == 'y' || last == 'e' || begin.ends_with("bl")) begin.remove_suffix(1);
  return begin;
}

}  // namespace cmem
