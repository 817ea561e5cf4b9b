// Classes of characters, and measures of how much a string looks made by chance.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cmem {

using Alphabet = std::uint16_t;  // a set of the classes below

inline constexpr Alphabet kDigits = 1, kLowerAf = 2, kLowerGz = 4, kUpperAf = 8, kUpperGz = 16, kDash = 32, kUnderscore = 64,
                          kPlusSlash = 128, kEquals = 256, kDot = 512, kTilde = 1024, kPercent = 2048;
inline constexpr Alphabet kHex = kDigits | kLowerAf;
inline constexpr Alphabet kLower = kLowerAf | kLowerGz;
inline constexpr Alphabet kUpper = kUpperAf | kUpperGz;
inline constexpr Alphabet kAlnum = kDigits | kLower | kUpper;
inline constexpr Alphabet kWord = kAlnum | kUnderscore;
inline constexpr Alphabet kUrl = kWord | kDash;
inline constexpr Alphabet kBase64 = kAlnum | kPlusSlash | kEquals;

constexpr std::array<Alphabet, 256> make_char_classes() {
  std::array<Alphabet, 256> classes{};
  const auto range = [&classes](char first, char last, Alphabet mask) {
    for (int c = first; c <= last; ++c) classes[static_cast<std::size_t>(c)] = mask;
  };
  range('0', '9', kDigits);
  range('a', 'f', kLowerAf);
  range('g', 'z', kLowerGz);
  range('A', 'F', kUpperAf);
  range('G', 'Z', kUpperGz);
  classes['-'] = kDash;
  classes['_'] = kUnderscore;
  classes['+'] = classes['/'] = kPlusSlash;
  classes['='] = kEquals;
  classes['.'] = kDot;
  classes['~'] = kTilde;
  classes['%'] = kPercent;
  return classes;
}
inline constexpr std::array<Alphabet, 256> kCharClasses = make_char_classes();

inline bool is_in(char c, Alphabet alphabet) { return (kCharClasses[static_cast<unsigned char>(c)] & alphabet) != 0; }

// The first characters of `text` that are in the alphabet.
inline std::string_view leading(std::string_view text, Alphabet alphabet) {
  std::size_t size = 0;
  while (size < text.size() && is_in(text[size], alphabet)) ++size;
  return text.substr(0, size);
}
// The last ones.
inline std::string_view trailing(std::string_view text, Alphabet alphabet) {
  std::size_t size = 0;
  while (size < text.size() && is_in(text[text.size() - size - 1], alphabet)) ++size;
  return text.substr(text.size() - size);
}

inline Alphabet classes_of(std::string_view text) {
  Alphabet classes = 0;
  for (const char c : text) classes = static_cast<Alphabet>(classes | kCharClasses[static_cast<unsigned char>(c)]);
  return classes;
}

std::size_t distinct_bytes(std::string_view text);
// Bits a byte, by Shannon.
double entropy(std::string_view text);
// Lower-case copies are compared; `word` is lower-case.
bool contains_folded(std::string_view text, std::string_view word);
bool equals_folded(std::string_view text, std::string_view word);

// Whether a value only stands where a secret would: "changeme", "<your-key>", "${TOKEN}", "xxxx", a placeholder of ours.
bool is_placeholder(std::string_view value);

// base64 or base64url, padding ignored; empty: it is none.
std::size_t decode_base64(std::string_view text, char* out, std::size_t room);

}  // namespace cmem
