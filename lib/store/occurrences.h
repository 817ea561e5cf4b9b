// Which lines of which origin the store already has: the derived table origin_lines, and the writer's cache of it.
//
// Origins are mostly read from front to back. A line behind the last one known is new without any look-up; only where a load goes
// over known ground are the entries of that origin read. Positions below 0 (fingerprints of records without a line) always look.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "sqlite/connection.h"
#include "sqlite/statement.h"

namespace cmem {

struct Occurrence {
  std::int64_t position;
  std::int64_t message_id;
};

// All stored occurrences of an origin, in the order they were stored. kCorrupt: origin_lines is damaged.
Result<std::vector<Occurrence>> read_occurrences(sqlite::Connection& db, std::int64_t origin_id);

class Occurrences {
 public:
  // Messages at this position of the origin, in the order they were stored. The view is valid until the next call.
  Result<const std::vector<std::int64_t>*> find(sqlite::Connection& db, std::int64_t origin_id, std::int64_t position);
  // Messages of the origin that have no line.
  Result<std::vector<std::int64_t>> without_line(sqlite::Connection& db, std::int64_t origin_id);
  // The highest line of the origin, 0 if there is none.
  Result<std::int64_t> last_line(sqlite::Connection& db, std::int64_t origin_id);
  // Message ids must rise from call to call.
  Status add(sqlite::Connection& db, std::int64_t origin_id, std::int64_t position, std::int64_t message_id);
  Status flush(sqlite::Connection& db);
  // Takes a stored message out of its origin. Nothing may be unflushed.
  Status remove(sqlite::Connection& db, std::int64_t origin_id, std::int64_t message_id);
  // Forgets everything: after a rollback, or when another process has written.
  void reset();

 private:
  struct Origin {
    std::int64_t max_line = 0;
    bool has_entries = false;  // of a smaller position than max_line that may be looked for
    bool loaded = false;       // by_position holds all entries
    std::vector<Occurrence> unflushed;
    std::unordered_multimap<std::int64_t, std::int64_t> by_position;
  };

  Result<Origin*> open(sqlite::Connection& db, std::int64_t origin_id);
  Status load(sqlite::Connection& db, std::int64_t origin_id, Origin& origin);
  void shed();

  std::unordered_map<std::int64_t, Origin> origins_;
  std::vector<std::int64_t> touched_;
  std::size_t loaded_entries_ = 0;
  std::int64_t last_origin_id_ = 0;
  Origin* last_ = nullptr;
  std::vector<std::int64_t> found_;
  std::optional<sqlite::Statement> max_line_;
};

}  // namespace cmem
