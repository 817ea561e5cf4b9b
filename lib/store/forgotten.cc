#include "store/forgotten.h"

#include <cstring>

#include "base/bytes.h"
#include "store/record_identities.h"

namespace cmem {
namespace {

std::string_view view_of(const Sha256Digest& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

}  // namespace

std::string to_bytes(const Hash128& key) {
  std::string bytes(16, '\0');
  std::memcpy(bytes.data(), &key.low, 8);
  std::memcpy(bytes.data() + 8, &key.high, 8);
  return bytes;
}

Hash128 hash128_from(std::string_view bytes) {
  Hash128 key;
  if (bytes.size() != sizeof key) return key;
  std::memcpy(&key.low, bytes.data(), 8);
  std::memcpy(&key.high, bytes.data() + 8, 8);
  return key;
}

Hash128 ForgottenKeys::key(std::string bytes) const { return hash128_from(view_of(sha256(salt_ + bytes)).substr(0, 16)); }

Hash128 ForgottenKeys::place(std::string_view origin, std::int64_t position, const Sha256Digest& text) const {
  return key("place" + std::to_string(position) + " " + std::string(view_of(text)) + std::string(origin));
}

Hash128 ForgottenKeys::identity(const Hash128& uuid) const { return key("record" + to_bytes(uuid)); }

Hash128 ForgottenKeys::file(std::string_view origin, const Sha256Digest& content) const {
  return key("file" + std::string(view_of(content)) + std::string(origin));
}

Result<std::string> read_salt(sqlite::Connection& db) { return db.query_text("SELECT value FROM main.meta WHERE key = 'salt'"); }

Status Forgotten::load(sqlite::Connection& db) {
  keys_.clear();
  CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare("SELECT key FROM main.forgotten"));
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) break;
    keys_.insert(hash128_from(as_text(rows.column_blob(0))));
  }
  if (keys_.empty()) return {};
  CMEM_ASSIGN_OR_RETURN(auto salt, read_salt(db));
  makes_ = ForgottenKeys(std::move(salt));
  return {};
}

bool Forgotten::has_message(std::string_view origin, std::int64_t position, std::string_view text, std::string_view uuid) const {
  if (!uuid.empty() && keys_.contains(makes_.identity(identity_of(uuid)))) return true;
  return keys_.contains(makes_.place(origin, position, sha256(text)));
}

Status Forgotten::add_message(sqlite::Connection& db, std::string_view origin, std::int64_t position, std::string_view text) {
  const Hash128 key = makes_.place(origin, position, sha256(text));
  CMEM_ASSIGN_OR_RETURN(auto insert, db.prepare("INSERT OR IGNORE INTO main.forgotten VALUES(?1)"));
  CMEM_TRY(insert.bind_blob(1, as_bytes(to_bytes(key))));
  CMEM_TRY(insert.run());
  keys_.insert(key);
  return {};
}

bool Forgotten::has_file(std::string_view origin, std::string_view content) const {
  return keys_.contains(makes_.file(origin, sha256(content)));
}

}  // namespace cmem
