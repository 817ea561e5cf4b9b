#include "search/matcher.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>
#include <utility>

#include "index/postings.h"

namespace cmem {
namespace {

constexpr double kK1 = 1.2;
constexpr double kB = 0.75;

// Adds what texts have in `all`, which has all of them, to their scores.
void add_scores(const Matches& all, Matches& some) {
  for (std::size_t i = 0, k = 0; k < some.scores.size(); ++k) {
    while (all.texts[i] < some.texts[k]) ++i;
    some.scores[k] += all.scores[i];
  }
}

// Of texts that are in either; a text's score is the sum.
Matches join(const Matches& a, const Matches& b) {
  Matches any;
  if (a.scores.empty() && b.scores.empty()) {
    any.texts.reserve(a.texts.size() + b.texts.size());
    std::set_union(a.texts.begin(), a.texts.end(), b.texts.begin(), b.texts.end(), std::back_inserter(any.texts));
    return any;
  }
  any.texts.reserve(a.texts.size() + b.texts.size());
  any.scores.reserve(a.texts.size() + b.texts.size());
  std::size_t i = 0;
  std::size_t k = 0;
  while (i < a.texts.size() || k < b.texts.size()) {
    const bool from_a = k == b.texts.size() || (i < a.texts.size() && a.texts[i] <= b.texts[k]);
    const bool from_b = i == a.texts.size() || (k < b.texts.size() && b.texts[k] <= a.texts[i]);
    any.texts.push_back(from_a ? a.texts[i] : b.texts[k]);
    any.scores.push_back((from_a ? a.scores[i] : 0) + (from_b ? b.scores[k] : 0));
    i += from_a ? 1 : 0;
    k += from_b ? 1 : 0;
  }
  return any;
}

Matches without(const Matches& a, const std::vector<std::uint32_t>& excluded) {
  Matches rest;
  for (std::size_t i = 0, k = 0; i < a.texts.size(); ++i) {
    while (k < excluded.size() && excluded[k] < a.texts[i]) ++k;
    if (k < excluded.size() && excluded[k] == a.texts[i]) continue;
    rest.texts.push_back(a.texts[i]);
    if (!a.scores.empty()) rest.scores.push_back(a.scores[i]);
  }
  return rest;
}

// All texts of a segment, none better than another.
Matches all_texts(std::size_t texts, const std::vector<std::uint32_t>* among, bool with_scores) {
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

Unexpected corrupt() { return Unexpected(Code::kCorrupt, "the text index has damaged positions; run `memory rebuild`"); }

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
    CMEM_ASSIGN_OR_RETURN(words.entries.emplace_back(), look_up(part.word, prefix));
    words.idf += idf_of(words.entries.back());
  }
  if (!term.whole.empty()) {
    CMEM_ASSIGN_OR_RETURN(words.entries.emplace_back(), look_up(term.whole, term.prefix));
  }
  return words;
}

Result<std::vector<Matcher::Entries>> Matcher::look_up(const std::string& word, bool prefix) {
  std::vector<Entries> by_segment(segments_.size());
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    if (prefix) {
      CMEM_TRY(index_->for_each_term(*db_, segments_[i], word, [&](const std::string&, const TermEntry& entry) {
        by_segment[i].push_back(entry);
        return true;
      }));
    } else {
      CMEM_ASSIGN_OR_RETURN(const auto entry, index_->find(*db_, segments_[i], word));
      if (entry) by_segment[i].push_back(*entry);
    }
  }
  return by_segment;
}

