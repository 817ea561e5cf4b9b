#include "oracle/questions.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

namespace oracle {
namespace {

constexpr std::size_t kSessionBegin = 8;
constexpr std::int64_t kDay = 86'400'000;
constexpr std::array<std::string_view, kFields> kFieldNames{"project", "session", "source", "role", "component", "level"};

std::string last_component(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

std::string quoted(const std::string& value) {
  return value.find_first_of(" ()") == std::string::npos ? value : '"' + value + '"';
}

// The UTC day of a time, as 2025-11-15, and its begin.
std::pair<std::string, std::int64_t> day_of(std::int64_t time_ms) {
  const auto day = std::chrono::floor<std::chrono::days>(std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(time_ms)));
  const std::chrono::year_month_day date(day);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()));
  return {text.data(), day.time_since_epoch().count() * kDay};
}

int phase_of(const std::string& source_type) {
  static const std::map<std::string, int> phases{{"history", 1},       {"debug", 2},       {"file-history", 3}, {"todos", 4},
                                                 {"shell-snapshot", 5}, {"session-env", 6}, {"transcript", 7}};
  const auto found = phases.find(source_type);
  return found == phases.end() ? 0 : found->second;
}

bool is_in(const std::optional<std::int64_t>& number, std::int64_t begin, std::int64_t end) {
  return number && *number >= begin && *number < end;
}

}  // namespace

const std::vector<std::string> kFacets{"project", "session", "source", "role", "component", "level", "phase", "day"};

std::string facet_value(const std::string& facet, const Message& message) {
  if (facet == "day") return message.time_ms ? day_of(*message.time_ms).first : "";
  const auto field = static_cast<std::size_t>(std::ranges::find(kFieldNames, facet) - kFieldNames.begin());
  if (field < kFields) return message.names[field];
  const int phase = phase_of(message.names[kSource]);
  return phase == 0 ? "" : std::to_string(phase);
}

bool Question::passes(const Message& message, const std::string& without) const {
  return std::ranges::all_of(
      conditions, [&](const Condition& condition) { return condition.facet == without || condition.holds(message); });
}

bool Question::selects(const Message& message, const std::string& facet) const {
  bool any = false;
  for (const Condition& condition : conditions) {
    if (condition.facet != facet) continue;
    if (!condition.holds(message)) return false;
    any = true;
  }
  return any;
}

std::string Question::describe() const {
  const char* orders[] = {"newest", "oldest", "relevance"};
  return "query: " + typed + "\nfilter:" + filter_text + "\norder: " + orders[static_cast<std::size_t>(order)] +
         (all_matches ? ", all matches" : ", texts") + (tiers == coditect::Tiers::exact ? ", exact" : ", all tiers");
}

Questions::Questions(Scan& scan, std::uint64_t seed) : scan_(&scan), random_(seed), words_(scan.words_by_frequency()) {
  for (const Message& message : scan.messages()) {
    projects_by_name_[last_component(message.names[kProject])].insert(message.names[kProject]);
    sessions_by_begin_[message.names[kSession].substr(0, kSessionBegin)].insert(message.names[kSession]);
  }
}

// ------------------------------------------------------------------------------------------------------------- words

// True if the query language takes it for a word, whatever stands beside it.
bool Questions::is_word(std::string_view piece) {
  if (piece.empty() || piece.size() > 80 || piece == "AND" || piece == "OR" || piece == "NOT") return false;
  const bool plain = std::ranges::none_of(
      piece, [](char c) { return static_cast<unsigned char>(c) <= ' ' || std::string_view("()\"*:,\x7f").find(c) != std::string_view::npos; });
  return plain && piece.front() != '-' && scan_->read_term(piece, false);
}

// As many frequent words as rare ones: by the logarithm of their rank.
std::string Questions::word() {
  while (true) {
    const double part = static_cast<double>(random_() >> 11) * 0x1p-53;
    const auto rank = static_cast<std::size_t>(std::exp(part * std::log(static_cast<double>(words_.size()))));
    const std::string& word = words_[std::min(rank, words_.size()) - 1];
    if (is_word(word)) return word;
  }
}

