#include "search/matcher.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>
#include <utility>

namespace cmem {
namespace {

constexpr double kK1 = 1.2;
constexpr double kB = 0.75;
// The lists of a prefix are added up and kept if there are so many at least.
constexpr std::size_t kMinKept = 64;

// Adds what texts have in `all`, which has all of them, to their scores.
void add_scores(const Matches& all, Matches& some) {
  for (std::size_t i = 0, k = 0; k < some.scores.size(); ++k) {
    while (all.texts[i] < some.texts[k]) ++i;
    some.scores[k] += all.scores[i];
  }
}

// Of texts that are in either; a text's score is the sum. Which of two lists has the next text cannot be foretold, so that there is
// no branch for it.
Matches join(const Matches& a, const Matches& b) {
  const bool with_scores = !a.scores.empty() || !b.scores.empty();
  Matches any;
  any.texts.resize(a.texts.size() + b.texts.size());
  if (with_scores) any.scores.resize(any.texts.size());
  std::size_t i = 0;
  std::size_t k = 0;
  std::size_t count = 0;
  for (; i < a.texts.size() && k < b.texts.size(); ++count) {
    const std::uint32_t text_a = a.texts[i];
    const std::uint32_t text_b = b.texts[k];
    const std::uint32_t from_a = text_a <= text_b ? 1 : 0;
    const std::uint32_t from_b = text_b <= text_a ? 1 : 0;
    any.texts[count] = std::min(text_a, text_b);
    if (with_scores) any.scores[count] = (a.scores[i] & (0 - from_a)) + (b.scores[k] & (0 - from_b));
    i += from_a;
    k += from_b;
  }
  const auto append = [&](const Matches& rest, std::size_t at) {
    const auto from = static_cast<std::ptrdiff_t>(at);
    const auto to = static_cast<std::ptrdiff_t>(count);
    std::copy(rest.texts.begin() + from, rest.texts.end(), any.texts.begin() + to);
    if (with_scores) std::copy(rest.scores.begin() + from, rest.scores.end(), any.scores.begin() + to);
    count += rest.texts.size() - at;
  };
  append(a, i);
  append(b, k);
  any.texts.resize(count);
  if (with_scores) any.scores.resize(count);
  return any;
}

Matches without(const Matches& a, const Texts& excluded) {
  Matches rest;
  for (std::size_t i = 0, k = 0; i < a.texts.size(); ++i) {
    while (k < excluded.size() && excluded[k] < a.texts[i]) ++k;
    if (k < excluded.size() && excluded[k] == a.texts[i]) continue;
    rest.texts.push_back(a.texts[i]);
    if (!a.scores.empty()) rest.scores.push_back(a.scores[i]);
  }
  return rest;
}

std::span<const std::uint32_t> positions_of(const Postings& found, std::size_t at) {
  const std::size_t begin = at == 0 ? 0 : found.ends[at - 1];
  return std::span(found.positions).subspan(begin, found.ends[at] - begin);
}

// How many different numbers two rising lists have.
std::uint32_t count_united(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b) {
  std::size_t both = 0;
  for (std::size_t i = 0, k = 0; i < a.size() && k < b.size();) {
    both += a[i] == b[k] ? 1 : 0;
    ++(a[i] < b[k] ? i : k);
  }
  return static_cast<std::uint32_t>(a.size() + b.size() - both);
}

// The texts that have one or the other, and at how many places.
Postings unite(const Postings& a, const Postings& b) {
  Postings any;
  for (std::size_t i = 0, k = 0; i < a.texts.size() || k < b.texts.size();) {
    const bool from_a = k == b.texts.size() || (i < a.texts.size() && a.texts[i] <= b.texts[k]);
    const bool from_b = i == a.texts.size() || (k < b.texts.size() && b.texts[k] <= a.texts[i]);
    any.texts.push_back(from_a ? a.texts[i] : b.texts[k]);
    any.frequencies.push_back(count_united(from_a ? positions_of(a, i) : std::span<const std::uint32_t>(),
                                           from_b ? positions_of(b, k) : std::span<const std::uint32_t>()));
    i += from_a ? 1 : 0;
    k += from_b ? 1 : 0;
  }
  return any;
}

// All texts of a segment, none better than another.
Matches all_texts(std::size_t texts, const Texts* among, bool with_scores) {
  Matches all;
  if (among != nullptr) {
    all.texts = *among;
  } else {
    all.texts.resize(texts);
    std::iota(all.texts.begin(), all.texts.end(), 0U);
  }
  if (with_scores) all.scores.resize(all.texts.size());
  return all;
}

}  // namespace

Result<Matcher> Matcher::create(TextIndexReader& index, sqlite::Connection& db, const CompiledQuery& query, double prose_weight) {
  Matcher matcher(index, db, query, prose_weight);
  CMEM_ASSIGN_OR_RETURN(matcher.segments_, index.segments(db));
  CMEM_TRY(matcher.look_up());
  return matcher;
}

Status Matcher::look_up() {
  double words = 0;
  for (const SegmentInfo& segment : segments_) {
    texts_ += static_cast<double>(segment.texts);
    words += static_cast<double>(segment.words);
  }
  mean_length_ = words > 0 ? words / texts_ : 1;
  for (const QueryTerm& term : query_->terms) {
    CMEM_ASSIGN_OR_RETURN(words_.emplace_back(), look_up(term));
  }
  return {};
}

Result<Matcher::Words> Matcher::look_up(const QueryTerm& term) {
  Words words;
  for (const QueryTerm::Part& part : term.parts) {
    const bool prefix = term.prefix && &part == &term.parts.back();
    const bool alone = term.parts.size() == 1 && term.whole.empty();
    CMEM_ASSIGN_OR_RETURN(words.entries.emplace_back(), prefix ? look_up_prefix(part.word, alone) : look_up(part.word));
    words.idf += idf_of(words.entries.back());
  }
  if (!term.whole.empty()) {
    CMEM_ASSIGN_OR_RETURN(words.entries.emplace_back(), term.prefix ? look_up_prefix(term.whole, false) : look_up(term.whole));
  }
  return words;
}

Result<std::vector<Matcher::Entries>> Matcher::look_up(const std::string& word) {
  CMEM_ASSIGN_OR_RETURN(const auto found, index_->find(*db_, segments_, word));
  std::vector<Entries> by_segment(segments_.size());
  for (std::size_t i = 0; i < segments_.size(); ++i)
    if (const TermEntry& entry = (*found)[i]; entry.texts > 0) by_segment[i].add(entry);
  return by_segment;
}

// One that stands alone is not read again where its sum was kept.
Result<std::vector<Matcher::Entries>> Matcher::look_up_prefix(const std::string& prefix, bool alone) {
  std::vector<Entries> by_segment(segments_.size());
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    Entries& entries = by_segment[i];
    if (alone) entries.sum = index_->find_prefix(segments_[i], prefix);
    if (entries.sum) {
      entries.texts = entries.sum->word_texts;
    } else {
      CMEM_TRY(read_entries(prefix, i, entries));
    }
  }
  return by_segment;
}

