#include "search/runs.h"

#include <algorithm>
#include <barrier>
#include <random>
#include <thread>

#include "search/clock.h"
#include "search/latencies.h"
#include "search/page_cache.h"
#include "search/shuffle.h"

namespace search_bench {
namespace {

constexpr std::size_t kColdQueries = 10;
constexpr std::size_t kSlowestShown = 15;

struct ColdRun {
  double first_ms = 0;
  double tenth_ms = 0;
  std::int64_t resident_bytes = 0;
};

ColdRun run_cold_once(const std::vector<Query>& queries, const RunOptions& options, std::mt19937_64& random) {
  const std::vector<std::size_t> order = shuffled(queries.size(), random);
  ColdRun run{.resident_bytes = drop_from_page_cache(options.store)};
  const double start = milliseconds(CLOCK_MONOTONIC);
  Asker asker(options.store, options.cache_mib);
  for (std::size_t place = 0; place < std::min(kColdQueries, order.size()); ++place) {
    asker.ask(queries[order[place]], options.ask);
    run.tenth_ms = milliseconds(CLOCK_MONOTONIC) - start;
    if (place == 0) run.first_ms = run.tenth_ms;
  }
  return run;
}

// What one client saw. Written by its thread, read after that has ended.
struct ClientLog {
  std::vector<Measurement> measurements;
  std::int64_t errors = 0;
  std::string first_error;
};

// A new order for each client, again and again until the time is up.
void ask_until(double end_ms, Asker& asker, const std::vector<Query>& queries, const AskOptions& ask, std::mt19937_64& random,
               ClientLog& log) {
  while (true) {
    for (const std::size_t place : shuffled(queries.size(), random)) {
      if (milliseconds(CLOCK_MONOTONIC) >= end_ms) return;
      try {
        log.measurements.push_back(measure([&] { asker.ask(queries[place], ask); }, CLOCK_THREAD_CPUTIME_ID));
      } catch (const std::exception& error) {
        if (log.errors++ == 0) log.first_error = error.what();
      }
    }
  }
}

// Opening and the first question are warming up; the clock of all starts when the last is ready.
void run_client(const std::vector<Query>& queries, const RunOptions& options, std::uint64_t seed, std::barrier<>& ready,
                ClientLog& log) {
  std::mt19937_64 random(seed);
  std::unique_ptr<Asker> asker;
  try {
    asker = std::make_unique<Asker>(options.store, options.cache_mib);
    asker->ask(queries[random() % queries.size()], options.ask);
  } catch (const std::exception& error) {
    log = {.measurements = {}, .errors = 1, .first_error = error.what()};
  }
  ready.arrive_and_wait();
  if (log.errors == 0) ask_until(milliseconds(CLOCK_MONOTONIC) + options.seconds * 1e3, *asker, queries, options.ask, random, log);
}

std::vector<ClientLog> run_all_clients(const std::vector<Query>& queries, const RunOptions& options) {
  std::vector<ClientLog> logs(static_cast<std::size_t>(options.clients));
  std::barrier<> ready(options.clients);
  std::vector<std::thread> threads;
  for (std::size_t client = 0; client < logs.size(); ++client)
    threads.emplace_back([&, client] { run_client(queries, options, options.seed * 1'000'003 + client, ready, logs[client]); });
  for (std::thread& thread : threads) thread.join();
  return logs;
}

}  // namespace

nlohmann::ordered_json run_warm(const std::vector<Query>& queries, const RunOptions& options) {
  Asker asker(options.store, options.cache_mib);
  std::mt19937_64 random(options.seed);
  Ledger ledger(queries);
  for (int pass = -options.discarded_passes; pass < options.passes; ++pass) {
    for (const std::size_t place : shuffled(queries.size(), random)) {
      Answer answer;
      const Measurement measurement = measure([&] { answer = asker.ask(queries[place], options.ask); });
      if (pass >= 0) ledger.add(place, measurement, answer.total > 0);
    }
  }
  nlohmann::ordered_json out = {
      {"passes", options.passes}, {"groups", ledger.groups()}, {"slowest", ledger.slowest(kSlowestShown)}};
  if (options.every_time) out["times"] = ledger.times();
  return out;
}

nlohmann::ordered_json run_cold(const std::vector<Query>& queries, const RunOptions& options) {
  std::mt19937_64 random(options.seed);
  std::vector<double> first, tenth;
  auto runs = nlohmann::ordered_json::array();
  for (int number = 0; number < options.cold_runs; ++number) {
    const ColdRun run = run_cold_once(queries, options, random);
    first.push_back(run.first_ms);
    tenth.push_back(run.tenth_ms);
    runs.push_back(
        {{"first_query_ms", run.first_ms}, {"tenth_query_ms", run.tenth_ms}, {"resident_bytes_after_drop", run.resident_bytes}});
  }
  std::sort(first.begin(), first.end());
  std::sort(tenth.begin(), tenth.end());
  return {{"first_query_ms", percentile(first, 0.5)}, {"tenth_query_ms", percentile(tenth, 0.5)}, {"runs", runs}};
}

nlohmann::ordered_json run_clients(const std::vector<Query>& queries, const RunOptions& options) {
  std::vector<Measurement> all;
  std::int64_t errors = 0;
  std::string first_error;
  for (const ClientLog& log : run_all_clients(queries, options)) {
    all.insert(all.end(), log.measurements.begin(), log.measurements.end());
    errors += log.errors;
    if (first_error.empty()) first_error = log.first_error;
  }
  nlohmann::ordered_json out = {{"clients", options.clients},
                                {"seconds", options.seconds},
                                {"errors", errors},
                                {"first_error", first_error},
                                {"queries_per_second", static_cast<double>(all.size()) / options.seconds}};
  out.update(json_of(summarize(all)));
  return out;
}

nlohmann::ordered_json run_answers(const std::vector<Query>& queries, const RunOptions& options) {
  Asker asker(options.store, options.cache_mib);
  auto out = nlohmann::ordered_json::array();
  AskOptions count = options.ask;
  count.rows = 1;
  count.without_snippets = true;
  for (const Query& query : queries) {
    count.all_matches = false;
    const std::int64_t texts = asker.ask(query, count).total;
    count.all_matches = true;
    out.push_back({{"id", query.id}, {"texts", texts}, {"messages", asker.ask(query, count).total}});
  }
  return out;
}

}  // namespace search_bench
