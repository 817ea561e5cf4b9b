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
constexpr std::size_t kReservedForMarks = 64;
constexpr std::string_view kEllipsis = "…";

// --------------------------------------------------------------------------------------------------- choosing a window

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
    if (VisibleText(text_, 0).next(0).at < begin) out_ = kEllipsis;
    start_ = out_.size();
    out_.reserve(start_ + std::min(max_bytes_, text_.size() - begin) + kReservedForMarks);
    VisibleText visible(text_, begin);
    for (VisibleText::Run run = visible.next(boundary()); !run.bytes.empty(); run = visible.next(boundary())) {
      close_before(run.at);
      const bool space = run.after_space && out_.size() > start_;
      if (!put_what_fits(run, space)) break;
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

  // Where a mark may stand next.
  [[nodiscard]] std::size_t boundary() const {
    if (next_span_ == spans_.size()) return text_.size();
    return open_ ? spans_[next_span_].end : spans_[next_span_].begin;
  }

  // False if that is not all of it.
  bool put_what_fits(VisibleText::Run run, bool space) {
    const std::size_t limit = max_bytes_ - (space ? 1 : 0);
    const std::size_t room = limit > used_ ? limit - used_ : 0;
    const bool all = run.bytes.size() <= room;
    const bool some = all || (room > 0 && is_ascii_alnum(run.bytes[0]));
    if (!all) run.bytes = run.bytes.substr(0, room);
    if (some) put(run, space);
    if (!all) cut(space && !some);
    return all;
  }

  void put(const VisibleText::Run& run, bool space) {
    const bool punctuation = is_ascii_punctuation(run.bytes[0]);
    if (!open_ && (space || punctuation || after_punctuation_)) last_break_ = out_.size();
    after_punctuation_ = punctuation;
    if (!open_ && next_span_ < spans_.size() && spans_[next_span_].begin <= run.at) {
      open(space);
    } else if (space) {
      out_ += ' ';
    }
    out_ += run.bytes;
    used_ += run.bytes.size() + (space ? 1 : 0);
  }

  void open(bool space) {
    open_ = true;
    open_span_ = next_span_;
    open_at_ = out_.size();
    if (space) out_ += ' ';
    out_ += kMatchBegin;
  }

  // What comes next does not fit: goes back to a word's end, or before a match that would be cut. The first match is kept, cut.
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

Highlighter::Highlighter(std::vector<QueryTerm> terms) : finder_(std::move(terms)) {}

std::string Highlighter::snippet(std::string_view text, std::size_t max_bytes) {
  const std::size_t limit = std::clamp(max_bytes, kMinSnippetBytes, kMaxSnippetBytes);
  const std::vector<Match>& matches = finder_.find(text, kMaxMatches);
  const std::vector<Span> spans = merge_spans(matches);
  std::size_t begin = 0;
  if (!matches.empty()) begin = snippet_begin(text, widen_to_spans(best_window(matches, limit), spans, limit), spans, limit);
  return SnippetWriter(text, spans, limit).write(begin);
}

}  // namespace cmem
