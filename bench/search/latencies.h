// What a set of measurements says: how long the usual and the slowest ones took.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "search/query_file.h"

namespace search_bench {

struct Measurement {
  double wall_ms = 0;
  double cpu_ms = 0;  // of the whole process
};

struct Summary {
  std::size_t count = 0;
  double p50_ms = 0, p95_ms = 0, p99_ms = 0, max_ms = 0;
  // Processor time says the same on a machine that others use too.
  double p50_cpu_ms = 0, p99_cpu_ms = 0, mean_cpu_ms = 0;
};

// The smallest measured value that at least `share` of all do not exceed. `sorted` is not empty and in ascending order.
double percentile(const std::vector<double>& sorted, double share);
Summary summarize(const std::vector<Measurement>& measurements);
nlohmann::ordered_json json_of(const Summary& summary);

// Measurements by question, and their summaries by what the questions have in common.
class Ledger {
 public:
  explicit Ledger(const std::vector<Query>& queries) : queries_(queries), measured_(queries.size()), found_(queries.size()) {}

  void add(std::size_t query, const Measurement& measurement, bool found) {
    measured_[query].push_back(measurement);
    found_[query] = found;
  }

  // [{"by": "class", "name": "and", "queries": 18, "found": 17, …}, …], first all, then by aim, class, variant and order.
  [[nodiscard]] nlohmann::ordered_json groups() const;
  // [{"id": 17, "ms": [0.21, …]}, …] with every measured wall time.
  [[nodiscard]] nlohmann::ordered_json times() const;
  // The `count` questions with the greatest medians, slowest first.
  [[nodiscard]] nlohmann::ordered_json slowest(std::size_t count) const;

 private:
  using Group = std::pair<int, std::pair<std::string, std::string>>;  // place of `by`, `by`, name
  [[nodiscard]] std::map<Group, std::vector<std::size_t>> members() const;
  [[nodiscard]] double median_ms(std::size_t query) const;

  const std::vector<Query>& queries_;  // outlives this
  std::vector<std::vector<Measurement>> measured_;
  std::vector<bool> found_;  // whether the question has hits
};

// What json_of and groups() made, as lines for a terminal.
std::string table(const nlohmann::ordered_json& groups);

}  // namespace search_bench
