#include "search/peers/plan.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "search/clock.h"
#include "search/shuffle.h"

namespace search_bench {
namespace {

constexpr std::size_t kPlanFields = 10;

template <typename Integer>
bool read_big_endian(std::istream& in, Integer& out) {
  std::array<char, sizeof(Integer)> bytes{};
  if (!in.read(bytes.data(), bytes.size())) return false;
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  out = static_cast<Integer>(value);
  return true;
}

bool read_text(std::istream& in, std::string& out) {
  std::int32_t length = 0;
  if (!read_big_endian(in, length)) return false;
  out.resize(static_cast<std::size_t>(length));
  return static_cast<bool>(in.read(out.data(), length));
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char letter : text) {
    if (letter == separator)
      parts.emplace_back();
    else
      parts.back().push_back(letter);
  }
  return parts;
}

std::vector<std::string> words_of(const std::string& text) { return text.empty() ? std::vector<std::string>() : split(text, ' '); }

std::optional<std::int64_t> time_of(const std::string& text) {
  return text.empty() ? std::optional<std::int64_t>() : std::optional<std::int64_t>(std::stoll(text));
}

PlanQuery query_of(const std::vector<std::string>& fields) {
  if (fields.size() != kPlanFields)
    throw std::runtime_error(fmt::format("a plan line has {} fields, not {}", fields.size(), kPlanFields));
  return {.id = std::stoll(fields[0]),
          .all = words_of(fields[1]),
          .any = words_of(fields[2]),
          .phrase = words_of(fields[3]),
          .none = words_of(fields[4]),
          .prefix = fields[5],
          .typo = fields[6],
          .project = fields[7],
          .from_ms = time_of(fields[8]),
          .until_ms = time_of(fields[9])};
}

std::ifstream open_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(fmt::format("{}: cannot be read", path));
  return file;
}

std::uintmax_t bytes_of(const std::string& store) {
  if (!std::filesystem::is_directory(store)) return std::filesystem::file_size(store);
  std::uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(store))
    if (entry.is_regular_file()) bytes += entry.file_size();
  return bytes;
}

struct PeerOptions {
  std::string rows, store, plan;
  int discarded_passes = 2, passes = 3, rows_read = 20;
  std::uint64_t seed = 1;
  bool without_snippets = false;
};

nlohmann::ordered_json build(Peer& peer, const PeerOptions& options) {
  std::int64_t rows = 0;
  const Measurement cost = measure([&] { rows = peer.build(options.rows, options.store); });
  return {{"version", peer.version()}, {"rows", rows}, {"seconds", cost.wall_ms / 1e3}, {"store_bytes", bytes_of(options.store)}};
}

nlohmann::ordered_json ask(Peer& peer, const PeerOptions& options) {
  std::vector<PlanQuery> plan = read_plan(options.plan);
  std::erase_if(plan, [&](const PlanQuery& query) { return !peer.can_answer(query); });
  peer.open(options.store);
  std::vector<std::int64_t> hits(plan.size());
  std::vector<std::vector<double>> wall_ms(plan.size());
  std::mt19937_64 random(options.seed);
  for (int pass = -options.discarded_passes; pass < options.passes; ++pass) {
    for (const std::size_t place : shuffled(plan.size(), random)) {
      const auto work = [&] { hits[place] = peer.ask(plan[place], options.rows_read, !options.without_snippets); };
      const Measurement measurement = measure(work);
      if (pass >= 0) wall_ms[place].push_back(measurement.wall_ms);
    }
  }
  auto answers = nlohmann::ordered_json::array();
  for (std::size_t place = 0; place < plan.size(); ++place)
    answers.push_back({{"id", plan[place].id}, {"messages", hits[place]}, {"ms", wall_ms[place]}});
  return {{"version", peer.version()}, {"answers", answers}};
}

}  // namespace

std::int64_t for_each_row(const std::string& path, const std::function<void(const PeerRow&)>& take) {
  std::ifstream file = open_file(path);
  PeerRow row;
  std::int64_t count = 0;
  while (read_big_endian(file, row.id)) {
    if (!read_big_endian(file, row.time_ms) || !read_text(file, row.project) || !read_text(file, row.content))
      throw std::runtime_error(fmt::format("{}: cut off after {} rows", path, count));
    take(row);
    ++count;
  }
  return count;
}

std::vector<PlanQuery> read_plan(const std::string& path) {
  std::ifstream file = open_file(path);
  std::vector<PlanQuery> plan;
  for (std::string line; std::getline(file, line);) plan.push_back(query_of(split(line, '\t')));
  return plan;
}

int peer_main(int argc, char** argv, const std::string& name, Peer& peer) {
  CLI::App app("A peer of the search report.", name);
  PeerOptions options;
  CLI::App* build_verb = app.add_subcommand("build", "make the store and its index");
  build_verb->add_option("ROWS", options.rows)->required();
  build_verb->add_option("STORE", options.store)->required();
  CLI::App* ask_verb = app.add_subcommand("ask", "measure the questions of a plan");
  ask_verb->add_option("STORE", options.store)->required();
  ask_verb->add_option("PLAN", options.plan)->required();
  ask_verb->add_option("--discard", options.discarded_passes);
  ask_verb->add_option("--passes", options.passes);
  ask_verb->add_option("--rows", options.rows_read);
  ask_verb->add_option("--seed", options.seed);
  ask_verb->add_flag("--without-snippets", options.without_snippets);
  app.require_subcommand(1);
  CLI11_PARSE(app, argc, argv);
  try {
    fmt::print("{}\n", (build_verb->parsed() ? build(peer, options) : ask(peer, options)).dump());
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: {}\n", name, error.what());
    return 1;
  }
}

}  // namespace search_bench