std::vector<std::string> Questions::pieces_of_a_text() {
  const std::string& text = scan_->texts()[pick(scan_->texts().size())].bytes;
  std::vector<std::string> pieces;
  for (std::size_t at = text.empty() ? 0 : pick(text.size()); at < text.size() && pieces.size() < 12;) {
    const std::size_t begin = at == 0 ? 0 : text.find_first_of(" \n\t", at);
    if (begin == std::string::npos) break;
    const std::size_t word = text.find_first_not_of(" \n\t", begin);
    if (word == std::string::npos) break;
    at = std::min(text.find_first_of(" \n\t", word), text.size());
    pieces.push_back(text.substr(word, at - word));
  }
  return pieces;
}

// In capitals and small letters, and with the punctuation in it, as it stands there.
std::string Questions::piece_of_a_text() {
  for (int tries = 0; tries < 20; ++tries)
    for (const std::string& piece : pieces_of_a_text())
      if (is_word(piece)) return piece;
  return word();
}

std::string Questions::begin_of(const std::string& word) {
  std::size_t end = 1 + pick(word.size());
  while (end < word.size() && (static_cast<unsigned char>(word[end]) & 0xC0) == 0x80) ++end;
  return word.substr(0, end);
}

// ------------------------------------------------------------------------------------------------------------- queries

Questions::Typed Questions::term(std::string typed, std::string_view words, bool star) {
  Typed out{std::move(typed), {}};
  out.query.term = *scan_->read_term(words, star);
  return out;
}

Questions::Typed Questions::single_word() {
  const std::string whole = pick(5) < 3 ? word() : piece_of_a_text();
  const std::string begin = begin_of(whole);
  if (pick(5) == 0 && is_word(begin)) return term(begin + "*", begin, true);
  return term(whole, whole, false);
}

// Words that follow each other in a text, or any two.
Questions::Typed Questions::phrase() {
  std::string words;
  if (pick(5) == 0) {
    words = word() + " " + word();
  } else {
    const auto pieces = pieces_of_a_text();
    const std::size_t count = std::min(pieces.size(), 1 + pick(4));
    for (std::size_t i = 0; i < count; ++i) words += (i > 0 ? " " : "") + pieces[i];
    std::erase(words, '"');
    words.resize(std::min<std::size_t>(words.size(), 150));
  }
  if (!scan_->read_term(words, false)) words = word();
  const bool star = pick(6) == 0;
  return term("\"" + words + "\"" + (star ? "*" : ""), words, star);
}

Questions::Typed Questions::near() {
  Typed out{"NEAR(", {}};
  out.query.kind = Query::Kind::kNear;
  std::set<std::string> known;
  const auto add = [&](const std::string& piece) {
    if (!is_word(piece) || !known.insert(piece).second || out.query.parts.size() == 3) return;
    Typed part = pick(6) == 0 ? term("\"" + piece + "\"", piece, false) : term(piece, piece, false);
    for (const Query& other : out.query.parts)  // the same word in other letters is the same word
      if (other.term.parts.size() == part.query.term.parts.size() && other.term.parts[0].word == part.query.term.parts[0].word) return;
    out.text += part.text + " ";
    out.query.parts.push_back(std::move(part.query));
  };
  const auto pieces = pieces_of_a_text();
  for (std::size_t i = 0; i < pieces.size(); i += 1 + pick(4)) add(pieces[i]);
  while (out.query.parts.size() < 2) add(word());
  out.query.distance = pick(4) == 0 ? 10 : static_cast<std::uint32_t>(pick(12));
  out.text.back() = ',';
  out.text += " " + std::to_string(out.query.distance) + ")";
  return out;
}

Questions::Typed Questions::operand(int depth) {
  const std::size_t form = pick(12);
  if (form < 2) return phrase();
  if (form == 2) return near();
  if (form == 3 && depth > 0) {
    Typed inner = group(depth - 1);
    return {"(" + inner.text + ")", std::move(inner.query)};
  }
  return single_word();
}

