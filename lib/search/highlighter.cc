#include "search/highlighter.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <tuple>
#include <utility>

#include "search/visible_text.h"

namespace cmem {
namespace {

constexpr std::size_t kMinSnippetBytes = 16;
constexpr std::size_t kMaxSnippetBytes = 1 << 20;
constexpr std::string_view kEllipsis = "…";

// Bytes [begin, end) of a text.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct Match {
  Span span;
  std::size_t term = 0;
};

// ------------------------------------------------------------------------------------------------------ finding terms

// Finds one term in the words of a text: for all places in the term at once, a bit each, whether the last positions of the text
// are the term up to there (Baeza-Yates and Gonnet, "A new approach to text searching", 1992). Several words may stand at one
// position, and a position of the term that has no word of its own fits any. The work for a word of the text is a look-up and a bit
// for each position of the term, however often that repeats itself.
class TermFinder {
 public:
  explicit TermFinder(const QueryTerm& term) : term_(&term), size_(term.parts.back().offset + 1), any_(blocks(), ~Bits{0}) {
    for (const QueryTerm::Part& part : term.parts) clear(any_, part.offset);
    for (std::size_t i = 0; i + 1 < term.parts.size(); ++i) {
      auto place = std::ranges::find(words_, term.parts[i].word, &WordPlaces::word);
      if (place == words_.end()) place = words_.insert(place, {term.parts[i].word, Row(blocks(), 0)});
      set(place->places, term.parts[i].offset);
    }
    std::ranges::sort(words_, {}, &WordPlaces::word);
    before_ = now_ = Row(blocks(), 0);
  }

  // How many positions it takes.
  [[nodiscard]] std::size_t size() const { return size_; }

  // A camelCase word in one piece.
  [[nodiscard]] bool is_whole(std::string_view word) const { return !term_->whole.empty() && fits(word, term_->whole); }

  // True if the term ends with this word; `first`: the one before stood at another position.
  bool feed(std::string_view word, bool first) {
    if (size_ == 1) return fits(word, term_->parts.back().word);
    if (first) {
      std::swap(before_, now_);
      std::ranges::fill(now_, 0);
    }
    const Row* const places = find(word);
    const bool last = fits(word, term_->parts.back().word);
    bool carry = true;  // the term may begin at any position
    for (std::size_t i = 0; i < before_.size(); ++i) {
      const Bits shifted = before_[i] << 1 | (carry ? 1 : 0);
      carry = before_[i] >> (kBits - 1) != 0;
      now_[i] |= shifted & (any_[i] | (places != nullptr ? (*places)[i] : 0) | (last ? last_bit(i) : 0));
    }
    return last && (now_.back() & last_bit(blocks() - 1)) != 0;
  }

 private:
  using Bits = std::uint64_t;
  using Row = std::vector<Bits>;  // a bit for each position of the term
  struct WordPlaces {
    std::string_view word;
    Row places;
  };
  static constexpr std::size_t kBits = 64;

  [[nodiscard]] std::size_t blocks() const { return (size_ + kBits - 1) / kBits; }
  [[nodiscard]] Bits last_bit(std::size_t block) const {
    return block + 1 == blocks() ? Bits{1} << ((size_ - 1) % kBits) : 0;
  }
  static void set(Row& row, std::size_t position) { row[position / kBits] |= Bits{1} << (position % kBits); }
  static void clear(Row& row, std::size_t position) { row[position / kBits] &= ~(Bits{1} << (position % kBits)); }
  [[nodiscard]] const Row* find(std::string_view word) const {
    const auto found = std::ranges::lower_bound(words_, word, {}, &WordPlaces::word);
    return found != words_.end() && found->word == word ? &found->places : nullptr;
  }
  [[nodiscard]] bool fits(std::string_view word, const std::string& wanted) const {
    return term_->prefix ? word.starts_with(wanted) : word == wanted;
  }

  const QueryTerm* term_;
  std::size_t size_;
  Row any_;                        // positions without a word
  std::vector<WordPlaces> words_;  // all but the last, which may be a prefix, by word
  Row before_;                     // at the position before
  Row now_;                        // at this one
};

// Where the last positions of the text began, as many as the longest term has.
class RecentStarts {
 public:
  explicit RecentStarts(std::size_t size) : starts_(size) {}
  void push(std::size_t start) { starts_[count_++ % starts_.size()] = start; }
  // back 0 is the position pushed last.
  [[nodiscard]] std::size_t get(std::size_t back) const { return starts_[(count_ - 1 - back) % starts_.size()]; }

