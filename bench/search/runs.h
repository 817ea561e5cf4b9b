// The ways to measure: warm and one after the other, cold, and many clients at once. Each returns its part of the report.
#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "search/asker.h"
#include "search/query_file.h"

namespace search_bench {

struct RunOptions {
  std::string store;
  std::uint32_t cache_mib = 0;  // 0: the library's default
  AskOptions ask;
  std::uint64_t seed = 1;
  int discarded_passes = 2;
  int passes = 10;
  bool every_time = false;  // put every single time into the answer
  int cold_runs = 5;
  int clients = 0;
  double seconds = 10;
};

// All questions in every pass, in a new order each time; the first passes are not counted.
nlohmann::ordered_json run_warm(const std::vector<Query>& queries, const RunOptions& options);

// Drops the store from memory, opens it, and asks ten questions; that several times, each time with other questions. Opening
// counts.
nlohmann::ordered_json run_cold(const std::vector<Query>& queries, const RunOptions& options);

// Each client is a thread with a handle of its own that asks the next question as soon as it has an answer, until the time is up.
// A failed question is counted, and the client goes on.
nlohmann::ordered_json run_clients(const std::vector<Query>& queries, const RunOptions& options);

// [{"id", "texts", "messages"}, …]: how many hits each question has, to compare with what other programs find.
nlohmann::ordered_json run_answers(const std::vector<Query>& queries, const RunOptions& options);

}  // namespace search_bench