// operand [OR operand]…
Questions::Typed Questions::clause(int depth) {
  Typed out = operand(depth);
  if (pick(4) != 0) return out;
  Typed any;
  any.query.kind = Query::Kind::kAny;
  any.text = out.text;
  any.query.parts.push_back(std::move(out.query));
  for (std::size_t more = 1 + pick(2); more > 0; --more) {
    Typed part = operand(depth);
    any.text += " OR " + part.text;
    any.query.parts.push_back(std::move(part.query));
  }
  return any;
}

// Clauses that must hold, some of them not; the first one must.
Questions::Typed Questions::group(int depth) {
  Typed all;
  all.query.kind = Query::Kind::kAll;
  for (std::size_t count = 1 + pick(3), i = 0; i < count; ++i) {
    Typed part = clause(depth);
    part.query.negated = i > 0 && pick(4) == 0;
    if (i > 0) all.text += pick(6) == 0 ? " AND " : " ";
    if (part.query.negated) {
      all.text += (pick(2) == 0 ? "-" : "NOT ") + (part.query.kind == Query::Kind::kAny ? "(" + part.text + ")" : part.text);
    } else {
      all.text += part.text;
    }
    all.query.parts.push_back(std::move(part.query));
  }
  return all;
}

// ------------------------------------------------------------------------------------------------------------- filters

// A value as it may be typed: that of the example, or of any message; "" if it has none.
std::string Questions::name_of(Field field, const Message& example) {
  const Message& message = pick(4) == 0 ? scan_->messages()[pick(scan_->messages().size())] : example;
  const std::string& name = message.names[field];
  if (pick(20) == 0 && (field == kRole || field == kComponent)) return "nobody";
  if (field == kProject && pick(2) == 0 && projects_by_name_[last_component(name)].size() == 1) return last_component(name);
  const std::string begin = name.substr(0, kSessionBegin);
  if (field == kSession && name.size() > kSessionBegin && pick(2) == 0 && sessions_by_begin_[begin].size() == 1) return begin;
  return name;
}

std::function<bool(const Message&)> Questions::has(Field field, std::vector<std::string> typed, bool negated) const {
  return [field, values = std::move(typed), negated](const Message& message) {
    const std::string& name = message.names[field];
    const bool found = !name.empty() && std::ranges::any_of(values, [&](const std::string& value) {
      return name == value || (field == kProject && last_component(name) == value) ||
             (field == kSession && value.size() == kSessionBegin && name.starts_with(value));
    });
    return found != negated;
  };
}

// level:WARN, level:WARN OR level:ERROR, -role:user …; a field once, as several of one name are a choice.
void Questions::add_fields(Question& question, std::string& typed, const Message& example) {
  for (std::size_t i = 0; i < kFields; ++i) {
    if (pick(7) != 0) continue;
    const auto field = static_cast<Field>(i);
    std::vector<std::string> values;
    for (std::size_t count = 1 + (pick(3) == 0 ? 1 : 0); count > 0; --count)
      if (const std::string value = name_of(field, example); !value.empty()) values.push_back(value);
    if (values.empty()) continue;
    const bool negated = pick(4) == 0;
    std::string text;
    for (const std::string& value : values) text += (text.empty() ? "" : " OR ") + std::string(kFieldNames[i]) + ":" + quoted(value);
    typed += negated ? " -(" + text + ")" : " " + text;
    question.conditions.push_back({std::string(kFieldNames[i]), has(field, std::move(values), negated)});
  }
}

