// One message with its names, and its content, from the rows. Works on any connection to a store, also that of a host program which
// has loaded our SQLite extension. One thread at a time.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/terms.h"
#include "sqlite/connection.h"
#include "sqlite/statement.h"
#include "store/block_log.h"
#include "store/message_contexts.h"

namespace cmem {

struct MessageRow {
  std::int64_t id = 0;
  std::int64_t text_id = 0;
  std::int64_t time_ms = kNoTime;
  std::int64_t position = 0;  // line in the origin; negative: the origin has no lines
  std::shared_ptr<const MessageContext> context;
};

// Reads in one read transaction.
class MessageReader {
 public:
  // The readers are caches of the tables text_block and record_block; all four must outlive this object.
  static Result<MessageReader> create(sqlite::Connection& db, BlockReader& texts, BlockReader& records, MessageContexts& contexts);

  // kNotFound: no such message.
  Result<MessageRow> read(std::int64_t message_id);
  // The same of an id that another table names; that there is no such message is damage then, kCorrupt.
  Result<MessageRow> read_listed(std::int64_t message_id);
  // Those of rising ids, in that order; where they are neighbours several times faster than one by one.
  Result<std::vector<MessageRow>> read_listed(std::span<const std::int64_t> message_ids);
  Result<std::string> content(const MessageRow& message);
  // The stored text (content without prefix), valid until the next call.
  Result<std::string_view> text(const MessageRow& message) { return part(*texts_, message.text_id, message.id); }
  // What the shape's slots hold, valid until the next call.
  Result<std::string_view> residue(std::int64_t message_id) { return part(*records_, message_id, message_id); }
  sqlite::Connection& db() { return *db_; }

 private:
  MessageReader(sqlite::Connection& db, BlockReader& texts, BlockReader& records, MessageContexts& contexts,
                sqlite::Statement select)
      : db_(&db), texts_(&texts), records_(&records), contexts_(&contexts), select_(std::move(select)) {}
  // Of what the statement is at.
  Result<MessageRow> row_of(const sqlite::Statement& row);
  Result<std::string_view> part(BlockReader& blocks, std::int64_t entry_id, std::int64_t message_id);

  sqlite::Connection* db_;
  BlockReader* texts_;
  BlockReader* records_;
  MessageContexts* contexts_;
  sqlite::Statement select_;
};

}  // namespace cmem
