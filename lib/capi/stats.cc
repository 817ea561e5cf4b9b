// cmem_stats_get and cmem_sizes.
#include <cstring>
#include <mutex>

#include "base/bytes.h"
#include "base/file.h"
#include "capi/guard.h"
#include "capi/handles.h"
#include "capi/options.h"
#include "sqlite/transaction.h"
#include "store/content_root.h"
#include "store/sizes.h"

namespace cmem {
namespace {

constexpr const char* kTotals =
    "SELECT messages, next_text_id - 1, (SELECT count(*) FROM main.session), (SELECT count(*) FROM main.project), "
    "(SELECT count(*) FROM main.component), (SELECT count(*) FROM main.origin), (SELECT count(*) FROM main.run), "
    "(SELECT coalesce(sum(rejected), 0) FROM main.run), (SELECT coalesce(sum(duplicates), 0) FROM main.run), "
    "(SELECT coalesce(sum(without_time), 0) FROM main.context), (SELECT min(first_ms) FROM main.context), "
    "(SELECT max(last_ms) FROM main.context), csn, text_bytes, content_root FROM main.commit_clock";

std::int64_t time_or_none(const sqlite::Statement& row, int column) {
  return row.column_is_null(column) ? kNoTime : row.column_int(column);
}

Result<cmem_stats> read_stats(Store& store) {
  cmem_stats stats CMEM_STATS_INIT;
  CMEM_ASSIGN_OR_RETURN(auto transaction, store.begin_read());
  CMEM_ASSIGN_OR_RETURN(const auto version, store.reader().query_int("PRAGMA user_version"));
  CMEM_ASSIGN_OR_RETURN(auto row, store.reader().prepare(kTotals));
  CMEM_ASSIGN_OR_RETURN(const bool found, row.step());
  if (!found) return Unexpected(Code::kCorrupt, "commit_clock has no row; restore the store from a backup");
  stats.schema_version = static_cast<uint32_t>(version);
  stats.messages = row.column_int(0);
  stats.distinct_texts = row.column_int(1);
  stats.sessions = row.column_int(2);
  stats.projects = row.column_int(3);
  stats.components = row.column_int(4);
  stats.sources = row.column_int(5);
  stats.runs = row.column_int(6);
  stats.rejected = row.column_int(7);
  stats.duplicates = row.column_int(8);
  stats.without_time = row.column_int(9);
  stats.first_ms = time_or_none(row, 10);
  stats.last_ms = time_or_none(row, 11);
  stats.csn = row.column_int(12);
  stats.text_bytes = row.column_int(13);
  const std::string root = to_hex(content_root_from_bytes(as_text(row.column_blob(14))));
  std::memcpy(stats.content_root, root.c_str(), sizeof stats.content_root);
  const auto file = stat_file(store.path());
  stats.store_bytes = (file ? file->size_bytes : 0) + store.reader().wal_bytes();
  return stats;
}

}  // namespace
}  // namespace cmem

using namespace cmem;

cmem_status cmem_stats_get(cmem_stats* out, cmem_store* store, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(check_output(out, "out"));
    CMEM_TRY(require(store, "store"));
    const std::lock_guard lock(store->store->read_mutex());
    CMEM_ASSIGN_OR_RETURN(const cmem_stats stats, read_stats(*store->store));
    write_output(out, stats);
    return {};
  });
}

cmem_status cmem_sizes(cmem_cursor** out, cmem_store* store, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(check_call(out, store));
    const std::lock_guard lock(store->store->read_mutex());
    CMEM_ASSIGN_OR_RETURN(auto transaction, store->store->begin_read());
    CMEM_ASSIGN_OR_RETURN(const auto parts, measure_sizes(store->store->reader()));
    auto table = std::make_unique<ReadyTable>(std::vector<Column>{{"part", CMEM_TYPE_TEXT},
                                                                  {"bytes", CMEM_TYPE_INT},
                                                                  {"rows", CMEM_TYPE_INT},
                                                                  {"derived", CMEM_TYPE_INT},
                                                                  {"note", CMEM_TYPE_TEXT},
                                                                  {"kind", CMEM_TYPE_TEXT}});
    for (const StorePart& part : parts)
      table->add({Cell::string(part.name), Cell::number(part.bytes), part.rows < 0 ? Cell::null() : Cell::number(part.rows),
                  Cell::number(part.kind == PartKind::kDerived ? 1 : 0), Cell::string(part.note),
                  Cell::string(std::string(to_string(part.kind)))});
    return give_cursor(out, std::move(table));
  });
}