 private:
  std::vector<std::size_t> starts_;
  std::size_t count_ = 0;
};

// The matches in order of their begin.
std::vector<Match> find_matches(Tokenizer& tokenizer, const std::vector<QueryTerm>& terms, std::string_view text) {
  std::vector<Match> matches;
  if (terms.empty()) return matches;
  std::vector<TermFinder> finders(terms.begin(), terms.end());
  std::size_t longest = 1;
  for (const TermFinder& finder : finders) longest = std::max(longest, finder.size());
  RecentStarts starts(longest);
  std::uint32_t next_position = 0;
  tokenizer.for_each_word(text, [&](const Word& word) {
    const bool first = word.position == next_position;
    if (first) starts.push(word.begin);
    next_position = word.position + 1;
    for (std::size_t i = 0; i < finders.size(); ++i) {
      if (finders[i].feed(word.folded, first)) {
        matches.push_back({{starts.get(finders[i].size() - 1), word.end}, i});
      } else if (finders[i].is_whole(word.folded)) {
        matches.push_back({{word.begin, word.end}, i});
      }
    }
    return matches.size() < Highlighter::kMaxMatches;
  });
  std::ranges::stable_sort(matches, {}, [](const Match& match) { return match.span.begin; });
  return matches;
}

// The union of the matches: what gets marks.
std::vector<Span> merge_spans(const std::vector<Match>& matches) {
  std::vector<Span> spans;
  for (const Match& match : matches) {
    if (!spans.empty() && match.span.begin < spans.back().end) {
      spans.back().end = std::max(spans.back().end, match.span.end);
    } else {
      spans.push_back(match.span);
    }
  }
  return spans;
}

// --------------------------------------------------------------------------------------------------- choosing a window

// Compared from left to right: different terms, how rare those are in this text, matches.
using Score = std::tuple<int, std::uint64_t, std::size_t>;

// What window [matches[first].begin, + max_bytes) holds, and where its last match ends.
std::pair<Score, std::size_t> rate(const std::vector<Match>& matches, std::size_t first, std::size_t max_bytes,
                                   const std::array<std::uint64_t, kMaxQueryTerms>& rarity) {
  const std::size_t begin = matches[first].span.begin;
  std::uint64_t seen = 0;
  std::uint64_t rare = 0;
  std::size_t count = 0;
  std::size_t end = matches[first].span.end;
  for (std::size_t i = first; i < matches.size() && matches[i].span.begin < begin + max_bytes; ++i) {
    if (i > first && matches[i].span.end > begin + max_bytes) continue;
    const std::uint64_t bit = std::uint64_t{1} << matches[i].term;
    if ((seen & bit) == 0) rare += rarity[matches[i].term];
    seen |= bit;
    ++count;
    end = std::max(end, matches[i].span.end);
  }
  return {Score{std::popcount(seen), rare, count}, end};
}

// The first of the best windows, as bytes from its first match's begin to its last one's end.
Span best_window(const std::vector<Match>& matches, std::size_t max_bytes) {
  std::array<std::uint64_t, kMaxQueryTerms> rarity{};
  for (const Match& match : matches) ++rarity[match.term];
  for (std::uint64_t& value : rarity) value = value == 0 ? 0 : 1'000'000 / value;
  Span best;
  Score best_score{0, 0, 0};
  for (std::size_t i = 0; i < matches.size(); ++i) {
    const auto [score, end] = rate(matches, i, max_bytes, rarity);
    if (score > best_score) {
      best_score = score;
      best = {matches[i].span.begin, end};
    }
  }
  return best;
}

// With the whole of an overlap of matches, if that still fits.
Span widen_to_spans(Span window, const std::vector<Span>& spans, std::size_t max_bytes) {
  for (const Span& span : spans) {
    if (span.begin < window.begin && window.begin < span.end && window.end - span.begin <= max_bytes) window.begin = span.begin;
  }
  return window;
}

// Where to begin so that `window` stands in the middle: after white space if there is some, else after punctuation, never inside
// a match or a code point.
std::size_t snippet_begin(std::string_view text, const Span& window, const std::vector<Span>& spans, std::size_t max_bytes) {
  const std::size_t length = window.end - window.begin;
  const std::size_t slack = max_bytes > length ? max_bytes - length : 0;
  const std::size_t behind = text.size() - window.end;
  const std::size_t before = std::min(window.begin, std::max(slack / 2, slack > behind ? slack - behind : 0));
  std::size_t begin = window.begin - before;
  for (const Span& span : spans) {
    if (span.begin < begin && begin < span.end) begin = std::min(span.end, window.begin);
  }
  if (begin == 0) return begin;
  for (const auto is_break : {is_ascii_space, is_ascii_punctuation}) {
    for (std::size_t at = begin; at <= window.begin; ++at) {
      if (is_break(text[at - 1])) return at;
    }
  }
  while (begin < window.begin && is_utf8_continuation(text[begin])) ++begin;
  return begin;
}

// ------------------------------------------------------------------------------------------------- writing the snippet

// Writes visible text with marks around spans, up to a number of bytes (marks and ellipses are not counted).
class SnippetWriter {
 public:
  SnippetWriter(std::string_view text, const std::vector<Span>& spans, std::size_t max_bytes)
      : text_(text), spans_(spans), max_bytes_(max_bytes) {}

