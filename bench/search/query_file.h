// The questions that queries.py writes, one JSON object a line.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace search_bench {

struct Query {
  std::int64_t id = 0;
  std::string question_class;
  std::string variant;
  std::string order;
  std::string text;  // empty: browse, that is messages without a word to look for
  std::string project;
  std::int64_t from_ms = 0;
  std::int64_t until_ms = 0;
  std::string facets;  // asked for with it, separated by commas

  // Which of the aims in the report it is measured against.
  [[nodiscard]] std::vector<std::string> aims() const;
};

// Throws std::runtime_error with file and line when a line is not what queries.py writes, or asks for something that the library
// does not have.
std::vector<Query> read_queries(const std::string& path);

}  // namespace search_bench
