// One message with its names, and its content, from the rows. Works on any connection to a store, also that of a host program which
// has loaded our SQLite extension. One thread at a time.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/terms.h"
#include "sqlite/connection.h"
#include "sqlite/statement.h"
#include "store/block_log.h"

namespace cmem {

struct MessageRow {
  std::int64_t id = 0;
  std::int64_t text_id = 0;
  std::int64_t time_ms = kNoTime;
  std::int64_t position = 0;  // line in the origin; negative: the origin has no lines
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

class MessageReader {
 public:
  // The readers are caches of the tables text_block and record_block; all three must outlive this object.
  MessageReader(sqlite::Connection& db, BlockReader& texts, BlockReader& records) : db_(&db), texts_(&texts), records_(&records) {}

  // kNotFound: no such message.
  Result<MessageRow> read(std::int64_t message_id);
  // The same of an id that another table names; that there is no such message is damage then, kCorrupt.
  Result<MessageRow> read_listed(std::int64_t message_id);
  // Without shape and stated project, which only restoring a line needs.
  Result<std::string> content(const MessageRow& message);
  // The stored text (content without prefix), valid until the next call.
  Result<std::string_view> text(const MessageRow& message) { return part(*texts_, message.text_id, message.id); }
  // What the shape's slots hold, valid until the next call.
  Result<std::string_view> residue(std::int64_t message_id) { return part(*records_, message_id, message_id); }
  // Lets go of the statement on the connection.
  void close_statements() { select_.reset(); }
  sqlite::Connection& db() { return *db_; }

 private:
  Unexpected no_message(std::int64_t message_id);
  Result<std::string_view> part(BlockReader& blocks, std::int64_t entry_id, std::int64_t message_id);

  sqlite::Connection* db_;
  BlockReader* texts_;
  BlockReader* records_;
  std::optional<sqlite::Statement> select_;
};

}  // namespace cmem
