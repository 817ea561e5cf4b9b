#include "search/query_language.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace cmem {
namespace {

// ------------------------------------------------------------------------------------------------------------- parsing

using Node = QueryNode;

// The tree has no "everything but", only "this without that"; a Clause therefore carries its negation on the outside, and the three
// operations below keep it there. They are exact: De Morgan's laws.

struct Clause {
  Node node;
  bool negated = false;
};

// Joins with the parts of nodes of the same kind, so that long chains stay flat.
Node join(Node::Kind kind, Node left, Node right) {
  Node joined;
  joined.kind = kind;
  for (Node* side : {&left, &right}) {
    if (side->kind == kind && kind != Node::Kind::kNot) {
      std::ranges::move(side->parts, std::back_inserter(joined.parts));
    } else {
      joined.parts.push_back(std::move(*side));
    }
  }
  return joined;
}

Clause both(Clause left, Clause right) {
  if (left.negated && right.negated) return {join(Node::Kind::kOr, std::move(left.node), std::move(right.node)), true};
  if (left.negated) std::swap(left, right);
  // `x NOT y NOT z` as `x NOT (y OR z)`, again for flatness.
  if (right.negated && left.node.kind == Node::Kind::kNot) {
    Node& excluded = left.node.parts[1];
    excluded = join(Node::Kind::kOr, std::move(excluded), std::move(right.node));
    return left;
  }
  const Node::Kind kind = right.negated ? Node::Kind::kNot : Node::Kind::kAnd;
  return {join(kind, std::move(left.node), std::move(right.node)), false};
}

// x OR y = NOT (NOT x AND NOT y).
Clause either(Clause left, Clause right) {
  if (!left.negated && !right.negated) return {join(Node::Kind::kOr, std::move(left.node), std::move(right.node)), false};
  left.negated = !left.negated;
  right.negated = !right.negated;
  Clause result = both(std::move(left), std::move(right));
  result.negated = !result.negated;
  return result;
}

bool is_space(char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; }
bool is_bracket(char c) { return c == '(' || c == ')'; }

// The word that begins at `at`; it ends before white space, a quote or a bracket.
std::string_view word_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && !is_space(text[end]) && !is_bracket(text[end]) && text[end] != '"') ++end;
  return text.substr(at, end - at);
}

constexpr std::string_view kNear = "NEAR(";

// The words of a NEAR and the number behind its last comma, kNearDistance if there is none.
std::pair<std::string_view, std::uint32_t> split_distance(std::string_view content) {
  std::size_t end = content.size();
  while (end > 0 && is_space(content[end - 1])) --end;
  std::size_t begin = end;
  while (begin > 0 && content[begin - 1] >= '0' && content[begin - 1] <= '9') --begin;
  std::size_t comma = begin;
  while (comma > 0 && is_space(content[comma - 1])) --comma;
  if (begin == end || comma == 0 || content[comma - 1] != ',') return {content, kNearDistance};
  std::uint32_t distance = 0;
  const auto [last, error] = std::from_chars(content.data() + begin, content.data() + end, distance);
  if (error != std::errc() || distance > kMaxNearDistance) distance = kMaxNearDistance;
  return {content.substr(0, comma - 1), distance};
}

class Parser {
 public:
  Parser(std::string_view text, Tokenizer& tokenizer, const QueryClock& clock)
      : text_(text), tokenizer_(tokenizer), clock_(clock) {}

  // Nothing if the query has no term at all.
  Result<std::optional<Clause>> parse() { return parse_all(false); }

  std::vector<QueryTerm> take_terms() { return std::move(terms_); }
  std::vector<QueryField> take_fields() { return std::move(fields_); }
  std::vector<std::string> take_notes() { return std::move(notes_); }
  std::vector<std::size_t> take_highlighted() { return std::move(highlighted_); }

 private:
  using Parsed = Result<std::optional<Clause>>;

  static void merge(std::optional<Clause>& into, std::optional<Clause> part, Clause (*operation)(Clause, Clause)) {
    if (!part) return;
    into = into ? operation(std::move(*into), std::move(*part)) : std::move(*part);
  }

  // A `)` without its partner is as good as a space.
  void skip_spaces() {
    while (at_ < text_.size() && (is_space(text_[at_]) || (depth_ == 0 && text_[at_] == ')'))) ++at_;
  }

  [[nodiscard]] bool at_end_of_group() {
    skip_spaces();
    return at_ >= text_.size() || text_[at_] == ')';
  }

  [[nodiscard]] std::string_view peek_word() const { return word_at(text_, at_); }

  // Reads `name` if it stands here with something after it in this group. Without that it is a word.
  bool take_operator(std::string_view name) {
    skip_spaces();
    const std::size_t begin = at_;
    if (peek_word() == name) {
      at_ += name.size();
      if (!at_end_of_group()) return true;
    }
    at_ = begin;
    return false;
  }

