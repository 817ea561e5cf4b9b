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

// Finds one term in a stream of tokens: Knuth-Morris-Pratt over all tokens but the last, which is compared by itself because it
// may be a prefix. Linear however often the term repeats itself.
class TermFinder {
 public:
  explicit TermFinder(const QueryTerm& term) : term_(&term), fallback_(term.parts.size(), 0) {
    for (std::size_t i = 1, state = 0; i + 1 < term.parts.size(); ++i) {
      while (state > 0 && word(i) != word(state)) state = fallback_[state - 1];
      if (word(i) == word(state)) ++state;
      fallback_[i] = state;
    }
  }

  [[nodiscard]] std::size_t size() const { return term_->parts.size(); }

  // A camelCase word in one piece, or a single word that is there in one piece.
  [[nodiscard]] bool is_whole(std::string_view token) const {
    if (size() == 1) return fits(token, word(0));
    return !term_->whole.empty() && fits(token, term_->whole);
  }

  // True if the term ends with this token.
  bool feed(std::string_view token) {
    const std::size_t head = size() - 1;
    const bool found = state_ == head && fits(token, word(head));
    if (head == 0) return found;
    if (state_ == head) state_ = fallback_[state_ - 1];
    while (state_ > 0 && token != word(state_)) state_ = fallback_[state_ - 1];
    if (token == word(state_)) ++state_;
    return found;
  }

 private:
  [[nodiscard]] const std::string& word(std::size_t i) const { return term_->parts[i].word; }
  [[nodiscard]] bool fits(std::string_view token, const std::string& wanted) const {
    return term_->prefix ? token.starts_with(wanted) : token == wanted;
  }

  const QueryTerm* term_;
  std::vector<std::size_t> fallback_;  // the state after a mismatch behind token i
  std::size_t state_ = 0;              // tokens of the term that the last tokens of the text are
};

// Where the last tokens began, as many as the longest term has.
class RecentStarts {
 public:
  explicit RecentStarts(std::size_t size) : starts_(size) {}
  void push(std::size_t start) { starts_[count_++ % starts_.size()] = start; }
  // back 0 is the token pushed last.
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
  tokenizer.for_each_word(text, [&](const Word& word) {
    // Phrases are of words that follow each other; a word in one piece, or the last character of a run, stands beside those.
    const bool in_sequence = word.kind == WordKind::kPart || word.kind == WordKind::kLoneChar;
    if (in_sequence) starts.push(word.begin);
    for (std::size_t i = 0; i < finders.size(); ++i) {
      if (in_sequence && finders[i].feed(word.folded)) {
        matches.push_back({{starts.get(finders[i].size() - 1), word.end}, i});
      } else if ((!in_sequence || finders[i].size() > 1) && finders[i].is_whole(word.folded)) {
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
