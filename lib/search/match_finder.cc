#include "search/match_finder.h"

#include <algorithm>
#include <utility>

namespace cmem {
namespace {

// Where places are dense, as they are outside ASCII, pieces grow: to look for each of them would cost more than to split all.
constexpr std::size_t kNear = 32;
constexpr std::size_t kMaxPieceBytes = 4096;

std::vector<QueryTerm> usable(std::vector<QueryTerm> terms) {
  std::erase_if(terms, [](const QueryTerm& term) { return term.parts.empty(); });
  if (terms.size() > kMaxQueryTerms) terms.resize(kMaxQueryTerms);
  return terms;
}

}  // namespace

MatchFinder::MatchFinder(std::vector<QueryTerm> terms)
    : terms_(usable(std::move(terms))), finders_(terms_.begin(), terms_.end()), scanner_(terms_), starts_(longest_term()) {}

std::size_t MatchFinder::longest_term() const {
  std::size_t longest = 1;
  for (const TermFinder& finder : finders_) longest = std::max(longest, finder.size());
  return longest;
}

const std::vector<Match>& MatchFinder::find(std::string_view text, std::size_t limit) {
  matches_.clear();
  for (TermFinder& finder : finders_) finder.start();
  std::size_t at = 0;
  std::size_t piece_bytes = 1;
  while (!terms_.empty() && at < text.size() && matches_.size() < limit) {
    const std::size_t place = is_inside_term() ? at : scanner_.next(text, at);
    if (place == text.size()) break;
    piece_bytes = place - at < kNear ? std::min(2 * piece_bytes, kMaxPieceBytes) : 1;
    const TextPiece piece = piece_at(text, at, place, piece_bytes);
    add_words(text, piece, limit);
    at = piece.end;
  }
  // Most often they are.
  if (!std::ranges::is_sorted(matches_, {}, [](const Match& match) { return match.span.begin; }))
    std::ranges::stable_sort(matches_, {}, [](const Match& match) { return match.span.begin; });
  return matches_;
}

bool MatchFinder::is_inside_term() const {
  return std::ranges::any_of(finders_, [](const TermFinder& finder) { return finder.is_inside(); });
}

void MatchFinder::add_words(std::string_view text, const TextPiece& piece, std::size_t limit) {
  std::uint32_t next_position = 0;
  tokenizer_.for_each_word(text.substr(piece.begin, piece.end - piece.begin), [&](const Word& word) {
    add_word(word, piece.begin, word.position == next_position);
    next_position = word.position + 1;
    return matches_.size() < limit;
  });
}

// `first`: the word before stood at another position.
void MatchFinder::add_word(const Word& word, std::size_t offset, bool first) {
  const std::size_t end = offset + word.end;
  if (first) starts_.push(offset + word.begin);
  for (std::size_t i = 0; i < finders_.size(); ++i) {
    if (finders_[i].feed(word.folded, first)) {
      matches_.push_back({{starts_.get(finders_[i].size() - 1), end}, i});
    } else if (finders_[i].is_whole(word.folded)) {
      matches_.push_back({{offset + word.begin, end}, i});
    }
  }
}

}  // namespace cmem
