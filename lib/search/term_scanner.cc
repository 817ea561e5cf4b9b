#include "search/term_scanner.h"

#include <algorithm>
#include <cstring>

#include "index/tokenizer.h"
#include "search/visible_text.h"

namespace cmem {
namespace {

constexpr std::uint8_t kCaseBit = 0x20;  // set in small letters and digits
constexpr char kEscape = '\x1b';

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }
char lower(char c) { return is_upper(c) ? static_cast<char>(c | 0x20) : c; }

}  // namespace

TermScanner::TermScanner(const std::vector<QueryTerm>& terms) {
  for (const QueryTerm& term : terms) {
    for (const QueryTerm::Part& part : term.parts)
      if (part.offset == 0) add(part.word, term.prefix && &part == &term.parts.back());
    if (!term.whole.empty()) add(term.whole, term.prefix);
  }
}

void TermScanner::add(const std::string& folded, bool prefix) {
  if (!std::ranges::all_of(folded, is_ascii)) return;  // only comes of bytes outside ASCII
  words_.push_back({folded, prefix});
  Begin begin;
  for (std::size_t i = 0; i < kBeginBytes; ++i) {
    begin.blur[i] = i < folded.size() ? kCaseBit : 0xFF;
    begin.bytes[i] = i < folded.size() ? static_cast<std::uint8_t>(folded[i]) : 0xFF;
  }
  if (std::ranges::find(begins_, begin) == begins_.end()) begins_.push_back(begin);
}

std::size_t TermScanner::next(std::string_view text, std::size_t at) const {
  std::array<char, kBlockBytes + kBeginBytes - 1> last;
  for (; at < text.size(); at += kBlockBytes) {
    const char* block = text.data() + at;
    const std::size_t left = text.size() - at;
    if (left < last.size()) {
      last = {};
      std::memcpy(last.data(), block, left);
      block = last.data();
    }
    const Marks marks = mark(block);
    const std::size_t size = std::min(left, kBlockBytes);
    for (std::size_t i = marks.next(0, size); i < size; i = marks.next(i + 1, size))
      if (may_begin(text, at + i)) return at + i;
  }
  return text.size();
}

// The loops are for the compiler to do many bytes at once.
TermScanner::Marks TermScanner::mark(const char* block) const {
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(block);
  // A number, so that no branch stands between the three.
  const auto same = [](std::uint8_t byte, const Begin& begin, std::size_t place) {
    return static_cast<unsigned>((byte | begin.blur[place]) == begin.bytes[place]);
  };
  Marks marks;
  for (std::size_t i = 0; i < kBlockBytes; ++i) marks.bytes[i] = bytes[i] >= 0x80 || bytes[i] == kEscape ? 1 : 0;
  for (const Begin& begin : begins_) {
    for (std::size_t i = 0; i < kBlockBytes; ++i)
      marks.bytes[i] |=
          static_cast<std::uint8_t>(same(bytes[i], begin, 0) & same(bytes[i + 1], begin, 1) & same(bytes[i + 2], begin, 2));
  }
  return marks;
}

bool TermScanner::may_begin(std::string_view text, std::size_t at) const {
  if (!is_ascii(text[at]) || text[at] == kEscape) return true;
  if (at > 0 && is_ascii_alnum(text[at - 1]) && !is_upper(text[at])) return false;  // parts of a word begin with capitals
  return std::ranges::any_of(words_, [&](const FirstWord& word) { return stands_at(text, at, word); });
}

bool TermScanner::stands_at(std::string_view text, std::size_t at, const FirstWord& word) {
  const std::size_t end = at + word.folded.size();
  if (end > text.size()) return false;
  for (std::size_t i = at; i < end; ++i)
    if (lower(text[i]) != word.folded[i - at]) return false;
  // Words end before capitals, and where they are too long.
  return word.prefix || end == text.size() || !is_ascii_alnum(text[end]) || is_upper(text[end]) ||
         word.folded.size() >= kMaxWordBytes;
}

}  // namespace cmem