void Questions::add_times(Question& question, std::string& typed, const Message& example) {
  const auto [day, begin] = day_of(example.time_ms.value_or(0));
  const std::size_t form = pick(24);
  if (form == 0) {
    typed += " after:" + day;
    question.conditions.push_back({"day", [b = begin](const Message& m) { return m.time_ms && *m.time_ms >= b; }});
  } else if (form == 1) {
    typed += " before:" + day;
    question.conditions.push_back({"day", [b = begin](const Message& m) { return m.time_ms && *m.time_ms < b; }});
  } else if (form < 4) {
    const auto days = static_cast<std::int64_t>(pick(20));
    typed += std::string(form == 2 ? " on:" : " -on:") + day + ".." + day_of(begin + days * kDay).first;
    question.conditions.push_back({"day", [b = begin, e = begin + (days + 1) * kDay, negated = form == 3](const Message& m) {
                                     return is_in(m.time_ms, b, e) != negated;
                                   }});
  } else if (form < 6) {
    const std::int64_t last = example.id + static_cast<std::int64_t>(pick(20'000));
    typed += std::string(form == 4 ? " id:" : " -id:") + std::to_string(example.id) + ".." + std::to_string(last);
    question.conditions.push_back(
        {"", [first = example.id, last, negated = form == 5](const Message& m) { return is_in(m.id, first, last + 1) != negated; }});
  } else if (form == 6) {
    const int phase = phase_of(example.names[kSource]);
    if (phase == 0) return;
    typed += " phase:" + std::to_string(phase);
    question.conditions.push_back({"phase", [phase](const Message& m) { return phase_of(m.names[kSource]) == phase; }});
  }
}

// The filter beside the query.
void Questions::add_filter(Question& question, const Message& example) {
  using Set = coditect::Filter& (coditect::Filter::*)(std::string);
  constexpr std::array<Set, kFields> kSetters{&coditect::Filter::project, &coditect::Filter::session,   &coditect::Filter::source_type,
                                              &coditect::Filter::role,    &coditect::Filter::component, &coditect::Filter::level};
  for (std::size_t i = 0; i < kFields; ++i) {
    const auto field = static_cast<Field>(i);
    const std::string value = pick(8) == 0 ? name_of(field, example) : "";
    if (value.empty()) continue;
    (question.filter.*kSetters[i])(value);
    question.filter_text += " " + std::string(kFieldNames[i]) + "=" + value;
    question.conditions.push_back({std::string(kFieldNames[i]), has(field, {value}, false)});
  }
  if (pick(4) != 0 || !example.time_ms) return;
  const std::int64_t from = *example.time_ms - static_cast<std::int64_t>(pick(10 * kDay));
  const std::int64_t until = *example.time_ms + static_cast<std::int64_t>(pick(10 * kDay));
  if (from >= until) return;
  question.filter.time({from, until});
  question.filter_text += " from=" + std::to_string(from) + " until=" + std::to_string(until);
  question.conditions.push_back({"day", [from, until](const Message& m) { return is_in(m.time_ms, from, until); }});
}

Question Questions::next() {
  Question question;
  Typed words = group(3);
  question.typed = std::move(words.text);
  question.query = std::move(words.query);
  const coditect::Order orders[] = {coditect::Order::relevance, coditect::Order::relevance, coditect::Order::newest, coditect::Order::oldest};
  question.order = orders[pick(4)];
  question.all_matches = pick(3) == 0;
  if (pick(5) == 0) question.tiers = coditect::Tiers::automatic;
  return question;
}

void Questions::leave_out_words(Question& question) {
  question.query.parts.assign(1, {});
  question.query.parts.front().kind = Query::Kind::kEverything;
  question.typed.clear();
  if (pick(2) == 0) return;
  Typed excluded = clause(1);
  question.typed = "-(" + excluded.text + ")";
  excluded.query.negated = true;
  question.query.parts.push_back(std::move(excluded.query));
}

Question Questions::restricted(const Question& question) {
  Question out = question;
  const Message& example = scan_->messages()[pick(scan_->messages().size())];
  std::string fields;
  while (out.conditions.empty()) {
    if (pick(3) != 0) add_filter(out, example);
    if (pick(2) != 0) continue;
    add_fields(out, fields, example);
    add_times(out, fields, example);
  }
  if (!fields.empty() && pick(4) == 0) leave_out_words(out);
  out.typed = pick(2) == 0 ? out.typed + fields : fields + " " + out.typed;
  return out;
}

}  // namespace oracle
