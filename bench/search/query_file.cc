#include "search/query_file.h"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace search_bench {
namespace {

Query query_of(const nlohmann::json& record) {
  const nlohmann::json& filter = record.at("filter");
  Query query;
  query.id = record.at("id");
  query.question_class = record.at("class");
  query.variant = record.at("variant");
  query.order = record.at("order");
  query.text = record.at("query");
  query.project = filter.value("project", "");
  query.from_ms = filter.value("from_ms", std::int64_t{0});
  query.until_ms = filter.value("until_ms", std::int64_t{0});
  for (const std::string& facet : record.value("facets", std::vector<std::string>())) {
    if (!query.facets.empty()) query.facets += ',';
    query.facets += facet;
  }
  return query;
}

}  // namespace

std::vector<std::string> Query::aims() const {
  if (question_class == "pathological") return {question_class};
  if (!facets.empty()) return {"facets"};
  if (question_class == "typo") return {question_class};
  if (order == "newest") return {"newest"};
  if (variant == "dates" || variant == "both") return {"ranked", "dates"};
  return {"ranked"};
}

std::vector<Query> read_queries(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(fmt::format("{}: cannot be read", path));
  std::vector<Query> queries;
  std::string line;
  while (std::getline(file, line)) {
    try {
      queries.push_back(query_of(nlohmann::json::parse(line)));
    } catch (const std::exception& error) {
      throw std::runtime_error(fmt::format("{}, line {}: {}", path, queries.size() + 1, error.what()));
    }
  }
  if (queries.empty()) throw std::runtime_error(fmt::format("{}: no questions", path));
  return queries;
}

}  // namespace search_bench