Status Matcher::read_entries(const std::string& prefix, std::size_t segment, Entries& entries) {
  entries.texts = 0;
  return index_->for_each_entry(*db_, segments_[segment], prefix, [&](const TermEntry& entry) { entries.add(entry); });
}

// Adds up the lists of a prefix, if they are many, for whoever asks for it next.
Status Matcher::add_up(const std::string& prefix, std::size_t segment, Entries& entries) {
  if (entries.sum || entries.list.size() < kMinKept) return {};
  CMEM_ASSIGN_OR_RETURN(PrefixList sum, reader_.add_up(segments_[segment], entries.list));
  entries.sum = std::make_shared<const PrefixList>(std::move(sum));
  index_->keep_prefix(segments_[segment], prefix, entries.sum);
  return {};
}

double Matcher::idf_of(const std::vector<Entries>& entries) const {
  double with = 0;
  for (const Entries& in_segment : entries) with += static_cast<double>(in_segment.texts);
  with = std::min(with, texts_);
  return std::log(1 + (texts_ - with + 0.5) / (with + 0.5));
}

std::uint64_t Matcher::bound(const QueryNode& node, std::size_t segment) const {
  const auto all = static_cast<std::uint64_t>(segments_[segment].texts);
  if (node.kind == QueryNode::Kind::kTerm) {
    const Words& words = words_[node.term];
    const bool has_whole = !query_->terms[node.term].whole.empty();
    std::uint64_t phrase = all;
    std::uint64_t whole = 0;
    for (std::size_t part = 0; part < words.entries.size(); ++part) {
      const std::uint64_t texts = words.entries[part][segment].texts;
      if (has_whole && part + 1 == words.entries.size()) {
        whole = texts;
      } else {
        phrase = std::min(phrase, texts);
      }
    }
    return std::min(all, phrase + whole);
  }
  if (node.kind == QueryNode::Kind::kAll) return all;
  // Each node is looked at once: nested exclusions would else take time that doubles with each level.
  if (node.kind == QueryNode::Kind::kNot) return bound(node.parts.front(), segment);
  std::uint64_t least = all;
  std::uint64_t sum = 0;
  for (const QueryNode& part : node.parts) {
    const std::uint64_t texts = bound(part, segment);
    least = std::min(least, texts);
    sum += texts;
  }
  return node.kind == QueryNode::Kind::kOr ? std::min(all, sum) : least;
}

