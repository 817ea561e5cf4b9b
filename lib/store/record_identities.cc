#include "store/record_identities.h"

#include <cstring>

#include "base/bytes.h"

namespace cmem {
namespace {

constexpr std::size_t kUuidDigits = 32;

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;  // upper case too: identities are equal if they are written alike
}

std::string to_bytes(const Hash128& identity) {
  std::string bytes(16, '\0');
  std::memcpy(bytes.data(), &identity.low, 8);
  std::memcpy(bytes.data() + 8, &identity.high, 8);
  return bytes;
}

Result<sqlite::Statement*> prepare(sqlite::Connection& db, std::optional<sqlite::Statement>& statement, const char* sql) {
  if (!statement) {
    CMEM_ASSIGN_OR_RETURN(statement, db.prepare(sql));
  }
  return &*statement;
}

// The integer of the first row; 0: no row.
Result<std::int64_t> first_int(sqlite::Statement& statement) {
  CMEM_ASSIGN_OR_RETURN(const bool row, statement.step());
  const std::int64_t value = row ? statement.column_int(0) : 0;
  statement.reset();
  return value;
}

Status bind_or_null(sqlite::Statement& statement, int index, std::int64_t id) {
  return id == 0 ? statement.bind_null(index) : statement.bind(index, id);
}

}  // namespace

Hash128 identity_of(std::string_view uuid) {
  std::uint64_t halves[2] = {0, 0};
  std::size_t digits = 0;
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash && uuid[i] == '-') continue;
    const int digit = dash ? -1 : digit_of(uuid[i]);
    if (digit < 0 || digits == kUuidDigits) return xxh3_128(uuid);
    std::uint64_t& half = halves[digits++ / 16];
    half = half << 4 | static_cast<std::uint64_t>(digit);
  }
  return digits == kUuidDigits ? Hash128{halves[1], halves[0]} : xxh3_128(uuid);
}

Result<std::int64_t> RecordIdentities::find(sqlite::Connection& db, const Hash128& identity) {
  CMEM_ASSIGN_OR_RETURN(auto* const find, prepare(db, find_, "SELECT message_id FROM main.record_identity WHERE uuid = ?1"));
  CMEM_TRY(find->bind_blob(1, as_bytes(to_bytes(identity))));
  return first_int(*find);
}

// Most are new, so that to look first would be a second way through the index.
Result<std::int64_t> RecordIdentities::find_or_add(sqlite::Connection& db, const Hash128& identity, std::int64_t message_id,
                                                   const std::optional<Hash128>& parent) {
  CMEM_ASSIGN_OR_RETURN(auto* const add,
                        prepare(db, add_, "INSERT INTO main.record_identity VALUES(?1, ?2, ?3) ON CONFLICT(uuid) DO NOTHING"));
  CMEM_TRY(add->bind(1, message_id));
  CMEM_TRY(add->bind_blob(2, as_bytes(to_bytes(identity))));
  CMEM_TRY(parent ? add->bind_blob(3, as_bytes(to_bytes(*parent))) : add->bind_null(3));
  CMEM_TRY(add->run());
  if (db.changes() > 0) return std::int64_t{0};
  return find(db, identity);
}

Result<bool> RecordIdentities::is_copied_to(sqlite::Connection& db, std::int64_t message_id, std::int64_t origin_id,
                                            std::int64_t line) {
  CMEM_ASSIGN_OR_RETURN(
      auto* const find,
      prepare(db, find_copy_, "SELECT id FROM main.record_copy WHERE origin_id = ?1 AND line = ?2 AND message_id = ?3 LIMIT 1"));
  CMEM_TRY(find->bind(1, origin_id));
  CMEM_TRY(find->bind(2, line));
  CMEM_TRY(find->bind(3, message_id));
  CMEM_ASSIGN_OR_RETURN(const std::int64_t id, first_int(*find));
  return id != 0;
}

Result<RecordCopy> RecordIdentities::newest_at(sqlite::Connection& db, std::int64_t origin_id, std::int64_t line) {
  CMEM_ASSIGN_OR_RETURN(auto* const find, prepare(db, newest_,
                                                  "SELECT id, message_id, shape_id FROM main.record_copy WHERE origin_id = ?1 AND "
                                                  "line = ?2 ORDER BY id DESC LIMIT 1"));
  CMEM_TRY(find->bind(1, origin_id));
  CMEM_TRY(find->bind(2, line));
  CMEM_ASSIGN_OR_RETURN(const bool row, find->step());
  RecordCopy copy;
  if (row) copy = {find->column_int(0), find->column_int(1), origin_id, line, 0, find->column_int(2)};
  find->reset();
  return copy;
}

Status RecordIdentities::add_copy(sqlite::Connection& db, const RecordCopy& copy) {
  CMEM_ASSIGN_OR_RETURN(auto* const add, prepare(db, add_copy_, "INSERT INTO main.record_copy VALUES(?1, ?2, ?3, ?4, ?5, ?6)"));
  CMEM_TRY(add->bind(1, copy.id));
  CMEM_TRY(bind_or_null(*add, 2, copy.message_id));
  CMEM_TRY(add->bind(3, copy.origin_id));
  CMEM_TRY(add->bind(4, copy.line));
  CMEM_TRY(bind_or_null(*add, 5, copy.session_id));
  CMEM_TRY(bind_or_null(*add, 6, copy.shape_id));
  return add->run();
}

}  // namespace cmem
