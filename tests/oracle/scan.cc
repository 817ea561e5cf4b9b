#include "oracle/scan.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <regex>
#include <set>
#include <stdexcept>

namespace oracle {
namespace {

// Time and level at the begin of a log line are columns of the message, so lines that differ in them alone are one text.
std::string_view without_prefix(std::string_view content) {
  static const std::regex prefix(R"(^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z )?\[(DEBUG|INFO|WARN|ERROR)\] )");
  std::cmatch found;
  const std::string_view begin = content.substr(0, 40);
  if (!std::regex_search(begin.data(), begin.data() + begin.size(), found, prefix)) return content;
  return content.substr(static_cast<std::size_t>(found.length()));
}

}  // namespace

Scan::Scan(const coditect::Store& store) {
  double words = 0;
  for (const coditect::Row& row : store.query({}, coditect::Page().order(coditect::Order::oldest))) {
    Message& message = messages_.emplace_back();
    message.id = row["id"].integer();
    if (!row["time"].is_null()) message.time_ms = row["time"].time_ms();
    for (std::size_t field = 0; field < kFields; ++field)
      if (!row[kColumns[field]].is_null()) message.names[field] = row[kColumns[field]].text();
    const bool is_log = message.names[kSource] == "debug" || message.names[kSource] == "program";
    message.text = text_of(is_log ? without_prefix(row["content"].text()) : row["content"].text());
  }
  std::vector<const Message*> firsts(texts_.size());
  for (const Message& message : messages_)
    if (const Message*& first = firsts[message.text]; first == nullptr || message.id < first->id) first = &message;
  for (std::size_t text = 0; text < texts_.size(); ++text)
    texts_[text].is_prose = firsts[text]->names[kRole] == "user" || firsts[text]->names[kRole] == "assistant";
  for (const Text& text : texts_) {
    words += text.length;
    std::set<std::uint32_t> different;
    for (const Token& token : text.tokens) different.insert(token.word);
    for (const std::uint32_t word : different) ++texts_with_[word];
  }
  if (words > 0) mean_length_ = words / static_cast<double>(texts_.size());
}

std::uint32_t Scan::text_of(std::string_view content) {
  const auto [known, is_new] = text_numbers_.try_emplace(std::string(content), static_cast<std::uint32_t>(texts_.size()));
  if (!is_new) return known->second;
  Text& text = texts_.emplace_back();
  text.bytes = content;
  text.length = tokenizer_.for_each_word(text.bytes, [&](const cmem::Word& word) {
    const auto [number, first] = word_numbers_.try_emplace(std::string(word.folded), static_cast<std::uint32_t>(words_.size()));
    if (first) words_.emplace_back(word.folded);
    text.tokens.push_back({word.position, number->second});
    return true;
  });
  texts_with_.resize(words_.size());
  return known->second;
}

std::vector<std::string> Scan::words_by_frequency() const {
  std::vector<std::uint32_t> order(words_.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, [&](std::uint32_t a, std::uint32_t b) { return texts_with_[a] > texts_with_[b]; });
  std::vector<std::string> words;
  for (const std::uint32_t word : order) words.push_back(words_[word]);
  return words;
}

std::optional<Term> Scan::read_term(std::string_view typed, bool star) {
  Term term;
  std::optional<cmem::Word> whole;
  std::optional<cmem::Word> first;
  cmem::Word last;
  tokenizer_.for_each_word(typed, [&](const cmem::Word& word) {
    if (word.kind == cmem::WordKind::kWhole) {
      if (!first) term.whole = word.folded;
      if (!first) whole = word;
    } else if (word.kind != cmem::WordKind::kRunEnd) {
      if (!first) first = word;
      term.parts.push_back({std::string(word.folded), word.position - first->position});
      last = word;
    }
    return true;
  });
  if (!first) return std::nullopt;
  if (!whole || whole->end != last.end) term.whole.clear();
  // A character of Chinese or Japanese alone is the begin of the pairs that it stands in.
  term.prefix = (star && last.end == typed.size()) || last.kind == cmem::WordKind::kLoneChar;
  return term;
}

Scan::WordSet Scan::words_like(const std::string& word, bool prefix) const {
  WordSet set(words_.size());
  for (std::size_t i = 0; i < words_.size(); ++i) set[i] = prefix ? words_[i].starts_with(word) : words_[i] == word;
  return set;
}

Scan::Prepared Scan::prepare(const Query& query) const {
  Prepared prepared;
  prepared.query = &query;
  const auto texts = static_cast<double>(texts_.size());
  for (const Term::Part& part : query.term.parts) {
    prepared.words.push_back(words_like(part.word, query.term.prefix && &part == &query.term.parts.back()));
    double with = 0;
    for (std::size_t i = 0; i < words_.size(); ++i)
      if (prepared.words.back()[i] != 0) with += texts_with_[i];
    with = std::min(with, texts);
    prepared.idf += std::log(1 + (texts - with + 0.5) / (with + 0.5));
  }
  if (!query.term.whole.empty()) prepared.whole = words_like(query.term.whole, query.term.prefix);
  for (const Query& part : query.parts) prepared.parts.push_back(prepare(part));
  if (query.kind == Query::Kind::kNear)
    for (const Prepared& part : prepared.parts) prepared.idf += part.idf;
  return prepared;
}

// Where the term begins and ends in a text, each begin once; in one piece it is one word long.
std::vector<Scan::Place> Scan::places(const Prepared& term, const Text& text) {
  std::vector<Place> found;
  const auto& parts = term.query->term.parts;
  const auto has = [&text](std::size_t from, std::uint32_t position, const WordSet& words) {
    for (std::size_t i = from; i < text.tokens.size() && text.tokens[i].position <= position; ++i)
      if (text.tokens[i].position == position && words[text.tokens[i].word] != 0) return true;
    return false;
  };
  for (std::size_t i = 0; i < text.tokens.size(); ++i) {
    const std::uint32_t begin = text.tokens[i].position;
    if (i > 0 && text.tokens[i - 1].position == begin) continue;
    bool here = has(i, begin, term.words[0]);
    for (std::size_t part = 1; here && part < parts.size(); ++part) here = has(i, begin + parts[part].offset, term.words[part]);
    if (here) {
      found.push_back({begin, begin + parts.back().offset});
    } else if (!term.whole.empty() && has(i, begin, term.whole)) {
      found.push_back({begin, begin});
    }
  }
  return found;
}

// A single word counts as often as it stands there: a prefix fits several words of one position.
std::size_t Scan::frequency(const Prepared& term, const Text& text) {
  if (term.words.size() > 1) return places(term, text).size();
  return static_cast<std::size_t>(
      std::ranges::count_if(text.tokens, [&](const Token& token) { return term.words.front()[token.word] != 0; }));
}

// The positions from which on every term stands whole within the distance.
std::size_t Scan::windows(const Prepared& near, const Text& text) {
  std::vector<std::vector<Place>> terms;
  std::set<std::uint32_t> begins;
  for (const Prepared& part : near.parts)
    for (const Place& place : terms.emplace_back(places(part, text))) begins.insert(place.first);
  return static_cast<std::size_t>(std::ranges::count_if(begins, [&](std::uint32_t begin) {
    return std::ranges::all_of(terms, [&](const std::vector<Place>& term) {
      return std::ranges::any_of(
          term, [&](const Place& place) { return place.first >= begin && place.last <= begin + near.query->distance + 1; });
    });
  }));
}

// BM25 with k1 = 1.2 and b = 0.75, rounded to units; the operations in the order of lib/search/matcher.cc, so that the last bit and
// with it the rounding is the same.
std::optional<std::uint32_t> Scan::score(std::size_t times, double idf, const Text& text) const {
  if (times == 0) return std::nullopt;
  const auto frequency = static_cast<double>(times);
  const double factor = idf * (1.2 + 1) * kScoreUnits * (text.is_prose ? kProseWeight : 1);
  const double per_word = 1.2 * 0.75 / mean_length_;
  const double length = std::min(text.length, 32'767U);
  return static_cast<std::uint32_t>(factor * frequency / (frequency + 1.2 * (1 - 0.75) + per_word * length) + 0.5);
}

std::optional<std::uint32_t> Scan::evaluate(const Prepared& query, const Text& text) const {
  switch (query.query->kind) {
    case Query::Kind::kEverything:
      return 0;
    case Query::Kind::kTerm:
      return score(frequency(query, text), query.idf, text);
    case Query::Kind::kNear:
      return score(windows(query, text), query.idf, text);
    case Query::Kind::kAll:
    case Query::Kind::kAny:
      break;
  }
  const bool all = query.query->kind == Query::Kind::kAll;
  std::uint32_t sum = 0;
  bool any = false;
  for (const Prepared& part : query.parts) {
    const auto found = evaluate(part, text);
    if (all && found.has_value() == part.query->negated) return std::nullopt;
    any = any || found;
    if (found) sum += *found;
  }
  return any || all ? std::optional(sum) : std::nullopt;
}

Scan::Scores Scan::scores(const Query& query) const {
  const Prepared prepared = prepare(query);
  Scores scores;
  for (const Text& text : texts_) scores.push_back(evaluate(prepared, text));
  return scores;
}

Expected Scan::answer(const Scores& scores, const std::function<bool(const Message&)>& passes, coditect::Order order,
                      bool all_matches) const {
  std::vector<const Message*> passing;
  std::vector<std::int64_t> counts(texts_.size());
  for (const Message& message : messages_) {
    if (!scores[message.text] || !passes(message)) continue;
    passing.push_back(&message);
    ++counts[message.text];
  }
  const bool oldest = order == coditect::Order::oldest;
  std::ranges::sort(passing, [&](const Message* a, const Message* b) {
    if (order == coditect::Order::relevance && scores[a->text] != scores[b->text]) return *scores[a->text] > *scores[b->text];
    if (a->time_ms.has_value() != b->time_ms.has_value()) return a->time_ms.has_value();
    if (a->time_ms != b->time_ms) return (*a->time_ms < *b->time_ms) == oldest;
    return (a->id < b->id) == oldest;
  });
  Expected expected;
  expected.messages = passing.size();
  std::vector<char> seen(texts_.size());
  for (const Message* message : passing) {
    const bool first = seen[message->text] == 0;
    expected.texts += first ? 1 : 0;
    seen[message->text] = 1;
    const double score = order == coditect::Order::relevance ? *scores[message->text] / kScoreUnits : 0;
    if (first || all_matches) expected.hits.push_back({message->id, score, counts[message->text]});
  }
  return expected;
}

}  // namespace oracle
