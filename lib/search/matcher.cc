#include "search/matcher.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include "base/varint.h"
#include "index/postings.h"

namespace cmem {
namespace {

constexpr double kK1 = 1.2;
constexpr double kB = 0.75;

// Of texts that are in both; a text's score is the sum.
Matches meet(const Matches& a, const Matches& b) {
  Matches both;
  for (std::size_t i = 0, k = 0; i < a.texts.size() && k < b.texts.size();) {
    if (a.texts[i] < b.texts[k]) {
      ++i;
    } else if (b.texts[k] < a.texts[i]) {
      ++k;
    } else {
      both.texts.push_back(a.texts[i]);
      both.scores.push_back(a.scores[i++] + b.scores[k++]);
    }
  }
  return both;
}

// Of texts that are in either; a text's score is the sum.
Matches join(const Matches& a, const Matches& b) {
  Matches any;
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

Matches without(const Matches& a, const Matches& b) {
  Matches rest;
  for (std::size_t i = 0, k = 0; i < a.texts.size(); ++i) {
    while (k < b.texts.size() && b.texts[k] < a.texts[i]) ++k;
    if (k < b.texts.size() && b.texts[k] == a.texts[i]) continue;
    rest.texts.push_back(a.texts[i]);
    rest.scores.push_back(a.scores[i]);
  }
  return rest;
}

Unexpected corrupt() { return Unexpected(Code::kCorrupt, "the text index has damaged positions; run `memory rebuild`"); }

}  // namespace

Result<Matcher> Matcher::create(TextIndexReader& index, sqlite::Connection& db, const CompiledQuery& query) {
  Matcher matcher(index, db, query);
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
  // Each node is looked at once: nested exclusions would else take time that doubles with each level.
  if (node.kind == QueryNode::Kind::kNot) return bound(node.parts.front(), segment);
  std::uint64_t least = all;
  std::uint64_t sum = 0;
  for (const QueryNode& part : node.parts) {
    const std::uint64_t texts = bound(part, segment);
    least = std::min(least, texts);
    sum += texts;
  }
  return node.kind == QueryNode::Kind::kAnd ? least : std::min(all, sum);
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
      CMEM_ASSIGN_OR_RETURN(const Matches excluded, evaluate(node.parts[1], segment, &found.texts));
      return without(found, excluded);
    }
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
    CMEM_ASSIGN_OR_RETURN(const Matches part, evaluate(*order[i].second, segment, &all.texts));
    all = meet(all, part);
  }
  return all;
}

Result<Matches> Matcher::evaluate_term(std::size_t term, std::size_t segment, const Texts* among) {
  CMEM_ASSIGN_OR_RETURN(const Occurrences found, occurrences_of(term, segment, among));
  return score(found, words_[term].idf, segment);
}

Result<Matcher::Occurrences> Matcher::occurrences_of(std::size_t term, std::size_t segment, const Texts* among) {
  const QueryTerm& query_term = query_->terms[term];
  const Words& words = words_[term];
  if (words.entries.size() == 1) return read(words.entries[0][segment], segment, among, false);
  CMEM_ASSIGN_OR_RETURN(Occurrences found, phrase(words, query_term, segment, among));
  if (query_term.whole.empty()) return found;
  // Where the parts stand, the whole stands at the position of the first: each place counts once.
  CMEM_ASSIGN_OR_RETURN(const Occurrences whole, read(words.entries.back()[segment], segment, among, true));
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
                          read(words.entries[part][segment], segment, part == order.front() ? among : &candidates, false));
    candidates = std::move(found.texts);
    if (candidates.empty()) return Occurrences();
  }
  // Each pass keeps the first words' positions that have a further word at its offset.
  Occurrences starts;
  for (const std::size_t part : order) {
    CMEM_ASSIGN_OR_RETURN(Occurrences found, read(words.entries[part][segment], segment, &candidates, true));
    const std::uint32_t offset = term.parts[part].offset;
    Occurrences kept;
    for (std::size_t i = 0, k = 0, begin = 0, start_begin = 0; i < found.texts.size(); begin = found.ends[i++]) {
      std::vector<std::uint32_t> here;
      for (std::size_t at = begin; at < found.ends[i]; ++at)
        if (found.positions[at] >= offset) here.push_back(found.positions[at] - offset);
      const std::size_t before = kept.positions.size();
      if (part == order.front()) {
        kept.positions.insert(kept.positions.end(), here.begin(), here.end());
      } else {
        while (k < starts.texts.size() && starts.texts[k] < found.texts[i]) start_begin = starts.ends[k++];
        if (k == starts.texts.size() || starts.texts[k] != found.texts[i]) continue;
        std::set_intersection(here.begin(), here.end(), starts.positions.begin() + static_cast<std::ptrdiff_t>(start_begin),
                              starts.positions.begin() + static_cast<std::ptrdiff_t>(starts.ends[k]),
                              std::back_inserter(kept.positions));
      }
      if (kept.positions.size() == before) continue;
      kept.texts.push_back(found.texts[i]);
      kept.frequencies.push_back(static_cast<std::uint32_t>(kept.positions.size() - before));
      kept.ends.push_back(kept.positions.size());
    }
    starts = std::move(kept);
    candidates = starts.texts;
    if (candidates.empty()) break;
  }
  return starts;
}