double Matcher::idf_of(const std::vector<Entries>& entries) const {
  double with = 0;
  for (const Entries& in_segment : entries)
    for (const TermEntry& entry : in_segment) with += entry.texts;
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
      std::uint64_t texts = 0;
      for (const TermEntry& entry : words.entries[part][segment]) texts += entry.texts;
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

Result<std::vector<std::uint32_t>> Matcher::match_texts(std::size_t segment) {
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
    case QueryNode::Kind::kOr: {
      Matches any;
      for (const QueryNode& part : node.parts) {
        CMEM_ASSIGN_OR_RETURN(const Matches found, evaluate(part, segment, among));
        any = join(any, found);
      }
      return any;
    }
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

// The rarest part first: it bounds what is read of the others.
Result<Matches> Matcher::evaluate_all(const QueryNode& node, std::size_t segment, const Texts* among) {
  std::vector<std::pair<std::uint64_t, const QueryNode*>> order;
  for (const QueryNode& part : node.parts) order.emplace_back(bound(part, segment), &part);
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  CMEM_ASSIGN_OR_RETURN(Matches all, evaluate(*order.front().second, segment, among));
  for (std::size_t i = 1; i < order.size() && !all.texts.empty(); ++i) {
    CMEM_ASSIGN_OR_RETURN(Matches part, evaluate(*order[i].second, segment, &all.texts));
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
  Occurrences found;
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
  const auto add = [&places](const Occurrences& found, std::uint32_t length) {
    for (std::size_t i = 0, at = 0; i < found.texts.size(); ++i)
      for (; at < found.ends[i]; ++at) places.push_back({found.texts[i], found.positions[at], found.positions[at] + length});
  };
  if (query_term.parts.size() == 1) {
    CMEM_ASSIGN_OR_RETURN(const Occurrences found, read(words.entries[0][segment], segment, among, Detail::kPlaces));
    add(found, 0);
  } else {
    CMEM_ASSIGN_OR_RETURN(const Occurrences found, phrase(words, query_term, segment, among));
    add(found, query_term.parts.back().offset);
  }
  if (query_term.whole.empty()) return places;
  CMEM_ASSIGN_OR_RETURN(const Occurrences whole, read(words.entries.back()[segment], segment, among, Detail::kPlaces));
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
    CMEM_ASSIGN_OR_RETURN(const Occurrences found, occurrences_of(term, segment, nullptr));
    texts += found.texts.size();
  }
  return static_cast<std::int64_t>(texts);
}

Result<Matches> Matcher::evaluate_term(std::size_t term, std::size_t segment, const Texts* among) {
  CMEM_ASSIGN_OR_RETURN(Occurrences found, occurrences_of(term, segment, among));
  return score(std::move(found), words_[term].idf, segment);
}

Result<Matcher::Occurrences> Matcher::occurrences_of(std::size_t term, std::size_t segment, const Texts* among) {
  const QueryTerm& query_term = query_->terms[term];
  const Words& words = words_[term];
  if (words.entries.size() == 1)
    return read(words.entries[0][segment], segment, among, with_scores_ ? Detail::kFrequencies : Detail::kTexts);
  CMEM_ASSIGN_OR_RETURN(Occurrences found, phrase(words, query_term, segment, among));
  if (query_term.whole.empty()) return found;
  // Where the parts stand, the whole stands at the position of the first: each place counts once.
  CMEM_ASSIGN_OR_RETURN(const Occurrences whole, read(words.entries.back()[segment], segment, among, Detail::kPlaces));
  Occurrences any;
  for (std::size_t i = 0, k = 0; i < found.texts.size() || k < whole.texts.size();) {
    const bool from_parts = k == whole.texts.size() || (i < found.texts.size() && found.texts[i] <= whole.texts[k]);
    const bool from_whole = i == found.texts.size() || (k < whole.texts.size() && whole.texts[k] <= found.texts[i]);
    any.texts.push_back(from_parts ? found.texts[i] : whole.texts[k]);
    const auto places = [](const Occurrences& of, std::size_t at) {
      const std::size_t begin = at == 0 ? 0 : of.ends[at - 1];
      return std::vector<std::uint32_t>(of.positions.begin() + static_cast<std::ptrdiff_t>(begin),
                                        of.positions.begin() + static_cast<std::ptrdiff_t>(of.ends[at]));
    };
    const auto parts_places = from_parts ? places(found, i) : std::vector<std::uint32_t>();
    const auto whole_places = from_whole ? places(whole, k) : std::vector<std::uint32_t>();
    std::vector<std::uint32_t> united;
    std::set_union(parts_places.begin(), parts_places.end(), whole_places.begin(), whole_places.end(), std::back_inserter(united));
    any.frequencies.push_back(static_cast<std::uint32_t>(united.size()));
    i += from_parts ? 1 : 0;
    k += from_whole ? 1 : 0;
  }
  return any;
}

// Which texts have all the words, and of those, which have them at their offsets.
Result<Matcher::Occurrences> Matcher::phrase(const Words& words, const QueryTerm& term, std::size_t segment, const Texts* among) {
  std::vector<std::size_t> order(term.parts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto texts_of = [&](std::size_t part) {
    std::uint64_t texts = 0;
    for (const TermEntry& entry : words.entries[part][segment]) texts += entry.texts;
    return texts;
  };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return texts_of(a) < texts_of(b); });
  Texts candidates;
  for (const std::size_t part : order) {
    CMEM_ASSIGN_OR_RETURN(Occurrences found,
                          read(words.entries[part][segment], segment, part == order.front() ? among : &candidates, Detail::kTexts));
    candidates = std::move(found.texts);
    if (candidates.empty()) return Occurrences();
  }
  // Positions are of the phrase's first word; each pass keeps those that have a further word at its offset.
  Occurrences starts;
  for (const std::size_t part : order) {
    CMEM_ASSIGN_OR_RETURN(Occurrences found, read(words.entries[part][segment], segment, &candidates, Detail::kPlaces));
    move_back(found, term.parts[part].offset);
    starts = part == order.front() ? std::move(found) : meet_positions(starts, found);
    candidates = starts.texts;
    if (candidates.empty()) break;
  }
  return starts;
}

// Takes `offset` off all positions; those before the text's begin are dropped, and texts without any.
void Matcher::move_back(Occurrences& found, std::uint32_t offset) {
  if (offset == 0) return;
  std::size_t begin = 0;
  std::size_t positions = 0;
  std::size_t texts = 0;
  for (std::size_t i = 0; i < found.texts.size(); ++i) {
    const std::size_t end = found.ends[i];
    const std::size_t first = positions;
    for (; begin < end; ++begin)
      if (found.positions[begin] >= offset) found.positions[positions++] = found.positions[begin] - offset;
    if (positions == first) continue;
    found.texts[texts] = found.texts[i];
    found.frequencies[texts] = static_cast<std::uint32_t>(positions - first);
    found.ends[texts++] = positions;
  }
  found.positions.resize(positions);
  found.texts.resize(texts);
  found.frequencies.resize(texts);
  found.ends.resize(texts);
}

// The positions that are in both.
Matcher::Occurrences Matcher::meet_positions(const Occurrences& a, const Occurrences& b) {
  Occurrences both;
  for (std::size_t i = 0, k = 0; i < a.texts.size() && k < b.texts.size();) {
    if (a.texts[i] != b.texts[k]) {
      ++(a.texts[i] < b.texts[k] ? i : k);
      continue;
    }
    const auto begin_of = [](const Occurrences& of, std::size_t at) {
      return of.positions.begin() + static_cast<std::ptrdiff_t>(at == 0 ? 0 : of.ends[at - 1]);
    };
    const auto end_of = [](const Occurrences& of, std::size_t at) {
      return of.positions.begin() + static_cast<std::ptrdiff_t>(of.ends[at]);
    };
    const std::size_t before = both.positions.size();
    std::set_intersection(begin_of(a, i), end_of(a, i), begin_of(b, k), end_of(b, k), std::back_inserter(both.positions));
    if (both.positions.size() > before) {
      both.texts.push_back(a.texts[i]);
      both.frequencies.push_back(static_cast<std::uint32_t>(both.positions.size() - before));
      both.ends.push_back(both.positions.size());
    }
    ++i;
    ++k;
  }
  return both;
}

// The union of some words' lists.
Result<Matcher::Occurrences> Matcher::read(const Entries& entries, std::size_t segment, const Texts* among, Detail detail) {
  if (entries.size() > 1 && detail != Detail::kPlaces) return read_union(entries, segment, among, detail);
  Occurrences all;
  for (const TermEntry& entry : entries) CMEM_TRY(read_list(entry, segment, among, detail, all));
  if (entries.size() < 2) return all;
  std::vector<std::size_t> order(all.texts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return all.texts[a] < all.texts[b]; });
  Occurrences united;
  for (std::size_t i = 0; i < order.size();) {
    const std::uint32_t text = all.texts[order[i]];
    const auto positions_begin = static_cast<std::ptrdiff_t>(united.positions.size());
    std::uint32_t frequency = 0;
    for (; i < order.size() && all.texts[order[i]] == text; ++i) {
      frequency += all.frequencies[order[i]];
      const std::size_t begin = order[i] == 0 ? 0 : all.ends[order[i] - 1];
      united.positions.insert(united.positions.end(), all.positions.begin() + static_cast<std::ptrdiff_t>(begin),
                              all.positions.begin() + static_cast<std::ptrdiff_t>(all.ends[order[i]]));
    }
    united.texts.push_back(text);
    united.frequencies.push_back(frequency);
    std::sort(united.positions.begin() + positions_begin, united.positions.end());
    united.positions.erase(std::unique(united.positions.begin() + positions_begin, united.positions.end()), united.positions.end());
    united.ends.push_back(united.positions.size());
  }
  return united;
}

