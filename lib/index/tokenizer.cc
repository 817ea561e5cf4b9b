#include "index/tokenizer.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstring>

#include "base/escape_sequence.h"
#include "base/utf8.h"

namespace cmem {
namespace {

constexpr std::size_t kWordsPerFill = 128;
constexpr std::size_t kBufferBytes = 16 * 1024;
// Longer runs are not split at capitals, so that the words of one run fit into the buffer.
constexpr std::size_t kMaxCamelBytes = 256;
constexpr std::size_t kMinBlobBytes = 64;
constexpr std::size_t kMinRandomBytes = 16;
constexpr int kMinRandomNumbers = 3;
constexpr std::size_t kMinWordInBlobBytes = 4;
constexpr char kEscape = '\x1b';

enum CharClass : std::uint8_t {
  kLower = 1,
  kUpper = 2,
  kDigit = 4,
  kBlobMark = 8,
  kHighBit = 16,
  kAlnum = kLower | kUpper | kDigit
};

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  for (int c = 'a'; c <= 'z'; ++c) classes[static_cast<std::size_t>(c)] = kLower;
  for (int c = 'A'; c <= 'Z'; ++c) classes[static_cast<std::size_t>(c)] = kUpper;
  for (int c = '0'; c <= '9'; ++c) classes[static_cast<std::size_t>(c)] = kDigit;
  for (const char c : {'+', '/', '_', '-'}) classes[static_cast<std::size_t>(c)] = kBlobMark;
  for (std::size_t c = 128; c < 256; ++c) classes[c] = kHighBit;
  return classes;
}
constexpr std::array<std::uint8_t, 256> kClasses = make_classes();

std::uint8_t class_of(char c) { return kClasses[static_cast<unsigned char>(c)]; }

// True if the letters and digits change between lower case, upper case and digits as often as chance would have it: 64 random
// characters of base64 change some 40 times, the words of camelCase less than every third time.
bool looks_random(std::string_view run) {
  unsigned seen = 0;
  std::size_t changes = 0;
  std::size_t letters = 0;
  unsigned last = 0;
  for (const char c : run) {
    const unsigned now = class_of(c) & kAlnum;
    if (now == 0) continue;
    ++letters;
    changes += now != last ? 1 : 0;
    seen |= now;
    last = now;
  }
  return seen == kAlnum && changes * 5 >= letters * 2;
}

// An identifier that nobody has thought of: long enough, and with several numbers in it.
bool is_random_identifier(std::string_view run) {
  int numbers = 0;
  for (std::size_t i = 0; i < run.size(); ++i)
    numbers += class_of(run[i]) == kDigit && (i == 0 || class_of(run[i - 1]) != kDigit) ? 1 : 0;
  return run.size() >= kMinRandomBytes && numbers >= kMinRandomNumbers && looks_random(run);
}

// kCjk: letters of all scripts without spaces between words.
enum FoldType : std::uint8_t { kSeparator, kWordChar, kCjk };

bool is_cjk(std::uint32_t c) {
  return (c >= 0x3005 && c <= 0x3007) || (c >= 0x3041 && c <= 0x30FF && c != 0x30FB) || (c >= 0x3105 && c <= 0x312F) ||
         (c >= 0x31F0 && c <= 0x31FF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x4E00 && c <= 0x9FFF) ||
         (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFF66 && c <= 0xFF9D) ||
         (c >= 0x20000 && c <= 0x3FFFD);
}

// Scripts without spaces between words: Thai, Lao, Burmese, Khmer.
bool is_unspaced(std::uint32_t c) {
  return (c >= 0x0E01 && c <= 0x0EFF) || (c >= 0x1000 && c <= 0x109F) || (c >= 0x1780 && c <= 0x17FF);
}

bool is_word_category(utf8proc_category_t category) {
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;  // letters, marks, numbers
}

bool is_letter_or_mark(utf8proc_category_t category) {
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_ME;
}

// Marks without which a word is still the same, by their canonical combining class (Unicode Standard Annex #44, table 15): overlays
// (1), the points and vowels of Hebrew, Arabic and Syriac (10 to 36), and what stands attached to, below or above any letter (200
// and more): accents, cantillation. The others spell: vowel signs (0, 84 to 132), nukta (7), voicing of kana (8), virama (9).
bool is_diacritic(const utf8proc_property_t& mark) {
  const auto combining = mark.combining_class;
  return mark.category == UTF8PROC_CATEGORY_ME || mark.ignorable || combining == 1 || (combining >= 10 && combining <= 36) ||
         combining >= 200;
}

bool is_folded_away(utf8proc_int32_t c) {
  const utf8proc_property_t& properties = *utf8proc_get_property(c);
  const auto category = static_cast<utf8proc_category_t>(properties.category);
  if (!is_word_category(category)) return true;
  return category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME && is_diacritic(properties);
}

}  // namespace