// The union of some words' lists.
Result<Matcher::Occurrences> Matcher::read(const Entries& entries, std::size_t segment, const Texts* among, bool with_positions) {
  Occurrences all;
  for (const TermEntry& entry : entries) CMEM_TRY(read_list(entry, segment, among, with_positions, all));
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
      if (!with_positions) continue;
      const std::size_t begin = order[i] == 0 ? 0 : all.ends[order[i] - 1];
      united.positions.insert(united.positions.end(), all.positions.begin() + static_cast<std::ptrdiff_t>(begin),
                              all.positions.begin() + static_cast<std::ptrdiff_t>(all.ends[order[i]]));
    }
    united.texts.push_back(text);
    united.frequencies.push_back(frequency);
    if (!with_positions) continue;
    std::sort(united.positions.begin() + positions_begin, united.positions.end());
    united.positions.erase(std::unique(united.positions.begin() + positions_begin, united.positions.end()), united.positions.end());
    united.ends.push_back(united.positions.size());
  }
  return united;
}

Status Matcher::read_list(const TermEntry& entry, std::size_t segment, const Texts* among, bool with_positions, Occurrences& out) {
  CMEM_ASSIGN_OR_RETURN(const IndexBytes postings, index_->postings(*db_, segments_[segment], entry));
  CMEM_ASSIGN_OR_RETURN(const PostingsReader list, PostingsReader::open(entry.texts, postings.view));
  IndexBytes positions;
  if (with_positions) {
    CMEM_ASSIGN_OR_RETURN(positions, index_->positions(*db_, segments_[segment], entry));
  }
  const char* const positions_end = positions.view.data() + positions.view.size();
  PostingsBlock block;
  std::size_t wanted = 0;
  for (std::size_t i = 0; i < list.blocks(); ++i) {
    if (among != nullptr) {
      wanted = static_cast<std::size_t>(std::lower_bound(among->begin() + static_cast<std::ptrdiff_t>(wanted), among->end(),
                                                         i == 0 ? 0 : list.last_text(i - 1) + 1) -
                                        among->begin());
      if (wanted == among->size()) break;
      if ((*among)[wanted] > list.last_text(i)) continue;
    }
    CMEM_TRY(list.read(i, block));
    if (list.positions_begin(i) > positions.view.size() && with_positions) return corrupt();
    const char* at = positions.view.data() + (with_positions ? list.positions_begin(i) : 0);
    for (std::uint32_t k = 0; k < block.count; ++k) {
      const char* const begin = at;
      if (with_positions) {
        at = skip_varints(at, positions_end, block.frequencies[k]);
        if (at == nullptr) return corrupt();
      }
      if (among != nullptr) {
        while (wanted < among->size() && (*among)[wanted] < block.texts[k]) ++wanted;
        if (wanted == among->size()) break;
        if ((*among)[wanted] != block.texts[k]) continue;
      }
      if (block.texts[k] >= static_cast<std::uint64_t>(segments_[segment].texts)) return corrupt();
      out.texts.push_back(block.texts[k]);
      out.frequencies.push_back(block.frequencies[k]);
      if (!with_positions) continue;
      VarintReader varints({begin, static_cast<std::size_t>(at - begin)});
      std::uint64_t position = 0;
      while (!varints.at_end()) out.positions.push_back(static_cast<std::uint32_t>(position += varints.next()));
      out.ends.push_back(out.positions.size());
    }
  }
  return {};
}

Result<Matches> Matcher::score(const Occurrences& found, double idf, std::size_t segment) {
  Matches matches;
  if (found.texts.empty()) return matches;
  CMEM_ASSIGN_OR_RETURN(const auto lengths, index_->lengths(*db_, segments_[segment]));
  matches.texts = found.texts;
  matches.scores.resize(found.texts.size());
  const double constant = kK1 * (1 - kB);
  const double per_word = kK1 * kB / mean_length_;
  const double factor = idf * (kK1 + 1) * kScoreUnits;
  for (std::size_t i = 0; i < found.texts.size(); ++i) {
    const double frequency = found.frequencies[i];
    const double length = (*lengths)[found.texts[i]];
    matches.scores[i] = static_cast<std::uint32_t>(factor * frequency / (frequency + constant + per_word * length) + 0.5);
  }
  return matches;
}

}  // namespace cmem