Result<Matches> Matcher::match(std::size_t segment) {
  with_scores_ = true;
  return evaluate(*query_->root, segment, nullptr);
}

Result<Texts> Matcher::match_texts(std::size_t segment) {
  with_scores_ = false;
  CMEM_ASSIGN_OR_RETURN(Matches found, evaluate(*query_->root, segment, nullptr));
  return std::move(found.texts);
}

Result<Matches> Matcher::evaluate(const QueryNode& node, std::size_t segment, const Texts* among) {
  if (bound(node, segment) == 0 || (among != nullptr && among->empty())) return Matches();
  switch (node.kind) {
    case QueryNode::Kind::kTerm:
      return evaluate_term(node.term, segment, among);
    case QueryNode::Kind::kAnd:
      return evaluate_all(node, segment, among);
    case QueryNode::Kind::kOr:
      return evaluate_any(node, segment, among);
    case QueryNode::Kind::kNot: {
      CMEM_ASSIGN_OR_RETURN(const Matches found, evaluate(node.parts[0], segment, among));
      const bool with_scores = std::exchange(with_scores_, false);
      CMEM_ASSIGN_OR_RETURN(const Matches excluded, evaluate(node.parts[1], segment, &found.texts));
      with_scores_ = with_scores;
      return without(found, excluded.texts);
    }
    case QueryNode::Kind::kAll:
      return all_texts(static_cast<std::size_t>(segments_[segment].texts), among, with_scores_);
    case QueryNode::Kind::kNear:
      return evaluate_near(node, segment, among);
  }
  return Unexpected(Code::kInternal, "a query node of unknown kind");
}

// By number of possible texts.
std::vector<const QueryNode*> Matcher::rarest_first(const std::vector<QueryNode>& parts, std::size_t segment) const {
  std::vector<std::pair<std::uint64_t, const QueryNode*>> order;
  for (const QueryNode& part : parts) order.emplace_back(bound(part, segment), &part);
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<const QueryNode*> nodes;
  for (const auto& [texts, node] : order) nodes.push_back(node);
  return nodes;
}

// The rarest part first: then the lists that are joined again and again are short.
Result<Matches> Matcher::evaluate_any(const QueryNode& node, std::size_t segment, const Texts* among) {
  Matches any;
  for (const QueryNode* part : rarest_first(node.parts, segment)) {
    CMEM_ASSIGN_OR_RETURN(Matches found, evaluate(*part, segment, among));
    if (!found.texts.empty()) any = any.texts.empty() ? std::move(found) : join(any, found);
  }
  return any;
}

// The rarest part first: it bounds what is read of the others.
Result<Matches> Matcher::evaluate_all(const QueryNode& node, std::size_t segment, const Texts* among) {
  const std::vector<const QueryNode*> order = rarest_first(node.parts, segment);
  CMEM_ASSIGN_OR_RETURN(Matches all, evaluate(*order.front(), segment, among));
  for (std::size_t i = 1; i < order.size() && !all.texts.empty(); ++i) {
    CMEM_ASSIGN_OR_RETURN(Matches part, evaluate(*order[i], segment, &all.texts));
    add_scores(all, part);
    all = std::move(part);
  }
  return all;
}