// Nothing goes on across a byte without a class, unless an escape sequence does.
TextPiece piece_at(std::string_view text, std::size_t from, std::size_t at, std::size_t min_bytes) {
  std::size_t begin = at;
  while (begin > from && class_of(text[begin - 1]) != 0) --begin;
  const std::size_t goal = at + std::min(min_bytes, text.size() - at);
  std::size_t end = at;
  while (end < text.size()) {
    if (end < goal) end = std::min(text.substr(0, goal).find(kEscape, end), goal);
    while (end < text.size() && class_of(text[end]) != 0) ++end;
    if (end == text.size() || text[end] != kEscape) break;
    end = escape_sequence_end(text, end);
  }
  return {begin, end};
}

void Tokenizer::start(std::string_view text) {
  text_ = text;
  at_ = judged_until_ = blob_until_ = 0;
  position_ = 0;
  inside_cjk_ = false;
  buffer_.reserve(kBufferBytes);
}

bool Tokenizer::fill() {
  words_.clear();
  buffer_.clear();
  while (at_ < text_.size() && words_.size() < kWordsPerFill && buffer_.size() + 2 * kMaxCamelBytes < kBufferBytes) {
    const std::uint8_t kind = class_of(text_[at_]);
    if ((kind & kAlnum) != 0) {
      ascii_run();
    } else if (kind == kHighBit || text_[at_] == kEscape) {
      skip_separator();
    } else {
      ++at_;
    }
  }
  return !words_.empty();
}

void Tokenizer::emit(std::size_t begin, std::size_t end, std::string_view folded, WordKind kind) {
  Word& word = words_.emplace_back();
  word.folded = folded;
  word.position = position_;
  word.begin = static_cast<std::uint32_t>(begin);
  word.end = static_cast<std::uint32_t>(end);
  word.kind = kind;
  if (kind != WordKind::kWhole) ++position_;
}

std::string_view Tokenizer::keep(std::string_view folded) {
  const std::size_t begin = buffer_.size();
  buffer_.insert(buffer_.end(), folded.begin(), folded.end());
  return {buffer_.data() + begin, folded.size()};
}

// ASCII letters in lower case, cut to a word's size.
std::string_view Tokenizer::lower(std::size_t begin, std::size_t end) {
  const std::string_view kept = keep(text_.substr(begin, std::min(end - begin, kMaxWordBytes)));
  for (char& c : std::span<char>(buffer_.data() + (kept.data() - buffer_.data()), kept.size()))
    if (class_of(c) == kUpper) c = static_cast<char>(c | 0x20);
  return kept;
}

void Tokenizer::ascii_run() {
  const std::size_t begin = at_;
  unsigned seen = 0;
  std::size_t end = begin;
  for (; end < text_.size(); ++end) {
    const unsigned kind = class_of(text_[end]);
    if ((kind & kAlnum) == 0) break;
    seen |= kind;
  }
  const unsigned next = end < text_.size() ? class_of(text_[end]) : 0;
  if (next == kHighBit && is_word_at(end)) return unicode_word();
  if (begin >= judged_until_ && (next == kBlobMark || end - begin >= kMinBlobBytes)) judge_blob(begin, end);
  if (begin < blob_until_ && !is_plain_word(begin, end, seen)) {
    at_ = end;
    return;
  }
  at_ = end;
  if ((seen & kUpper) == 0) return emit(begin, end, text_.substr(begin, std::min(end - begin, kMaxWordBytes)), WordKind::kPart);
  if ((seen & kLower) != 0 && end - begin <= kMaxCamelBytes) return camel_parts(begin, end);
  emit(begin, end, lower(begin, end), WordKind::kPart);
}

// Splits where a capital follows a small letter or digit, and before the last of several capitals that a small letter follows.
void Tokenizer::camel_parts(std::size_t begin, std::size_t end) {
  const auto is_boundary = [&](std::size_t i) {
    if (class_of(text_[i]) != kUpper) return false;
    return class_of(text_[i - 1]) != kUpper || (i + 1 < end && class_of(text_[i + 1]) == kLower);
  };
  std::size_t next = begin + 1;
  while (next < end && !is_boundary(next)) ++next;
  const bool whole_only = next == end || is_random_identifier(text_.substr(begin, end - begin));
  if (whole_only) return emit(begin, end, lower(begin, end), WordKind::kPart);
  if (end - begin <= kMaxWordBytes) emit(begin, end, lower(begin, end), WordKind::kWhole);
  std::size_t part = begin;
  while (part < end) {
    emit(part, next, lower(part, next), WordKind::kPart);
    part = next++;
    while (next < end && !is_boundary(next)) ++next;
    next = std::min(next, end);
  }
}

