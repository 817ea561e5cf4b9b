#include "search/latencies.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace search_bench {
namespace {

double rounded(double ms) { return std::round(ms * 10'000) / 10'000; }

std::vector<double> sorted(const std::vector<Measurement>& measurements, double Measurement::*what) {
  std::vector<double> values;
  for (const Measurement& measurement : measurements) values.push_back(measurement.*what);
  std::sort(values.begin(), values.end());
  return values;
}

}  // namespace

double percentile(const std::vector<double>& sorted, double share) {
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

Summary summarize(const std::vector<Measurement>& measurements) {
  if (measurements.empty()) return {};
  const std::vector<double> wall_ms = sorted(measurements, &Measurement::wall_ms);
  const std::vector<double> cpu_ms = sorted(measurements, &Measurement::cpu_ms);
  return {.count = wall_ms.size(),
          .p50_ms = percentile(wall_ms, 0.50),
          .p95_ms = percentile(wall_ms, 0.95),
          .p99_ms = percentile(wall_ms, 0.99),
          .max_ms = wall_ms.back(),
          .p50_cpu_ms = percentile(cpu_ms, 0.50),
          .p99_cpu_ms = percentile(cpu_ms, 0.99),
          .mean_cpu_ms = std::accumulate(cpu_ms.begin(), cpu_ms.end(), 0.0) / static_cast<double>(cpu_ms.size())};
}

nlohmann::ordered_json json_of(const Summary& summary) {
  return {{"count", summary.count},
          {"p50_ms", rounded(summary.p50_ms)},
          {"p95_ms", rounded(summary.p95_ms)},
          {"p99_ms", rounded(summary.p99_ms)},
          {"max_ms", rounded(summary.max_ms)},
          {"p50_cpu_ms", rounded(summary.p50_cpu_ms)},
          {"p99_cpu_ms", rounded(summary.p99_cpu_ms)},
          {"mean_cpu_ms", rounded(summary.mean_cpu_ms)}};
}

std::map<Ledger::Group, std::vector<std::size_t>> Ledger::members() const {
  std::map<Group, std::vector<std::size_t>> groups;
  for (std::size_t place = 0; place < queries_.size(); ++place) {
    const Query& query = queries_[place];
    groups[{0, {"all", "all"}}].push_back(place);
    for (const std::string& aim : query.aims()) groups[{1, {"aim", aim}}].push_back(place);
    groups[{2, {"class", query.question_class}}].push_back(place);
    groups[{3, {"variant", query.variant}}].push_back(place);
    groups[{4, {"order", query.order}}].push_back(place);
  }
  return groups;
}

nlohmann::ordered_json Ledger::groups() const {
  auto out = nlohmann::ordered_json::array();
  for (const auto& [group, places] : members()) {
    std::vector<Measurement> measurements;
    for (const std::size_t place : places)
      measurements.insert(measurements.end(), measured_[place].begin(), measured_[place].end());
    nlohmann::ordered_json row = {{"by", group.second.first}, {"name", group.second.second}, {"queries", places.size()}};
    row["found"] = std::count_if(places.begin(), places.end(), [this](std::size_t place) { return found_[place]; });
    row.update(json_of(summarize(measurements)));
    out.push_back(std::move(row));
  }
  return out;
}

nlohmann::ordered_json Ledger::times() const {
  auto out = nlohmann::ordered_json::array();
  for (std::size_t place = 0; place < queries_.size(); ++place) {
    auto row = nlohmann::ordered_json::array();
    for (const Measurement& measurement : measured_[place]) row.push_back(rounded(measurement.wall_ms));
    out.push_back({{"id", queries_[place].id}, {"ms", std::move(row)}});
  }
  return out;
}

double Ledger::median_ms(std::size_t query) const {
  return measured_[query].empty() ? 0 : percentile(sorted(measured_[query], &Measurement::wall_ms), 0.5);
}

nlohmann::ordered_json Ledger::slowest(std::size_t count) const {
  std::vector<std::pair<double, std::size_t>> ranked;
  for (std::size_t place = 0; place < queries_.size(); ++place) ranked.emplace_back(-median_ms(place), place);
  std::sort(ranked.begin(), ranked.end());
  auto out = nlohmann::ordered_json::array();
  for (std::size_t rank = 0; rank < std::min(count, ranked.size()); ++rank) {
    const Query& query = queries_[ranked[rank].second];
    out.push_back({{"id", query.id},
                   {"class", query.question_class},
                   {"variant", query.variant},
                   {"order", query.order},
                   {"query", query.text},
                   {"median_ms", rounded(-ranked[rank].first)}});
  }
  return out;
}

std::string table(const nlohmann::ordered_json& groups) {
  constexpr std::array kTimes = {"p50_ms", "p95_ms", "p99_ms", "max_ms", "p50_cpu_ms", "p99_cpu_ms", "mean_cpu_ms"};
  std::string out = fmt::format("{:<8} {:<14} {:>7} {:>6} {:>8}", "by", "name", "queries", "found", "count");
  for (const char* name : kTimes) out += fmt::format(" {:>11}", name);
  for (const auto& row : groups) {
    out += fmt::format("\n{:<8} {:<14} {:>7} {:>6} {:>8}", row["by"].get<std::string>(), row["name"].get<std::string>(),
                       row["queries"].get<int>(), row["found"].get<int>(), row["count"].get<int>());
    for (const char* name : kTimes) out += fmt::format(" {:>11.3f}", row[name].get<double>());
  }
  return out + "\n";
}

}  // namespace search_bench