  [[nodiscard]] bool at_operator(std::string_view name) {
    const std::size_t begin = at_;
    const bool found = take_operator(name);
    at_ = begin;
    return found;
  }

  // Operands up to the end of the group; all must hold.
  Parsed parse_all(bool negated) {
    std::optional<Clause> all;
    for (bool first = true; !at_end_of_group(); first = false) {
      if (!first && take_operator("AND")) continue;
      if (depth_ == 0 && take_field_choice()) continue;
      CMEM_ASSIGN_OR_RETURN(std::optional<Clause> part, parse_any(negated));
      merge(all, std::move(part), both);
    }
    return all;
  }

  // operand [OR operand]…
  Parsed parse_any(bool negated) {
    CMEM_ASSIGN_OR_RETURN(std::optional<Clause> any, parse_operand(negated));
    while (take_operator("OR")) {
      CMEM_ASSIGN_OR_RETURN(std::optional<Clause> part, parse_operand(negated));
      merge(any, std::move(part), either);
    }
    return any;
  }

  // True if a "-" stands here that negates: one, directly before a word, phrase or group.
  [[nodiscard]] bool at_minus() const {
    if (text_[at_] != '-' || at_ + 1 >= text_.size()) return false;
    const char next = text_[at_ + 1];
    return next != '-' && next != ')' && !is_space(next);
  }

  // [NOT | -]…: true for an odd number.
  bool take_negations() {
    bool flip = false;
    while (take_operator("NOT")) flip = !flip;
    if (at_minus()) {
      flip = !flip;
      ++at_;
    }
    return flip;
  }

  // [NOT | -]… (word | phrase | group). `negated` says whether the operand is under an odd number of negations already.
  Parsed parse_operand(bool negated) {
    const bool flip = take_negations();
    CMEM_ASSIGN_OR_RETURN(std::optional<Clause> operand, parse_primary(negated != flip));
    if (operand && flip) operand->negated = !operand->negated;
    return operand;
  }

  Parsed parse_primary(bool negated) {
    if (text_[at_] == '(') return parse_group(negated);
    if (text_[at_] == '"') return parse_phrase(negated);
    if (text_.substr(at_).starts_with(kNear)) {
      CMEM_ASSIGN_OR_RETURN(std::optional<Clause> near, parse_near(negated));
      if (near) return near;
    }
    note_field();
    const QueryTerm word = read_word(text_, at_);
    return term(word, negated);
  }

  Parsed parse_group(bool negated) {
    if (depth_ == kMaxQueryDepth) {
      return Unexpected(Code::kLimit, "the query has brackets nested deeper than " + std::to_string(kMaxQueryDepth) + " at byte " +
                                          std::to_string(at_) + "; use fewer, or quote the text");
    }
    ++at_;
    ++depth_;
    Parsed group = parse_all(negated);
    --depth_;
    if (at_ < text_.size()) ++at_;
    return group;
  }

  Parsed parse_phrase(bool negated) {
    const QueryTerm phrase = read_phrase(text_, at_);
    return term(phrase, negated);
  }

  // The word or phrase of `text` at `at`, which is moved behind it.
  QueryTerm read_word(std::string_view text, std::size_t& at) {
    const std::string_view word = word_at(text, at);
    at += word.size();
    const bool star = word.size() > 1 && word.back() == '*' && word[word.size() - 2] != '*';
    return read_term(star ? word.substr(0, word.size() - 1) : word, star);
  }
  QueryTerm read_phrase(std::string_view text, std::size_t& at) {
    const std::size_t begin = at + 1;
    const std::size_t end = std::min(text.find('"', begin), text.size());
    at = std::min(end + 1, text.size());
    const bool star = at < text.size() && text[at] == '*';
    if (star) ++at;
    QueryTerm phrase = read_term(text.substr(begin, end - begin), star);
    phrase.quoted = true;
    return phrase;
  }

  // What stands between the brackets of the NEAR( that begins here; nothing if they hold others, or do not end.
  [[nodiscard]] std::optional<std::string_view> near_content() const {
    bool quoted = false;
    const std::size_t begin = at_ + kNear.size();
    for (std::size_t end = begin; end < text_.size(); ++end) {
      if (text_[end] == '"') quoted = !quoted;
      if (quoted || !is_bracket(text_[end])) continue;
      return text_[end] == ')' ? std::optional(text_.substr(begin, end - begin)) : std::nullopt;
    }
    return std::nullopt;
  }