// Notes up to where letters, digits and the marks of base64, also that of URLs, go on, and whether they look like it.
void Tokenizer::judge_blob(std::size_t begin, std::size_t run_end) {
  std::size_t end = run_end;
  while (end < text_.size() && (class_of(text_[end]) & (kAlnum | kBlobMark)) != 0) ++end;
  judged_until_ = end;
  if (end - begin >= kMinBlobBytes && looks_random(text_.substr(begin, end - begin))) blob_until_ = end;
}

// What stands beside a random part of a path, or before a key, is a word; chance makes few of these.
bool Tokenizer::is_plain_word(std::size_t begin, std::size_t end, unsigned seen) const {
  if (end - begin < kMinWordInBlobBytes || (seen & kDigit) != 0) return false;
  if (seen != kAlnum - kDigit) return true;
  return std::all_of(text_.begin() + static_cast<std::ptrdiff_t>(begin) + 1, text_.begin() + static_cast<std::ptrdiff_t>(end),
                     [](char c) { return class_of(c) == kLower; });
}

// A character outside ASCII that begins no ASCII word, or an escape sequence.
void Tokenizer::skip_separator() {
  if (text_[at_] == kEscape) {
    at_ = escape_sequence_end(text_, at_);
    return;
  }
  const CodePoint point = code_point_at(at_);
  const std::uint8_t type = point.size == 0 ? std::uint8_t{kSeparator} : folding_of(point.value).type;
  if (type == kWordChar) return unicode_word();
  if (type == kCjk) return cjk_run();
  at_ += std::max<std::size_t>(point.size, 1);
}

void Tokenizer::unicode_word() {
  const std::size_t begin = at_;
  word_.clear();
  bool full = false;
  while (at_ < text_.size()) {
    const CodePoint point = code_point_at(at_);
    if (point.size == 0) break;
    const Folding& folding = folding_of(point.value);
    if (folding.type != kWordChar) break;
    full = full || word_.size() + folding.size > kMaxWordBytes;
    if (!full) word_.append(folding.bytes.data(), folding.size);
    at_ += point.size;
  }
  if (!word_.empty()) emit(begin, at_, keep(word_), WordKind::kPart);
}

// Pairs AB, BC and then C.
void Tokenizer::cjk_run() {
  std::size_t first = at_;
  std::size_t second = first + code_point_at(first).size;
  bool paired = false;
  while (words_.size() < 2 * kWordsPerFill) {
    const CodePoint point = second < text_.size() ? code_point_at(second) : CodePoint();
    if (point.size == 0 || folding_of(point.value).type != kCjk) {
      const bool lone = !paired && !inside_cjk_;
      emit(first, second, text_.substr(first, second - first), lone ? WordKind::kLoneChar : WordKind::kRunEnd);
      inside_cjk_ = false;
      at_ = second;
      return;
    }
    emit(first, second + point.size, text_.substr(first, second + point.size - first), WordKind::kPart);
    paired = true;
    first = second;
    second += point.size;
  }
  inside_cjk_ = true;  // goes on with the next fill
  at_ = first;
}

Tokenizer::CodePoint Tokenizer::code_point_at(std::size_t at) const {
  CodePoint point;
  point.size = utf8_sequence_length(text_, at);
  if (point.size != 0) point.value = utf8_decode(text_, at);
  return point;
}

bool Tokenizer::is_word_at(std::size_t at) {
  const CodePoint point = code_point_at(at);
  return point.size != 0 && folding_of(point.value).type == kWordChar;
}

const Tokenizer::Folding& Tokenizer::folding_of(std::uint32_t code_point) {
  Folding& cached = foldings_[code_point % foldings_.size()];
  if (cached.code_point == code_point) return cached;
  cached = {};
  cached.code_point = code_point;
  if (is_cjk(code_point)) {
    cached.type = kCjk;
    return cached;
  }
  const auto value = static_cast<utf8proc_int32_t>(code_point);
  const utf8proc_category_t category = utf8proc_category(value);
  if (!is_word_category(category)) return cached;
  if (is_unspaced(code_point) && is_letter_or_mark(category)) {
    cached.type = kCjk;
    return cached;
  }
  cached.type = kWordChar;
  std::array<utf8proc_int32_t, 32> parts{};
  int last_class = 0;
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD);
  const auto count =
      utf8proc_decompose_char(value, parts.data(), static_cast<utf8proc_ssize_t>(parts.size()), options, &last_class);
  for (utf8proc_ssize_t i = 0; i < std::min<utf8proc_ssize_t>(count, static_cast<utf8proc_ssize_t>(parts.size())); ++i) {
    const auto part = parts[static_cast<std::size_t>(i)];
    if (is_folded_away(part) || cached.size + 4U > cached.bytes.size()) continue;
    cached.size =
        static_cast<std::uint8_t>(cached.size + utf8_encode(static_cast<std::uint32_t>(part), cached.bytes.data() + cached.size));
  }
  return cached;
}

}  // namespace cmem
