#include "store/secret_policy.h"

#include <mutex>

namespace cmem {

Result<bool> read_redacts(sqlite::Connection& db) {
  CMEM_ASSIGN_OR_RETURN(const std::int64_t rows,
                        db.query_int("SELECT count(*) FROM main.meta WHERE key = 'secrets' AND value = 'redact'"));
  return rows > 0;
}

Status write_redacts(Store& store, bool redacts) {
  const std::lock_guard lock(store.write_mutex());
  CMEM_ASSIGN_OR_RETURN(Writer* const writer, store.writer());
  CMEM_TRY(writer->begin("memory secrets"));
  auto status = writer->db().exec(redacts ? "INSERT OR REPLACE INTO main.meta VALUES('secrets', 'redact')"
                                          : "DELETE FROM main.meta WHERE key = 'secrets'");
  if (status) return writer->commit();
  writer->rollback();
  return status;
}

}  // namespace cmem
