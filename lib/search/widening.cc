#include "search/widening.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace cmem {
namespace {

bool is_single_word(const QueryTerm& term) { return term.parts.size() == 1 && !term.prefix && !term.quoted; }

class Widener {
 public:
  Widener(const CompiledQuery& query, Expander& expander, Tier tier) : wide_(query), expander_(&expander), tier_(tier) {}

  Result<std::optional<CompiledQuery>> widen() {
    last_term_ = wide_.terms.empty() ? 0 : wide_.terms.size() - 1;
    CMEM_TRY(widen(*wide_.root));
    if (!changed_) return std::optional<CompiledQuery>();
    return std::optional(std::move(wide_));
  }

 private:
  Status widen(QueryNode& node) {
    switch (node.kind) {
      case QueryNode::Kind::kTerm:
        return widen_term(node);
      case QueryNode::Kind::kNot:
        return widen(node.parts.front());
      case QueryNode::Kind::kOr:
        for (QueryNode& part : node.parts) CMEM_TRY(widen(part));
        return {};
      case QueryNode::Kind::kAnd:
        return widen_all(node);
      case QueryNode::Kind::kAll:
      case QueryNode::Kind::kNear:
        return {};
    }
    return {};
  }

  // Two words that follow each other may have a synonym together: "language server" is lsp.
  Status widen_all(QueryNode& node) {
    std::vector<QueryNode> parts;
    for (std::size_t i = 0; i < node.parts.size(); ++i) {
      std::vector<QueryNode> together;
      if (i + 1 < node.parts.size()) {
        CMEM_ASSIGN_OR_RETURN(together, synonyms_of_pair(node.parts[i], node.parts[i + 1]));
      }
      if (together.empty()) {
        CMEM_TRY(widen(node.parts[i]));
        parts.push_back(std::move(node.parts[i]));
        continue;
      }
      QueryNode both;
      both.kind = QueryNode::Kind::kAnd;
      for (const std::size_t k : {i, i + 1}) {
        CMEM_TRY(widen(node.parts[k]));
        both.parts.push_back(std::move(node.parts[k]));
      }
      parts.push_back(any_of(std::move(both), std::move(together)));
      ++i;
    }
    node.parts = std::move(parts);
    if (node.parts.size() == 1) {
      QueryNode only = std::move(node.parts.front());
      node = std::move(only);
    }
    return {};
  }

  Result<std::vector<QueryNode>> synonyms_of_pair(const QueryNode& first, const QueryNode& second) {
    std::vector<QueryNode> found;
    if (first.kind != QueryNode::Kind::kTerm || second.kind != QueryNode::Kind::kTerm) return found;
    const QueryTerm& a = wide_.terms[first.term];
    const QueryTerm& b = wide_.terms[second.term];
    if (!is_single_word(a) || !is_single_word(b)) return found;
    CMEM_ASSIGN_OR_RETURN(const auto forms, expander_->expand(a.parts[0].word + " " + b.parts[0].word, false));
    for (const WordForm& form : forms) found.push_back(node_of(form.words));
    return found;
  }

  // A synonym may have been added for its parts, "git hub", or for the word in one piece, "github".
  Result<std::vector<QueryNode>> synonyms_of_camel_case(const QueryTerm& term) {
    std::string parts;
    for (const QueryTerm::Part& part : term.parts) parts += (parts.empty() ? "" : " ") + part.word;
    std::vector<QueryNode> found;
    for (const std::string& word : {parts, term.whole}) {
      CMEM_ASSIGN_OR_RETURN(const auto forms, expander_->expand(word, false));
      for (const WordForm& form : forms)
        if (form.kind == FormKind::kSynonym) add(node_of(form.words), found);
    }
    return found;
  }

  Status widen_term(QueryNode& node) {
    const QueryTerm term = wide_.terms[node.term];
    std::vector<QueryNode> others;
    if (is_single_word(term)) {
      CMEM_ASSIGN_OR_RETURN(const auto forms, expander_->expand(term.parts[0].word, node.term == last_term_));
      for (const WordForm& form : forms) add(node_of(form.words), others);
    } else if (!term.whole.empty()) {
      CMEM_ASSIGN_OR_RETURN(others, synonyms_of_camel_case(term));
    }
    if (tier_ == Tier::kFuzzy && (is_single_word(term) || !term.whole.empty())) {
      CMEM_ASSIGN_OR_RETURN(const auto corrections, expander_->correct(term.whole.empty() ? term.parts[0].word : term.whole));
      for (const Correction& correction : corrections) add(node_of({correction.word}), others);
    }
    if (!others.empty()) node = any_of(std::move(node), std::move(others));
    return {};
  }

  // A word that is there already would count twice.
  static void add(QueryNode other, std::vector<QueryNode>& others) {
    const bool known = std::ranges::any_of(others, [&](const QueryNode& node) { return node.term == other.term; });
    if (!known) others.push_back(std::move(other));
  }

  QueryNode any_of(QueryNode typed, std::vector<QueryNode> others) {
    changed_ = true;
    QueryNode any;
    any.kind = QueryNode::Kind::kOr;
    any.parts.push_back(std::move(typed));
    std::move(others.begin(), others.end(), std::back_inserter(any.parts));
    return any;
  }

  QueryNode node_of(const std::vector<std::string>& words) {
    QueryTerm term;
    for (const std::string& word : words) term.parts.push_back({word, static_cast<std::uint32_t>(term.parts.size())});
    QueryNode node;
    const auto known = std::find(wide_.terms.begin(), wide_.terms.end(), term);
    node.term = static_cast<std::size_t>(known - wide_.terms.begin());
    if (known == wide_.terms.end()) wide_.terms.push_back(std::move(term));
    if (std::find(wide_.highlighted.begin(), wide_.highlighted.end(), node.term) == wide_.highlighted.end())
      wide_.highlighted.push_back(node.term);
    return node;
  }

  CompiledQuery wide_;
  Expander* expander_;
  Tier tier_;
  std::size_t last_term_ = 0;
  bool changed_ = false;
};

}  // namespace

Result<std::optional<CompiledQuery>> widen(const CompiledQuery& query, Expander& expander, Tier tier) {
  return Widener(query, expander, tier).widen();
}

Result<std::optional<std::string>> suggest(const CompiledQuery& query, Expander& expander) {
  // Only what is as simple as it was typed can be shown so.
  const bool simple = query.root->kind == QueryNode::Kind::kTerm ||
                      (query.root->kind == QueryNode::Kind::kAnd &&
                       std::all_of(query.root->parts.begin(), query.root->parts.end(),
                                   [](const QueryNode& part) { return part.kind == QueryNode::Kind::kTerm; }));
  if (!simple) return std::optional<std::string>();
  std::string text;
  bool changed = false;
  for (const std::size_t index : query.highlighted) {
    const QueryTerm& term = query.terms[index];
    std::string word = is_single_word(term) ? term.parts[0].word : to_text(term);
    if (is_single_word(term)) {
      CMEM_ASSIGN_OR_RETURN(const auto nearest, expander.nearest(word));
      CMEM_ASSIGN_OR_RETURN(const bool occurs, expander.occurs(word));
      if (nearest && !occurs) {
        word = nearest->word;
        changed = true;
      }
    }
    text += (text.empty() ? "" : " ") + word;
  }
  if (!changed) return std::optional<std::string>();
  return std::optional(std::move(text));
}

}  // namespace cmem
