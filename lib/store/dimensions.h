// The dimension rows that messages point to: names in, small integers out. Caches that stay right across transactions of this
// process; throw them away (reset()) after a rollback, or when another process has written.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "sqlite/connection.h"
#include "store/new_message.h"

namespace cmem {

// One table (id, name UNIQUE). An empty name is id 0, which stands for NULL.
class NameTable {
 public:
  NameTable(std::string table, std::string column) : table_(std::move(table)), column_(std::move(column)) {}

  Result<std::int64_t> intern(sqlite::Connection& db, std::string_view name);
  void reset();

 private:
  Result<std::int64_t> find_or_insert(sqlite::Connection& db, std::string_view name);

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const { return xxh3_64(name); }
  };
  std::string table_;
  std::string column_;
  // Neighbours mostly share their names: the last one is compared before the map is asked.
  std::string last_name_;
  std::int64_t last_id_ = 0;
  std::unordered_map<std::string, std::int64_t, Hash, std::equal_to<>> ids_;
  std::optional<sqlite::Statement> select_;
  std::optional<sqlite::Statement> insert_;
};

// What a message shares with its neighbours: everything of the row but text, time and line.
struct ContextKey {
  std::int64_t origin_id = 0;
  std::int64_t session_id = 0;
  std::int64_t project_id = 0;  // the project the message itself states
  std::int64_t component_id = 0;
  std::int64_t role_id = 0;
  std::int64_t shape_id = 0;
  SourceType source_type = SourceType::kProgram;
  Level level = Level::kNone;
  TextPrefix prefix = TextPrefix::kNone;
  TimePrecision time_precision = TimePrecision::kExact;

  friend bool operator==(const ContextKey&, const ContextKey&) = default;
};

struct ContextKeyHash {
  std::size_t operator()(const ContextKey& key) const;
};

// Finds or adds rows of `context`, and keeps the exact count and time span of each up to date (flush() writes them).
class ContextTable {
 public:
  struct Context {
    std::int64_t id = 0;
    std::uint64_t identity = 0;       // identity_hash() of what the row means; 0 until the writer sets it
    std::uint64_t identity_kind = 0;  // kind_hash() of the same
    std::int64_t messages = 0;        // added since the last flush
    std::int64_t without_time = 0;
    std::int64_t first_ms = 0;
    std::int64_t last_ms = 0;
  };

  // The pointer is valid until reset().
  Result<Context*> intern(sqlite::Connection& db, const ContextKey& key);
  // Counts one message.
  void count(Context& context, std::int64_t time_ms);
  Status flush(sqlite::Connection& db);
  void reset();

 private:
  Status load_origin(sqlite::Connection& db, std::int64_t origin_id);
  Result<std::int64_t> insert(sqlite::Connection& db, const ContextKey& key);

  std::unordered_map<ContextKey, Context, ContextKeyHash> contexts_;
  std::unordered_set<std::int64_t> loaded_origins_;
  std::vector<Context*> touched_;
  ContextKey last_key_;
  Context* last_ = nullptr;
  std::optional<sqlite::Statement> select_;
  std::optional<sqlite::Statement> insert_;
  std::optional<sqlite::Statement> update_;
};

// Sessions, with the project of each. A session's project is the one that its earliest message states (of two at one time the
// lesser path), so it does not depend on the order of loading; it reaches the session's messages that state none, loaded before or
// after.
class SessionTable {
 public:
  struct Session {
    std::int64_t id = 0;
    std::int64_t project_time_ms = kNoTime;  // time of the message that stated `project`; kNoTime: after all known times
    std::string project;
    bool has_parent = false;
  };

  // nullptr for an empty id. The pointer is valid until reset().
  Result<Session*> intern(sqlite::Connection& db, std::string_view external_id);
  // A message of the session states its project.
  Status claim_project(sqlite::Connection& db, Session& session, std::int64_t project_id, std::string_view project,
                       std::int64_t time_ms);
  // It is part of another session, the first one that is said.
  Status set_parent(sqlite::Connection& db, Session& session, std::string_view parent_external_id);
  void reset();

 private:
  std::unordered_map<std::string, Session> sessions_;
  std::string last_external_id_;
  Session* last_ = nullptr;
  std::optional<sqlite::Statement> select_;
};

}  // namespace cmem
