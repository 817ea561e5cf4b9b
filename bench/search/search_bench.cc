// cmem-search-bench: asks a store the questions of a file and says how long the answers took.
//
// One measurement is a whole answer: cmem_search, the exact total, and the first rows read with their snippets. It knows the store
// through the C API alone, like any other program.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "coditect/memory.h"
#include "search/latencies.h"
#include "search/query_file.h"
#include "search/runs.h"

namespace search_bench {
namespace {

struct Options {
  RunOptions run;
  std::string queries;
  std::string facets;
  std::vector<std::string> classes;
  bool cold = false, answers = false, json = false;
};

void add_options(CLI::App& app, Options& options) {
  app.add_option("STORE", options.run.store, "a store with the corpus that the questions were made for")->required();
  app.add_option("QUERIES", options.queries, "a file of queries.py")->required();
  app.add_option("--classes", options.classes, "only these classes, or classes that begin so");
  app.add_option("--cache-mib", options.run.cache_mib, "cmem_open_options.cache_mib [default: the library's]");
  app.add_option("--rows", options.run.ask.rows, "rows to read of each answer")->capture_default_str();
  app.add_flag("--without-snippets", options.run.ask.without_snippets,
               "ids and columns only, as libraries without texts are measured");
  app.add_flag("--all-matches", options.run.ask.all_matches, "every message is a hit, instead of every text");
  app.add_flag("--exact", options.run.ask.exact, "only what has the words as typed");
  app.add_option("--facets", options.facets,
                 "with these facets, separated by commas, where a question has words and names none");
  app.add_option("--discard", options.run.discarded_passes, "passes before those that count")->capture_default_str();
  app.add_option("--passes", options.run.passes, "passes that count, each in another order")->capture_default_str();
  app.add_option("--seed", options.run.seed, "of the orders")->capture_default_str();
  app.add_flag("--times", options.run.every_time, "every single time too, in the JSON");
  app.add_flag("--cold", options.cold, "with the file dropped from the page cache: the first and the first ten questions");
  app.add_option("--cold-runs", options.run.cold_runs)->capture_default_str();
  app.add_option("--clients", options.run.clients, "that many threads at once, each with a handle of its own");
  app.add_option("--seconds", options.run.seconds, "how long the clients ask")->capture_default_str();
  app.add_flag("--answers", options.answers, "no times: the number of hits of each question");
  app.add_flag("--json", options.json, "JSON instead of tables");
}

bool in_classes(const Query& query, const std::vector<std::string>& classes) {
  const auto fits = [&](const std::string& name) { return query.question_class.starts_with(name); };
  return classes.empty() || std::any_of(classes.begin(), classes.end(), fits);
}

std::vector<Query> chosen_queries(const Options& options) {
  std::vector<Query> queries = read_queries(options.queries);
  std::erase_if(queries, [&](const Query& query) { return !in_classes(query, options.classes); });
  if (queries.empty()) throw std::runtime_error(fmt::format("{}: no question of these classes", options.queries));
  for (Query& query : queries)
    if (query.facets.empty() && !query.text.empty()) query.facets = options.facets;
  return queries;
}

nlohmann::ordered_json run(const Options& options) {
  const std::vector<Query> queries = chosen_queries(options);
  nlohmann::ordered_json out = {{"version", cmem_version()}, {"queries", queries.size()}};
  if (options.answers) out["answers"] = run_answers(queries, options.run);
  if (options.cold) out["cold"] = run_cold(queries, options.run);
  if (options.run.clients > 0) out["clients"] = run_clients(queries, options.run);
  if (!options.answers && !options.cold && options.run.clients == 0) out["warm"] = run_warm(queries, options.run);
  out["store_bytes"] = std::filesystem::file_size(options.run.store);
  return out;
}

void print_slowest(const nlohmann::ordered_json& slowest) {
  fmt::print("\nslowest, by median:\n");
  for (const auto& row : slowest)
    fmt::print("{:>9.3f} ms  {:<13} {:<7} {:<9} {}\n", row["median_ms"].get<double>(), row["class"].get<std::string>(),
               row["variant"].get<std::string>(), row["order"].get<std::string>(), row["query"].get<std::string>());
}

void print(const nlohmann::ordered_json& out) {
  if (out.contains("warm")) {
    fmt::print("{}", table(out["warm"]["groups"]));
    print_slowest(out["warm"]["slowest"]);
  }
  if (out.contains("cold")) fmt::print("cold\n{}\n", out["cold"].dump(1));
  if (out.contains("clients")) fmt::print("clients\n{}\n", out["clients"].dump(1));
  if (out.contains("answers"))
    for (const auto& row : out["answers"]) fmt::print("{}\n", row.dump());
}

}  // namespace
}  // namespace search_bench

int main(int argc, char** argv) {
  CLI::App app("Asks a store the questions of a file and says how long the answers took.", "cmem-search-bench");
  search_bench::Options options;
  search_bench::add_options(app, options);
  CLI11_PARSE(app, argc, argv);
  try {
    const auto out = search_bench::run(options);
    if (options.json)
      fmt::print("{}\n", out.dump(1));
    else
      search_bench::print(out);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "cmem-search-bench: {}\n", error.what());
    return 1;
  }
}