  // Nothing, and nothing is read, if it is no NEAR of two or more words.
  Parsed parse_near(bool negated) {
    const std::optional<std::string_view> content = near_content();
    if (!content) return std::optional<Clause>();
    const auto [words, distance] = split_distance(*content);
    std::vector<QueryTerm> terms;
    for (std::size_t at = 0; at < words.size();) {
      if (is_space(words[at])) {
        ++at;
        continue;
      }
      QueryTerm found = words[at] == '"' ? read_phrase(words, at) : read_word(words, at);
      if (!found.parts.empty() && std::ranges::find(terms, found) == terms.end()) terms.push_back(std::move(found));
    }
    if (terms.size() < 2) return std::optional<Clause>();
    at_ += kNear.size() + content->size() + 1;
    Clause clause;
    clause.node.kind = Node::Kind::kNear;
    clause.node.distance = distance;
    for (QueryTerm& found : terms) {
      CMEM_ASSIGN_OR_RETURN(std::optional<Clause> part, term(std::move(found), negated));
      clause.node.parts.push_back(std::move(part->node));
    }
    return std::optional<Clause>(std::move(clause));
  }

  // --------------------------------------------------------------------------------------------------------- fields

  struct FieldText {
    std::string_view name;
    std::string_view value;
    std::size_t end = 0;  // behind the value
  };

  // The `name:value` that begins here, whatever the name.
  [[nodiscard]] std::optional<FieldText> peek_field() const {
    const std::string_view word = word_at(text_, at_);
    std::size_t colon = 0;
    while (colon < word.size() && word[colon] >= 'a' && word[colon] <= 'z') ++colon;
    if (colon == 0 || colon == word.size() || word[colon] != ':') return std::nullopt;
    const std::size_t begin = at_ + colon + 1;
    FieldText field{word.substr(0, colon), word.substr(colon + 1), at_ + word.size()};
    if (begin < text_.size() && text_[begin] == '"') {
      const std::size_t end = std::min(text_.find('"', begin + 1), text_.size());
      field.value = text_.substr(begin + 1, end - begin - 1);
      field.end = std::min(end + 1, text_.size());
    }
    return field;
  }

  // Reads the field here if it is one; joins it with `choice` if that has the same name.
  bool take_field(std::optional<QueryField>& choice) {
    const std::optional<FieldText> found = peek_field();
    if (!found || !is_field_name(found->name)) return false;
    Result<QueryField> field = read_query_field(found->name, found->value, clock_);
    if (!field || (choice && choice->name != field->name)) return false;
    at_ = found->end;
    std::vector<QueryField> joined;
    if (choice) joined.push_back(std::move(*choice));
    add_field(joined, std::move(*field));
    choice = std::move(joined.front());
    return true;
  }

  // [NOT | -]… (field [OR field]… | "(" the same ")"), all of one name. False, and nothing is read, if here is something else.
  bool take_field_choice() {
    const std::size_t begin = at_;
    const bool negated = take_negations();
    const bool group = at_ < text_.size() && text_[at_] == '(';
    depth_ = group ? 1 : 0;  // so that the closing bracket is seen
    if (group) ++at_;
    skip_spaces();
    std::optional<QueryField> choice;
    bool ok = take_field(choice);
    while (ok && take_operator("OR")) ok = take_field(choice);
    if (ok && group) {
      ok = at_end_of_group();
      at_ = std::min(at_ + 1, text_.size());
    }
    depth_ = 0;
    if (ok && !at_operator("OR")) {
      choice->negated = negated;
      add_field(fields_, std::move(*choice));
      return true;
    }
    at_ = begin;
    return false;
  }

  // The word here is read as text: says why if it looks like a field. In ordinary text (http://…, a::b) a colon is nothing
  // special.
  void note_field() {
    const std::optional<FieldText> found = peek_field();
    if (!found) return;
    if (!is_field_name(found->name)) {
      const bool ordinary = found->value.empty() || found->value.find_first_of("/\\:") == 0;
      if (!ordinary)
        note(fmt::format("{}:{} is searched as text, because there is no field {}", found->name, found->value, found->name));
      return;
    }
    const Result<QueryField> field = read_query_field(found->name, found->value, clock_);
    if (!field) return note(field.error().text);
    note(fmt::format("{} is searched as text, because a field cannot stand in brackets or beside OR", to_text(*field)));
  }

  // One line each.
  void note(std::string line) {
    for (char& c : line) c = is_space(c) ? ' ' : c;
    if (std::ranges::find(notes_, line) == notes_.end()) notes_.push_back(std::move(line));
  }

  // ---------------------------------------------------------------------------------------------------------- terms

  // Nothing if the term has no letter or digit.
  Parsed term(QueryTerm found, bool negated) {
    if (found.parts.empty()) return std::optional<Clause>();
    if (++term_count_ > kMaxQueryTerms)
      return Unexpected(Code::kLimit,
                        "the query has more than " + std::to_string(kMaxQueryTerms) + " words and phrases; use fewer");
    const auto known = std::ranges::find(terms_, found);
    Clause clause;
    clause.node.term = static_cast<std::size_t>(known - terms_.begin());
    if (known == terms_.end()) terms_.push_back(std::move(found));
    if (!negated && std::ranges::find(highlighted_, clause.node.term) == highlighted_.end())
      highlighted_.push_back(clause.node.term);
    return std::optional<Clause>(std::move(clause));
  }

