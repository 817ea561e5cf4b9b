// What neighbouring messages share, with its names. There are some hundred messages to a context, and most pages of hits meet
// contexts that others had, so they are kept. One thread at a time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/lru_cache.h"
#include "base/result.h"
#include "base/terms.h"
#include "sqlite/connection.h"
#include "sqlite/statement.h"

namespace cmem {

struct MessageContext {
  std::int64_t origin_id = 0;
  std::int64_t session_id = 0;
  SourceType source_type = SourceType::kProgram;
  Level level = Level::kNone;
  TextPrefix prefix = TextPrefix::kNone;
  std::string project;         // path of the stated project, else the session's; empty: unknown
  std::string stated_project;  // what the record itself says
  std::string session, component, role, origin;
  std::string shape;  // canonical text; empty: the message is not from a line
};

class MessageContexts {
 public:
  explicit MessageContexts(std::size_t cache_bytes) : contexts_(cache_bytes) {}

  // To be called in each read transaction before get(): a session may have got a project since the last.
  Status refresh(sqlite::Connection& db);
  // nullptr: there is no such context.
  Result<std::shared_ptr<const MessageContext>> get(sqlite::Connection& db, std::int64_t context_id);
  void clear() { contexts_.clear(); }
  // Lets go of the connection's statement, but not of the cache.
  void close_statements() { select_.reset(); }

 private:
  std::int64_t data_version_ = -1;
  std::optional<sqlite::Statement> select_;
  LruCache<std::int64_t, std::shared_ptr<const MessageContext>> contexts_;
};

}  // namespace cmem
