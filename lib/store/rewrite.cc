#include "store/rewrite.h"

#include <mutex>

#include "store/rebuild.h"

namespace cmem {
namespace {

Status change_in_batch(Writer& writer, const std::function<Status(sqlite::Connection& db)>& change) {
  CMEM_TRY(change(writer.db()));
  CMEM_TRY(writer.db().exec("UPDATE main.commit_clock SET rewrites = rewrites + 1"));
  return rebuild_in_batch(writer, {});
}

}  // namespace

Result<bool> rewrite_store(Store& store, const RewriteOptions& options,
                           const std::function<Status(sqlite::Connection& db)>& change) {
  const std::scoped_lock lock(store.write_mutex(), store.read_mutex());
  CMEM_ASSIGN_OR_RETURN(Writer* const writer, store.writer());
  writer->reset_caches();
  CMEM_TRY(writer->db().exec("PRAGMA secure_delete = ON"));
  CMEM_TRY(writer->begin_maintenance(options.purpose));
  const auto status = options.dry_run ? change(writer->db()) : change_in_batch(*writer, change);
  if (!status || options.dry_run) {
    writer->rollback();
    CMEM_TRY(writer->db().exec("PRAGMA secure_delete = OFF"));
    if (!status) return Unexpected(status.error());
    return true;
  }
  CMEM_TRY(writer->commit());
  store.clear_caches();
  const auto compacted = writer->compact();
  CMEM_TRY(writer->db().exec("PRAGMA secure_delete = OFF"));
  if (!compacted && compacted.error().code != Code::kBusy) return Unexpected(compacted.error());
  return compacted.has_value();
}

}  // namespace cmem
