#include "store/extracted_messages.h"

#include <charconv>
#include <mutex>

#include "store/delete_messages.h"
#include "store/rebuild.h"

namespace cmem {
namespace {

constexpr const char* kIsNoted = "key >= 'extracted:' AND key < 'extracted;'";
constexpr std::size_t kCacheBytes = std::size_t{4} << 20;

Result<std::vector<std::int64_t>> noted_ids(sqlite::Connection& db) {
  std::vector<std::int64_t> ids;
  CMEM_ASSIGN_OR_RETURN(auto rows, db.prepare(std::string("SELECT CAST(substr(key, 11) AS INTEGER) FROM main.meta WHERE ") +
                                              kIsNoted + " ORDER BY 1"));
  while (true) {
    CMEM_ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) return ids;
    ids.push_back(rows.column_int(0));
  }
}

Status forget_notes(sqlite::Connection& db) { return db.exec((std::string("DELETE FROM main.meta WHERE ") + kIsNoted).c_str()); }

class Dropping {
 public:
  Dropping(Store& store, Writer& writer) : store_(store), writer_(writer) {}

  // Their lines are kept before their messages go: a line that is kept twice would not be, one that is kept never would be lost.
  Status keep_lines(const std::vector<std::int64_t>& ids, const FindHolder& find_holder) {
    CMEM_TRY(writer_.begin("memory ingest"));
    auto status = find_held(ids, find_holder);
    if (status && held_.empty()) status = forget_notes(writer_.db());
    if (status) return writer_.commit();
    writer_.rollback();
    return status;
  }

  Status drop() {
    const std::lock_guard lock(store_.read_mutex());
    writer_.reset_caches();
    CMEM_TRY(writer_.begin_maintenance("memory ingest"));
    if (auto status = drop_in_batch(); !status) {
      writer_.rollback();
      return status;
    }
    CMEM_TRY(writer_.commit());
    store_.clear_caches();
    return {};
  }

  [[nodiscard]] std::int64_t held() const { return std::ssize(held_); }

 private:
  Status find_held(const std::vector<std::int64_t>& ids, const FindHolder& find_holder) {
    BlockReader texts("text_block", kCacheBytes);
    BlockReader records("record_block", kCacheBytes);
    MessageContexts contexts(kCacheBytes);
    CMEM_ASSIGN_OR_RETURN(auto reader, MessageReader::create(writer_.db(), texts, records, contexts));
    for (const std::int64_t id : ids) {
      auto message = reader.read(id);
      if (!message && message.error().code == Code::kNotFound) continue;
      if (!message) return Unexpected(std::move(message).error());
      if (!is_extraction_shape(message->context->shape)) continue;
      CMEM_ASSIGN_OR_RETURN(const ExtractedLine line, find_holder(writer_, reader, *message));
      if (line.holder_id == 0) continue;
      CMEM_TRY(writer_.keep_extracted_line(line));
      held_.emplace_back(id, line.holder_id);
    }
    return {};
  }

  Status drop_in_batch() {
    sqlite::Connection& db = writer_.db();
    CMEM_TRY(begin_deleting(db));
    CMEM_ASSIGN_OR_RETURN(auto gone, db.prepare("INSERT OR IGNORE INTO temp.gone VALUES(?1)"));
    CMEM_ASSIGN_OR_RETURN(auto forms, db.prepare("UPDATE main.record_copy SET message_id = ?2 WHERE message_id = ?1"));
    for (const auto& [id, holder] : held_) {
      CMEM_TRY(gone.bind(1, id));
      CMEM_TRY(gone.run());
      CMEM_TRY(forms.bind(1, id));
      CMEM_TRY(forms.bind(2, holder));
      CMEM_TRY(forms.run());
    }
    std::int64_t texts = 0;
    CMEM_TRY(delete_gone(db, texts));
    CMEM_TRY(forget_notes(db));
    CMEM_TRY(db.exec("UPDATE main.commit_clock SET rewrites = rewrites + 1"));
    return rebuild_in_batch(writer_, {});
  }

  Store& store_;
  Writer& writer_;
  std::vector<std::pair<std::int64_t, std::int64_t>> held_;  // message, and which holds it
};

}  // namespace

bool is_extraction_shape(std::string_view shape) {
  // "%A" or "%U", and then literals and slots: those of a home's file are b, d and l, the first of an extraction file's line none.
  for (std::size_t at = shape.find('%', 2); at != std::string_view::npos && at + 1 < shape.size(); at = shape.find('%', at + 2)) {
    if (shape[at + 1] != '%') return std::string_view("bdl$").find(shape[at + 1]) == std::string_view::npos;
  }
  return false;
}

Result<std::int64_t> drop_extracted(Store& store, Writer& writer, const FindHolder& find_holder) {
  CMEM_ASSIGN_OR_RETURN(const auto ids, noted_ids(writer.db()));
  if (ids.empty()) return 0;
  Dropping dropping(store, writer);
  CMEM_TRY(dropping.keep_lines(ids, find_holder));
  if (dropping.held() > 0) CMEM_TRY(dropping.drop());
  return dropping.held();
}

}  // namespace cmem
