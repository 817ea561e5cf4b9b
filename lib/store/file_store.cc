#include "store/file_store.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/terms.h"
#include "store/block_log.h"

namespace cmem {
namespace {

constexpr std::size_t kTrackedNameDigits = 16;

std::string_view bytes_of(const Sha256Digest& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

}  // namespace

FileStore::FileStore() : compressor_(kBlockCompressionLevel) {}

Result<std::int64_t> FileStore::blob_of(sqlite::Connection& db, std::string_view bytes) {
  if (!find_blob_) {
    CMEM_ASSIGN_OR_RETURN(find_blob_, db.prepare("SELECT id FROM main.blob WHERE sha256 = ?1"));
    CMEM_ASSIGN_OR_RETURN(add_blob_, db.prepare("INSERT INTO main.blob(sha256, raw_bytes, data) VALUES(?1, ?2, ?3)"));
  }
  const Sha256Digest digest = sha256(bytes);
  CMEM_TRY(find_blob_->bind_blob(1, as_bytes(bytes_of(digest))));
  CMEM_ASSIGN_OR_RETURN(const bool known, find_blob_->step());
  const std::int64_t id = known ? find_blob_->column_int(0) : 0;
  find_blob_->reset();
  if (known) return id;
  std::string frame;
  CMEM_TRY(compressor_.compress(bytes, frame));
  CMEM_TRY(add_blob_->bind_blob(1, as_bytes(bytes_of(digest))));
  CMEM_TRY(add_blob_->bind(2, static_cast<std::int64_t>(bytes.size())));
  CMEM_TRY(add_blob_->bind_blob(3, as_bytes(frame)));
  CMEM_TRY(add_blob_->run());
  return db.last_insert_rowid();
}

Status FileStore::add(sqlite::Connection& db, std::int64_t origin_id, std::string_view bytes, std::int64_t mtime_ms) {
  CMEM_ASSIGN_OR_RETURN(const std::int64_t blob_id, blob_of(db, bytes));
  if (!add_file_) {
    // What a file held before and holds again becomes the newest.
    CMEM_ASSIGN_OR_RETURN(
        add_file_, db.prepare("INSERT OR REPLACE INTO main.stored_file(origin_id, blob_id, mtime_ms) SELECT ?1, ?2, ?3 WHERE ?2 IS "
                              "NOT (SELECT blob_id FROM main.stored_file WHERE origin_id = ?1 ORDER BY id DESC LIMIT 1)"));
  }
  CMEM_TRY(add_file_->bind(1, origin_id));
  CMEM_TRY(add_file_->bind(2, blob_id));
  CMEM_TRY(mtime_ms == kNoTime ? add_file_->bind_null(3) : add_file_->bind(3, mtime_ms));
  return add_file_->run();
}

Status FileStore::add_tracked_path(sqlite::Connection& db, std::string_view path) {
  if (!add_path_) {
    CMEM_ASSIGN_OR_RETURN(add_path_, db.prepare("INSERT INTO main.tracked_path VALUES(?1, ?2) ON CONFLICT DO NOTHING"));
  }
  CMEM_TRY(add_path_->bind_text(1, tracked_name_of(path)));
  CMEM_TRY(add_path_->bind_text(2, path));
  return add_path_->run();
}

std::string tracked_name_of(std::string_view path) { return to_hex(sha256(path)).substr(0, kTrackedNameDigits); }

Result<std::string> read_blob(sqlite::Connection& db, std::int64_t blob_id) {
  CMEM_ASSIGN_OR_RETURN(auto select, db.prepare("SELECT raw_bytes, data FROM main.blob WHERE id = ?1"));
  CMEM_TRY(select.bind(1, blob_id));
  CMEM_ASSIGN_OR_RETURN(const bool found, select.step());
  if (!found) return Unexpected(Code::kNotFound, fmt::format("there is no stored file content {}", blob_id));
  std::string bytes;
  const auto status =
      FrameDecompressor().decompress(as_text(select.column_blob(1)), static_cast<std::size_t>(select.column_int(0)), bytes);
  if (!status)
    return Unexpected(Code::kCorrupt,
                      fmt::format("stored file content {}: {}; restore the store from a backup", blob_id, status.error().text));
  return bytes;
}

}  // namespace cmem
