#include "search/query_language.h"

#include <algorithm>
#include <memory>
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

class Parser {
 public:
  Parser(std::string_view text, Tokenizer& tokenizer) : text_(text), tokenizer_(tokenizer) {}

  // Nothing if the query has no term at all.
  Result<std::optional<Clause>> parse() { return parse_all(false); }

  std::vector<QueryTerm> take_terms() { return std::move(terms_); }
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

  // The word that begins here; it ends before white space, a quote or a bracket.
  [[nodiscard]] std::string_view peek_word() const {
    std::size_t end = at_;
    while (end < text_.size() && !is_space(text_[end]) && !is_bracket(text_[end]) && text_[end] != '"') ++end;
    return text_.substr(at_, end - at_);
  }

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

  // Operands up to the end of the group; all must hold.
  Parsed parse_all(bool negated) {
    std::optional<Clause> all;
    for (bool first = true; !at_end_of_group(); first = false) {
      if (!first && take_operator("AND")) continue;
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

  // [NOT | -]… (word | phrase | group). `negated` says whether the operand is under an odd number of negations already.
  Parsed parse_operand(bool negated) {
    bool flip = false;
    while (take_operator("NOT")) flip = !flip;
    if (at_minus()) {
      flip = !flip;
      ++at_;
    }
    CMEM_ASSIGN_OR_RETURN(std::optional<Clause> operand, parse_primary(negated != flip));
    if (operand && flip) operand->negated = !operand->negated;
    return operand;
  }

  Parsed parse_primary(bool negated) {
    if (text_[at_] == '(') return parse_group(negated);
    if (text_[at_] == '"') return parse_phrase(negated);
    const std::string_view word = peek_word();
    at_ += word.size();
    const bool star = word.size() > 1 && word.back() == '*' && word[word.size() - 2] != '*';
    return term(star ? word.substr(0, word.size() - 1) : word, star, negated);
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
    const std::size_t begin = at_ + 1;
    const std::size_t end = std::min(text_.find('"', begin), text_.size());
    at_ = std::min(end + 1, text_.size());
    const bool star = at_ < text_.size() && text_[at_] == '*';
    if (star) ++at_;
    return term(text_.substr(begin, end - begin), star, negated);
  }

  // Nothing if there is no letter or digit in `text`.
  Parsed term(std::string_view text, bool star, bool negated) {
    QueryTerm found = read_term(text, star);
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
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t term_count_ = 0;
  std::vector<QueryTerm> terms_;
  std::vector<std::size_t> highlighted_;
};

// ------------------------------------------------------------------------------------------------------------- writing

void write_term(const QueryTerm& term, std::string& out) {
  out += '"';
  for (const QueryTerm::Part& part : term.parts) {
    if (&part != &term.parts.front()) out += ' ';
    out += part.word;
  }
  out += '"';
  if (term.prefix) out += '*';
}

void write(const CompiledQuery& query, const Node& node, std::string& out) {
  if (node.kind == Node::Kind::kTerm) {
    const QueryTerm& term = query.terms[node.term];
    if (!term.whole.empty()) out += "(";
    write_term(term, out);
    if (!term.whole.empty()) out += " OR \"" + term.whole + (term.prefix ? "\"*)" : "\")");
    return;
  }
  const std::string_view word = node.kind == Node::Kind::kAnd ? " AND " : node.kind == Node::Kind::kOr ? " OR " : " NOT ";
  out += '(';
  for (std::size_t i = 0; i < node.parts.size(); ++i) {
    if (i > 0) out += word;
    write(query, node.parts[i], out);
  }
  out += ')';
}

}  // namespace

Result<CompiledQuery> compile_query(std::string_view text, Tokenizer& tokenizer) {
  if (text.size() > kMaxQueryBytes) {
    return Unexpected(Code::kLimit, "the query has " + std::to_string(text.size()) + " bytes, more than " +
                                        std::to_string(kMaxQueryBytes) + "; search for less text");
  }
  Parser parser(text, tokenizer);
  CMEM_ASSIGN_OR_RETURN(std::optional<Clause> query, parser.parse());
  CompiledQuery compiled;
  if (!query) {
    compiled.explanation = "nothing to search: the query has no letter or digit";
  } else if (query->negated) {
    compiled.explanation = "nothing to search: the query only says what must not occur; add a word that must";
  } else {
    compiled.root = std::move(query->node);
    compiled.terms = parser.take_terms();
    compiled.highlighted = parser.take_highlighted();
    write(compiled, *compiled.root, compiled.explanation);
  }
  return compiled;
}

}  // namespace cmem
