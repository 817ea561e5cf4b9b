// What the peers written in C++ have in common: the neutral files of peer_files.py, the passes, and the answer on standard output.
#pragma once
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace search_bench {

struct PeerRow {
  std::int64_t id = 0;
  std::int64_t time_ms = 0;
  std::string project;
  std::string content;
};

struct PlanQuery {
  std::int64_t id = 0;
  std::vector<std::string> all, any, phrase, none;
  std::string prefix;
  std::string typo;
  std::string project;
  std::optional<std::int64_t> from_ms, until_ms;
};

// Calls `take` for each row of a ROWS file; returns how many. Throws std::runtime_error.
std::int64_t for_each_row(const std::string& path, const std::function<void(const PeerRow&)>& take);

std::vector<PlanQuery> read_plan(const std::string& path);

// A search engine under measurement.
class Peer {
 public:
  Peer() = default;
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  virtual ~Peer() = default;

  // Makes the store with its index from a ROWS file, complete and on disk.
  virtual std::int64_t build(const std::string& rows, const std::string& store) = 0;
  virtual void open(const std::string& store) = 0;
  [[nodiscard]] virtual bool can_answer(const PlanQuery& query) const { return query.typo.empty(); }
  // The exact number of hits; the best `rows` of them are read with their snippets, if wanted.
  virtual std::int64_t ask(const PlanQuery& query, int rows, bool snippets) = 0;
  [[nodiscard]] virtual std::string version() const = 0;
};

// The program: `build ROWS STORE` or `ask STORE PLAN`; prints one JSON object. Returns the exit code.
int peer_main(int argc, char** argv, const std::string& name, Peer& peer);

}  // namespace search_bench