// Without positions: a counter for each text of the segment.
Result<Matcher::Occurrences> Matcher::read_union(const Entries& entries, std::size_t segment, const Texts* among, Detail detail) {
  std::vector<std::uint32_t> frequencies(static_cast<std::size_t>(segments_[segment].texts));
  for (const TermEntry& entry : entries) {
    const auto visit = [&](const PostingsReader&, std::size_t, const PostingsBlock& block) -> Status {
      for (std::uint32_t i = 0; i < block.count; ++i)
        frequencies[block.texts[i]] += detail == Detail::kTexts ? 1 : block.frequencies[i];
      return {};
    };
    CMEM_TRY(for_each_block(entry, segment, among, detail, visit));
  }
  Occurrences united;
  if (among != nullptr) {
    for (const std::uint32_t text : *among) {
      if (frequencies[text] == 0) continue;
      united.texts.push_back(text);
      united.frequencies.push_back(frequencies[text]);
    }
    return united;
  }
  // Without a branch, because which text has a word cannot be foretold.
  united.texts.resize(frequencies.size());
  united.frequencies.resize(frequencies.size());
  std::size_t count = 0;
  for (std::size_t text = 0; text < frequencies.size(); ++text) {
    united.texts[count] = static_cast<std::uint32_t>(text);
    united.frequencies[count] = frequencies[text];
    count += frequencies[text] != 0 ? 1 : 0;
  }
  united.texts.resize(count);
  united.frequencies.resize(count);
  return united;
}