  QueryTerm read_term(std::string_view text, bool star) {
    QueryTerm term;
    Word whole;
    Word last;
    std::uint32_t first_begin = 0;
    std::uint32_t first_position = 0;
    tokenizer_.for_each_word(text, [&](const Word& word) {
      if (word.kind == WordKind::kWhole) {
        whole = word;
        if (term.parts.empty()) term.whole = word.folded;
      } else if (word.kind != WordKind::kRunEnd) {
        if (term.parts.empty()) {
          first_begin = word.begin;
          first_position = word.position;
        }
        term.parts.push_back({std::string(word.folded), word.position - first_position});
        last = word;
      }
      return true;
    });
    if (whole.begin != first_begin || whole.end != last.end) term.whole.clear();
    // A lone CJK character is the begin of a pair wherever it is not the last of its run.
    term.prefix = !term.parts.empty() && ((star && last.end == text.size()) || last.kind == WordKind::kLoneChar);
    return term;
  }

  std::string_view text_;
  Tokenizer& tokenizer_;
  QueryClock clock_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t term_count_ = 0;
  std::vector<QueryTerm> terms_;
  std::vector<std::size_t> highlighted_;
  std::vector<QueryField> fields_;
  std::vector<std::string> notes_;
};

// ------------------------------------------------------------------------------------------------------------- writing

void write_parts(const CompiledQuery& query, const Node& node, std::string_view between, std::string& out);

void write(const CompiledQuery& query, const Node& node, std::string& out) {
  switch (node.kind) {
    case Node::Kind::kTerm: {
      const QueryTerm& term = query.terms[node.term];
      const std::string text = to_text(term);
      out += term.whole.empty() ? text : fmt::format("({} OR \"{}\"{})", text, term.whole, term.prefix ? "*" : "");
      return;
    }
    case Node::Kind::kAll:
      out += "everything";
      return;
    case Node::Kind::kNear:
      out += "NEAR";
      write_parts(query, node, " ", out);
      out.pop_back();
      out += fmt::format(", {})", node.distance);
      return;
    case Node::Kind::kAnd:
      return write_parts(query, node, " AND ", out);
    case Node::Kind::kOr:
      return write_parts(query, node, " OR ", out);
    case Node::Kind::kNot:
      return write_parts(query, node, " NOT ", out);
  }
}

void write_parts(const CompiledQuery& query, const Node& node, std::string_view between, std::string& out) {
  out += '(';
  for (std::size_t i = 0; i < node.parts.size(); ++i) {
    if (i > 0) out += between;
    write(query, node.parts[i], out);
  }
  out += ')';
}

// What to search: the words, or all texts without the excluded ones if there are only fields beside those. Nothing if there are no
// fields either.
std::optional<Node> root_of(std::optional<Clause> words, bool has_fields) {
  if (words && !words->negated) return std::move(words->node);
  if (!has_fields) return std::nullopt;
  Node all;
  all.kind = Node::Kind::kAll;
  if (!words) return all;
  return both({std::move(all), false}, std::move(*words)).node;
}

}  // namespace

std::string to_text(const QueryTerm& term) {
  std::string out = "\"";
  for (const QueryTerm::Part& part : term.parts) {
    if (&part != &term.parts.front()) out += ' ';
    out += part.word;
  }
  return out + (term.prefix ? "\"*" : "\"");
}

Result<CompiledQuery> compile_query(std::string_view text, Tokenizer& tokenizer, const QueryClock& clock) {
  if (text.size() > kMaxQueryBytes) {
    return Unexpected(Code::kLimit, "the query has " + std::to_string(text.size()) + " bytes, more than " +
                                        std::to_string(kMaxQueryBytes) + "; search for less text");
  }
  Parser parser(text, tokenizer, clock);
  CMEM_ASSIGN_OR_RETURN(std::optional<Clause> words, parser.parse());
  CompiledQuery compiled;
  compiled.fields = parser.take_fields();
  compiled.notes = parser.take_notes();
  const bool only_excludes = words && words->negated;
  compiled.root = root_of(std::move(words), !compiled.fields.empty());
  if (compiled.root) {
    compiled.terms = parser.take_terms();
    compiled.highlighted = parser.take_highlighted();
    write(compiled, *compiled.root, compiled.explanation);
  } else if (only_excludes) {
    compiled.explanation = "nothing to search: the query only says what must not occur; add a word that must";
  } else {
    compiled.explanation = "nothing to search: the query has no letter or digit";
  }
  return compiled;
}

}  // namespace cmem