// The rarest term first; of the others only the texts matter that have all terms before.
Result<Matches> Matcher::evaluate_near(const QueryNode& node, std::size_t segment, const Texts* among) {
  std::vector<QueryNode> terms = node.parts;
  std::stable_sort(terms.begin(), terms.end(),
                   [&](const QueryNode& a, const QueryNode& b) { return bound(a, segment) < bound(b, segment); });
  std::vector<std::vector<Place>> places;
  Texts texts;
  for (const QueryNode& part : terms) {
    CMEM_ASSIGN_OR_RETURN(places.emplace_back(), places_of(part.term, segment, places.empty() ? among : &texts));
    texts.clear();
    for (const Place& place : places.back())
      if (texts.empty() || texts.back() != place.text) texts.push_back(place.text);
  }
  Postings found;
  std::vector<std::size_t> next(terms.size());
  for (const std::uint32_t text : texts) {
    std::vector<std::span<const Place>> here;
    for (std::size_t i = 0; i < terms.size(); ++i) {
      while (next[i] < places[i].size() && places[i][next[i]].text < text) ++next[i];
      const std::size_t begin = next[i];
      while (next[i] < places[i].size() && places[i][next[i]].text == text) ++next[i];
      here.emplace_back(places[i].begin() + static_cast<std::ptrdiff_t>(begin), next[i] - begin);
    }
    if (const std::uint32_t windows = count_windows(here, node.distance); windows > 0) {
      found.texts.push_back(text);
      found.frequencies.push_back(windows);
    }
  }
  double idf = 0;
  for (const QueryNode& part : node.parts) idf += words_[part.term].idf;
  return score(std::move(found), idf, segment);
}

// The positions from which on every term stands with at most `distance` words between the first and the last word. The later of two
// places of a term does not end before the other, so the first one behind a position is the one that counts.
std::uint32_t Matcher::count_windows(const std::vector<std::span<const Place>>& terms, std::uint32_t distance) {
  std::vector<std::size_t> next(terms.size());
  std::uint32_t windows = 0;
  while (true) {
    std::uint64_t begin = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t last = 0;
    for (std::size_t i = 0; i < terms.size(); ++i) {
      if (next[i] == terms[i].size()) return windows;
      begin = std::min<std::uint64_t>(begin, terms[i][next[i]].first);
      last = std::max<std::uint64_t>(last, terms[i][next[i]].last);
    }
    if (last <= begin + distance + 1) ++windows;
    for (std::size_t i = 0; i < terms.size(); ++i)
      if (terms[i][next[i]].first == begin) ++next[i];
  }
}

// By text and position. A camelCase word that stands there in one piece is one word long.
Result<std::vector<Matcher::Place>> Matcher::places_of(std::size_t term, std::size_t segment, const Texts* among) {
  const QueryTerm& query_term = query_->terms[term];
  const Words& words = words_[term];
  std::vector<Place> places;
  const auto add = [&places](const Postings& found, std::uint32_t length) {
    for (std::size_t i = 0, at = 0; i < found.texts.size(); ++i)
      for (; at < found.ends[i]; ++at) places.push_back({found.texts[i], found.positions[at], found.positions[at] + length});
  };
  if (query_term.parts.size() == 1) {
    Entries& entries = words_[term].entries[0][segment];
    if (entries.list.empty() && entries.sum) CMEM_TRY(read_entries(query_term.parts[0].word, segment, entries));
    CMEM_ASSIGN_OR_RETURN(const Postings found, reader_.read(segments_[segment], entries.list, among, Detail::kPlaces));
    add(found, 0);
  } else {
    CMEM_ASSIGN_OR_RETURN(const Postings found, phrase(words, query_term, segment, among));
    add(found, query_term.parts.back().offset);
  }
  if (query_term.whole.empty()) return places;
  CMEM_ASSIGN_OR_RETURN(const Postings whole,
                        reader_.read(segments_[segment], words.entries.back()[segment].list, among, Detail::kPlaces));
  add(whole, 0);
  // Where the parts stand too, the whole is the same word: parts come first.
  const auto key = [](const Place& place) { return std::pair(place.text, place.first); };
  std::stable_sort(places.begin(), places.end(), [&](const Place& a, const Place& b) { return key(a) < key(b); });
  const auto same = std::unique(places.begin(), places.end(), [&](const Place& a, const Place& b) { return key(a) == key(b); });
  places.erase(same, places.end());
  return places;
}

