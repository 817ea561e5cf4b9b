#include "privacy/redact_stored.h"

#include <fmt/format.h>

#include <mutex>
#include <unordered_map>

#include "base/bytes.h"
#include "base/hash.h"
#include "codec/zstd_frame.h"
#include "privacy/residue_text.h"
#include "secrets/secret_kinds.h"
#include "store/block_log.h"
#include "store/file_store.h"
#include "store/forget.h"
#include "store/rewrite.h"

namespace cmem {
namespace {

// Values that come from sources; a name that would meet another one stays.
struct NamedValue {
  const char* table;
  const char* column;
  const char* key;
};
constexpr NamedValue kValues[] = {{"rejected_record", "excerpt", "run_id || ' ' || seq"},
                                  {"rejected_record", "reason", "run_id || ' ' || seq"},
                                  {"shape", "text", "id"},
                                  {"session", "external_id", "id"},
                                  {"project", "path", "id"},
                                  {"component", "name", "id"},
                                  {"origin", "path", "id"},
                                  {"tracked_path", "path", "name"},
                                  {"saved_search", "query", "name"},
                                  {"run", "source", "id"}};

std::string_view bytes_of(const Sha256Digest& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

class StoredRedaction {
 public:
  StoredRedaction(sqlite::Connection& db, const Redactor& redactor, RedactStoredResult& result)
      : db_(db), redactor_(redactor), result_(result) {}

  Status run() {
    CMEM_TRY(redact_texts());
    CMEM_TRY(forget_old_texts());
    CMEM_TRY(redact_lines());
    CMEM_TRY(forget_old_lines());
    CMEM_TRY(redact_files());
    for (const NamedValue& value : kValues) CMEM_TRY(redact_values(value));
    return write_counts();
  }

 private:
  Status redact_texts() {
    return rewrite_entries(db_, "text_block", [&](std::int64_t id, std::string_view text) -> Result<std::optional<std::string>> {
      std::string redacted;
      if (!redactor_.redact(text, redacted, result_.secrets)) return std::optional<std::string>();
      old_texts_.emplace(id, sha256(text));
      ++result_.texts;
      return std::optional(std::move(redacted));
    });
  }

  // A message as it was does not come back when its source is loaded again.
  Status forget_old_texts() {
    if (old_texts_.empty()) return {};
    CMEM_ASSIGN_OR_RETURN(auto forgotten, ForgottenWriter::create(db_));
    CMEM_ASSIGN_OR_RETURN(
        auto rows,
        db_.prepare("SELECT o.path, m.line, m.text_id, i.uuid FROM main.message m JOIN main.context c ON c.id = m.context_id "
                    "JOIN main.origin o ON o.id = c.origin_id LEFT JOIN main.record_identity i ON i.message_id = m.id"));
    while (true) {
      CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
      if (!row) return {};
      const auto old = old_texts_.find(rows.column_int(2));
      if (old == old_texts_.end()) continue;
      ++result_.messages;
      CMEM_TRY(forgotten.add(forgotten.keys().place(rows.column_text(0), rows.column_int(1), old->second)));
      if (!rows.column_is_null(3)) CMEM_TRY(forgotten.add(forgotten.keys().identity(hash128_from(as_text(rows.column_blob(3))))));
    }
  }

  Status redact_lines() {
    CMEM_ASSIGN_OR_RETURN(auto shapes, ShapesById::open(db_));
    ShapeLiterals literals(db_);
    return rewrite_entries(
        db_, "record_block", [&](std::int64_t id, std::string_view residue) -> Result<std::optional<std::string>> {
          if (residue.empty()) return std::optional<std::string>();
          CMEM_ASSIGN_OR_RETURN(const std::int64_t shape_id, shapes.of(id));
          CMEM_ASSIGN_OR_RETURN(auto edited,
                                edit_residue(residue, shape_id, literals, [&](std::string_view before, std::string_view value) {
                                  return redact_behind(before, value);
                                }));
          if (edited) {
            ++result_.lines;
            old_lines_.emplace(id, old_value_);
          }
          return edited;
        });
  }

  std::optional<std::string> redact_behind(std::string_view before, std::string_view value) {
    std::string redacted;
    const std::string whole = std::string(before) + std::string(value);
    if (!redactor_.redact(whole, redacted, result_.secrets)) return std::nullopt;
    old_value_ = sha256(value);
    if (redacted.starts_with(before)) return redacted.substr(before.size());
    // The secret is in the shape's own bytes.
    if (!redactor_.redact(value, redacted, result_.secrets)) return std::nullopt;
    return redacted;
  }

  // Nor does a line, whose message says the same with it and without it.
  Status forget_old_lines() {
    if (old_lines_.empty()) return {};
    BlockReader texts("text_block", std::size_t{4} << 20);
    CMEM_ASSIGN_OR_RETURN(auto forgotten, ForgottenWriter::create(db_));
    CMEM_ASSIGN_OR_RETURN(
        auto rows,
        db_.prepare("SELECT m.id, o.path, m.line, m.text_id, i.uuid FROM main.message m JOIN main.context c ON c.id = m.context_id "
                    "JOIN main.origin o ON o.id = c.origin_id LEFT JOIN main.record_identity i ON i.message_id = m.id "
                    "UNION ALL SELECT r.id, o.path, r.line, m.text_id, i.uuid FROM main.record_copy r JOIN main.origin o ON o.id = "
                    "r.origin_id LEFT JOIN main.message m ON m.id = r.message_id LEFT JOIN main.record_identity i ON "
                    "i.message_id = r.message_id"));
    while (true) {
      CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
      if (!row) return {};
      const auto old = old_lines_.find(rows.column_int(0));
      if (old == old_lines_.end()) continue;
      Sha256Digest said = old->second;
      if (!rows.column_is_null(3)) {
        CMEM_ASSIGN_OR_RETURN(const auto text, texts.read(db_, rows.column_int(3)));
        said = sha256(text);
      }
      CMEM_TRY(forgotten.add(forgotten.keys().place(rows.column_text(1), rows.column_int(2), said)));
      if (!rows.column_is_null(4)) CMEM_TRY(forgotten.add(forgotten.keys().identity(hash128_from(as_text(rows.column_blob(4))))));
    }
  }

  Status redact_files() {
    CMEM_ASSIGN_OR_RETURN(auto blobs, db_.prepare("SELECT id FROM main.blob WHERE id > ?1 ORDER BY id LIMIT 1"));
    for (std::int64_t after = 0;;) {
      CMEM_TRY(blobs.bind(1, after));
      CMEM_ASSIGN_OR_RETURN(const bool row, blobs.step());
      if (!row) return {};
      after = blobs.column_int(0);
      blobs.reset();
      CMEM_ASSIGN_OR_RETURN(const std::string bytes, read_blob(db_, after));
      std::string redacted;
      if (!redactor_.redact(bytes, redacted, result_.secrets)) continue;
      ++result_.files;
      CMEM_TRY(forget_old_file(after, sha256(bytes)));
      CMEM_TRY(replace_blob(after, redacted));
    }
  }

  Status forget_old_file(std::int64_t blob_id, const Sha256Digest& digest) {
    CMEM_ASSIGN_OR_RETURN(auto forgotten, ForgottenWriter::create(db_));
    CMEM_ASSIGN_OR_RETURN(
        auto rows,
        db_.prepare("SELECT o.path FROM main.stored_file f JOIN main.origin o ON o.id = f.origin_id WHERE f.blob_id = ?1"));
    CMEM_TRY(rows.bind(1, blob_id));
    while (true) {
      CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
      if (!row) return {};
      CMEM_TRY(forgotten.add(forgotten.keys().file(rows.column_text(0), digest)));
    }
  }

  // Two contents may become one.
  Status replace_blob(std::int64_t id, std::string_view bytes) {
    const Sha256Digest digest = sha256(bytes);
    CMEM_ASSIGN_OR_RETURN(auto same, db_.prepare("SELECT id FROM main.blob WHERE sha256 = ?1"));
    CMEM_TRY(same.bind_blob(1, as_bytes(bytes_of(digest))));
    CMEM_ASSIGN_OR_RETURN(const bool known, same.step());
    if (known) {
      const std::int64_t other = same.column_int(0);
      same.reset();
      return db_.exec(
          fmt::format("UPDATE OR IGNORE main.stored_file SET blob_id = {0} WHERE blob_id = {1}; DELETE FROM main.stored_file "
                      "WHERE blob_id = {1}; DELETE FROM main.blob WHERE id = {1};",
                      other, id));
    }
    std::string frame;
    CMEM_TRY(FrameCompressor(kBlockCompressionLevel).compress(bytes, frame));
    CMEM_ASSIGN_OR_RETURN(auto update, db_.prepare("UPDATE main.blob SET sha256 = ?2, raw_bytes = ?3, data = ?4 WHERE id = ?1"));
    CMEM_TRY(update.bind(1, id));
    CMEM_TRY(update.bind_blob(2, as_bytes(bytes_of(digest))));
    CMEM_TRY(update.bind(3, static_cast<std::int64_t>(bytes.size())));
    CMEM_TRY(update.bind_blob(4, as_bytes(frame)));
    return update.run();
  }

  Status redact_values(const NamedValue& value) {
    CMEM_ASSIGN_OR_RETURN(auto rows, db_.prepare(fmt::format("SELECT {}, {}, typeof({}) FROM main.{}", value.key, value.column,
                                                             value.column, value.table)));
    struct Change {
      std::string key, bytes;
      bool is_blob;
    };
    std::vector<Change> changes;
    while (true) {
      CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
      if (!row) break;
      std::string redacted;
      if (redactor_.redact(as_text(rows.column_blob(1)), redacted, result_.secrets))
        changes.push_back({std::string(rows.column_text(0)), std::move(redacted), rows.column_text(2) == "blob"});
    }
    if (changes.empty()) return {};
    CMEM_ASSIGN_OR_RETURN(auto update,
                          db_.prepare(fmt::format("UPDATE OR IGNORE main.{} SET {} = ?2 WHERE {} = ?1", value.table, value.column,
                                                  std::string_view(value.key) == "id" ? "CAST(id AS TEXT)" : value.key)));
    for (const Change& change : changes) {
      CMEM_TRY(update.bind_text(1, change.key));
      CMEM_TRY(change.is_blob ? update.bind_blob(2, as_bytes(change.bytes)) : update.bind_text(2, change.bytes));
      CMEM_TRY(update.run());
    }
    return {};
  }

  // Under run 0: they are no load's.
  Status write_counts() {
    CMEM_ASSIGN_OR_RETURN(auto add,
                          db_.prepare("INSERT INTO main.redaction VALUES(0, ?1, ?2) ON CONFLICT(run_id, kind) DO UPDATE SET "
                                      "count = count + excluded.count"));
    for (const auto& [kind, count] : result_.secrets) {
      CMEM_TRY(add.bind_text(1, secret_kinds()[kind].name));
      CMEM_TRY(add.bind(2, count));
      CMEM_TRY(add.run());
    }
    return {};
  }

  sqlite::Connection& db_;
  const Redactor& redactor_;
  RedactStoredResult& result_;
  std::unordered_map<std::int64_t, Sha256Digest> old_texts_;  // by text
  std::unordered_map<std::int64_t, Sha256Digest> old_lines_;  // of the value that changed last, by message or copy
  Sha256Digest old_value_{};
};

}  // namespace

Result<RedactStoredResult> redact_stored(Store& store, const std::vector<std::string>& kinds, bool dry_run) {
  std::vector<std::uint8_t> wanted;
  for (const std::string& name : kinds) {
    const auto kind = find_secret_kind(name);
    if (!kind)
      return Unexpected(Code::kInvalid, fmt::format("there is no kind of secret \"{}\"; `memory secrets kinds` lists them", name));
    wanted.push_back(*kind);
  }
  RedactStoredResult result;
  CMEM_ASSIGN_OR_RETURN(result.compacted, rewrite_store(store, {"memory forget", dry_run}, [&](sqlite::Connection& db) -> Status {
                          CMEM_ASSIGN_OR_RETURN(auto salt, read_salt(db));
                          Redactor redactor(std::move(salt));
                          redactor.restrict_to(wanted);
                          return StoredRedaction(db, redactor, result).run();
                        }));
  return result;
}

}  // namespace cmem