  std::string write(std::size_t begin) {
    if (VisibleText(text_, 0).next().at < begin) out_ = kEllipsis;
    start_ = out_.size();
    VisibleText visible(text_, begin);
    for (VisibleText::Glyph glyph = visible.next(); !glyph.bytes.empty(); glyph = visible.next()) {
      close_before(glyph.at);
      const bool space = glyph.after_space && out_.size() > start_;
      if (used_ + glyph.bytes.size() + (space ? 1 : 0) > max_bytes_) {
        cut(space);
        break;
      }
      put(glyph, space);
    }
    if (open_) out_ += kMatchEnd;
    if (cut_) out_ += kEllipsis;
    return std::move(out_);
  }

 private:
  // Moves on to the span at or after `at`, closing the one that ended.
  void close_before(std::size_t at) {
    while (next_span_ < spans_.size() && spans_[next_span_].end <= at) ++next_span_;
    const bool inside = next_span_ < spans_.size() && spans_[next_span_].begin <= at;
    if (!open_ || (inside && next_span_ == open_span_)) return;
    out_ += kMatchEnd;
    open_ = false;
    closed_any_ = true;
    last_break_ = 0;  // a break before the match would take the match away
  }

  void put(const VisibleText::Glyph& glyph, bool space) {
    const bool punctuation = is_ascii_punctuation(glyph.bytes[0]);
    if (!open_ && (space || punctuation || after_punctuation_)) last_break_ = out_.size();
    after_punctuation_ = punctuation;
    if (!open_ && next_span_ < spans_.size() && spans_[next_span_].begin <= glyph.at) {
      open(space);
    } else if (space) {
      out_ += ' ';
    }
    out_ += glyph.bytes;
    used_ += glyph.bytes.size() + (space ? 1 : 0);
  }

  void open(bool space) {
    open_ = true;
    open_span_ = next_span_;
    open_at_ = out_.size();
    if (space) out_ += ' ';
    out_ += kMatchBegin;
  }

  // The next glyph does not fit: goes back to a word's end, or before a match that would be cut. The first match is kept, cut.
  // A word that is more than half of all is cut too.
  void cut(bool at_space) {
    cut_ = true;
    if (open_) {
      if (!closed_any_) return;
      out_.resize(open_at_);
      open_ = false;
    } else if (!at_space && last_break_ > start_ + (out_.size() - start_) / 2) {
      out_.resize(last_break_);
    }
  }

  std::string_view text_;
  const std::vector<Span>& spans_;
  std::size_t max_bytes_;
  std::string out_;
  std::size_t used_ = 0;
  std::size_t start_ = 0;      // of what follows the ellipsis
  std::size_t next_span_ = 0;  // the first span that is not over
  std::size_t open_span_ = 0;
  std::size_t open_at_ = 0;     // the length of out_ before the open mark
  std::size_t last_break_ = 0;  // the length of out_ at the last word's end after the last match
  bool open_ = false;
  bool after_punctuation_ = false;
  bool closed_any_ = false;
  bool cut_ = false;
};

}  // namespace

Highlighter::Highlighter(std::vector<QueryTerm> terms) : terms_(std::move(terms)) {
  std::erase_if(terms_, [](const QueryTerm& term) { return term.parts.empty(); });
  if (terms_.size() > kMaxQueryTerms) terms_.resize(kMaxQueryTerms);
}

std::string Highlighter::snippet(std::string_view text, std::size_t max_bytes) {
  const std::size_t limit = std::clamp(max_bytes, kMinSnippetBytes, kMaxSnippetBytes);
  const std::vector<Match> matches = find_matches(tokenizer_, terms_, text);
  const std::vector<Span> spans = merge_spans(matches);
  std::size_t begin = 0;
  if (!matches.empty()) begin = snippet_begin(text, widen_to_spans(best_window(matches, limit), spans, limit), spans, limit);
  return SnippetWriter(text, spans, limit).write(begin);
}

}  // namespace cmem
