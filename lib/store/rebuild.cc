#include "store/rebuild.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/fault.h"
#include "store/activity.h"
#include "store/block_log.h"
#include "store/doc_values.h"
#include "store/error_log.h"
#include "store/occurrences.h"
#include "store/recount.h"
#include "store/schema.h"
#include "store/text_index_writer.h"
#include "store/text_indexing.h"

namespace cmem {
namespace {

constexpr std::int64_t kRowsPerStep = 65'536;
constexpr std::size_t kWaitingBytes = std::size_t{4} << 20;
constexpr std::size_t kTextBytesPerFlush = std::size_t{64} << 20;
constexpr std::size_t kHashesPerRow = 65'536;

Unexpected cancelled() { return Unexpected(Code::kCancelled, "the rebuild was cancelled; the store is unchanged"); }

Status index_texts(sqlite::Connection& db) {
  CMEM_ASSIGN_OR_RETURN(const std::int64_t next_segment_id, db.query_int("SELECT next_segment_id FROM main.commit_clock"));
  CMEM_ASSIGN_OR_RETURN(const auto indexing, find_indexing(db));
  TextIndexWriter index;
  CMEM_TRY(index.resume(db, 1, next_segment_id));
  std::size_t unwritten_bytes = 0;
  CMEM_TRY(for_each_entry(db, "text_block", [&](std::int64_t id, std::string_view text) -> Status {
    index.add(text, static_cast<std::size_t>(id) < indexing.size() ? indexing[static_cast<std::size_t>(id)] : Indexing::kWhole);
    unwritten_bytes += text.size();
    if (unwritten_bytes < kTextBytesPerFlush) return {};
    unwritten_bytes = 0;
    return index.flush(db);
  }));
  CMEM_TRY(index.flush(db));
  CMEM_ASSIGN_OR_RETURN(auto update, db.prepare("UPDATE main.commit_clock SET next_segment_id = ?1"));
  CMEM_TRY(update.bind(1, index.next_segment_id()));
  return update.run();
}

Status write_hashes(sqlite::Connection& db, const std::vector<std::uint64_t>& hashes) {
  CMEM_ASSIGN_OR_RETURN(auto insert, db.prepare("INSERT INTO main.text_lookup VALUES(?1, ?2)"));
  for (std::size_t at = 0; at < hashes.size(); at += kHashesPerRow) {
    const std::size_t count = std::min(kHashesPerRow, hashes.size() - at);
    CMEM_TRY(insert.bind(1, static_cast<std::int64_t>(at) + 1));
    CMEM_TRY(
        insert.bind_blob(2, as_bytes(std::string_view(reinterpret_cast<const char*>(&hashes[at]), count * sizeof(std::uint64_t)))));
    CMEM_TRY(insert.run());
  }
  return {};
}

Status write_counts(sqlite::Connection& db, const Recount& counted) {
  CMEM_TRY(db.exec("UPDATE main.context SET messages = 0, without_time = 0, first_ms = NULL, last_ms = NULL"));
  CMEM_ASSIGN_OR_RETURN(
      auto update,
      db.prepare("UPDATE main.context SET messages = ?2, without_time = ?3, first_ms = ?4, last_ms = ?5 WHERE id = ?1"));
  for (const auto& [id, count] : counted.contexts) {
    CMEM_TRY(update.bind(1, id));
    CMEM_TRY(update.bind(2, count.messages));
    CMEM_TRY(update.bind(3, count.without_time));
    CMEM_TRY(count.first_ms == kNoTime ? update.bind_null(4) : update.bind(4, count.first_ms));
    CMEM_TRY(count.last_ms == kNoTime ? update.bind_null(5) : update.bind(5, count.last_ms));
    CMEM_TRY(update.run());
  }
  CMEM_ASSIGN_OR_RETURN(auto clock, db.prepare("UPDATE main.commit_clock SET messages = ?1, text_bytes = ?2, content_root = ?3"));
  CMEM_TRY(clock.bind(1, counted.messages));
  CMEM_TRY(clock.bind(2, counted.text_bytes));
  CMEM_TRY(clock.bind_blob(3, as_bytes(to_bytes(counted.root))));
  return clock.run();
}

Status rebuild_tables(Writer& writer, const RebuildProgress& progress) {
  sqlite::Connection& db = writer.db();
  CMEM_ASSIGN_OR_RETURN(const std::int64_t total, db.query_int("SELECT messages FROM main.commit_clock"));
  CMEM_TRY(recreate_derived_tables(db));
  CMEM_CRASH_POINT("rebuild.after-drop");
  CMEM_TRY(index_texts(db));
  Occurrences occurrences;
  CompressionQueue compression(kBlockCompressionLevel, kWaitingBytes);
  DocValueWriter doc_values(compression);
  ActivityWriter activity;
  CMEM_TRY(doc_values.resume(db, 1));
  std::int64_t next_id = 1;
  CMEM_ASSIGN_OR_RETURN(const Recount counted, recount(db, [&](const RowFacts& row) -> Status {
                          for (; next_id < row.id; ++next_id) doc_values.add(kNoTime, 0, 0);
                          doc_values.add(row.time_ms, row.context_id, row.text_id);
                          activity.add(row.time_ms, row.context_id);
                          CMEM_TRY(occurrences.add(db, row.origin_id, row.position, row.id));
                          if (next_id++ % kRowsPerStep != 0) return {};
                          CMEM_TRY(doc_values.flush(db));
                          CMEM_TRY(occurrences.flush(db));
                          if (progress && progress(next_id, total)) return cancelled();
                          return {};
                        }));
  CMEM_TRY(doc_values.flush(db));
  CMEM_TRY(activity.flush(db));
  CMEM_TRY(fill_error_log(db));
  CMEM_TRY(occurrences.flush(db));
  CMEM_TRY(write_hashes(db, counted.text_hashes));
  CMEM_TRY(write_counts(db, counted));
  CMEM_CRASH_POINT("rebuild.after-counts");
  if (progress && progress(counted.messages, counted.messages)) return cancelled();
  return {};
}

}  // namespace

Status rebuild_in_batch(Writer& writer, const RebuildProgress& progress) {
  CMEM_TRY(rebuild_tables(writer, progress));
  return writer.reload();
}

Status rebuild_derived(Store& store, const RebuildProgress& progress) {
  const std::scoped_lock lock(store.write_mutex(), store.read_mutex());
  CMEM_ASSIGN_OR_RETURN(Writer* const writer, store.writer());
  // The caches are of the old tables, and the batch's own writes go around them.
  writer->reset_caches();
  CMEM_TRY(writer->begin_maintenance("memory rebuild"));
  auto status = rebuild_in_batch(*writer, progress);
  if (!status) {
    writer->rollback();
    return status;
  }
  CMEM_TRY(writer->commit());
  store.clear_caches();
  return {};
}

}  // namespace cmem