// Calls visit(list, index, block) for the blocks that may have some of the texts.
template <typename Visit>
Status Matcher::for_each_block(const TermEntry& entry, std::size_t segment, const Texts* among, Detail detail, Visit&& visit) {
  CMEM_ASSIGN_OR_RETURN(const IndexBytes postings, index_->postings(*db_, segments_[segment], entry));
  CMEM_ASSIGN_OR_RETURN(const PostingsReader list, PostingsReader::open(entry.texts, postings.view));
  PostingsBlock block;
  std::size_t wanted = 0;  // the first of `among` that may come
  for (std::size_t i = 0; i < list.blocks(); ++i) {
    if (among != nullptr) {
      while (wanted < among->size() && i > 0 && (*among)[wanted] <= list.last_text(i - 1)) ++wanted;
      if (wanted == among->size()) break;
      if ((*among)[wanted] > list.last_text(i)) continue;
    }
    CMEM_TRY(list.read(i, block, detail != Detail::kTexts));
    if (block.texts[block.count - 1] >= static_cast<std::uint64_t>(segments_[segment].texts)) return corrupt();
    CMEM_TRY(visit(list, i, block));
  }
  return {};
}

Status Matcher::read_list(const TermEntry& entry, std::size_t segment, const Texts* among, Detail detail, Occurrences& out) {
  IndexBytes positions;
  if (detail == Detail::kPlaces) {
    CMEM_ASSIGN_OR_RETURN(positions, index_->positions(*db_, segments_[segment], entry));
  }
  if (among == nullptr) {
    out.texts.reserve(out.texts.size() + entry.texts);
    if (detail != Detail::kTexts) out.frequencies.reserve(out.frequencies.size() + entry.texts);
  }
  std::size_t wanted = 0;  // the first of `among` that may come
  return for_each_block(entry, segment, among, detail,
                        [&](const PostingsReader& list, std::size_t i, const PostingsBlock& block) -> Status {
                          const std::uint32_t kept = among == nullptr ? block.count : keep_wanted(*among, wanted, block);
                          const auto append = [&](const auto& values, std::vector<std::uint32_t>& to) {
                            if (among == nullptr) {
                              to.insert(to.end(), values.begin(), values.begin() + kept);
                            } else {
                              for (std::uint32_t k = 0; k < kept; ++k) to.push_back(values[kept_[k]]);
                            }
                          };
                          append(block.texts, out.texts);
                          if (detail != Detail::kTexts) append(block.frequencies, out.frequencies);
                          if (detail != Detail::kPlaces || kept == 0) return {};
                          if (list.positions_begin(i) > positions.view.size()) return corrupt();
                          return read_positions(positions.view.substr(list.positions_begin(i)), block, kept, among == nullptr, out);
                        });
}

