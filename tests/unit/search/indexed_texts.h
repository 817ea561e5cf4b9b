// A real text index over some texts, in a store file of its own: text i of the list, from 0, is the index's text i + 1.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "search/matcher.h"
#include "search/query_language.h"
#include "sqlite/transaction.h"
#include "store/schema.h"
#include "store/text_index_reader.h"
#include "store/text_index_writer.h"
#include "unit/sqlite/temp_store.h"

namespace cmem::test {

class IndexedTexts {
 public:
  // Each batch becomes a segment, and may be merged with others.
  explicit IndexedTexts(const std::vector<std::string>& texts, std::size_t texts_per_batch = SIZE_MAX)
      : db_(make_database(folder_.file("texts.db"))), reader_(std::size_t{1} << 20) {
    auto transaction = must(sqlite::Transaction::begin_immediate(db_));
    must(create_schema(db_, 0));
    TextIndexWriter writer;
    must(writer.resume(db_, 1, 1));
    std::size_t in_batch = 0;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      writer.add(texts[i], is_prose(i) ? Indexing::kProse : Indexing::kWhole);
      if (++in_batch % texts_per_batch == 0) must(writer.flush(db_));
    }
    must(writer.flush(db_));
    must(db_.exec("UPDATE commit_clock SET next_text_id = " + std::to_string(texts.size() + 1)));
    must(transaction.commit());
  }

  // A third of the texts.
  static bool is_prose(std::size_t text) { return text % 3 == 0; }
  [[nodiscard]] Tokenizer& tokenizer() { return tokenizer_; }
  [[nodiscard]] sqlite::Connection& db() { return db_; }

  CompiledQuery compile(std::string_view query) {
    INFO(query);
    return must(compile_query(query, tokenizer_));
  }
  // The texts that match and their scores in units of 1 / kScoreUnits. The query has something to search.
  std::map<std::size_t, std::uint32_t> scores(const CompiledQuery& query, double prose_weight = 1) {
    auto matcher = must(Matcher::create(reader_, db_, query, prose_weight));
    std::map<std::size_t, std::uint32_t> found;
    for (std::size_t segment = 0; segment < matcher.segments().size(); ++segment) {
      const Matches matches = must(matcher.match(segment));
      REQUIRE(must(matcher.match_texts(segment)) == matches.texts);
      const auto first = static_cast<std::size_t>(matcher.segments()[segment].first_text_id - 1);
      for (std::size_t i = 0; i < matches.texts.size(); ++i) found[first + matches.texts[i]] = matches.scores[i];
    }
    return found;
  }
  std::set<std::size_t> find(const CompiledQuery& query) {
    std::set<std::size_t> found;
    for (const auto& [text, score] : scores(query)) found.insert(text);
    return found;
  }
  // For a query as typed.
  std::set<std::size_t> find(std::string_view query) {
    const CompiledQuery compiled = compile(query);
    return compiled.nothing_to_search() ? std::set<std::size_t>() : find(compiled);
  }
  // After its tables were changed.
  void forget_cache() {
    reader_.close_statements();
    reader_.clear();
  }
  // The texts that match, or an error.
  Result<std::size_t> count(const CompiledQuery& query) {
    CMEM_ASSIGN_OR_RETURN(auto matcher, Matcher::create(reader_, db_, query, 1));
    std::size_t texts = 0;
    for (std::size_t segment = 0; segment < matcher.segments().size(); ++segment) {
      CMEM_ASSIGN_OR_RETURN(const Matches matches, matcher.match(segment));
      REQUIRE(std::is_sorted(matches.texts.begin(), matches.texts.end(), std::less_equal<>()));
      REQUIRE((matches.texts.empty() || matches.texts.back() < matcher.segments()[segment].texts));
      texts += matches.texts.size();
    }
    return texts;
  }

 private:
  TempFolder folder_;
  sqlite::Connection db_;
  Tokenizer tokenizer_;
  TextIndexReader reader_;
};

}  // namespace cmem::test
