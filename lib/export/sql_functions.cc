#include "export/sql_functions.h"

#include <memory>
#include <optional>
#include <string>

#include "base/error_template.h"
#include "export/record_restorer.h"
#include "sqlite/function.h"
#include "store/message_reader.h"
#include "store/schema.h"

namespace cmem {
namespace {

constexpr std::size_t kCacheBytes = std::size_t{8} << 20;
constexpr std::size_t kContextCacheBytes = std::size_t{1} << 20;

// What the functions of one connection share. Its statements are made by a borrowed view of the connection, which does not keep it
// open.
struct Contents {
  explicit Contents(sqlite::Connection connection) : db(std::move(connection)) {}

  sqlite::Connection db;
  BlockReader texts{"text_block", kCacheBytes};
  BlockReader records{"record_block", kCacheBytes};
  MessageContexts contexts{kContextCacheBytes};

  using Part = Result<std::string> (*)(MessageReader& reader, RecordRestorer& restorer, const MessageRow& message);

  // Statements are closed with each call: an open one would keep the host from closing its connection.
  Result<std::optional<std::string>> get(std::int64_t id, Part part) {
    CMEM_ASSIGN_OR_RETURN(auto reader, MessageReader::create(db, texts, records, contexts));
    RecordRestorer restorer(reader);
    const auto message = reader.read(id);
    contexts.close_statements();
    if (!message && message.error().code == Code::kNotFound) return std::optional<std::string>();
    if (!message) return Unexpected(message.error());
    auto value = part(reader, restorer, *message);
    texts.close_statements();
    records.close_statements();
    contexts.close_statements();
    if (!value) return Unexpected(std::move(value).error());
    return std::optional(std::move(*value));
  }
};

}  // namespace

Status define_sql_functions(sqlite::Connection& db) {
  const auto contents = std::make_shared<Contents>(sqlite::Connection::borrow(db.raw()));
  const auto define = [&](const char* name, Contents::Part part) {
    return sqlite::define_id_function(db, name, [contents, part](std::int64_t id) { return contents->get(id, part); });
  };
  CMEM_TRY(define("cmem_content",
                  [](MessageReader& reader, RecordRestorer&, const MessageRow& message) { return reader.content(message); }));
  CMEM_TRY(define("cmem_hash",
                  [](MessageReader&, RecordRestorer& restorer, const MessageRow& message) { return restorer.hash(message); }));
  CMEM_TRY(define("cmem_metadata",
                  [](MessageReader&, RecordRestorer& restorer, const MessageRow& message) { return restorer.metadata(message); }));
  CMEM_TRY(
      define("cmem_nested_level", [](MessageReader& reader, RecordRestorer&, const MessageRow& message) -> Result<std::string> {
        if (message.context->source_type != SourceType::kDebug) return std::string();
        CMEM_ASSIGN_OR_RETURN(const auto text, reader.text(message));
        return std::string(to_string(error_template(text).level_inside));
      }));
  return define("cmem_raw",
                [](MessageReader&, RecordRestorer& restorer, const MessageRow& message) { return restorer.line(message); });
}

Status create_full_view(sqlite::Connection& db) {
  return db.exec(
      "CREATE TEMP VIEW IF NOT EXISTS session_messages AS " +
      session_messages_select(", cmem_hash(m.id) AS hash, cmem_content(m.id) AS content, cmem_metadata(m.id) AS metadata, "
                              "nullif(cmem_nested_level(m.id), '') AS nested_level"));
}

}  // namespace cmem