// Notes in kept_ which postings of the block are wanted, and moves `wanted` on; returns how many.
std::uint32_t Matcher::keep_wanted(const Texts& among, std::size_t& wanted, const PostingsBlock& block) {
  std::uint32_t kept = 0;
  for (std::uint32_t k = 0; k < block.count && wanted < among.size(); ++k) {
    while (wanted < among.size() && among[wanted] < block.texts[k]) ++wanted;
    if (wanted < among.size() && among[wanted] == block.texts[k]) kept_[kept++] = k;
  }
  return kept;
}

// The positions of the kept postings of a block, whose positions begin with `bytes`.
Status Matcher::read_positions(std::string_view bytes, const PostingsBlock& block, std::uint32_t kept, bool all, Occurrences& out) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  std::uint32_t next = 0;  // the posting whose positions begin at `at`
  for (std::uint32_t k = 0; k < kept; ++k) {
    const std::uint32_t posting = all ? k : kept_[k];
    std::uint64_t skipped = 0;
    for (; next < posting; ++next) skipped += block.frequencies[next];
    at = skip_varints(at, end, skipped);
    if (at == nullptr) return corrupt();
    std::uint32_t position = 0;
    for (std::uint32_t left = block.frequencies[next++]; left > 0; --left) {
      std::uint32_t gap = 0;
      for (unsigned shift = 0;; shift += 7) {
        if (at == end || shift > 28) return corrupt();
        const auto byte = static_cast<unsigned char>(*at++);
        gap |= static_cast<std::uint32_t>(byte & 0x7F) << shift;
        if (byte < 0x80) break;
      }
      position += gap;
      out.positions.push_back(position);
    }
    out.ends.push_back(out.positions.size());
  }
  return {};
}

Result<Matches> Matcher::score(Occurrences found, double idf, std::size_t segment) {
  Matches matches;
  if (found.texts.empty()) return matches;
  matches.texts = std::move(found.texts);
  if (!with_scores_) return matches;
  CMEM_ASSIGN_OR_RETURN(const auto lengths, index_->lengths(*db_, segments_[segment]));
  matches.scores.resize(matches.texts.size());
  const double constant = kK1 * (1 - kB);
  const double per_word = kK1 * kB / mean_length_;
  const double factor = idf * (kK1 + 1) * kScoreUnits;
  const std::array<double, 2> factors{factor, factor * prose_weight_};
  for (std::size_t i = 0; i < matches.texts.size(); ++i) {
    const double frequency = found.frequencies[i];
    const std::uint16_t coded = (*lengths)[matches.texts[i]];
    const double length = coded & kMaxLength;
    const double its_factor = factors[coded >= kProseBit ? 1 : 0];
    matches.scores[i] = static_cast<std::uint32_t>(its_factor * frequency / (frequency + constant + per_word * length) + 0.5);
  }
  return matches;
}

}  // namespace cmem
