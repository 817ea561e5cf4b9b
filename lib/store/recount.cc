#include "store/recount.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/bytes.h"
#include "base/hash.h"
#include "store/block_log.h"

namespace cmem {
namespace {

struct ContextFacts {
  std::int64_t origin_id;
  std::uint64_t identity;
  std::uint64_t kind;
  std::uint64_t origin_hash;
  std::uint64_t session_hash;
  bool has_exact_times;
};

Hash128 hash_from(std::string_view bytes) {
  Hash128 hash;
  if (bytes.size() != sizeof hash) return hash;
  std::memcpy(&hash.low, bytes.data(), 8);
  std::memcpy(&hash.high, bytes.data() + 8, 8);
  return hash;
}

Result<std::unordered_map<std::int64_t, ContextFacts>> read_contexts(sqlite::Connection& db) {
  CMEM_ASSIGN_OR_RETURN(
      auto rows,
      db.prepare("SELECT c.id, c.origin_id, o.path, s.external_id, p.path, r.name, t.name, l.name, c.prefix, c.time_precision "
                 "FROM main.context c JOIN main.origin o ON o.id = c.origin_id JOIN main.source_type t ON t.id = c.source_type "
                 "LEFT JOIN main.session s ON s.id = c.session_id LEFT JOIN main.project p ON p.id = c.project_id "
                 "LEFT JOIN main.role r ON r.id = c.role_id LEFT JOIN main.level l ON l.id = c.level"));
  std::unordered_map<std::int64_t, ContextFacts> contexts;
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) return contexts;
    const ContextIdentity identity{rows.column_text(2),
                                   rows.column_text(3),
                                   rows.column_text(4),
                                   rows.column_text(5),
                                   rows.column_text(6),
                                   rows.column_text(7),
                                   static_cast<std::uint8_t>(rows.column_int(8))};
    contexts.emplace(rows.column_int(0),
                     ContextFacts{rows.column_int(1), identity_hash(identity), kind_hash(identity), xxh3_64(identity.origin),
                                  xxh3_64(identity.session), rows.column_int(9) == 0});
  }
}

Status read_texts(sqlite::Connection& db, Recount& counted, std::vector<std::uint32_t>& lengths) {
  return for_each_entry(db, "text_block", [&](std::int64_t id, std::string_view text) -> Status {
    if (id != counted.texts + 1)
      return Unexpected(Code::kCorrupt, fmt::format("text_block: text {} is missing", counted.texts + 1));
    ++counted.texts;
    counted.text_bytes += static_cast<std::int64_t>(text.size());
    counted.text_hashes.push_back(xxh3_64(text));
    lengths.push_back(static_cast<std::uint32_t>(text.size()));
    return {};
  });
}

void count_time(ContextCount& count, std::int64_t time_ms) {
  ++count.messages;
  if (time_ms == kNoTime) {
    ++count.without_time;
    return;
  }
  count.first_ms = count.first_ms == kNoTime ? time_ms : std::min(count.first_ms, time_ms);
  count.last_ms = std::max(count.last_ms, time_ms);
}

void add_to_root(const ContextFacts& context, const RowFacts& row, const Hash128* identity, std::uint64_t text_hash,
                 std::size_t text_bytes, ContentRoot& root) {
  const std::int64_t time_ms = context.has_exact_times ? row.time_ms : kNoTime;
  if (!identity) return root.add(message_digest(context.identity, row.position, time_ms, text_hash, text_bytes));
  root.add(record_digest(*identity, context.kind, time_ms, text_hash, text_bytes));
  root.add(place_digest(*identity, context.origin_hash, context.session_hash, row.position));
}

// Records with an identity of their own, in the order of their messages.
class Identities {
 public:
  static Result<Identities> open(sqlite::Connection& db) {
    Identities identities;
    CMEM_ASSIGN_OR_RETURN(identities.rows_, db.prepare("SELECT message_id, uuid FROM main.record_identity ORDER BY message_id"));
    CMEM_TRY(identities.next());
    return identities;
  }
  // Of a message behind the one asked for before; nullptr: it has none.
  Result<const Hash128*> of(std::int64_t message_id) {
    while (message_id_ < message_id) CMEM_TRY(next());
    return message_id_ == message_id ? &identity_ : nullptr;
  }

 private:
  Status next() {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows_.step());
    message_id_ = row ? rows_.column_int(0) : std::numeric_limits<std::int64_t>::max();
    if (row) identity_ = hash_from(as_text(rows_.column_blob(1)));
    return {};
  }

  sqlite::Statement rows_;
  std::int64_t message_id_ = 0;
  Hash128 identity_;
};

// Each place once, in whatever forms its line was met, and not the place of the message itself.
Status add_copies(sqlite::Connection& db, ContentRoot& root) {
  CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare("SELECT i.uuid, o.path, s.external_id, c.line, min(c.id) FROM main.record_copy c "
                                              "JOIN main.record_identity i ON i.message_id = c.message_id "
                                              "JOIN main.message m ON m.id = c.message_id "
                                              "JOIN main.context x ON x.id = m.context_id "
                                              "JOIN main.origin o ON o.id = c.origin_id "
                                              "LEFT JOIN main.session s ON s.id = c.session_id "
                                              "WHERE x.origin_id <> c.origin_id OR m.line <> c.line "
                                              "GROUP BY c.message_id, c.origin_id, c.line"));
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) return {};
    root.add(place_digest(hash_from(as_text(rows.column_blob(0))), xxh3_64(rows.column_text(1)), xxh3_64(rows.column_text(2)),
                          rows.column_int(3)));
  }
}

}  // namespace

Result<Recount> recount(sqlite::Connection& db, const std::function<Status(const RowFacts& row)>& visit) {
  Recount counted;
  std::vector<std::uint32_t> lengths;
  CMEM_TRY(read_texts(db, counted, lengths));
  CMEM_ASSIGN_OR_RETURN(const auto contexts, read_contexts(db));
  CMEM_ASSIGN_OR_RETURN(auto identities, Identities::open(db));
  CMEM_TRY(add_copies(db, counted.root));
  CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare("SELECT id, text_id, time_ms, context_id, line FROM main.message ORDER BY id"));
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool found, rows.step());
    if (!found) return counted;
    RowFacts row{
        rows.column_int(0), rows.column_int(1), rows.column_is_null(2) ? kNoTime : rows.column_int(2), rows.column_int(3), 0,
        rows.column_int(4)};
    const auto context = contexts.find(row.context_id);
    if (context == contexts.end())
      return Unexpected(Code::kCorrupt, fmt::format("message {}: its context {} is missing", row.id, row.context_id));
    if (row.text_id < 1 || row.text_id > counted.texts)
      return Unexpected(Code::kCorrupt, fmt::format("message {}: its text {} is missing", row.id, row.text_id));
    row.origin_id = context->second.origin_id;
    const auto text = static_cast<std::size_t>(row.text_id - 1);
    ++counted.messages;
    CMEM_ASSIGN_OR_RETURN(const Hash128* const identity, identities.of(row.id));
    add_to_root(context->second, row, identity, counted.text_hashes[text], lengths[text], counted.root);
    count_time(counted.contexts[row.context_id], row.time_ms);
    if (visit) CMEM_TRY(visit(row));
  }
}

}  // namespace cmem