Result<std::int64_t> Matcher::count_texts(std::size_t term) {
  with_scores_ = false;
  std::size_t texts = 0;
  for (std::size_t segment = 0; segment < segments_.size(); ++segment) {
    CMEM_ASSIGN_OR_RETURN(const Postings found, postings_of(term, segment, nullptr));
    texts += found.texts.size();
  }
  return static_cast<std::int64_t>(texts);
}

Result<Matches> Matcher::evaluate_term(std::size_t term, std::size_t segment, const Texts* among) {
  CMEM_ASSIGN_OR_RETURN(Postings found, postings_of(term, segment, among));
  return score(std::move(found), words_[term].idf, segment);
}

Result<Postings> Matcher::postings_of(std::size_t term, std::size_t segment, const Texts* among) {
  const QueryTerm& query_term = query_->terms[term];
  const Words& words = words_[term];
  if (words.entries.size() == 1) {
    Entries& entries = words_[term].entries[0][segment];
    if (query_term.prefix) CMEM_TRY(add_up(query_term.parts[0].word, segment, entries));
    const Detail detail = with_scores_ ? Detail::kFrequencies : Detail::kTexts;
    return entries.sum ? reader_.read(segments_[segment], *entries.sum, among, detail)
                       : reader_.read(segments_[segment], entries.list, among, detail);
  }
  CMEM_ASSIGN_OR_RETURN(Postings found, phrase(words, query_term, segment, among));
  if (query_term.whole.empty()) return found;
  // Where the parts stand, the whole stands at the position of the first: each place counts once.
  CMEM_ASSIGN_OR_RETURN(const Postings whole,
                        reader_.read(segments_[segment], words.entries.back()[segment].list, among, Detail::kPlaces));
  return unite(found, whole);
}

// Which texts have all the words, and of those, which have them at their offsets.
Result<Postings> Matcher::phrase(const Words& words, const QueryTerm& term, std::size_t segment, const Texts* among) {
  std::vector<std::size_t> order(term.parts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto texts_of = [&](std::size_t part) { return words.entries[part][segment].texts; };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return texts_of(a) < texts_of(b); });
  Texts candidates;
  for (const std::size_t part : order) {
    CMEM_ASSIGN_OR_RETURN(Postings found, reader_.read(segments_[segment], words.entries[part][segment].list,
                                                       part == order.front() ? among : &candidates, Detail::kTexts));
    candidates = std::move(found.texts);
    if (candidates.empty()) return Postings();
  }
  // Positions are of the phrase's first word; each pass keeps those that have a further word at its offset.
  Postings starts;
  for (const std::size_t part : order) {
    CMEM_ASSIGN_OR_RETURN(Postings found,
                          reader_.read(segments_[segment], words.entries[part][segment].list, &candidates, Detail::kPlaces));
    move_back(found, term.parts[part].offset);
    starts = part == order.front() ? std::move(found) : meet_positions(starts, found);
    candidates = starts.texts;
    if (candidates.empty()) break;
  }
  return starts;
}

Result<Matches> Matcher::score(Postings found, double idf, std::size_t segment) {
  Matches matches;
  if (found.texts.empty()) return matches;
  matches.texts = std::move(found.texts);
  if (!with_scores_) return matches;
  CMEM_ASSIGN_OR_RETURN(const auto lengths, index_->lengths(*db_, segments_[segment]));
  matches.scores = std::move(found.frequencies);  // each gives way to its score
  const double constant = kK1 * (1 - kB);
  const double per_word = kK1 * kB / mean_length_;
  const double factor = idf * (kK1 + 1) * kScoreUnits;
  const std::array<double, 2> factors{factor, factor * prose_weight_};
  for (std::size_t i = 0; i < matches.texts.size(); ++i) {
    const double frequency = matches.scores[i];
    const std::uint16_t coded = (*lengths)[matches.texts[i]];
    const double length = coded & kMaxLength;
    const double its_factor = factors[coded >= kProseBit ? 1 : 0];
    matches.scores[i] = static_cast<std::uint32_t>(its_factor * frequency / (frequency + constant + per_word * length) + 0.5);
  }
  return matches;
}

}  // namespace cmem
