// Random questions: a query with all that the language has, as it is typed and as a tree, and a filter.
#pragma once
#include <coditect/memory.hpp>

#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "oracle/scan.h"

namespace oracle {

// What a filter or a field of the query asks of a message.
struct Condition {
  std::string facet;  // the one that leaves it out; "day": what is asked of time; "" of ids
  std::function<bool(const Message&)> holds;
};

// The facets that a search can be divided by, and what they call a message: "" if it has no value.
extern const std::vector<std::string> kFacets;
std::string facet_value(const std::string& facet, const Message& message);

struct Question {
  std::string typed;
  Query query;
  coditect::Filter filter;
  std::string filter_text;  // for people
  std::vector<Condition> conditions;  // of the filter and the fields; all must hold
  coditect::Order order = coditect::Order::relevance;
  bool all_matches = false;
  coditect::Tiers tiers = coditect::Tiers::exact;

  // `without`: leaves out what is asked of this facet.
  [[nodiscard]] bool passes(const Message& message, const std::string& without = "-") const;
  // Whether anything is asked of the facet, and the message passes that.
  [[nodiscard]] bool selects(const Message& message, const std::string& facet) const;
  // One line.
  [[nodiscard]] std::string describe() const;
};

class Questions {
 public:
  // Borrows the scan.
  Questions(Scan& scan, std::uint64_t seed);
  // Words alone.
  Question next();
  // The same under a random filter and fields; now and then without its words, or with words that must not occur alone.
  Question restricted(const Question& question);
  // 0 <= n < count.
  std::size_t pick(std::size_t count) { return static_cast<std::size_t>(random_() % count); }

 private:
  struct Typed {
    std::string text;
    Query query;
  };

  [[nodiscard]] bool is_word(std::string_view piece);
  std::string word();
  std::string piece_of_a_text();
  std::vector<std::string> pieces_of_a_text();
  std::string begin_of(const std::string& word);
  Typed term(std::string typed, std::string_view words, bool star);
  Typed single_word();
  Typed phrase();
  Typed near();
  Typed operand(int depth);
  Typed clause(int depth);
  Typed group(int depth);
  void add_fields(Question& question, std::string& typed, const Message& example);
  void add_times(Question& question, std::string& typed, const Message& example);
  void add_filter(Question& question, const Message& example);
  void leave_out_words(Question& question);
  std::string name_of(Field field, const Message& example);
  [[nodiscard]] std::function<bool(const Message&)> has(Field field, std::vector<std::string> typed, bool negated) const;

  Scan* scan_;
  std::mt19937_64 random_;
  std::vector<std::string> words_;
  std::map<std::string, std::set<std::string>> projects_by_name_;  // last component: paths
  std::map<std::string, std::set<std::string>> sessions_by_begin_;
};

}  // namespace oracle
